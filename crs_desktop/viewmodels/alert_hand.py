"""What a user does to alerts, from the list, the chart and the keyboard alike: made, changed, paused, removed, undone.

Everything is on its way to the disk when a call returns; what could not be done, and what can be undone, is said to
whoever listens (`on_said`). One hand per engine.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.bus import Bus
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.services.alerts import Alert, Alerts, PriceRule, Rule
from engine.services.alerts.words import condition
from engine.services.task import TaskOwner


class Said(NamedTuple):
    """Something to say in passing; `undo` takes it back, where that is possible."""

    title: Sentence
    text: Sentence
    undo: Callable[[], object] | None = None
    failed: bool = False


class AlertHand:
    """Acts on the alerts of one engine."""

    def __init__(self, alerts: Alerts, pairs: Mapping[str, TradingPair]) -> None:
        self.alerts, self.pairs = alerts, pairs
        self._tasks = TaskOwner("changes of alerts")
        self._said: Hook[Said] = Hook()

    def close(self) -> None:
        """Give up what is still on its way to the disk: the service writes everything when it closes."""
        self._tasks.close()

    def on_said(self, call: Callable[[Said], object]) -> Link[Said]:
        """Be told what is to be said."""
        return self._said.add(call)

    def words(self, alert: Alert) -> str:
        """Return what an alert waits for."""
        return condition(alert.rule, self.pairs[alert.symbol])

    def find(self, alert_id: str | None) -> Alert | None:
        """Return an alert as it is now, None if there is none (any more)."""
        return next((each for each in self.alerts.all() if each.id == alert_id), None)

    def add(self, symbol: str, rule: Rule, **options: object) -> None:
        """Make an alert."""
        self._do(self._add(symbol, rule, **options))

    def change(self, alert: Alert) -> None:
        """Replace an alert by one with the same id."""
        self._do(self.alerts.change(alert))

    def move(self, alert_id: str, level: int) -> None:
        """Let a price alert wait for another price (ticks)."""
        alert = self.find(alert_id)
        if alert is None or not isinstance(alert.rule, PriceRule) or alert.rule.level == level:
            return
        moved = msgspec.structs.replace(alert, rule=msgspec.structs.replace(alert.rule, level=level))
        self._do(self._moved(alert, moved))

    def toggle(self, alert_id: str) -> None:
        """Pause an alert, or let it wait (again)."""
        alert = self.find(alert_id)
        if alert is not None:
            expires_at = alert.expires_at if alert.active else None
            self.change(msgspec.structs.replace(alert, active=not alert.active, expires_at=expires_at))

    def duplicate(self, alert_id: str) -> None:
        """Make another alert like it."""
        alert = self.find(alert_id)
        if alert is not None:
            options = {"note": alert.note, "repeat": alert.repeat, "sound": alert.sound, "expires_at": alert.expires_at}
            self.add(alert.symbol, alert.rule, **options)

    def remove(self, *ids: str) -> None:
        """Remove alerts; it can be undone."""
        self._do(self._remove(*ids))

    def clear_told(self) -> None:
        """Forget what was told."""
        self._do(self.alerts.clear_fired())

    # -- on the way -------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.start(self._checked(work))

    async def _checked(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except CrsError as error:
            self._said.fire(Said(say("Alert"), verbatim(str(error)), failed=True))

    async def _add(self, symbol: str, rule: Rule, **options: object) -> None:
        made = await self.alerts.add(symbol, rule, **options)
        told = say("{pair}: {condition}", pair=symbol, condition=self.words(made))
        self._said.fire(Said(say("Alert set"), told, lambda: self._do(self.alerts.remove(made.id))))

    async def _moved(self, before: Alert, after: Alert) -> None:
        await self.alerts.change(after)
        told = say("{pair}: {condition}", pair=after.symbol, condition=self.words(after))
        self._said.fire(Said(say("Alert moved"), told, lambda: self.change(before)))

    async def _remove(self, *ids: str) -> None:
        gone = await self.alerts.remove(*ids)
        if not gone:
            return
        told = verbatim(f"{gone[0].symbol}: {self.words(gone[0])}")
        if len(gone) > 1:
            told = say("{count} alerts", count=len(gone))
        self._said.fire(Said(say("Alert removed"), told, lambda: self._do(self.alerts.restore(gone))))


_hands: WeakKeyDictionary[Bus, AlertHand] = WeakKeyDictionary()


def alerts_of(desk: Desk) -> AlertHand:
    """Return the hand of a desk's engine."""
    hand = _hands.get(desk.bus)
    if hand is None:
        hand = _hands[desk.bus] = AlertHand(desk.alerts, desk.pairs)
    return hand
