"""An order on decentralised exchanges that this program carries out: words and bounds, nothing of how.

Times are whole seconds since 1970, amounts the smallest unit of their token. An order is a frozen value; `states` says
which changes there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from enum import StrEnum

from engine.defi.orders.limits import Limits
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

MOST_SLOTS = 1_000
MOST_ALLOWED = 6
"""Allowances that are set for one purchase, or one step of a plan: some tokens take two, and the best route may move to
another exchange in between. A token that forgets what it was told, or a node that says so, would cost gas for ever."""
FORGOTTEN = (
    f"An allowance was set {MOST_ALLOWED} times and was not there afterwards. Look at the token and at the node before "
    "you resume it."
)
SHORTEST_S = 5
"""Between two purchases of a series."""
LONGEST_S = 366 * 86_400


class OrderState(StrEnum):
    """Where an order is."""

    WAITING = "waiting"
    """For its price, or its hour."""
    PAUSED = "paused"
    DUE = "due"
    """Its price or its hour has come; it is prepared, or a person is asked. Nothing is signed."""
    SENDING = "sending"
    """A transaction is named in it that may be on its way; nothing else is sent before its fate is known."""
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will come of it any more."""
        return self in (OrderState.DONE, OrderState.FAILED, OrderState.EXPIRED, OrderState.CANCELLED)


class SlotOutcome(StrEnum):
    """What became of one purchase of a series, or of the one of a limit order."""

    DONE = "done"
    MISSED = "missed"
    """Its time passed without it: the program was closed, nobody answered, or the limits forbade it."""
    FAILED = "failed"
    """It was sent and the chain refused it, or it never got into a block."""
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Slot:
    """A purchase that is settled, one way or the other."""

    number: int
    due: int
    outcome: SlotOutcome
    at: int
    sold: int = 0
    bought: int = 0
    gas_cost: int = 0
    """Wei that were paid."""
    transaction: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A transaction of an order, written down before it is sent, so that it is found again after a crash."""

    slot: int
    step: str
    """"approve" or "swap"; of a compounding its step's name."""
    sender: str
    nonce: int
    digest: str
    """Of every field that was signed."""
    at: int
    wanted: int = 0
    """What must arrive at least of what is bought."""


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """Sell at a price or better."""

    least: int
    """Of what is bought, for the whole amount, gas already paid from it."""
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesTerms:
    """Buy the same again and again (DCA)."""

    start: int
    every_s: int
    count: int
    least: int | None = None
    """Of what is bought in one purchase, gas paid; a worse price is not taken. None: any."""
    tolerance_s: int | None = None
    """How late a purchase may still be made; None: half of the interval."""

    @property
    def tolerance(self) -> int:
        """How many seconds late a purchase may be."""
        return self.every_s // 2 if self.tolerance_s is None else self.tolerance_s

    def due(self, slot: int) -> int:
        """Return when a purchase is to be made."""
        return self.start + slot * self.every_s


@dataclass(frozen=True, slots=True)
class DexOrder:
    """One order, with all that became of it."""

    id: str
    chain_id: int
    account: str
    sell: Token
    buy: Token
    amount: int
    """Units of `sell`; of a series: each time."""
    terms: LimitTerms | SeriesTerms
    limits: Limits
    created: int
    state: OrderState = OrderState.WAITING
    slots: tuple[Slot, ...] = ()
    attempt: Attempt | None = None
    cancel_wanted: bool = False
    """It is cancelled as soon as the fate of what was sent is known."""
    why: str = ""
    """Why it waits, failed or was paused, for people."""
    note: str = field(default="")
    allowed: int = 0
    """How many allowances were set for the purchase that is next."""

    @property
    def is_series(self) -> bool:
        """Whether it buys again and again."""
        return isinstance(self.terms, SeriesTerms)

    @property
    def next_slot(self) -> int:
        """The number of the purchase that is next."""
        return len(self.slots)

    @property
    def bought(self) -> TokenAmount:
        """What came of it so far."""
        return self.buy.units(sum(each.bought for each in self.slots))

    @property
    def sold(self) -> TokenAmount:
        """What was given for it so far."""
        return self.sell.units(sum(each.sold for each in self.slots))

    def check(self, now: int) -> None:
        """Refuse an order that cannot be carried out.

        Raises:
            InvalidInput: says which of its fields is wrong.
        """
        if self.sell == self.buy:
            raise InvalidInput("What is sold and what is bought must be different tokens.")
        if {self.sell.chain_id, self.buy.chain_id} != {self.chain_id}:
            raise InvalidInput("Both tokens must be of the order's chain.")
        if self.amount <= 0:
            raise InvalidInput(f"Say how much {self.sell.symbol} to sell: it must be more than 0.")
        self.limits.check()
        if isinstance(self.terms, SeriesTerms):
            _check_series(self.terms)
        else:
            _check_limit(self.terms, now)

    def price(self, bought: int) -> Decimal:
        """Return what one whole `sell` brings in `buy`, if the whole amount brings so much."""
        with localcontext() as context:
            context.prec = 40
            return self.buy.units(bought).exact / self.sell.units(self.amount).exact


def _check_limit(terms: LimitTerms, now: int) -> None:
    if terms.least <= 0:
        raise InvalidInput("A limit order needs a price: the least that must come of it, more than 0.")
    if terms.expires is not None and terms.expires <= now:
        raise InvalidInput("The order would have expired already.")


def _check_series(terms: SeriesTerms) -> None:
    if not SHORTEST_S <= terms.every_s <= LONGEST_S:
        raise InvalidInput(f"The interval must be from {SHORTEST_S} seconds to a year.")
    if not 1 <= terms.count <= MOST_SLOTS:
        raise InvalidInput(f"A series has from 1 to {MOST_SLOTS} purchases.")
    if terms.least is not None and terms.least <= 0:
        raise InvalidInput("The least that a purchase must bring is more than 0, or not set.")
    if not 1 <= terms.tolerance < terms.every_s:
        raise InvalidInput("A purchase may be late by at least a second and by less than the interval.")
