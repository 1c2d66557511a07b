"""The keys of a wallet as the program has them: encrypted files, and while it is unlocked a process that holds them.

Nothing here ever sees a key. Passwords and phrases that a person types pass through on their way to that process and
are kept in no attribute. Every act is one question on a thread; the loop stays free.
"""

from __future__ import annotations

import asyncio
import secrets as chance
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.adapters.keys.keeper import LOCKED, Keeper
from engine.adapters.keys.keyfile import Derived, Keyfile, KeyFolder, Open
from engine.adapters.keys.message import (
    Account,
    Check,
    Confirm,
    Create,
    Derive,
    Done,
    Export,
    Forget,
    ImportKey,
    ImportKeystore,
    ImportPhrase,
    Made,
    Reply,
    Reseal,
    Resealed,
    Reveal,
    Sealed,
    Signed,
    Text,
    Words,
    to_sign,
)
from engine.adapters.keys.process import Host, HostProcess
from engine.adapters.keys.remembered import Remembered
from engine.adapters.keys.told import accounts_of, removal_of
from engine.errors import CrsError, InvalidInput, KeysLocked, StorageUnavailable, WatchOnly
from engine.ports.chain import SignedTransaction, UnsignedTransaction
from engine.ports.clock import Clock, SystemClock
from engine.ports.keys import KeyAccount, Locked, NewPhrase, Removal, Revealed, TakenIn
from engine.ports.secrets import SecretStore
from engine.services.offload import offload
from engine.services.wallet.password import check, normal

AUTO_LOCK_S = 600
ASKED = 3
"""Words that are asked for to confirm a phrase."""
R = TypeVar("R", bound=Reply)


class KeyProcess:
    """A `KeyStore` over the files of a folder (`profile.common/wallet/keys`); call it on the loop, `load` first."""

    def __init__(
        self,
        folder: Path,
        secrets: SecretStore | None = None,
        *,
        clock: Clock | None = None,
        auto_lock_s: int = AUTO_LOCK_S,
        start: Callable[[], Host] = HostProcess,
    ) -> None:
        """`auto_lock_s` 0: it does not lock itself; `start` makes what holds the keys."""
        self._folder = KeyFolder(folder)
        self._keeper = Keeper(clock or SystemClock(), auto_lock_s, start)
        self._remembered = Remembered(secrets, folder)
        self._clock = clock or SystemClock()
        self._files: dict[str, Keyfile] = {}
        self._damaged: tuple[str, ...] = ()
        self._asked: dict[str, tuple[int, ...]] = {}
        self._turn = asyncio.Lock()
        self.on_changed: list[Callable[[], None]] = []
        """Called when there are other accounts than before."""

    def __repr__(self) -> str:
        return f"KeyProcess({len(self._files)} keystores, {'locked' if self.is_locked else 'unlocked'})"

    @property
    def accounts(self) -> tuple[KeyAccount, ...]:
        """See `KeyStore`, as everything else here."""
        return tuple(each for file in self._files.values() for each in accounts_of(file))

    @property
    def damaged(self) -> tuple[str, ...]:  # noqa: D102 - see `KeyStore`
        return self._damaged

    @property
    def is_locked(self) -> bool:  # noqa: D102
        return bool(self._files) and not self._keeper.is_open

    @property
    def is_remembered(self) -> bool | None:
        """Whether the password is in the system's keyring; None as long as nobody looked."""
        return self._remembered.is_there

    @property
    def on_locked(self) -> list[Locked]:
        """Who hears that the wallet was locked, and why."""
        return self._keeper.on_locked

    @property
    def on_unlocked(self) -> list[Callable[[], None]]:
        """Who hears that it was unlocked."""
        return self._keeper.on_unlocked

    @property
    def auto_lock_s(self) -> int:
        """Seconds without anybody after which it locks itself; 0: never."""
        return self._keeper.idle.seconds

    @auto_lock_s.setter
    def auto_lock_s(self, seconds: int) -> None:
        self._keeper.idle.seconds = seconds

    @property
    def locks_in(self) -> float | None:
        """Seconds until it locks itself if nobody does anything; None if it is locked or never will."""
        return self._keeper.idle.left_s if self._keeper.is_open else None

    @property
    def wait_s(self) -> int:
        """Seconds until a password may be tried again, after several that were wrong."""
        return self._keeper.wait_s

    @property
    def shut(self) -> dict[str, str]:
        """Keystores that the password did not open, by source, with a sentence each."""
        return self._keeper.shut if self._keeper.is_open else {}

    @property
    def pid(self) -> int | None:
        """The process that holds the keys, None if there is none."""
        return self._keeper.pid

    def can_sign(self, address: str) -> bool:  # noqa: D102
        return any(address == each.address for file in self._files.values() for each in file.crs.accounts)

    async def load(self) -> None:  # noqa: D102
        async with self._turn:
            await self._reload()

    async def warm(self) -> None:
        """Get ready to be unlocked; worth it when somebody begins to type the password."""
        await self._keeper.warm()

    async def create(self, *, words: int = 12, password: str | None = None) -> NewPhrase:  # noqa: D102
        async with self._turn:
            first = await self._opened(password)
            made = await self._ask(Create(source := _new_id(), words, first), Made)
            account = await self._keep(source, made, is_phrase=True, is_confirmed=False)
            return NewPhrase(account, made.words)

    def positions(self, source: str) -> tuple[int, ...]:  # noqa: D102
        count = self._phrase(source).crs.words
        chosen = chance.SystemRandom().sample(range(1, count + 1), ASKED)
        self._asked[source] = tuple(sorted(chosen))
        return self._asked[source]

    async def confirm(self, source: str, words: Mapping[int, str]) -> bool:  # noqa: D102
        async with self._turn:
            asked = self._asked.get(source, ())
            if not asked or set(words) != set(asked):
                raise InvalidInput(f"The words at {ASKED} places are asked for; give each of them.")
            if not (await self._ask(Confirm(source, dict(words)), Done)).yes:
                return False
            file = self._phrase(source)
            open_ = msgspec.structs.replace(file.crs, is_confirmed=True)
            await self._write(msgspec.structs.replace(file, crs=open_))
            del self._asked[source]
            return True

    async def import_phrase(  # noqa: D102
        self, phrase: str, *, passphrase: str = "", password: str | None = None
    ) -> TakenIn:
        async with self._turn:
            first = await self._opened(password)
            made = await self._ask(ImportPhrase(source := _new_id(), phrase, passphrase, first), Made)
            return TakenIn(await self._keep(source, made, is_phrase=True), made.remarks)

    async def import_key(self, key: str, *, password: str | None = None) -> TakenIn:  # noqa: D102
        async with self._turn:
            first = await self._opened(password)
            made = await self._ask(ImportKey(source := _new_id(), key, first), Made)
            return TakenIn(await self._keep(source, made, is_phrase=False), made.remarks)

    async def import_keystore(  # noqa: D102
        self, text: str, its_password: str, *, password: str | None = None
    ) -> TakenIn:
        async with self._turn:
            first = await self._opened(password)
            made = await self._ask(ImportKeystore(source := _new_id(), text, its_password, first), Made)
            return TakenIn(await self._keep(source, made, is_phrase=False), made.remarks)

    async def add_account(self, source: str | None = None) -> KeyAccount:  # noqa: D102
        async with self._turn:
            file = self._phrase(source) if source else next((f for f in self._files.values() if f.is_phrase), None)
            if file is None:
                raise InvalidInput("There is no phrase in this wallet: make one, or take one in.")
            index = max(each.index for each in file.crs.accounts) + 1
            derived = (await self._ask(Derive(file.id, index), Account)).derived
            self._check_new((derived,))
            open_ = msgspec.structs.replace(file.crs, accounts=(*file.crs.accounts, derived))
            changed = msgspec.structs.replace(file, crs=open_)
            await self._write(changed)
            return accounts_of(changed)[-1]

    async def unlock(self, password: str | None = None) -> None:  # noqa: D102
        async with self._turn:
            if not self._files:
                raise InvalidInput("There is no key in this wallet yet: make a phrase, or take one in.")
            if password is None:
                password = await offload(self._remembered.get)
            if password is None:
                raise KeysLocked(LOCKED)
            await self._keeper.open([_sealed(each) for each in self._files.values()], normal(password))

    def lock(self, reason: str = "") -> None:  # noqa: D102
        self._keeper.lock(reason)

    def touch(self) -> None:  # noqa: D102
        self._keeper.idle.touch()

    async def change_password(self, password: str, new: str) -> None:  # noqa: D102
        async with self._turn:
            files = list(self._files.values())
            request = Reseal(tuple(map(_sealed, files)), normal(password), check(new))
            crypto = (await self._ask_once(request, Resealed)).crypto
            changed = {f.id: msgspec.structs.replace(f, crypto=c) for f, c in zip(files, crypto, strict=True) if c}
            try:
                await offload(self._folder.replace_all, changed)
            finally:
                await self._reload()
            self._keeper.lock("The password was changed: unlock the wallet with the new one.")
            if await offload(self._remembered.look):
                await self._remember_new(check(new))

    async def remember(self, password: str) -> str:  # noqa: D102
        async with self._turn:
            await self._checked(next(iter(self._files.values()), None), password)
            return await offload(self._remembered.put, normal(password))

    async def forget(self) -> None:  # noqa: D102
        await offload(self._remembered.remove)

    async def export_keystore(self, address: str, password: str, new: str) -> str:  # noqa: D102
        file = next((f for f in self._files.values() for a in f.crs.accounts if a.address == address), None)
        if file is None:
            raise WatchOnly(f"There is no key here for {address}; it can only be watched.")
        return (await self._ask_once(Export(_sealed(file), address, normal(password), check(new)), Text)).text

    async def reveal_phrase(self, source: str, password: str) -> Revealed:  # noqa: D102
        words = await self._ask_once(Reveal(_sealed(self._phrase(source)), normal(password)), Words)
        return Revealed(words.words, words.passphrase)

    def removal(self, source: str) -> Removal:  # noqa: D102
        return removal_of(self._file(source))

    async def remove(self, source: str, password: str) -> None:  # noqa: D102
        async with self._turn:
            file = self._file(source)
            await self._checked(file, password)
            await offload(self._folder.remove, source)
            del self._files[source]
            if not self._files:
                self._keeper.lock("The last key was removed.")
                await offload(self._remembered.remove)
            elif self._keeper.is_open:
                await self._ask(Forget(source, tuple(each.address for each in file.crs.accounts)), Done)
            self._changed()

    async def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:  # noqa: D102
        if not self.can_sign(transaction.sender):
            raise WatchOnly(f"There is no key here for {transaction.sender}; it can only be watched.")
        for account in self.accounts:
            if account.address == transaction.sender and (why := self.shut.get(account.source)):
                raise KeysLocked(why)
        reply = await self._keeper.ask(to_sign(transaction), by_person=False)  # an order may have asked for it
        signed = _expected(reply, Signed)
        return SignedTransaction(signed.hash, signed.raw)

    async def close(self) -> None:  # noqa: D102
        await self._keeper.close()

    async def _opened(self, password: str | None) -> str | None:
        """Have a process that seals; return the password if it is the wallet's first."""
        if not self._files:
            if password is None:
                raise InvalidInput("A new wallet needs a password: it encrypts the keys on this disk.")
            checked = check(password)
            await self._keeper.begin()
            return checked
        if self.is_locked:
            if password is None:
                raise KeysLocked(LOCKED)
            await self._keeper.open([_sealed(each) for each in self._files.values()], normal(password))
        elif password is not None:
            await self._checked(next(iter(self._files.values())), password)
        return None

    async def _checked(self, file: Keyfile | None, password: str) -> None:
        if file is None:
            raise InvalidInput("There is no key in this wallet yet.")
        await self._ask_once(Check(_sealed(file), normal(password)), Done)

    async def _keep(self, source: str, made: Made, *, is_phrase: bool, is_confirmed: bool = True) -> KeyAccount:
        try:
            self._check_new(made.accounts)
            open_ = Open(
                kind="phrase" if is_phrase else "key",
                accounts=made.accounts,
                is_confirmed=is_confirmed,
                words=made.word_count,
                made=max(self._clock.wall(), *(each.crs.made + 1 for each in self._files.values()), 0),
            )
            address = "" if is_phrase else made.accounts[0].address[2:].lower()
            file = Keyfile(version=3, id=source, crypto=made.crypto, crs=open_, address=address)
            await self._write(file)
        except BaseException:
            await self._unmake(source)
            raise
        return accounts_of(file)[0]

    async def _unmake(self, source: str) -> None:
        """Forget what could not be kept; in a wallet without keys the password as well."""
        if not self._files:
            self._keeper.lock("Nothing was kept.")
        elif self._keeper.is_open:
            await self._ask(Forget(source, ()), Done)

    async def _reload(self) -> None:
        found, damaged = await offload(self._folder.load)
        self._files, self._damaged = {each.id: each for each in found}, tuple(damaged)

    async def _remember_new(self, password: str) -> None:
        try:
            await offload(self._remembered.put, password)
        except CrsError as error:
            raise StorageUnavailable(
                f"The password was changed, but the one that is remembered is still the old one. {error}"
            ) from error

    async def _write(self, file: Keyfile) -> None:
        await offload(self._folder.write, file)
        self._files[file.id] = file
        self._changed()

    def _check_new(self, accounts: tuple[Derived, ...]) -> None:
        for each in accounts:
            if self.can_sign(each.address):
                raise InvalidInput(f"The key of {each.address} is in this wallet already.")

    def _file(self, source: str) -> Keyfile:
        if source not in self._files:
            raise InvalidInput("There is no such phrase or key in this wallet.")
        return self._files[source]

    def _phrase(self, source: str) -> Keyfile:
        file = self._file(source)
        if not file.is_phrase:
            raise InvalidInput("This key came alone: there is no phrase that gives it. Export its keystore instead.")
        return file

    async def _ask(self, request: object, kind: type[R]) -> R:
        return _expected(await self._keeper.ask(request), kind)  # type: ignore[arg-type]

    async def _ask_once(self, request: object, kind: type[R]) -> R:
        return _expected(await self._keeper.ask_once(request), kind)  # type: ignore[arg-type]

    def _changed(self) -> None:
        for listener in tuple(self.on_changed):
            listener()


def _expected(reply: Reply, kind: type[R]) -> R:
    if not isinstance(reply, kind):
        raise TypeError(f"the key process answered {reply!r}")
    return reply


def _new_id() -> str:
    return str(uuid.uuid4())


def _sealed(file: Keyfile) -> Sealed:
    return Sealed(file.id, file.is_phrase, file.crypto, file.crs.accounts)
