"""The wallet as its window sees it: one front over accounts, chains, address book, balances, history and allowances.

`crs_desktop.wiring.wallet_front` puts it over `engine.bootstrap.wallet`; tests put it over memory. What it returns are
values; what changed is told by the events of `engine.services.wallet.events` on `bus`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.pipeline import Pipeline
from crs_desktop.viewmodels.words import Sentence
from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.token import Token, TokenAmount
from engine.ports.keys import KeyStore
from engine.services.wallet.portfolio import Part
from engine.services.wallet.sent import SentTransaction
from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Account:
    """An address of the wallet."""

    address: str
    label: str
    kind: str
    """derived, imported or watch"""
    path: str = ""
    source: str = ""
    """The id of its phrase or key; empty for one that is only watched."""
    is_confirmed: bool = True
    """Whether its phrase was proved to be written down."""

    @property
    def can_sign(self) -> bool:
        """Whether there is a key for it."""
        return self.kind != "watch"


@dataclass(frozen=True, slots=True)
class Contact:
    """A line of the address book."""

    label: str
    address: str
    chain_id: int | None = None
    """None: on all chains."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChainState:
    """A chain, and how this machine reaches it."""

    spec: ChainSpec
    health: str
    """A sentence about the endpoints, without their secrets; empty: not connected yet."""
    is_up: bool
    problem: str = ""
    """Why it cannot be used."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How much of a token an account has, and what that is worth."""

    amount: TokenAmount
    price: Decimal | None = None
    """Of one whole token, in dollars of the chain's stable coin; None: no pool tells one."""
    source: str = ""
    """Which pools told the price."""
    priced_ns: int | None = None
    is_thin: bool = False
    """Whether the pools that tell the price hold less than this would be worth: it could not be sold at it."""

    @property
    def value(self) -> Decimal | None:
        """What it is worth, exactly at that price; None: no price, or none that could be had."""
        return None if self.price is None or self.is_thin else self.amount.exact * self.price


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has on a chain, as of one block."""

    rows: tuple[Holding, ...]
    at_ns: int
    block: int | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Tokens that came in without a transaction of this wallet."""

    hash: str
    index: int
    sender: str
    amount: TokenAmount
    block: int
    at_ns: int | None = None
    suspicion: str = ""
    """A sentence if it was made to mislead."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An allowance that stands."""

    token: Token
    spender: str
    spender_title: str
    """Empty: nobody we know."""
    amount: int
    block: int | None = None
    """In which it was given, if that is known."""

    @property
    def is_unlimited(self) -> bool:
        """Whether it never runs out."""
        return self.amount >= 2**255


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token that was looked up by its contract, and is not kept yet."""

    token: Token
    source: str
    """Who says what it is."""
    warning: str = ""
    """What would mislead, in a sentence."""


class WalletFront(Protocol):
    """What the panes ask and do. Every coroutine leaves the loop free and raises `CrsError` with a sentence."""

    @property
    def bus(self) -> Bus: ...  # noqa: D102 - the names say it
    @property
    def keys(self) -> KeyStore: ...  # noqa: D102
    @property
    def pipeline(self) -> Pipeline:
        """The way to a signature on the chain in use."""
        ...

    @property
    def locks_in(self) -> float | None:
        """Seconds until the keys are locked if nobody does anything; None if they are locked or never will be."""
        ...

    def take_settings(self, settings: Settings) -> None:
        """Take over settings that were changed."""
        ...

    @property
    def dex(self) -> DexFront | None:
        """The exchanges of the chain in use, for the account in use; None while one of both is missing."""
        ...

    # accounts
    @property
    def accounts(self) -> tuple[Account, ...]: ...  # noqa: D102
    @property
    def current(self) -> Account | None: ...  # noqa: D102
    async def use(self, address: str) -> None: ...  # noqa: D102
    async def rename(self, address: str, label: str) -> None: ...  # noqa: D102
    async def watch(self, address: str, label: str) -> None: ...  # noqa: D102
    async def derive(self) -> Account:
        """Add the next account of the phrase and use it."""
        ...

    async def forget(self, address: str) -> None:
        """Watch an address no more."""
        ...

    # chains
    @property
    def chains(self) -> tuple[ChainState, ...]: ...  # noqa: D102
    @property
    def chain(self) -> ChainState | None:
        """The one in use."""
        ...

    async def go_to(self, name: str) -> None:
        """Use another chain; it is checked to be what it is given out to be."""
        ...

    def hosts(self, name: str) -> tuple[str, ...]:
        """Return the endpoints of a chain for the screen: hosts alone, since addresses may carry a key."""
        ...

    async def endpoints(self, name: str) -> tuple[str, ...]:
        """Return the endpoints of a chain with their addresses, to be changed."""
        ...

    async def set_endpoints(self, name: str, urls: tuple[str, ...]) -> None: ...  # noqa: D102
    async def tell_market(self, prices: Mapping[str, Decimal]) -> None:
        """Tell the practice chain what the simulated market pays, in dollars by symbol: its pools move along."""
        ...

    async def practise(self, tell: Callable[[Sentence], None]) -> None:
        """Start the practice chain, saying how far that is, and give the account in use coins on it."""
        ...

    @property
    def lock_reason(self) -> str:
        """Why the keys were locked last, in a sentence; empty: somebody wanted it."""
        ...

    def touch(self) -> None:
        """Somebody is there: the time until the keys are locked begins anew."""
        ...

    # address book
    def contacts(self) -> tuple[Contact, ...]: ...  # noqa: D102
    def label(self, address: str) -> str:
        """Return what an address is called: own account or address book; empty for a stranger."""
        ...

    def look_alike(self, address: str) -> str:
        """Return a sentence if an address could be taken for another one that is known; empty if not."""
        ...

    async def keep(self, contact: Contact, before: Contact | None = None) -> None:
        """Put a line into the book, in the place of `before` if that is given."""
        ...

    async def drop(self, contact: Contact) -> None: ...  # noqa: D102
    async def undo_contact(self) -> str:
        """Take the last change of the book back and return what it was."""
        ...

    # what there is
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are known on the chain in use, the coin first."""
        ...

    async def look_up_token(self, address: str) -> FoundToken:
        """Ask a contract what token it is; nothing is kept."""
        ...

    async def keep_token(self, token: Token) -> None: ...  # noqa: D102
    async def holdings(self) -> Holdings: ...  # noqa: D102
    async def sent(self, *, limit: int = 100) -> list[SentTransaction]:
        """Return what the account in use sent on the chain in use, newest first."""
        ...

    async def transfers(self) -> list[Transfer]: ...  # noqa: D102
    async def find(self, transaction: str) -> SentTransaction | None: ...  # noqa: D102
    async def grants(self) -> list[Grant]: ...  # noqa: D102
    async def parts(self) -> list[Part]:
        """Return what the wallet has on every chain that it is connected to."""
        ...

    # what can be wanted
    def send(self, amount: TokenAmount, to: str) -> Intent: ...  # noqa: D102
    def revoke(self, grant: Grant) -> Intent: ...  # noqa: D102
    async def speed_up(self, sent: SentTransaction) -> Intent: ...  # noqa: D102
    async def cancel(self, sent: SentTransaction) -> Intent: ...  # noqa: D102
    async def close(self) -> None: ...  # noqa: D102


def whose(front: WalletFront | None) -> tuple[str, str]:
    """Return the address in use and the name of the chain in use, "" for none."""
    account, chain = (front.current, front.chain) if front is not None else (None, None)
    return (account.address if account is not None else "", chain.spec.name if chain is not None else "")
