"""Actions on alerts, and what the window does when one is met."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.alert_hand import Said, alerts_of
from crs_desktop.viewmodels.alerts import state_of
from crs_desktop.viewmodels.words import say
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console
from engine.services.alerts import AlertFired, AlertsChanged, LineRule

if TYPE_CHECKING:
    from crs_desktop.panes.alerts import AlertsPane
    from crs_desktop.shell.alert_news import AlertNews
    from crs_desktop.viewmodels.base import Closable
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.viewmodels.drawn_alerts import DrawnAlerts

events = logging.getLogger("crs.events")


class AlertActions:
    """The group `alert`."""

    def __init__(self, console: Console, charts: ChartActions) -> None:
        self._console, self._charts = console, charts
        self.news: AlertNews | None = None
        self._open: list[Closable] = []
        self._drawn: DrawnAlerts | None = None
        self._unseen = 0

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "alert.here": lambda: self._charts.active.alerts.add_here(),
            "alert.new": self._new,
            "alert.list": self._show,
            "alert.pause_all": lambda: self._pause(pause=True),
            "alert.resume_all": lambda: self._pause(pause=False),
            "alert.clear": self._clear,
        }

    def attach(self, desk: Desk) -> None:
        """Tell what the alerts of an engine say."""
        hand = alerts_of(desk)
        self._open = [
            hand,
            hand.on_said(self._said),
            desk.bus.subscribe(AlertFired, self._fired),
            desk.bus.subscribe(AlertsChanged, self._changed),
        ]
        self._changed(AlertsChanged(desk.alerts.problem))

    def detach(self) -> None:
        """Tell nothing any more."""
        for each in self._open:
            each.close()
        self._open = []
        if self._drawn is not None:
            self._drawn.close()
            self._drawn = None
        if self.news is not None:
            self.news.close()
            self.news = None
        self._see(0)

    # -- actions ----------------------------------------------------------------------------------

    def _new(self) -> None:
        from crs_desktop.panes.alert_dialog import open_alert

        link = self._charts.active.model_of_chart.link
        open_alert(self._charts.front, self._console.desk, None, symbol=link.symbol)

    def _show(self) -> None:
        """Show the list; what was told, if something is unseen."""
        self._console.window.docks.focus("alerts")
        pane = self._console.window.pane("alerts")
        if pane is not None and self._unseen:
            cast("AlertsPane", pane).show_told()
        self._see(0)

    def _pause(self, *, pause: bool) -> None:
        desk = self._console.desk
        hand = alerts_of(desk)
        for each in hand.alerts.all():
            if state_of(each, desk.feed.now) == ("waiting" if pause else "paused"):
                hand.toggle(each.id)

    def _clear(self) -> None:
        symbol = self._charts.active.model_of_chart.pair.symbol
        hand = alerts_of(self._console.desk)
        ids = [each.id for each in hand.alerts.of(symbol)]
        if ids:
            hand.remove(*ids)
        else:
            self._said(Said(say("No alerts to remove"), say("{pair} has none.", pair=symbol)))

    # -- what happens -----------------------------------------------------------------------------

    def _said(self, said: Said) -> None:
        title, text = spoken(said.title), spoken(said.text)
        if said.undo is not None:
            self._console.toasts.undoable(title, text, said.undo)
        else:
            self._console.toasts.say(title, text, "error" if said.failed else "muted")

    def _fired(self, event: AlertFired) -> None:
        events.info("Alert: %s", event.fired.text)
        wanted = self._console.desk.settings.alerts
        self._news().tell(event, sound=wanted.sound == "on", notify=wanted.notify == "on")
        self._see(self._unseen + 1)

    def _changed(self, event: AlertsChanged) -> None:
        if event.text:
            self._console.toasts.say(tr("Alerts"), event.text, "error")
        if self._drawn is None and any(isinstance(each.rule, LineRule) for each in self._console.desk.alerts.all()):
            self._follow_drawings()

    def _follow_drawings(self) -> None:
        """Let alerts on drawings go where those go; loaded when there is one."""
        from crs_desktop.viewmodels.drawings.desk import drawings_of
        from crs_desktop.viewmodels.drawn_alerts import DrawnAlerts

        desk = self._console.desk
        self._drawn = DrawnAlerts(alerts_of(desk), drawings_of(desk))

    def _news(self) -> AlertNews:
        if self.news is None:
            from crs_desktop.shell.alert_news import AlertNews

            self.news = AlertNews(self._console.window, self._console.toasts)
        return self.news

    def _see(self, unseen: int) -> None:
        self._unseen = unseen
        self._console.window.bell.show_count(unseen)
