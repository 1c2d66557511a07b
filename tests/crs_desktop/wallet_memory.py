"""A wallet in memory: accounts, keys, chains, book, balances, history as a test sets them; the floor's pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.front import (
    Account,
    ChainState,
    Contact,
    FoundToken,
    Grant,
    Holding,
    Holdings,
    Transfer,
)
from crs_desktop.viewmodels.words import Sentence, say
from engine.bus import Bus
from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.intents import revoke
from engine.defi.intents import send as send_intent
from engine.defi.token import Token, TokenAmount
from engine.errors import ChainUnavailable, InvalidInput, KeysLocked, WrongPassphrase
from engine.ports.chain import SignedTransaction, UnsignedTransaction
from engine.ports.keys import KeyAccount, KeyKind, NewPhrase, Removal, Revealed, TakenIn
from engine.services.wallet.events import BalancesChanged, TransactionChanged, WalletChanged, WalletLocked
from engine.services.wallet.portfolio import Part
from engine.services.wallet.sent import SendState, SentTransaction
from engine.settings import Settings
from tests.crs_desktop.wallet_floor import CHAIN, ETH, FRIEND, NOW, USDC, MemoryPipeline, address

PASSWORD = "correct horse"
WORDS = (
    "legal", "winner", "thank", "year", "wave", "sausage", "worth", "useful", "legal", "winner", "thank", "yellow",
)  # fmt: skip
"""A phrase of BIP-39's test vectors."""
PRACTICE = replace(CHAIN, chain_id=31337, name="practice", title="Practice chain", is_practice=True, confirmations=3)
DAI = Token(1, address("dai"), "DAI", 18, "Dai Stablecoin")


class MemoryKeys:
    """`KeyStore` without keys."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.owned: list[KeyAccount] = []
        self.is_locked = False
        self.password = ""
        self.remembered = ""
        self.damaged: tuple[str, ...] = ()

    @property
    def accounts(self) -> tuple[KeyAccount, ...]:
        return tuple(self.owned)

    def can_sign(self, who: str) -> bool:
        return any(each.address == who for each in self.owned)

    async def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        raise NotImplementedError

    async def load(self) -> None: ...

    async def create(self, *, words: int = 12, password: str | None = None) -> NewPhrase:
        self._take(password)
        return NewPhrase(self._add("me", KeyKind.DERIVED, confirmed=False), WORDS * (words // 12))

    def positions(self, source: str) -> tuple[int, ...]:
        return (2, 5, 12)

    async def confirm(self, source: str, words: Mapping[int, str]) -> bool:
        right = all(WORDS[at - 1] == word for at, word in words.items()) and len(words) == 3
        if right:
            self.owned = [replace(each, is_confirmed=True) if each.source == source else each for each in self.owned]
            self._bus.publish(WalletChanged())
        return right

    async def import_phrase(self, phrase: str, *, passphrase: str = "", password: str | None = None) -> TakenIn:
        if phrase.split() != list(WORDS):
            raise InvalidInput("These words are no phrase: their check does not fit.")
        self._take(password)
        return TakenIn(self._add("me", KeyKind.DERIVED))

    async def import_key(self, key: str, *, password: str | None = None) -> TakenIn:
        if len(key.removeprefix("0x")) != 64:
            raise InvalidInput("A private key has 64 hexadecimal digits.")
        self._take(password)
        return TakenIn(self._add("imported", KeyKind.IMPORTED))

    async def import_keystore(self, text: str, its_password: str, *, password: str | None = None) -> TakenIn:
        if its_password != "of the file":
            raise WrongPassphrase("This password does not open the keystore.")
        self._take(password)
        return TakenIn(self._add("kept", KeyKind.IMPORTED), ("The file was weakly encrypted: delete it.",))

    async def add_account(self, source: str | None = None) -> KeyAccount:
        return self._add(f"derived {len(self.owned)}", KeyKind.DERIVED)

    async def unlock(self, password: str | None = None) -> None:
        if (password or self.remembered) != self.password:
            raise WrongPassphrase("This password does not open the wallet.")
        self.is_locked = False
        self._bus.publish(WalletLocked(False))

    def lock(self, reason: str = "") -> None:
        self.is_locked = True
        self._bus.publish(WalletLocked(True))

    def touch(self) -> None: ...

    async def change_password(self, password: str, new: str) -> None:
        self._take(password)
        self.password = new

    async def remember(self, password: str) -> str:
        self.remembered = password
        return "the keyring of the test"

    async def forget(self) -> None:
        self.remembered = ""

    async def export_keystore(self, who: str, password: str, new: str) -> str:
        self._take(password)
        return '{"version": 3}'

    async def reveal_phrase(self, source: str, password: str) -> Revealed:
        self._take(password)
        return Revealed(WORDS)

    def removal(self, source: str) -> Removal:
        gone = tuple(each for each in self.owned if each.source == source)
        return Removal(gone, "Only its words can give this phrase back.", True)

    async def remove(self, source: str, password: str) -> None:
        self._take(password)
        self.owned = [each for each in self.owned if each.source != source]
        self._bus.publish(WalletChanged())

    async def close(self) -> None: ...

    def _take(self, password: str | None) -> None:
        if not self.password:
            if password is None or len(password) < 8:
                raise InvalidInput("A password has at least 8 characters.")
            self.password = password
        elif password is None and self.is_locked:
            raise KeysLocked("The wallet is locked: its password is wanted.")
        elif password is not None and password != self.password:
            raise WrongPassphrase("This password does not open the wallet.")

    def _add(self, name: str, kind: KeyKind, *, confirmed: bool = True) -> KeyAccount:
        path = f"m/44'/60'/0'/0/{len(self.owned)}" if kind is KeyKind.DERIVED else ""
        made = KeyAccount(address(name), kind, "phrase" if kind is KeyKind.DERIVED else name, path, confirmed)
        self.owned.append(made)
        self._bus.publish(WalletChanged())
        return made


class MemoryFront:
    """`WalletFront` over values."""

    def __init__(self, bus: Bus | None = None, *, owned: bool = False) -> None:
        self.bus = bus if bus is not None else Bus()
        self.keys = MemoryKeys(self.bus)
        self.pipeline = MemoryPipeline(now=time.monotonic_ns(), kept=self._sent)
        self.labels: dict[str, str] = {}
        self.watched: list[str] = []
        self.used = ""
        self.specs: list[ChainSpec] = [CHAIN, PRACTICE]
        self.on = "ethereum"
        self.urls: dict[str, tuple[str, ...]] = {"ethereum": ("https://node.example.org/v3/s3cr3t",)}
        self.book: list[Contact] = []
        self.undone: list[list[Contact]] = []
        self.held: list[Holding] = []
        self.history: list[SentTransaction] = []
        self.incoming: list[Transfer] = []
        self.allowed: list[Grant] = []
        self.more: list[Part] = []
        self.extra: list[Token] = []
        self.offline = ""
        self.alike: dict[str, str] = {}
        self.lock_reason = ""
        self.closed, self.touched = False, 0
        self.dex: DexFront | None = None
        self.market: dict[str, Decimal] = {}
        self.locks_in: float | None = 540.0
        if owned:
            self.keys.password = PASSWORD
            self.keys._add("me", KeyKind.DERIVED)

    @property
    def accounts(self) -> tuple[Account, ...]:
        kept = [
            Account(each.address, self.labels.get(each.address, f"Account {at}"), each.kind.value, each.path,
                    each.source, each.is_confirmed)
            for at, each in enumerate(self.keys.accounts, 1)
        ]  # fmt: skip
        return (*kept, *(Account(each, self.labels.get(each, "Watched"), "watch") for each in self.watched))

    @property
    def current(self) -> Account | None:
        found = [each for each in self.accounts if each.address == self.used]
        return next(iter((*found, *self.accounts)), None)

    async def use(self, who: str) -> None:
        self.used = who
        self.bus.publish(WalletChanged())

    async def rename(self, who: str, label: str) -> None:
        self.labels[who] = label
        self.bus.publish(WalletChanged())

    async def watch(self, who: str, label: str) -> None:
        self.watched.append(who)
        if label:
            self.labels[who] = label
        await self.use(who)

    async def derive(self) -> Account:
        made = await self.keys.add_account()
        await self.use(made.address)
        return next(each for each in self.accounts if each.address == made.address)

    async def forget(self, who: str) -> None:
        self.watched.remove(who)
        self.bus.publish(WalletChanged())

    @property
    def chains(self) -> tuple[ChainState, ...]:
        return tuple(
            ChainState(each, "1 of 1 endpoints answers, 42 ms" if each.name == self.on and not self.offline else "",
                       each.name == self.on and not self.offline, self.offline if each.name == self.on else "")
            for each in self.specs
        )  # fmt: skip

    @property
    def chain(self) -> ChainState | None:
        return next((each for each in self.chains if each.spec.name == self.on), None)

    async def go_to(self, name: str) -> None:
        self.on = name
        self.bus.publish(WalletChanged())

    def hosts(self, name: str) -> tuple[str, ...]:
        return tuple(each.partition("://")[2].partition("/")[0] for each in self.urls.get(name, ()))

    async def endpoints(self, name: str) -> tuple[str, ...]:
        return self.urls.get(name, ())

    async def tell_market(self, prices: Mapping[str, Decimal]) -> None:
        self.market = dict(prices)

    async def set_endpoints(self, name: str, urls: tuple[str, ...]) -> None:
        if any("wrong" in each for each in urls):
            raise InvalidInput("Line 1 is a node of chain 5, not of Ethereum (1).")
        self.urls[name] = urls

    def touch(self) -> None:
        self.touched += 1

    def take_settings(self, settings: Settings) -> None:
        self.locks_in = settings.wallet.auto_lock_minutes * 60.0

    async def practise(self, tell: Callable[[Sentence], None]) -> None:
        tell(say("Starting…"))
        await self.go_to("practice")

    def contacts(self) -> tuple[Contact, ...]:
        return tuple(self.book)

    def label(self, who: str) -> str:
        named = [(each.address, each.label) for each in self.book]
        named += [(each.address, each.label) for each in self.accounts]
        return dict(named).get(who, "")

    def look_alike(self, who: str) -> str:
        return self.alike.get(who, "")

    async def keep(self, contact: Contact, before: Contact | None = None) -> None:
        if any(each.label == contact.label and each != before for each in self.book):
            raise InvalidInput(f"{contact.label} is in the book already.")
        self.undone.append(list(self.book))
        self.book = [*(each for each in self.book if each != before), contact]

    async def drop(self, contact: Contact) -> None:
        self.undone.append(list(self.book))
        self.book.remove(contact)

    async def undo_contact(self) -> str:
        if not self.undone:
            raise InvalidInput("There is nothing to undo in the address book.")
        self.book = self.undone.pop()
        return "Remove"

    def tokens(self) -> tuple[Token, ...]:
        return (ETH, *(each.amount.token for each in self.held if not each.amount.token.is_native), *self.extra)

    async def look_up_token(self, who: str) -> FoundToken:
        return FoundToken(Token(1, parsed_address(who), "USDC", 6, "Fake"), "its contract", "It is not USD Coin.")

    async def keep_token(self, token: Token) -> None:
        self.extra.append(token)

    async def holdings(self) -> Holdings:
        self._check()
        return Holdings(tuple(self.held), NOW, 19_000_001)

    async def sent(self, *, limit: int = 100) -> list[SentTransaction]:
        return self.history[:limit]

    async def transfers(self) -> list[Transfer]:
        self._check()
        return self.incoming

    async def find(self, transaction: str) -> SentTransaction | None:
        return next((each for each in self.history if each.hash == transaction), None)

    async def grants(self) -> list[Grant]:
        self._check()
        return self.allowed

    async def parts(self) -> list[Part]:
        return self.more

    def send(self, amount: TokenAmount, to: str) -> Intent:
        assert self.current is not None
        return send_intent(CHAIN, self.current.address, to, amount, self.label(to))

    def revoke(self, grant: Grant) -> Intent:
        assert self.current is not None
        return revoke(CHAIN, self.current.address, grant.token, grant.spender, grant.spender_title, grant.amount)

    async def speed_up(self, sent: SentTransaction) -> Intent:
        return replace(sent.intent, replaces=sent.hash)

    async def cancel(self, sent: SentTransaction) -> Intent:
        return Intent(IntentKind.CANCEL, 1, sent.sender, sent.sender, "yourself", replaces=sent.hash)

    async def close(self) -> None:
        self.closed = True

    # -- what a test lets happen --------------------------------------------------------------------

    def become(self, transaction: str, state: SendState, **changes: object) -> None:
        """Let something become of a transaction."""
        at = next(at for at, each in enumerate(self.history) if each.hash == transaction)
        was, new = self.history[at], replace(self.history[at], state=state, **changes)  # type: ignore[arg-type]
        self.history[at] = new
        self.bus.publish(TransactionChanged(1, new.hash, new.sender, new.state.value, was.state.value))

    def moved(self) -> None:
        """Tell that balances are others."""
        if self.current is not None:
            self.bus.publish(BalancesChanged(self.current.address))

    def _sent(self, sent: SentTransaction) -> None:
        self.history.insert(0, sent)
        self.bus.publish(TransactionChanged(1, sent.hash, sent.sender, sent.state.value, ""))

    def _check(self) -> None:
        if self.offline:
            raise ChainUnavailable(self.offline)


def rich() -> MemoryFront:
    """Return a wallet with something in it."""
    front = MemoryFront(owned=True)
    front.held = [
        Holding(ETH.of("1.234567890123456789"), Decimal("3012.55"), "Uniswap V3 0.05 %", NOW),
        Holding(USDC.of("2500.5"), Decimal(1), "counts as a dollar", NOW),
        Holding(Token(1, address("shib"), "SHIB<b>", 18, "Shiba").of("1000000"), Decimal("0.0000092100"), "SushiSwap",
                NOW - 300 * 10**9),
        Holding(TokenAmount(Token(1, address("junk"), "JUNK", 0, ""), 7), None),
    ]  # fmt: skip
    front.book = [Contact("Ann", FRIEND, None, "from the fair"), Contact("Exchange", address("exchange"), 1)]
    front.allowed = [
        Grant(USDC, address("router"), "Uniswap V2's router", 2**256 - 1, 18_900_000),
        Grant(DAI, address("stranger"), "", 5 * 10**18, 18_999_999),
    ]
    return front
