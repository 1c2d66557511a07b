"""What somebody has in all: the wallet on a chain with its prices, and the accounts of the desk, paper or live.

Amounts are exact, values for showing (28 digits); stable coins and dollars count as a dollar each, which whoever shows
a total says. What has no price is named and counts as nothing. So does what would be worth more than the pools hold
that tell its price: that is how worthless tokens that were sent to an address look like a fortune.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from engine.defi.chain import ChainSpec
from engine.defi.token import Token, TokenAmount
from engine.domain.account import Balance
from engine.domain.number import NANOS_PER_SECOND, Units
from engine.domain.pair import TradingPair
from engine.services.wallet.balances import Balances
from engine.services.wallet.tokens import TokenRegistry
from engine.services.wallet.worth import Prices, Worth

DOLLARS = frozenset({"USD", "USDT", "USDC", "DAI", "FDUSD", "USDT0"})
"""Currencies of accounts that count as a dollar."""


@dataclass(frozen=True, slots=True)
class HeldToken:
    """How much of a token an address has, and what that is worth."""

    amount: TokenAmount
    price: Decimal | None = None
    """Of one whole token; None: nobody tells one."""
    depth: Decimal | None = None
    source: str = ""
    priced_ns: int | None = None

    @property
    def is_thin(self) -> bool:
        """Whether the pools that tell the price hold less than this would be worth."""
        return self.price is not None and self.depth is not None and self.amount.exact * self.price > self.depth

    @property
    def value(self) -> Decimal | None:
        """What it is worth at that price; None: no price, or none that could be had."""
        return None if self.price is None or self.is_thin else self.amount.exact * self.price


@dataclass(frozen=True, slots=True)
class HeldView:
    """What an address has on a chain."""

    address: str
    rows: tuple[HeldToken, ...]
    """The coin first, then what is worth most."""
    unread: tuple[Token, ...]
    """Tokens whose contract did not say."""
    block: int | None
    at_ns: int

    @property
    def total(self) -> Decimal:
        """The value of all that has one."""
        return sum((each.value for each in self.rows if each.value is not None), Decimal(0))

    @property
    def unpriced(self) -> tuple[Token, ...]:
        """What is held and has no value here."""
        return tuple(each.amount.token for each in self.rows if each.amount.units and each.value is None)


@dataclass(frozen=True, slots=True)
class Part:
    """One place where money is: a token at an address, an asset of an account."""

    place: str
    """"Ethereum", "Paper account"."""
    account: str
    what: str
    amount: Decimal
    value: Decimal | None
    """In dollars; None: not known."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All parts together."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal:
        """The value of all that has one."""
        return sum((each.value for each in self.parts if each.value is not None), Decimal(0))

    @property
    def unpriced(self) -> tuple[Part, ...]:
        """What is not in the total."""
        return tuple(each for each in self.parts if each.value is None)


class WalletPortfolio:
    """Balances and prices of one chain, put together."""

    def __init__(self, balances: Balances, tokens: TokenRegistry, prices: Prices, spec: ChainSpec) -> None:
        self._balances, self._tokens, self._prices, self._spec = balances, tokens, prices, spec

    async def read(self, address: str, also: Iterable[Token] = ()) -> HeldView:
        """Return what an address has, of the tokens that are followed on the chain and of some others.

        Raises:
            ChainUnavailable: nobody answers.
        """
        wanted = dict.fromkeys((self._spec.native, *self._tokens.followed(self._spec), *also))
        held = await self._balances.read(address, tuple(wanted))
        kept = [each for each in held.amounts.values() if each.units or each.token.is_native]
        worths = await self._prices.worths([each.token for each in kept])
        rows = sorted((_row(each, worths.get(each.token)) for each in kept), key=_order)
        return HeldView(address, tuple(rows), held.unread, held.block, held.at_ns)


class AccountMoney(Protocol):
    """An account of the desk, as `engine.services.portfolio.Portfolio` shows it."""

    currency: str
    pairs: dict[str, TradingPair]

    def balances(self) -> dict[str, Balance]: ...  # noqa: D102 - as the portfolio's
    def value_of(self, asset: str, units: int) -> Units | None: ...  # noqa: D102


def wallet_parts(view: HeldView, place: str, account: str) -> list[Part]:
    """Return what an address has, as parts of the whole."""
    return [
        Part(place, account, each.amount.token.symbol, each.amount.exact, each.value)
        for each in view.rows
        if each.amount.units
    ]


def account_parts(money: AccountMoney, place: str, account: str) -> list[Part]:
    """Return what an account of the desk has, as parts of the whole; valued if its currency counts as a dollar."""
    assets = {each.code: each for pair in money.pairs.values() for each in (pair.base, pair.quote)}
    unit = assets.get(money.currency) if money.currency in DOLLARS else None
    found = []
    for code, balance in money.balances().items():
        if balance.total and code in assets:
            worth = money.value_of(code, balance.total) if unit is not None else None
            value = None if worth is None or unit is None else unit.amount(worth)
            found.append(Part(place, account, code, assets[code].amount(balance.total), value))
    return found


def together(*parts: Iterable[Part]) -> Whole:
    """Return all of it, the most valuable first."""
    every = [each for some in parts for each in some]
    return Whole(tuple(sorted(every, key=lambda each: (each.value is None, -(each.value or 0), each.what))))


def _row(amount: TokenAmount, worth: Worth | None) -> HeldToken:
    if worth is None:
        return HeldToken(amount)
    return HeldToken(amount, worth.price, worth.depth, worth.source, worth.at * NANOS_PER_SECOND)


def _order(row: HeldToken) -> tuple[bool, bool, Decimal, str]:
    return not row.amount.token.is_native, row.value is None, -(row.value or Decimal(0)), row.amount.token.symbol
