"""The door to a place where orders go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.number import Ticks
from engine.domain.order import AccountId, ListKind, OrderId
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained


@dataclass(frozen=True, slots=True)
class AccountSelected:
    """Event: commands are now sent for another account; what was shown of the one before is void."""

    account: AccountId


@dataclass(frozen=True, slots=True)
class ListAccepted:
    """Answer: the venue has every order of a list, in the list's order."""

    list_id: OrderId
    kind: ListKind
    orders: tuple[OrderAccepted, ...]


@dataclass(frozen=True, slots=True)
class ListCancelled:
    """Answer: every order of a list that was still open has ended."""

    list_id: OrderId
    orders: tuple[OrderCancelled, ...]


class Venue(Protocol):
    """Where orders go and fills come from.

    An answer means that the command and all its consequences so far are durable. What becomes of an
    order afterwards is published on the bus (`OrderFilled`, `OrderCancelled`, …), each fact after its
    commit, in the order of happening; facts caused by a command are published before its answer.
    A refusal is an answer (`OrderRejected`), never an exception.
    """

    @property
    def name(self) -> str:
        """A short name for the screen, e.g. `PAPER`."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether real money is at stake."""
        ...

    @property
    def account(self) -> AccountId:
        """The account that commands are sent for."""
        ...

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded, in the order in which it should be listed."""
        ...

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; the same id and content again returns the first outcome and changes nothing.

        Raises:
            VenueUnavailable: not known to be sent; retry with the same id.
            StorageUnavailable: the disk refused; the order is not acknowledged.
        """
        ...

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        """Send orders that hang together, all or none; a repeat and errors as with `submit`.

        One bad order refuses the whole list, under the list's id.
        """
        ...

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        """Take an open order out, or all of a list by the list's id; errors as `submit`.

        An order that is part of a list takes the rest of the list with it: `OrderCancelled` is published for each.
        """
        ...

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        """Change an open order; errors as `submit`."""
        ...

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        """Return where an order stands in the queue of its price, an estimate or exact; None if it does not rest.

        Made to be asked at the pace of the screen.
        """
        ...

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        """Return the best price that a waiting trailing stop has seen so far; None for any other order."""
        ...

    def waits(self, order_id: OrderId) -> WaitExplained | None:
        """Return what an order has met so far that is open, or ended lately, not all filled; None if nobody knows."""
        ...
