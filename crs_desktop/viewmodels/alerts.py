"""The alerts pane: what is waited for, and what was told."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.alert_hand import alerts_of
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.line_rows import LineRow
from crs_desktop.viewmodels.time_zone import chosen
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import InvalidInput
from engine.services.alerts import Alert, AlertFired, AlertsChanged, Repeat

TONES = {"waiting": "accent", "paused": "text_muted", "done": "text_muted", "expired": "text_muted"}
DAY_NS = 86_400 * 10**9


def state_of(alert: Alert, now: int) -> str:
    """Return `waiting`, `paused`, `done` or `expired` at an instant (ns)."""
    if alert.expires_at is not None and now >= alert.expires_at:
        return "expired"
    if alert.active:
        return "waiting"
    return "done" if alert.fired and alert.repeat is Repeat.ONCE else "paused"


STATES = {"waiting": say("waiting"), "paused": say("paused"), "done": say("done"), "expired": say("expired")}


def when(at: int, now: int) -> str:
    """Return an instant as the clock in the chosen zone shows it, with its date if it is another day's."""
    moment, today = chosen().moment(at), chosen().moment(now)
    return f"{moment:%H:%M:%S}" if moment.date() == today.date() else f"{moment:%Y-%m-%d %H:%M}"


class AlertsModel(ViewModel):
    """The alerts of the profile, those of the current pair first, and the times that they told."""

    pace = 0.25

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.hand = alerts_of(desk)
        self._listen(AlertsChanged, self.touch)
        self._listen(AlertFired, self.touch)

    def waiting(self) -> int:
        """Return how many alerts wait."""
        return sum(state_of(each, self._now) == "waiting" for each in self.hand.alerts.all())

    def rows(self) -> list[LineRow]:
        """Return the alerts: those of the current pair first, the newest first among them."""
        newest = self.hand.alerts.all()[::-1]
        alerts = sorted(newest, key=lambda each: each.symbol != self.desk.symbol)
        return [self._row(each) for each in alerts if each.symbol in self.desk.pairs]

    def told(self) -> list[LineRow]:
        """Return what was told, the newest first."""
        now, fired = self._now, list(self.hand.alerts.fired)
        rows = []
        for number, each in reversed(list(enumerate(fired))):
            pair = self.desk.pairs.get(each.symbol)
            price = () if pair is None or each.price is None else (fmt.price(pair, each.price),)
            key = f"{each.alert} {each.at} {number} {each.symbol}"
            text = each.text.removeprefix(f"{each.symbol}: ")  # the title says it
            rows.append(LineRow(key, each.symbol, when(each.at, now), "text_muted", text, price))
        return rows

    @property
    def problem(self) -> Sentence:
        """What is wrong with the disk, NOTHING if all is well."""
        return verbatim(self.hand.alerts.problem) if self.hand.alerts.problem else NOTHING

    @property
    def empty(self) -> Sentence:
        """What the list is for, while there is none."""
        return say("Alerts watch a price, an indicator or a line for you, and tell when it is met.")

    @property
    def empty_told(self) -> Sentence:
        """What the log is for, while there is nothing in it."""
        return say("Nothing was told yet. What an alert tells is listed here with its time and price.")

    def go_to(self, key: str) -> None:
        """Look at the pair of an alert, or of something that was told."""
        alert = self.hand.find(key)
        symbol = alert.symbol if alert is not None else key.rpartition(" ")[2]
        if symbol in self.desk.markets and symbol != self.desk.symbol:
            try:
                self.desk.select(symbol)
            except InvalidInput:
                return

    @property
    def _now(self) -> int:
        return self.desk.feed.now

    def _row(self, alert: Alert) -> LineRow:
        state = state_of(alert, self._now)
        condition = self.hand.words(alert)
        text = f"{alert.note} · {condition}" if alert.note else condition
        said = STATES[state]
        return LineRow(
            alert.id, alert.symbol, said, TONES[state], text, self._history(alert), state in ("done", "expired")
        )

    def _history(self, alert: Alert) -> tuple[Sentence, ...]:
        """Return how often it told and until when it waits."""
        now = self._now
        parts = []
        if alert.fired and alert.last_fired_at is not None:
            last = when(alert.last_fired_at, now)
            parts.append(
                say("told at {time}", time=last)
                if alert.fired == 1
                else say("told {count} times, last at {time}", count=alert.fired, time=last)
            )
        if alert.repeat is not Repeat.ONCE:
            parts.append(say(alert.repeat.value))
        if alert.expires_at is not None:
            parts.append(say("until {time}", time=when(alert.expires_at, now)))
        return tuple(parts)
