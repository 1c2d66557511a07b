"""Actions on the trading state: the kill switch, reducing only, trading again; and the dead-man's switch."""

from __future__ import annotations

from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.wiring.console import Bindings, Console, cancelled
from engine.domain.course import TradingState
from engine.services.deadman import DeadManChanged
from engine.services.emergency import Kill, KillFinished, KillReport, Sold


class RiskActions:
    """The group `risk`, and the band that says what state it is."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "risk.kill": self._kill,
            "risk.choose": self._choose,
            "risk.reduce": lambda: self._console.do(self._reduce()),
        }

    def resume(self) -> None:
        """Accept orders again; asks why if a breach halted trading."""
        if self._console.engine.kill_switch.needs_reason(TradingState.ACTIVE):
            self._ask_resume()
        else:
            self._console.do(self._resume(""))

    def show_state(self) -> None:
        """Show the state of the kill switch, until trading is resumed."""
        window, engine = self._console.window, self._console.engine
        state = engine.gate.state
        window.top.show_halted(state is TradingState.HALTED)
        if state is TradingState.ACTIVE:
            window.notice.hide()
            return
        text = (
            tr("Trading is halted: new orders are refused, only cancels pass.")
            if state is TradingState.HALTED
            else tr("Trading is restricted: only orders that reduce what you hold pass.")
        )
        if engine.kill_switch.last is not None and engine.kill_switch.last.reason:
            text = tr("{state} {reason}", state=text, reason=engine.kill_switch.last.reason)
        if engine.emergency.waits:
            text = tr("{state} The disk refuses the rest; it is done as soon as the disk allows.", state=text)
        window.notice.say(text, (tr("Resume trading"), self.resume), tone="error", can_close=False)

    def finished(self, event: KillFinished) -> None:
        """Say that what waited for the disk has been done."""
        self.show_state()
        self._tell(event.report)

    def silence(self, event: DeadManChanged) -> None:
        """Warn before the dead-man's switch fires, and say that it did."""
        if event.fired:
            self._console.toasts.say(
                tr("Dead-man's switch"), tr("Nobody gave a sign of life: all orders were cancelled."), "error"
            )
        elif event.warns and event.left_s is not None:
            left = f"{event.left_s:.0f}"
            self._console.toasts.say(
                tr("Are you there?"), tr("All orders are cancelled in {left} s. Press any key.", left=left), "warn"
            )

    def _kill(self) -> None:
        if self._console.engine.gate.state is TradingState.HALTED:
            self._ask_resume()
        else:
            self._console.do(self._stop(Kill(self._console.engine.settings.risk.kill), ""))

    def _ask_resume(self) -> None:
        from crs_desktop.shell.risk_dialogs import ResumeDialog

        needs = self._console.engine.kill_switch.needs_reason(TradingState.ACTIVE)
        text = (
            tr("A breach of your limits halted trading. Orders will be accepted again.")
            if needs
            else tr("Trading was halted with the kill switch. Orders will be accepted again.")
        )
        ResumeDialog(self._console.window, text, needs, lambda why: self._console.do(self._resume(why))).open()

    def _choose(self) -> None:
        from crs_desktop.shell.risk_dialogs import KillDialog

        KillDialog(
            self._console.window,
            Kill(self._console.engine.settings.risk.kill),
            lambda kill, why: self._console.do(self._stop(kill, why)),
        ).open()

    async def _stop(self, kill: Kill, reason: str) -> None:
        try:
            report = await self._console.engine.kill(reason, kill)
        finally:  # halted it is, even if the disk refuses to remember it
            self.show_state()
        self._tell(report)

    async def _resume(self, reason: str) -> None:
        await self._console.engine.set_trading_state(TradingState.ACTIVE, reason)

    async def _reduce(self) -> None:
        reducing = self._console.engine.set_trading_state(TradingState.REDUCING)
        try:
            await reducing
        finally:
            self.show_state()

    def _tell(self, report: KillReport) -> None:
        toasts = self._console.toasts
        if report.waits:
            toasts.say(tr("Halted; the rest waits for the disk"), report.waits, "error")
        elif report.kill is Kill.HALT:
            toasts.say(tr("Trading is halted"), tr("Working orders stay."), "warn")
        else:
            toasts.say(cancelled(report.cancelled), tr("all accounts"))
        for sold in report.sold:
            title, text = _sold(sold)
            toasts.say(title, text, "error" if sold.sold < sold.wanted else "good")


def _sold(sold: Sold) -> tuple[str, str]:
    """Return what became of one sale, as title and text of a toast."""
    pair = sold.pair
    values = {
        "sold": fmt.quantity(pair, sold.sold),
        "wanted": fmt.quantity(pair, sold.wanted),
        "base": pair.base.code,
        "money": fmt.money(pair.quote, sold.notional, 2),
        "quote": pair.quote.code,
        "account": sold.account,
    }
    if sold.refusal:
        return tr("{base} was not sold", **values), sold.refusal
    if sold.sold < sold.wanted:
        return (
            tr("Sold {sold} of {wanted} {base}", **values),
            tr("For {money} {quote} in {account}; the book held no more. The rest is still there.", **values),
        )
    return tr("Sold {sold} {base}", **values), tr("For {money} {quote} in {account}.", **values)
