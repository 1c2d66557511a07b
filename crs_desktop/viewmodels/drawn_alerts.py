"""Alerts on drawn lines: which drawings can have one, and how theirs follow them.

An alert goes where its line goes, is removed with it, and comes back with it when that is undone.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from crs_desktop.viewmodels.alert_hand import AlertHand
from crs_desktop.viewmodels.drawings.shape import Anchor as DrawnAnchor
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.store import DrawingStore
from engine.domain.pair import TradingPair
from engine.services.alerts import Alert, Cross, LineRule
from engine.services.alerts.alert import Anchor
from engine.services.task import TaskOwner

LINES = ("trend", "ray", "extended", "horizontal", "arrow")
"""Kinds of drawings that have one price at an instant."""
MINUTE = 60 * 10**9


def line_rule(pair: TradingPair, shape: Shape, cross: Cross = Cross.EITHER) -> LineRule | None:
    """Return what to watch a drawing with; None if it has no single price at an instant."""
    if shape.kind not in LINES:
        return None
    points = [_anchor(pair, each) for each in shape.anchors[:2]]
    if shape.kind == "horizontal":
        first = points[0]
        return LineRule(shape.id, first, Anchor(first.at + MINUTE, first.price), True, True, cross)
    first, second = points
    if first.at == second.at:
        return None  # upright: it has every price at once
    forward = second.at > first.at
    left = shape.kind == "extended" or (shape.kind == "ray" and not forward)
    right = shape.kind == "extended" or (shape.kind == "ray" and forward)
    return LineRule(shape.id, first, second, left, right, cross)


def _anchor(pair: TradingPair, anchor: DrawnAnchor) -> Anchor:
    return Anchor(anchor.at, float(anchor.price / Decimal(pair.tick)))


class DrawnAlerts:
    """Keeps the alerts of drawings with their drawings."""

    def __init__(self, hand: AlertHand, store: DrawingStore) -> None:
        self._hand, self._store = hand, store
        self._parked: dict[tuple[str, str], dict[str, Alert]] = {}
        """Alerts that went with their drawing, by pair and drawing."""
        self._tasks = TaskOwner("alerts of drawings")
        self._link = store.on_change(self._changed)
        for symbol in {each.symbol for each in hand.alerts.all()}:
            self._follow(symbol)

    def close(self) -> None:
        """Follow no more."""
        self._link.close()
        self._tasks.close()

    def _changed(self, symbol: str) -> None:
        back = [
            alert for shape in self._store.shapes(symbol) for alert in self._parked.pop((symbol, shape.id), {}).values()
        ]
        gone = [each for each in self._drawn(symbol) if self._store.find(symbol, each[1].drawing) is None]
        for alert, rule in gone:
            self._parked.setdefault((symbol, rule.drawing), {})[alert.id] = alert
        if gone:
            self._tasks.start(self._take_away([alert.id for alert, _ in gone]))
        if back:
            self._tasks.start(self._bring_back(symbol, back))
        else:
            self._follow(symbol)

    def _follow(self, symbol: str) -> None:
        """Give the alerts the places of their drawings."""
        pair = self._hand.pairs.get(symbol)
        for alert, rule in self._drawn(symbol):
            shape = self._store.find(symbol, rule.drawing)
            wanted = line_rule(pair, shape, rule.cross) if pair is not None and shape is not None else None
            if wanted is not None and wanted != rule:
                self._hand.change(msgspec.structs.replace(alert, rule=wanted))

    def _drawn(self, symbol: str) -> list[tuple[Alert, LineRule]]:
        return [(each, each.rule) for each in self._hand.alerts.of(symbol) if isinstance(each.rule, LineRule)]

    async def _take_away(self, ids: list[str]) -> None:
        await self._hand.alerts.remove(*ids)

    async def _bring_back(self, symbol: str, alerts: list[Alert]) -> None:
        await self._hand.alerts.restore(alerts)
        self._follow(symbol)
