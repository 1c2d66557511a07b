"""Binds the actions of one window, group by group; takes an engine, and gives it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from crs_desktop import crash
from crs_desktop.i18n import spoken, tr
from crs_desktop.run import Run
from crs_desktop.viewmodels.connected import Connected
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.wiring.account import AccountActions
from crs_desktop.wiring.alerts import AlertActions
from crs_desktop.wiring.chart_look import ChartLookActions
from crs_desktop.wiring.chart_trading import ChartTradingActions
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Console
from crs_desktop.wiring.drawing import DrawingActions
from crs_desktop.wiring.exchange import ExchangeActions
from crs_desktop.wiring.explain import ExplainActions
from crs_desktop.wiring.flow import FlowActions
from crs_desktop.wiring.going import Going
from crs_desktop.wiring.indicators import IndicatorActions
from crs_desktop.wiring.market import MarketActions
from crs_desktop.wiring.markets import MarketsActions
from crs_desktop.wiring.program import ProgramActions
from crs_desktop.wiring.recording import RecordingActions
from crs_desktop.wiring.replay import ReplayActions
from crs_desktop.wiring.risk import RiskActions
from crs_desktop.wiring.server import ServerActions
from crs_desktop.wiring.settings import SettingsActions
from crs_desktop.wiring.trading import TradingActions
from crs_desktop.wiring.view import ViewActions
from crs_desktop.wiring.wallet import WalletActions
from crs_desktop.wiring.why import WhyActions
from crs_desktop.wiring.workspaces import WorkspaceActions
from engine.domain.course import TradingState, TradingStateChanged
from engine.ports.feed import MarketStatusChanged
from engine.ports.journal import StorageStateChanged
from engine.services.deadman import DeadManChanged
from engine.services.emergency import KillFinished


class Wiring:
    """All actions of one window; `attach` gives them an engine, `detach` takes it away."""

    def __init__(self, run: Run) -> None:
        self.console = console = Console(run)
        self.trading = TradingActions(console, lambda: self.chart_trading.undo())
        self.chart_trading = ChartTradingActions(console)
        self.flow = FlowActions(console, self.trading)
        self.why = WhyActions(console)
        self.risk = RiskActions(console)
        self.market = MarketActions(console, self.risk)
        self.account = AccountActions(console, lambda: self.server.offers())
        self.explain = ExplainActions(console)
        self.settings = SettingsActions(console, self.account)
        self.charts = ChartActions(console)
        self.indicators = IndicatorActions(console, self.charts)
        self.going = Going(console)
        self.connected = Connected(run.profile.watchlists_file)
        self.exchange = ExchangeActions(
            console, self.charts, self.going, lambda: self.server.door.secrets(), self.connected.bus
        )
        self.markets = MarketsActions(console, self.connected, self.charts, self.exchange)
        self.server = ServerActions(console, self.charts, self.going, self.exchange)
        self.recording = RecordingActions(console, self.going, self.exchange, self.server)
        self.replay = ReplayActions(console, self.charts, self.trading.bindings() | self.market.bindings())
        self.wallet = WalletActions(console, self.charts, lambda: self.server.door.secrets())
        self.settings.changed.add(self.wallet.take_settings)
        self.workspaces = WorkspaceActions(console)
        self.view = ViewActions(console, self.settings, self.charts, self.server.entries, self.markets.found)
        self.look = ChartLookActions(console, self.charts)
        self.drawing = DrawingActions(console, self.charts)
        self.alerts = AlertActions(console, self.charts)
        self.program = ProgramActions(console, self.risk)
        self._open: list[Any] = []
        console.window.status.clicked.connect(self._diagnose)
        crash.on_crash(self.program.crashed)
        groups = (
            self.trading,
            self.chart_trading,
            self.flow,
            self.why,
            self.risk,
            self.market,
            self.markets,
            self.account,
            self.explain,
            self.indicators,
            self.settings,
            self.charts,
            self.replay,
            self.workspaces,
            self.view,
            self.look,
            self.drawing,
            self.alerts,
            self.server,
            self.exchange,
            self.recording,
            self.wallet,
            self.program,
        )
        for group in groups:
            for action, call in group.bindings().items():
                console.book.bind(action, cast("Callable[[], None]", call))
        self.settings.take_keys(run.settings)

    async def open_again(self) -> Any:  # noqa: ANN401 - the engine's type is heavy to import
        """Open what was used last, or what the command line names; None for the paper account's own market."""
        return await self.exchange.open_again() or await self.server.open_again()

    def attach(self, engine: Any, desk: Desk) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Let actions act on an engine."""
        from crs_desktop.shell.life import LifeSigns
        from crs_desktop.shell.single import FirstInstance
        from crs_desktop.viewmodels.log import EventLog

        console = self.console
        console.engine, console.open_desk = engine, desk
        desk.ticket = lambda: console.ticket
        self._open = [
            EventLog(desk),
            desk.bus.subscribe(StorageStateChanged, self.program.storage_changed),
            desk.bus.subscribe(MarketStatusChanged, self.market.status_changed),
            desk.bus.subscribe(TradingStateChanged, lambda _change: self.risk.show_state()),
            desk.bus.subscribe(KillFinished, self.risk.finished),
            desk.bus.subscribe(DeadManChanged, self.risk.silence),
            LifeSigns(engine.dead_man.alive),
            FirstInstance(engine.profile, self.view.raise_window),
            self.drawing,
        ]
        outbox = console.ticket.outbox
        self._open += [
            desk.on_side(self.trading.aim),
            desk.on_number(self.explain.show),
            desk.on_why(self.why.show),
            desk.on_tell(lambda told: console.toasts.say(spoken(told.title), spoken(told.text))),
            desk.on_indicator_wanted(self.indicators.write_new),
            desk.on_asset(lambda _asset: console.window.docks.show("orders")),
            outbox.on_sent(self.trading.sent),
            outbox.on_progress(console.toasts.progress),
        ]
        self.settings.take_keys(engine.settings)
        self.charts.attach(desk)
        self.alerts.attach(desk)
        self.workspaces.attach()
        console.window.top.account.offer(self.account.offers)
        if engine.gate.state is not TradingState.ACTIVE:
            self.risk.show_state()
        if engine.recovery is not None and engine.recovery.how != "first":
            console.toasts.say(tr("Where you left off"), engine.recovery.text)
        self.exchange.attach(engine, desk)
        self.markets.attach(desk)
        self.server.attach(engine, desk)
        self.recording.attach(engine, desk)
        if engine.server is None and desk.refuses(desk.symbol) is None:  # what it teaches is trading
            self.view.introduce()

    async def close(self) -> None:
        """End all connections to servers and exchanges."""
        await self.wallet.close()
        await self.server.close()
        await self.markets.close()

    def _diagnose(self) -> None:
        """Show what the status bar tells, in full."""
        if self.exchange.is_here:
            self.exchange.show_health()
        else:
            self.program.show_diagnostics()

    def detach(self) -> None:
        """Act on no engine any more."""
        for each in self._open:
            each.close()
        self._open = []
        self.recording.detach()
        self.server.detach()
        self.markets.detach()
        self.exchange.detach()
        self.alerts.detach()
        self.charts.detach()
        self.flow.close()
        self.console.toasts.clear()
        self.view.end_introduction()
        self.console.engine = self.console.open_desk = None
