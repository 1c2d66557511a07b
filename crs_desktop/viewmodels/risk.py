"""How close the account is to its limits, what passes now and why, and when the dead-man's switch fires."""

from __future__ import annotations

from dataclasses import dataclass

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.asset import Asset
from engine.domain.course import StateCause, TradingState, TradingStateChanged
from engine.domain.event import BalanceChanged, OrderAccepted, OrderRejected
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Reason
from engine.risk.gate import RiskGate
from engine.risk.intent import at_work
from engine.risk.limits import Limit, LimitBook
from engine.risk.rules import RULES, Standing
from engine.services.deadman import DeadManChanged
from engine.services.limits import limits_of
from engine.services.portfolio import EquityChanged

MINUTE = Nanos(60 * NANOS_PER_SECOND)
NEAR = 0.8
"""The share of a limit from which on its bar warns."""

STATES = {
    TradingState.ACTIVE: (say("ACTIVE"), "good", say("Everything within your limits passes.")),
    TradingState.REDUCING: (say("REDUCING"), "warn", say("Only orders that reduce what you hold pass, and cancels.")),
    TradingState.HALTED: (say("HALTED"), "error", say("Nothing but cancels passes.")),
}
WHY = {
    StateCause.USER: "Since {since}, set by you{reason}",
    StateCause.BREACH: "Since {since}, by a breach of a limit{reason}",
    StateCause.DEAD_MAN: "Since {since}, by the dead-man's switch{reason}",
}


@dataclass(frozen=True, slots=True)
class Headroom:
    """One rule: what is used of what is allowed, in words and as a share (None: off, or asked per order)."""

    title: Sentence
    figures: Sentence
    share: float | None
    tip: Sentence

    @property
    def tone(self) -> str:
        """How worrying it is."""
        if self.share is None:
            return "muted"
        return "error" if self.share >= 1 else "warn" if self.share >= NEAR else "good"


class RiskModel(ViewModel):
    """The risk strip of the account in use."""

    pace = 0.5

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.refusal: Sentence | None = None
        for kind in (EquityChanged, BalanceChanged, OrderAccepted, TradingStateChanged, DeadManChanged):
            self._listen(kind, self.touch)
        self._listen(OrderRejected, self._on_rejected)

    # -- the state ----------------------------------------------------------------------------------

    @property
    def state(self) -> tuple[Sentence, str, Sentence]:
        """The trading state as a word, its tone, and what passes in it."""
        gate = self.desk.gate
        return STATES[gate.state if isinstance(gate, RiskGate) else TradingState.ACTIVE]

    @property
    def why(self) -> Sentence | None:
        """Since when and why trading is not as usual; None while it is."""
        change: TradingStateChanged | None = getattr(getattr(self.desk.services, "kill_switch", None), "last", None)
        if change is None or change.state is TradingState.ACTIVE:
            return None
        reason = f": {change.reason}" if change.reason else "."
        return say(WHY[change.cause], since=f"{fmt.date_clock(change.at)} UTC", reason=reason)

    @property
    def waits(self) -> Sentence | None:
        """What the kill switch could not do yet."""
        if getattr(getattr(self.desk.services, "emergency", None), "waits", False):
            return say("The disk refuses: the rest of the kill switch follows by itself as soon as it can.")
        return None

    @property
    def silence(self) -> tuple[Sentence, str]:
        """The dead-man's switch in words, and its tone."""
        dead_man = getattr(self.desk.services, "dead_man", None)
        if dead_man is None or (dead_man.left_s is None and not dead_man.fired):
            return say("Dead-man's switch: off"), "muted"
        if dead_man.fired:
            return say("Dead-man's switch: fired; orders were cancelled"), "error"
        left = f"{dead_man.left_s:.0f}"
        return say("Dead-man's switch: {left} s", left=left), "warn" if dead_man.warns else "muted"

    def _on_rejected(self, event: OrderRejected) -> None:
        if event.account == self.desk.venue.account and event.reason in (Reason.HALTED, Reason.LIMIT_EXCEEDED):
            self.refusal = say("{time}: {text}", time=fmt.clock(event.at), text=event.text)
            self.touch()

    # -- the rules ----------------------------------------------------------------------------------

    @property
    def limits(self) -> LimitBook:
        """The limits in force."""
        gate = self.desk.gate
        return gate.limits if isinstance(gate, RiskGate) else limits_of(self.desk.settings)

    def rows(self) -> list[Headroom]:
        """Return a row per rule, in the order in which they are asked."""
        used = self._used()
        return [self._row(rule.key, rule.title, rule.sentence, used.get(rule.key)) for rule in RULES]

    def _row(self, key: str, title: str, sentence: str, used: int | None) -> Headroom:
        limit = self.limits.effective(key, self.desk.venue.account, self.desk.pair)
        tip = verbatim(sentence)
        if limit is not None and limit.scope:
            tip = say("{sentence} This limit is for {scope}.", sentence=sentence, scope=limit.scope)
        share = None
        if limit is not None and used is not None:
            share = used / limit.value if limit.value else (1.0 if used else 0.0)
        return Headroom(verbatim(title), self._figures(key, used, limit), share, tip)

    def _figures(self, key: str, used: int | None, limit: Limit | None) -> Sentence:
        if limit is None:
            return say("no limit") if used is None else say("{used}, no limit", used=self._figure(key, used))
        most = self._figure(key, limit.value)
        if used is None:
            return say("up to {limit} per order", limit=most)
        return say("{used} of {limit}", used=self._figure(key, used), limit=most)

    def _figure(self, key: str, value: int) -> str:
        pair = self.desk.pair
        if key == "max_order_qty":
            return f"{fmt.money(pair.base, value, None)} {pair.base.code}"
        if key == "max_price_deviation_bps":
            return f"{value:,} bps"
        if key in ("max_open_orders", "max_orders_per_minute"):
            return f"{value:,}"
        quote = self._currency()
        return f"{fmt.money(quote, value, 2)} {quote.code}"

    def _used(self) -> dict[str, int]:
        desk = self.desk
        standing = Standing(desk.portfolio.day_pnl())
        if isinstance(desk.gate, RiskGate):
            standing = desk.gate.standing.get(desk.venue.account, standing)
        found = {
            "max_open_orders": len(desk.orders.open()),
            "max_orders_per_minute": self._orders_last_minute(),
            "max_daily_loss": max(0, -(standing.day_pnl or 0)),
            "max_exposure": self._exposure(),
            "max_position_value": self._position(),
        }
        if standing.drawdown is not None:
            found["max_drawdown"] = standing.drawdown
        return found

    def _orders_last_minute(self) -> int:
        now, orders = self.desk.feed.now, self.desk.orders
        return sum(now - MINUTE < record.accepted_at <= now for record in (*orders.records(), *orders.history()[:500]))

    def _position(self) -> int:
        pair, last = self.desk.pair, self.desk.market_data.last_price(self.desk.symbol)
        if last is None:
            return 0
        balance = self.desk.portfolio.balances().get(pair.base.code)
        held = balance.total // pair.lot_unit if balance is not None else 0
        return pair.notional(last, held + self._buying(pair.symbol))

    def _exposure(self) -> int:
        currency, portfolio = self._currency(), self.desk.portfolio
        held: int = sum(
            portfolio.value_of(asset, balance.total) or 0
            for asset, balance in portfolio.balances().items()
            if asset != currency.code
        )
        for symbol, pair in self.desk.pairs.items():
            last = self.desk.market_data.last_price(symbol)
            if last is not None and pair.quote.code == currency.code:
                held += pair.notional(last, self._buying(symbol))
        return held

    def _buying(self, symbol: str) -> int:
        return at_work(self.desk.orders.open(), symbol).buying

    def _currency(self) -> Asset:
        return next(iter(self.desk.pairs.values())).quote
