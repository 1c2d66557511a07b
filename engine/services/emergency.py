"""The kill switch as a person means it: stop; take the orders out; get out of everything.

Stopping never waits for the disk. What the disk refuses (cancels, sales) is kept as an intent and done by itself
as soon as the disk takes orders again, the stronger wish of several; it is not remembered beyond the end of the
program. Trading halts first, and only the sales of the kill switch itself pass then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from engine.bus import Bus
from engine.domain.command import SubmitOrder
from engine.domain.course import StateCause, TradingState
from engine.domain.event import OrderFilled, OrderRejected
from engine.domain.number import Lots, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.errors import Unavailable
from engine.portfolio.fold import Fold
from engine.ports.journal import StorageStateChanged
from engine.ports.venue import Venue
from engine.risk.gate import RiskGate
from engine.services.task import TaskOwner

log = logging.getLogger(__name__)


class Kill(StrEnum):
    """How far the kill switch goes."""

    HALT = "halt"
    """Nothing but cancels passes."""
    CANCEL = "cancel"
    """And every open order is cancelled."""
    FLATTEN = "flatten"
    """And everything held is sold at the market."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of one position that was to be sold."""

    account: AccountId
    pair: TradingPair
    wanted: Lots
    sold: Lots
    notional: Units
    """What it brought before fees, in quote units."""
    refusal: str = ""
    """Why the venue did not take the sale."""


@dataclass(slots=True)
class KillReport:
    """What the kill switch did; `waits` says what is still to be done once the disk allows."""

    kill: Kill
    cancelled: int = 0
    sold: list[Sold] = field(default_factory=list)
    waits: str = ""


@dataclass(frozen=True, slots=True)
class KillFinished:
    """Event: what the kill switch could not do at once has been done."""

    report: KillReport


class Switch(Protocol):
    """What sets the trading state."""

    async def set(self, state: TradingState, reason: str = "", cause: StateCause = StateCause.USER) -> None:
        """Change what passes."""
        ...


class Broker(Venue, Protocol):
    """A venue that can clear the desk of every account."""

    async def cancel_everywhere(self) -> int:
        """Cancel the open orders of every account."""
        ...


@dataclass(slots=True)
class _Intent:
    """What is to be done, and what of it has been done."""

    state: TradingState | None
    kill: Kill
    reason: str
    cause: StateCause
    report: KillReport

    def joined(self, other: _Intent) -> _Intent:
        """Return the stronger of both wishes; what was done for the earlier one stays counted."""
        kills, states = tuple(Kill), tuple(TradingState)
        kill = max(self.kill, other.kill, key=kills.index)
        state = max((each for each in (self.state, other.state) if each), key=states.index, default=None)
        self.report.kill = kill
        return _Intent(state, kill, other.reason or self.reason, other.cause, self.report)


class Emergency:
    """Carries out the kill switch over all accounts; `close` forgets what still waits."""

    def __init__(
        self, bus: Bus, venue: Broker, fold: Fold, switch: Switch, gate: RiskGate, new_id: Callable[[], OrderId]
    ) -> None:
        self._bus, self._venue, self._fold, self._switch = bus, venue, fold, switch
        self._gate, self._new_id = gate, new_id
        self._waiting: _Intent | None = None
        self._tasks = TaskOwner("emergency")
        self._subscription = bus.subscribe(StorageStateChanged, self._on_storage)

    @property
    def waits(self) -> bool:
        """Whether something is still to be done once the disk takes orders again."""
        return self._waiting is not None

    def close(self) -> None:
        """Forget what still waits."""
        self._subscription.close()
        self._tasks.close()

    async def kill(self, kill: Kill, reason: str = "") -> KillReport:
        """Stop trading, and do the rest as far as the disk allows; what it refuses is done later by itself."""
        return await self._carry_out(_Intent(TradingState.HALTED, kill, reason, StateCause.USER, KillReport(kill)))

    async def clear(self, state: TradingState | None, reason: str, cause: StateCause) -> KillReport:
        """Cancel every order of every account, and let no more pass than `state` allows; likewise."""
        return await self._carry_out(_Intent(state, Kill.CANCEL, reason, cause, KillReport(Kill.CANCEL)))

    async def _carry_out(self, intent: _Intent) -> KillReport:
        if self._waiting is not None:
            intent = self._waiting.joined(intent)
        report = intent.report
        report.waits = ""
        try:
            if intent.state is not None and intent.state.is_stricter_than(self._gate.state):
                await self._switch.set(intent.state, intent.reason, intent.cause)
            if intent.kill is not Kill.HALT:
                report.cancelled += await self._venue.cancel_everywhere()
            if intent.kill is Kill.FLATTEN:
                for account, pair, lots in self._held():
                    report.sold.append(await self._sell(account, pair, lots))
        except Unavailable as error:
            report.waits = str(error)
            self._waiting = intent
            log.error("the kill switch waits for the disk", extra={"kill": intent.kill})
        else:
            self._waiting = None
        return report

    def _held(self) -> list[tuple[AccountId, TradingPair, Lots]]:
        """Return what every account can sell, in the pair that is quoted in the currency first."""
        found = []
        for account in self._fold.accounts():
            sold = set()
            for pair in self._venue.pairs():
                balance = self._fold.balances(account).get(pair.base.code)
                lots = Lots(balance.free // pair.lot_unit) if balance is not None else Lots(0)
                if lots and pair.base.code not in sold:
                    sold.add(pair.base.code)
                    found.append((account, pair, lots))
        return found

    async def _sell(self, account: AccountId, pair: TradingPair, lots: Lots) -> Sold:
        order_id = self._new_id()
        order = SubmitOrder(
            account=account,
            order_id=order_id,
            symbol=pair.symbol,
            side=Side.SELL,
            order_type=OrderType.MARKET,
            qty=lots,
            reduce_only=True,
        )
        fills: list[OrderFilled] = []
        subscription = self._bus.subscribe(OrderFilled, fills.append)
        self._gate.exempt.add(order_id)  # it passes although trading is halted
        try:
            answer = await self._venue.submit(order)
        finally:
            self._gate.exempt.discard(order_id)
            subscription.close()
        own = [fill for fill in fills if fill.order_id == order_id and fill.account == account]
        sold = Lots(sum(fill.qty for fill in own))
        notional = Units(sum(pair.notional(fill.price, fill.qty) for fill in own))
        return Sold(account, pair, lots, sold, notional, answer.text if isinstance(answer, OrderRejected) else "")

    def go_on(self) -> None:
        """Do what still waits: what refused it takes orders again."""
        if self._waiting is not None:
            self._tasks.start(self._again(self._waiting))

    def _on_storage(self, event: StorageStateChanged) -> None:
        if event.ok:
            self.go_on()

    async def _again(self, intent: _Intent) -> None:
        self._waiting = None
        report = await self._carry_out(intent)
        if not report.waits:
            self._bus.publish(KillFinished(report))
