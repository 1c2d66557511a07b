"""How the account stands against its limits on losses, valued again and again, and what a breach sets going."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from engine.bus import Bus
from engine.domain.course import Breach, StateCause, TradingState
from engine.domain.day import DayHigh
from engine.domain.market import FeedState
from engine.domain.number import Nanos, Units
from engine.domain.order import AccountId
from engine.portfolio.equity import DAY
from engine.ports.feed import FeedStateChanged
from engine.ports.venue import Venue
from engine.risk.gate import RiskGate
from engine.risk.rules import Standing, figure, money
from engine.services.portfolio import EquityChanged
from engine.services.task import TaskOwner

BREACHES = {"reduce": TradingState.REDUCING, "halt": TradingState.HALTED}
"""What a breach does, by the word in the settings."""

NOTED = 1_000
"""A new best value is journaled when it is more than the last one that was by one part in so many."""


class Switch(Protocol):
    """What sets the trading state."""

    async def set(self, state: TradingState, reason: str, cause: StateCause, breach: Breach) -> None:
        """Change what passes, in answer to a breach."""
        ...


class BestOfDay:
    """The best value of the venue's day (UTC), and how far below it the account is."""

    def __init__(self, restored: DayHigh | None = None) -> None:
        """Go on with the best value that an earlier run noted, if it did."""
        self._day = None if restored is None else restored.at // DAY
        self.high = Units(0) if restored is None else restored.equity

    def drawdown(self, now: Nanos, equity: Units) -> Units:
        """Take in a value and return how far it is below the day's best."""
        day = now // DAY
        if day != self._day or equity > self.high:
            self._day, self.high = day, equity
        return Units(self.high - equity)


class RiskWatch:
    """Tells the gate how the account stands, and changes the trading state when a loss goes beyond its limit.

    It does so once per day and limit: who has resumed after a breach is not stopped again by the same one.
    """

    def __init__(
        self,
        bus: Bus,
        venue: Venue,
        gate: RiskGate,
        switch: Switch,
        on_breach: str,
        *,
        highs: Mapping[AccountId, DayHigh] = MappingProxyType({}),
        breaches: Iterable[Breach] = (),
        keep: Callable[[DayHigh], object] | None = None,
    ) -> None:
        """Go on with the best values and breaches that an earlier run noted; `keep` is told of new best values."""
        self._venue, self._gate, self._switch = venue, gate, switch
        self.on_breach = on_breach
        """`refuse`, `reduce` or `halt`."""
        self._best = {account: BestOfDay(high) for account, high in highs.items()}
        self._acted = set(breaches)
        """Breaches that were acted upon."""
        self._keep = keep
        self._noted = dict(highs)
        """The last best values that were journaled…"""
        self._latest: dict[AccountId, DayHigh] = {}
        """…and those that are not yet."""
        self._tasks = TaskOwner("risk watch")
        self._subscriptions = (
            bus.subscribe(EquityChanged, self._on_equity),
            bus.subscribe(FeedStateChanged, self._on_feed),
        )

    def close(self) -> None:
        """Watch no more."""
        for subscription in self._subscriptions:
            subscription.close()
        for high in list(self._latest.values()):
            self._note(high)
        self._tasks.close()

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: its best value is of other prices
            for known in (self._best, self._noted, self._latest):
                known.clear()

    def _on_equity(self, event: EquityChanged) -> None:
        if not event.is_whole:  # what has no price yet would look like a loss
            return
        account, day = self._venue.account, event.at // DAY
        best = self._best.setdefault(account, BestOfDay())
        standing = Standing(event.day_pnl, best.drawdown(event.at, event.equity))
        self._gate.standing[account] = standing
        if not standing.drawdown:
            self._look(DayHigh(account, best.high, event.at))
        wanted = BREACHES.get(self.on_breach)
        if wanted is None or not wanted.is_stricter_than(self._gate.state):
            return
        for breach, text in self._breaches(account, standing, day):
            if breach not in self._acted:
                self._acted.add(breach)
                self._tasks.start(self._switch.set(wanted, text, StateCause.BREACH, breach))
                return

    def _look(self, high: DayHigh) -> None:
        """Journal a best value if it is the first of its day, or notably better than the last that was."""
        noted = self._noted.get(high.account)
        if noted is None or noted.at // DAY != high.at // DAY or (high.equity - noted.equity) * NOTED > noted.equity:
            self._note(high)
        elif high.equity != noted.equity:
            self._latest[high.account] = high

    def _note(self, high: DayHigh) -> None:
        self._noted[high.account] = high
        self._latest.pop(high.account, None)
        if self._keep is not None:
            self._keep(high)

    def _breaches(self, account: AccountId, standing: Standing, day: int) -> Iterator[tuple[Breach, str]]:
        """Yield the limits on losses that are exceeded, each with both figures in words."""
        pair = self._venue.pairs()[0]
        asset = pair.quote
        for rule, loss, words in (
            ("max_daily_loss", -(standing.day_pnl or 0), "lost today"),
            ("max_drawdown", standing.drawdown or 0, "below today's best"),
        ):
            limit = self._gate.limits.effective(rule, account, pair)
            if limit is not None and loss > 0 and loss >= limit.value:
                text = f"{money(loss, asset)} {words}, the limit is {figure(limit.value, asset)}."
                yield Breach(account, rule, limit.value, day), text
