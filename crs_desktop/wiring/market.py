"""Actions on the market and its time: pause, step, speed, jump, another market."""

from __future__ import annotations

from typing import Any

from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.risk import RiskActions
from engine.domain.market import DataLabel, FeedState, Timeframe
from engine.domain.number import Nanos
from engine.ports.feed import MarketStatusChanged


class MarketActions:
    """The group `market`, and what is said when a market ends."""

    def __init__(self, console: Console, risk: RiskActions) -> None:
        self._console, self._risk = console, risk

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "market.pause": lambda: self._time.toggle_pause(),
            "market.step": self._step,
            "market.faster": lambda: self._time.step_speed(1),
            "market.slower": lambda: self._time.step_speed(-1),
            "market.jump": self._ask_jump,
            "market.restart": lambda: self._ask_market(None),
            "market.simulated": lambda: self._ask_market("simulated"),
            "market.replay": lambda: self._ask_market("replay"),
        }

    def status_changed(self, event: MarketStatusChanged) -> None:
        """Show what the market is now; at the end of a replay, what can be done."""
        console, window = self._console, self._console.window
        window.refresh_origin()
        if window.market_bar.model is not None:
            window.market_bar.model.hurry()
        if console.desk.feed.state is FeedState.ENDED:
            restart = (tr("Restart"), lambda: console.do(self._open_market(self._runner.kind)))
            if console.desk.recording is None:
                simulate = (tr("Open the simulated market"), lambda: console.do(self._open_market("simulated")))
                window.notice.say(event.text, restart, simulate)
            else:
                name = console.book.noted("market.leave") or tr("PAPER")
                back = (tr("Back to {name}", name=name), lambda: console.book.trigger("market.leave"))
                window.notice.say(tr("The recording has ended."), restart, back)

    @property
    def _time(self) -> Any:  # noqa: ANN401 - the model of the market bar, imported late
        return self._console.window.market_bar.model

    @property
    def _runner(self) -> Any:  # noqa: ANN401 - a part of the engine
        return self._console.engine.runner

    def _step(self) -> None:
        if self._runner.paused:
            self._console.do(self._runner.step())

    def _ask_market(self, kind: str | None) -> None:
        console, runner = self._console, self._runner
        chosen = kind or runner.kind
        if kind is not None and kind == runner.kind:
            console.toasts.say(tr("This market is open already"), tr("Restart it from the same menu."))
            return
        console.confirm(
            self._question(chosen),
            tr("It starts at its beginning. Working orders are cancelled; balances stay."),
            tr("Open"),
            lambda: console.do(self._open_market(chosen)),
        )

    def _question(self, kind: str) -> str:
        if self._console.desk.recording is not None:
            return tr("Restart the recording?")
        return tr("Open the replay?") if kind == "replay" else tr("Open the simulated market?")

    async def _open_market(self, kind: str) -> None:
        runner = self._runner
        self._risk.show_state()
        await runner.restart_with(kind, runner.seed)
        self._opened()

    def _opened(self) -> None:
        desk = self._console.desk
        self._console.window.refresh_origin()
        if desk.feed.label is DataLabel.REPLAY:
            desk.select(desk.markets[0])
            desk.set_timeframe(Timeframe.S1)

    def _ask_jump(self) -> None:
        from crs_desktop.shell.dialogs import JumpDialog

        console = self._console
        where = ""
        if console.desk.recording is not None:
            market = console.engine.venue.market
            first, last = fmt.date_clock(market.start), fmt.date_clock(market.end)
            where = tr("The recording goes from {first} to {last}.", first=first, last=last)
        now, jump = console.desk.feed.now, lambda at: console.do(self._runner.jump(Nanos(at)))
        JumpDialog(console.window, now, jump, where).open()
