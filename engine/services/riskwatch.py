"""How the account stands against its limits on losses, valued again and again, and what a breach sets going."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from engine.bus import Bus
from engine.domain.course import StateCause, TradingState
from engine.domain.market import FeedState
from engine.domain.number import Nanos, Units
from engine.domain.order import AccountId
from engine.portfolio.equity import DAY
from engine.ports.feed import FeedStateChanged
from engine.ports.venue import Venue
from engine.risk.gate import RiskGate
from engine.risk.rules import Standing, figure, money
from engine.services.portfolio import EquityChanged, Portfolio
from engine.services.task import TaskOwner

BREACHES = {"reduce": TradingState.REDUCING, "halt": TradingState.HALTED}
"""What a breach does, by the word in the settings."""

SetState = Callable[[TradingState, str, StateCause], Awaitable[None]]


class DayHigh:
    """The best value of the venue's day (UTC), and how far below it the account is."""

    def __init__(self) -> None:
        self._day: int | None = None
        self._high = 0

    def drawdown(self, now: Nanos, equity: Units) -> Units:
        """Take in a value and return how far it is below the day's best."""
        day = now // DAY
        if day != self._day or equity > self._high:
            self._day, self._high = day, equity
        return Units(self._high - equity)


class RiskWatch:
    """Tells the gate how the account stands, and changes the trading state when a loss goes beyond its limit.

    It does so once per day and limit: who has resumed after a breach is not stopped again by the same one.
    """

    def __init__(
        self, bus: Bus, venue: Venue, portfolio: Portfolio, gate: RiskGate, set_state: SetState, on_breach: str
    ) -> None:
        self._venue, self._portfolio, self._gate, self._set_state = venue, portfolio, gate, set_state
        self.on_breach = on_breach
        """`refuse`, `reduce` or `halt`."""
        self._highs: dict[AccountId, DayHigh] = {}
        self._acted: set[tuple[AccountId, int, str, int]] = set()
        """Breaches that were acted upon: account, day, rule, limit."""
        self._tasks = TaskOwner("risk watch")
        self._subscriptions = (
            bus.subscribe(EquityChanged, self._on_equity),
            bus.subscribe(FeedStateChanged, self._on_feed),
        )

    def close(self) -> None:
        """Watch no more."""
        for subscription in self._subscriptions:
            subscription.close()
        self._tasks.close()

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump or another market: its best value is of other prices
            self._highs.clear()

    def _on_equity(self, event: EquityChanged) -> None:
        account = self._venue.account
        high = self._highs.setdefault(account, DayHigh())
        standing = Standing(event.day_pnl, high.drawdown(event.at, event.equity))
        self._gate.standing[account] = standing
        wanted = BREACHES.get(self.on_breach)
        breach = self._breach(account, standing) if wanted is not None else None
        if wanted is None or breach is None:
            return
        rule, limit, text = breach
        once = (account, event.at // DAY, rule, limit)
        if once not in self._acted and wanted.is_stricter_than(self._gate.state):
            self._acted.add(once)
            self._tasks.start(self._change(wanted, text))

    def _breach(self, account: AccountId, standing: Standing) -> tuple[str, int, str] | None:
        """Return which limit on losses is exceeded: the rule, its limit, and both figures in words."""
        pair = self._venue.pairs()[0]
        asset = pair.quote
        for rule, loss, words in (
            ("max_daily_loss", -(standing.day_pnl or 0), "lost today"),
            ("max_drawdown", standing.drawdown or 0, "below today's best"),
        ):
            limit = self._gate.limits.effective(rule, account, pair)
            if limit is not None and loss > 0 and loss >= limit.value:
                return rule, limit.value, f"{money(loss, asset)} {words}, the limit is {figure(limit.value, asset)}."
        return None

    async def _change(self, state: TradingState, text: str) -> None:
        await self._set_state(state, text, StateCause.BREACH)
