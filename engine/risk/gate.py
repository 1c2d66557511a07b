"""The pre-trade gate: what must not be sent, with the exact figures and where to change them.

The gate is asked before an order reaches the book and answers with a `Fault` or None; it changes
nothing and knows nothing but its limits, its state, how the account stands, and the context it is given. Cancels
never pass through it: whatever happened, an order can always be taken out. A reducing order is never held up by
the state REDUCING, nor by the rules on position, exposure, rate and losses.
"""

from __future__ import annotations

from typing import Protocol

from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.order import AccountId, OrderId, Reason
from engine.domain.pair import TradingPair
from engine.risk.intent import RiskContext, intent_of
from engine.risk.limits import NO_LIMITS, Limit, LimitBook, RiskLimits
from engine.risk.rules import RULES, Rule, Standing

__all__ = ["Gate", "RiskContext", "RiskGate"]

WHERE = "Change it under Settings › Risk."  # noqa: RUF001 - the sign of menus, not a comparison


class Gate(Protocol):
    """Who is asked before an order goes to the book."""

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why it must not be sent: reason HALTED or LIMIT_EXCEEDED and a sentence; None lets it pass.

        There is no context if the account or the pair is unknown.
        """
        ...


class RiskGate:
    """Limits and a kill switch; both can be changed at any time."""

    def __init__(self, limits: RiskLimits | LimitBook = NO_LIMITS, state: TradingState = TradingState.ACTIVE) -> None:
        self.limits = limits if isinstance(limits, LimitBook) else LimitBook(limits)
        self.state = state
        self.standing: dict[AccountId, Standing] = {}
        """How each account stands today, as last valued; an account that never was is judged by its context alone."""
        self.exempt: set[OrderId] = set()
        """Orders of the kill switch itself, which pass whatever the state."""
        self._asked: dict[tuple[AccountId, str], list[tuple[Rule, Limit]]] = {}
        """The rules that have a limit, by account and pair, in order…"""
        self._asked_of: LimitBook | None = None
        """…by these limits."""

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why the order must not be sent, None if it may; see `Gate.check`."""
        if order.order_id in self.exempt:
            return None
        if context is None:  # who holds nothing reduces nothing
            return self._halted(reduces=False)
        intent = intent_of(order, context)
        if intent is None:  # an amend of nothing: the venue says that there is no such order
            return None
        halted = self._halted(reduces=intent.reduces)
        if halted is not None:
            return halted
        standing = self.standing.get(order.account, _UNKNOWN)
        for rule, limit in self._limited(order.account, context.pair):
            text = rule.judge(intent, context, standing, limit.value)
            if text is not None:
                whose = f" This limit is for {limit.scope}." if limit.scope else ""
                return Fault(Reason.LIMIT_EXCEEDED, f"Not sent: {text}{whose} {WHERE}")
        return None

    def _limited(self, account: AccountId, pair: TradingPair) -> list[tuple[Rule, Limit]]:
        """Return the rules that have a limit for an account in a pair; found once, for every order asks."""
        limits = self.limits
        if limits is not self._asked_of:
            self._asked, self._asked_of = {}, limits
        found = self._asked.get((account, pair.symbol))
        if found is None:
            each = ((rule, limits.effective(rule.key, account, pair)) for rule in RULES)
            found = self._asked[account, pair.symbol] = [(rule, limit) for rule, limit in each if limit is not None]
        return found

    def _halted(self, *, reduces: bool) -> Fault | None:
        if self.state is TradingState.HALTED:
            text = "Not sent: trading is halted; only cancels pass. Resume it with the kill switch."
        elif self.state is TradingState.REDUCING and not reduces:
            text = "Not sent: only orders that reduce what you hold pass now. Resume trading with the kill switch."
        else:
            return None
        return Fault(Reason.HALTED, text)


_UNKNOWN = Standing()
