"""The door to a place where orders go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.domain.command import AmendOrder, CancelOrder, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair


@dataclass(frozen=True, slots=True)
class AccountSelected:
    """Event: commands are now sent for another account; what was shown of the one before is void."""

    account: AccountId


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

    async def cancel(self, command: CancelOrder) -> OrderCancelled | OrderRejected:
        """Take an open order out; errors as `submit`."""
        ...

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        """Change an open order; errors as `submit`."""
        ...
