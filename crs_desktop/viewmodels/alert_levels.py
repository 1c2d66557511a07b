"""What alerts a chart shows: prices that are waited for, and lines that are watched."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.alert_hand import AlertHand
from crs_desktop.viewmodels.alerts import state_of
from engine.services.alerts import Alert, Cross, LineRule, PriceRule

ARROWS = {Cross.UP: "\u2191", Cross.DOWN: "\u2193", Cross.EITHER: "\u2195"}
"""In which direction it is to be met."""


class Level(NamedTuple):
    """One alert on a chart; `at` is its price in ticks now, `drawing` the line that it watches."""

    alert: Alert
    at: float
    waits: bool
    drawing: str = ""

    @property
    def arrow(self) -> str:
        """The direction as a sign."""
        return "" if not isinstance(self.alert.rule, PriceRule | LineRule) else ARROWS[self.alert.rule.cross]


def levels(hand: AlertHand, symbol: str, now: int) -> list[Level]:
    """Return the alerts of a pair that have a price at an instant (ns), and are not over."""
    found = []
    for alert in hand.alerts.of(symbol):
        state = state_of(alert, now)
        if state not in ("waiting", "paused"):
            continue
        rule = alert.rule
        if isinstance(rule, PriceRule):
            found.append(Level(alert, float(rule.level), state == "waiting"))
        elif isinstance(rule, LineRule) and (at := rule.level(now)) is not None:
            found.append(Level(alert, at, state == "waiting", rule.drawing))
    return found
