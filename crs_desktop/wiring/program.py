"""Actions on the program: diagnostics, the report, quitting; and what is said when disk or code fail."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from crs_desktop import crash
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.feed_health import facts as exchange_facts
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.risk import RiskActions
from engine.observe.redact import redacted_text
from engine.ports.journal import StorageStateChanged


class ProgramActions:
    """The group `app`."""

    def __init__(self, console: Console, risk: RiskActions) -> None:
        self._console, self._risk = console, risk

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "app.diagnostics": self.show_diagnostics,
            "app.report": self._save_report,
            "app.quit": self._console.run.close,
        }

    def show_diagnostics(self) -> None:
        """Show what the program is and how it is doing."""
        from crs_desktop.panes.diagnostics import Diagnostics

        Diagnostics(self._console.window, self._facts).open()

    def storage_changed(self, event: StorageStateChanged) -> None:
        """Say that the disk refuses, or takes orders again."""
        console = self._console
        if event.ok:
            self._risk.show_state()
            console.toasts.say(tr("Storage"), event.text, "good")
        else:
            console.window.notice.say(
                event.text,
                (tr("Copy details"), lambda: QGuiApplication.clipboard().setText(crash.details(None) + event.text)),
                tone="error",
            )

    def crashed(self, error: BaseException) -> None:
        """Say what can be done about an unexpected error."""
        from crs_desktop.shell.dialogs import crash_dialog

        crash_dialog(self._console.window, self._console.run.profile, error, self._console.toasts)

    def _save_report(self) -> None:
        from crs_desktop.shell.dialogs import save_report

        save_report(self._console.window, self._console.run.profile, None, self._console.toasts)

    def _facts(self) -> list[tuple[str, str]]:
        console, engine = self._console, self._console.engine
        frames = console.window.pulse.frames
        facts = [(line.split(" ", 1)[0], line) for line in crash.versions()]
        facts.append((tr("Profile"), redacted_text(str(console.run.profile.data_dir))))
        facts.append(
            (
                tr("Frames"),
                f"p50 {frames.percentile(0.5):.1f} · p95 {frames.percentile(0.95):.1f} · max {frames.max:.1f} ms",
            )
        )
        if engine is not None:
            data, runner = console.desk.market_data, engine.runner
            if runner is not None:
                facts.append((tr("Market"), f"{runner.kind}, seed {runner.seed}, {fmt.date_clock(runner.now)} UTC"))
            facts += [
                (tr("Prints seen"), f"{data.prints_seen:,}"),
                (tr("Books taken anew"), str(data.resyncs)),
            ]
            exchange = console.desk.trust.exchange
            if exchange is not None:
                facts += [(spoken(name), value) for name, value in exchange_facts(exchange)]
            if engine.recovery is not None:
                facts.append((tr("At start"), engine.recovery.text))
            if engine.server is not None:
                about, skew = engine.server, engine.metrics()["clock_skew_ms"]
                facts.append((tr("Server"), f"{about.host}, CRS {about.version}, market {about.market}"))
                facts.append((tr("Clock against the server"), f"{skew:+} ms"))
        return facts
