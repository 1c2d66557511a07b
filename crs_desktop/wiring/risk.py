"""Actions on the trading state: the kill switch, reducing only, trading again."""

from __future__ import annotations

from crs_desktop.i18n import tr
from crs_desktop.wiring.console import Bindings, Console, cancelled
from engine.domain.course import TradingState


class RiskActions:
    """The group `risk`, and the band that says what state it is."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {"risk.kill": self._kill, "risk.reduce": lambda: self._console.do(self._reduce())}

    def resume(self) -> None:
        """Accept orders again."""
        self._console.do(self._console.engine.set_trading_state(TradingState.ACTIVE))

    def show_state(self) -> None:
        """Show the state of the kill switch, until trading is resumed."""
        window, state = self._console.window, self._console.engine.gate.state
        window.top.show_halted(state is TradingState.HALTED)
        if state is TradingState.ACTIVE:
            window.notice.hide()
            return
        text = (
            tr("Trading is halted: new orders are refused, only cancels pass. Positions stay as they are.")
            if state is TradingState.HALTED
            else tr("Trading is restricted: only orders that reduce what you hold pass.")
        )
        window.notice.say(text, (tr("Resume trading"), self.resume), tone="error", can_close=False)

    def _kill(self) -> None:
        if self._console.engine.gate.state is TradingState.HALTED:
            self._console.confirm(
                tr("Trade again?"),
                tr("Trading was halted with the kill switch. Orders will be accepted again."),
                tr("Resume trading"),
                self.resume,
            )
        else:
            self._console.do(self._halt())

    async def _halt(self) -> None:
        engine = self._console.engine
        halting = engine.set_trading_state(TradingState.HALTED)
        try:
            await halting
        finally:  # halted it is, even if the disk refuses to remember it
            self.show_state()
        gone = await engine.cancel_everywhere()
        self._console.toasts.say(cancelled(gone), tr("all accounts"))

    async def _reduce(self) -> None:
        reducing = self._console.engine.set_trading_state(TradingState.REDUCING)
        try:
            await reducing
        finally:
            self.show_state()
