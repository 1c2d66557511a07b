"""The desk inside a replay: charts sit at it as at any other, and what is not of the market is that of the live one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.desk import Desk, WhyAsked
from crs_desktop.viewmodels.drawings.desk import share_drawings
from crs_desktop.viewmodels.words import say, verbatim
from engine.services.alerts import AlertFired
from engine.services.indicators import IndicatorsChanged
from engine.services.replay.session import ReplaySession

if TYPE_CHECKING:
    from crs_desktop.viewmodels.indicators.presets import Presets


class ReplayDesk(Desk):
    """A desk over a replay session beside the live desk; `close` ends what joins the two."""

    has_ticket = False

    def __init__(self, session: ReplaySession, live: Desk) -> None:
        super().__init__(session, symbol=session.pair.symbol, timeframe=session.timeframe)
        self.session, self.live = session, live
        share_drawings(live, self)
        self._joints = (
            live.bus.subscribe(IndicatorsChanged, session.bus.publish),
            self.on_tell(lambda told: live.tell(told.title, told.text)),
            self.on_indicator_wanted(live.want_indicator),
            self.on_why(self._say_why),
            session.bus.subscribe(AlertFired, self._say_alert),
        )

    @property
    def presets(self) -> Presets:
        """What the profile keeps about indicators."""
        return self.live.presets

    def close(self) -> None:
        """Part from the live desk; safe to call twice."""
        super().close()
        for joint in self._joints:
            joint.close()

    def _say_alert(self, event: AlertFired) -> None:
        self.live.tell(say("Alert in the replay"), verbatim(event.fired.text))

    def _say_why(self, _asked: WhyAsked) -> None:
        self.live.tell(
            say("Why it filled"),
            say("In a replay orders meet the price as it goes through the bars: open, the nearer extreme, close."),
        )
