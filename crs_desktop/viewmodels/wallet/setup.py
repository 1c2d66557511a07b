"""Making a wallet, taking one in, watching an address: step by step, with nothing secret left behind.

    create   PASSWORD → WORDS → CONFIRM → DONE
    import   PHRASE, KEY or FILE → DONE          the wallet's password is one of their fields
    watch    WATCH → DONE

The password is that of the whole wallet: chosen with the first key, and asked for again while the wallet is locked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.address import parsed_address
from engine.errors import CrsError, InvalidInput
from engine.ports.keys import NewPhrase
from engine.services.wallet.password import Strength, strength


class Step(StrEnum):
    """Where one is."""

    PASSWORD = "password"  # noqa: S105 - the name of one
    WORDS = "words"
    CONFIRM = "confirm"
    PHRASE = "phrase"
    KEY = "key"
    FILE = "file"
    WATCH = "watch"
    DONE = "done"


IMPORTS = (Step.PHRASE, Step.KEY, Step.FILE)
FIELDS: dict[Step, tuple[str, ...]] = {
    Step.PASSWORD: (),
    Step.WORDS: (),
    Step.CONFIRM: ("word_1", "word_2", "word_3"),
    Step.PHRASE: ("phrase", "passphrase"),
    Step.KEY: ("key",),
    Step.FILE: ("file_password",),
    Step.WATCH: ("address", "label"),
    Step.DONE: (),
}
"""What each step asks for, besides the wallet's password."""
SECRETS = (
    "password", "again", "wallet_password", "phrase", "passphrase", "key", "file_password",
    "word_1", "word_2", "word_3",
)  # fmt: skip
MOST_FILE = 100_000
"""Characters of a keystore file that are looked at: it has some hundreds."""


class Setup:
    """The state of the dialog; `forget` is called by whoever closes it."""

    def __init__(self, front: WalletFront, step: Step) -> None:
        self._front = front
        self.step = step
        self.values: dict[str, str] = {}
        self.problems: dict[str, Sentence] = {}
        self.problem: Sentence = NOTHING
        self.busy: Sentence = NOTHING
        self.remarks: tuple[Sentence, ...] = ()
        """What to know of what was taken in."""
        self.many = 12
        """Words of a new phrase."""
        self.remember = False
        """Whether the system's keyring keeps the password."""
        self.file_name = ""
        self._file = ""
        self._phrase: NewPhrase | None = None
        self.positions: tuple[int, ...] = ()
        """Which words are asked for, counted from 1."""
        self._changed: Hook[Setup] = Hook()

    def on_change(self, call: Callable[[Setup], object]) -> Link[Setup]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def is_first(self) -> bool:
        """Whether a password has to be chosen: there are no keys yet."""
        return not self._front.keys.accounts

    @property
    def wants_password(self) -> bool:
        """Whether the wallet's password is wanted."""
        return not self.is_first and self._front.keys.is_locked

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the step."""
        keeps_key = self.step is Step.PASSWORD or self.step in IMPORTS
        extra = (() if not keeps_key else ("password", "again") if self.is_first
                 else ("wallet_password",) if self.wants_password else ())  # fmt: skip
        return (*FIELDS[self.step], *extra)

    @property
    def words(self) -> tuple[str, ...]:
        """The phrase, while it is shown."""
        return self._phrase.words if self._phrase is not None and self.step is Step.WORDS else ()

    @property
    def strength(self) -> Strength | None:
        """How good the new password is; None while none is typed."""
        typed = self.value("password")
        return strength(typed) if typed and self.is_first else None

    def value(self, name: str) -> str:
        """Return what is typed in a field."""
        return self.values.get(name, "")

    # -- what the user does -------------------------------------------------------------------------

    def set(self, name: str, text: str) -> None:
        """Take what was typed; a complaint about it is void."""
        self.values[name] = text
        self.problems.pop(name, None)
        self.problem = NOTHING
        self._changed.fire(self)

    def take_file(self, name: str, text: str) -> None:
        """Take the text of a keystore file."""
        self.file_name, self._file, self.problem = name, text[:MOST_FILE], NOTHING
        self._changed.fire(self)

    def go(self, step: Step) -> None:
        """Go to another way of importing; the password that is typed stays."""
        self.step, self.problems, self.problem = step, {}, NOTHING
        self._changed.fire(self)

    async def submit(self) -> bool:
        """Do what the step is for; whether that worked."""
        self.problems = self._missing()
        if self.problems or self.busy != NOTHING:
            self._changed.fire(self)
            return False
        acts: dict[Step, Callable[[], Awaitable[None]]] = {
            Step.PASSWORD: self._create, Step.WORDS: self._ask_words, Step.CONFIRM: self._confirm,
            Step.PHRASE: self._import_phrase, Step.KEY: self._import_key, Step.FILE: self._import_file,
            Step.WATCH: self._watch, Step.DONE: _nothing,
        }  # fmt: skip
        self.busy, self.problem = BUSY.get(self.step, say("One moment…")), NOTHING
        self._changed.fire(self)
        try:
            await acts[self.step]()
        except CrsError as error:
            self.problem = verbatim(str(error))
            return False
        finally:
            self.busy = NOTHING
            self._changed.fire(self)
        return True

    def show_words_again(self) -> None:
        """Go back from the question to the words: they were not written down after all."""
        if self.step is Step.CONFIRM:
            for name in FIELDS[Step.CONFIRM]:
                self.values.pop(name, None)
            self.go(Step.WORDS)

    def forget(self) -> None:
        """Forget everything secret."""
        for name in SECRETS:
            self.values.pop(name, None)
        self._phrase, self._file, self.file_name = None, "", ""

    # -- inside -------------------------------------------------------------------------------------

    def _missing(self) -> dict[str, Sentence]:
        optional = ("passphrase", "label")
        found = {
            name: say("This is needed.")
            for name in self.fields
            if name not in optional and not self.value(name).strip()
        }
        if "again" in self.fields and not found and self.value("password") != self.value("again"):
            found["again"] = say("This is not the same password.")
        return found

    @property
    def _password(self) -> str | None:
        if self.is_first:
            return self.value("password")
        return self.value("wallet_password") if self.wants_password else None

    async def _create(self) -> None:
        password = self._password
        self._phrase = await self._front.keys.create(words=self.many, password=password)
        await self._keep(password)
        self._show(Step.WORDS)

    async def _ask_words(self) -> None:
        if self._phrase is not None:
            self.positions = self._front.keys.positions(self._phrase.account.source)
            self._show(Step.CONFIRM)

    async def _confirm(self) -> None:
        if self._phrase is None:
            return
        typed = {at: self.value(name).strip().lower() for at, name in
                 zip(self.positions, FIELDS[Step.CONFIRM], strict=True)}  # fmt: skip
        if not await self._front.keys.confirm(self._phrase.account.source, typed):
            raise InvalidInput("These are not the words at these places. Look at what you wrote down.")
        self._phrase = None
        self._show(Step.DONE)

    async def _import_phrase(self) -> None:
        password = self._password
        words = " ".join(self.value("phrase").split())
        taken = await self._front.keys.import_phrase(words, passphrase=self.value("passphrase"), password=password)
        await self._taken(taken.account.address, taken.remarks, password)

    async def _import_key(self) -> None:
        password = self._password
        taken = await self._front.keys.import_key(self.value("key").strip(), password=password)
        await self._taken(taken.account.address, taken.remarks, password)

    async def _import_file(self) -> None:
        if not self._file:
            raise InvalidInput("Choose the keystore file first.")
        password = self._password
        taken = await self._front.keys.import_keystore(self._file, self.value("file_password"), password=password)
        await self._taken(taken.account.address, taken.remarks, password)

    async def _watch(self) -> None:
        address = parsed_address(self.value("address"))
        await self._front.watch(address, self.value("label").strip())
        self._show(Step.DONE)

    async def _taken(self, address: str, remarks: tuple[str, ...], password: str | None) -> None:
        await self._keep(password)
        await self._front.use(address)
        self.remarks = tuple(verbatim(each) for each in remarks)
        self._show(Step.DONE)

    async def _keep(self, password: str | None) -> None:
        if self.remember and password:
            await self._front.keys.remember(password)

    def _show(self, step: Step) -> None:
        kept = () if step is not Step.DONE else SECRETS
        for name in kept:
            self.values.pop(name, None)
        self.step = step


BUSY = {
    Step.PASSWORD: say("Making the phrase and encrypting it. This takes some seconds on purpose…"),
    Step.PHRASE: say("Encrypting the phrase. This takes some seconds on purpose…"),
    Step.KEY: say("Encrypting the key. This takes some seconds on purpose…"),
    Step.FILE: say("Decrypting the file and encrypting the key anew. This takes some seconds on purpose…"),
}


async def _nothing() -> None: ...
