"""What every declared action does: the one place where keys, menus and palette meet window and engine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import msgspec
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from crs_desktop import crash, theme
from crs_desktop.i18n import tr
from crs_desktop.shell.offers import entries
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.palette import Entry
from crs_desktop.widgets.palette import Palette
from crs_desktop.widgets.toast import Toasts
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderType, Side
from engine.errors import CrsError
from engine.observe.redact import redacted_text
from engine.ports.feed import MarketStatusChanged
from engine.ports.journal import StorageStateChanged
from engine.settings import Settings, save

if TYPE_CHECKING:
    from crs_desktop.session import Session
    from crs_desktop.viewmodels.ticket import Ticket
    from crs_desktop.viewmodels.timeline import Timeline


class Wiring:
    """Binds the actions of one window; `attach` gives them an engine, `detach` takes it away."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.window = session.window
        self.book = session.window.book
        self.toasts = Toasts(self.window, self.window.docks.corner)
        self.palette = Palette(self.window)
        self.desk: Desk | None = None
        self.engine: Any = None
        self._open: list[Any] = []
        self._introduction: Any = None
        self.window.status.clicked.connect(self.show_diagnostics)
        crash.on_crash(self._crashed)
        self._bind_window()
        self._take_keys(session.settings)

    # -- engine ---------------------------------------------------------------------------------------

    def attach(self, engine: Any, desk: Desk) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        """Let actions act on an engine."""
        from crs_desktop.shell.single import FirstInstance
        from crs_desktop.viewmodels.log import EventLog

        self.engine, self.desk = engine, desk
        self._open = [
            EventLog(desk),
            desk.bus.subscribe(StorageStateChanged, self._storage),
            desk.bus.subscribe(MarketStatusChanged, self._market_status),
            desk.bus.subscribe(TradingStateChanged, lambda _change: self._show_trading()),
            FirstInstance(engine.profile, self.raise_window),
        ]
        ticket = self.ticket
        self._open += [desk.on_side(self._aim), desk.on_asset(lambda _asset: self.window.docks.show("orders"))]
        self._open += [ticket.on_sent(self._sent), ticket.on_progress(self.toasts.progress)]
        self._take_keys(engine.settings)
        self.window.top.account.offer(self._accounts)
        if engine.gate.state is not TradingState.ACTIVE:
            self._show_trading()
        if engine.recovery.how != "first":
            self.toasts.say(tr("Where you left off"), engine.recovery.text)
        if not self.session.arrangement.layout.introduced and self.session.options.smoke is None:
            self.session.arrangement.remember(introduced=True)  # shown once, whatever becomes of it
            self.show_introduction()

    def detach(self) -> None:
        """Act on no engine any more."""
        for each in self._open:
            each.close()
        self._open = []
        self.toasts.clear()
        if self._introduction is not None:
            self._introduction.finish(done=False)
            self._introduction = None
        self.desk = self.engine = None

    @property
    def ticket(self) -> Ticket:
        """The view-model of the order ticket."""
        pane = self.window.pane("ticket")
        return cast("Ticket", pane.model if pane is not None else None)

    # -- binding --------------------------------------------------------------------------------------

    def _bind_window(self) -> None:
        trade: dict[str, Callable[[Ticket], object]] = {
            "ticket.market": lambda ticket: ticket.set_type(OrderType.MARKET),
            "ticket.limit_best": lambda ticket: ticket.limit_at_best(),
            "ticket.join_bid": lambda ticket: ticket.join(Side.BUY),
            "ticket.join_ask": lambda ticket: ticket.join(Side.SELL),
            "ticket.size_up": lambda ticket: ticket.step_size(1),
            "ticket.size_down": lambda ticket: ticket.step_size(-1),
            "ticket.size_up_10": lambda ticket: ticket.step_size(10),
            "ticket.size_down_10": lambda ticket: ticket.step_size(-10),
            "ticket.price_up": lambda ticket: ticket.step_price(1),
            "ticket.price_down": lambda ticket: ticket.step_price(-1),
        }
        for action, do in trade.items():
            self.book.bind(action, partial(self._with_ticket, do, "size" not in action and "price" not in action))
        for timeframe in Timeframe:
            self.book.bind(f"chart.{timeframe.value}", partial(self._timeframe, timeframe))
        simple: dict[str, Callable[[], object]] = {
            "ticket.buy": lambda: self._aim(Side.BUY),
            "ticket.sell": lambda: self._aim(Side.SELL),
            "orders.undo": self._undo,
            "orders.cancel_last": lambda: self._do(self._cancel_last()),
            "orders.cancel_symbol": lambda: self._do(self._cancel_all(self._desk.symbol)),
            "orders.cancel_all": lambda: self._do(self._cancel_all(None)),
            "orders.flatten": self._ask_flatten,
            "risk.kill": self._kill,
            "risk.reduce": lambda: self._do(self._reduce()),
            "market.pause": lambda: self._time.toggle_pause(),
            "market.step": lambda: self._do(self.engine.runner.step()) if self.engine.runner.paused else None,
            "market.faster": lambda: self._time.step_speed(1),
            "market.slower": lambda: self._time.step_speed(-1),
            "market.jump": self._ask_jump,
            "market.restart": lambda: self._ask_market(None),
            "market.simulated": lambda: self._ask_market("simulated"),
            "market.replay": lambda: self._ask_market("replay"),
            "view.palette": self.show_palette,
            "view.help": self.show_help,
            "view.next_pane": lambda: self.window.docks.step(1),
            "view.previous_pane": lambda: self.window.docks.step(-1),
            "view.next_symbol": lambda: self._desk.step_symbol(1),
            "view.previous_symbol": lambda: self._desk.step_symbol(-1),
            "view.theme": self._switch_theme,
            "view.full_screen": self._full_screen,
            "view.reset_layout": self.window.docks.arrange,
            "view.menu_bar": lambda: self.window.menus.bar.setVisible(not self.window.menus.bar.isVisible()),
            "view.settings": lambda: self.show_settings(""),
            "account.reset": self._ask_reset,
            "app.diagnostics": self.show_diagnostics,
            "app.first_run": self.show_introduction,
            "app.report": self._save_report,
            "app.quit": self.session.close,
        }
        for action, call in simple.items():
            self.book.bind(action, cast("Callable[[], None]", call))

    def _take_keys(self, settings: Settings) -> None:
        for problem in self.book.rebind(settings.hotkeys):
            self.window.notice.say(problem)

    def _with_ticket(self, do: Callable[[Ticket], object], aims: bool) -> None:
        """Change the ticket; what chooses an order also takes the keyboard there, so that Enter sends it."""
        ticket = self.ticket
        do(ticket)
        if aims:
            self._aim(ticket.form.side)

    def _timeframe(self, timeframe: Timeframe) -> None:
        self._desk.set_timeframe(timeframe)

    @property
    def _desk(self) -> Desk:
        if self.desk is None:
            raise RuntimeError("an action that needs the desk ran without one")
        return self.desk

    @property
    def _time(self) -> Any:  # noqa: ANN401 - the model of the market bar, imported late
        return self.window.market_bar.model

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        self.session.start(self._said(work))

    async def _said(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except CrsError as error:
            self.toasts.say(tr("Not done"), str(error), "error")

    # -- trading --------------------------------------------------------------------------------------

    def _aim(self, side: Side) -> None:
        self.window.docks.show("ticket")
        self.ticket.focus_side(side)

    def _sent(self, timeline: Timeline) -> None:
        ticket = self.ticket
        self.toasts.order(timeline, ticket.can_undo, lambda line: self._do(ticket.undo(line)))

    def _undo(self) -> None:
        if not self.ticket.undo_last():
            self.toasts.say(tr("Nothing to undo"), tr("Undo cancels an order that still works, for 3 s."))

    async def _cancel_last(self) -> None:
        answer = await self._desk.orders.cancel_last()
        if answer is None:
            self.toasts.say(tr("No open order"), tr("There is nothing to cancel."))

    async def _cancel_all(self, symbol: str | None) -> None:
        gone = await self._desk.orders.cancel_all(symbol)
        where = symbol or tr("all pairs")
        if not gone:
            self.toasts.say(tr("No open order"), tr("There is nothing to cancel in {where}.", where=where))
            return
        self.toasts.say(_cancelled(gone), where)

    def _ask_flatten(self) -> None:
        desk = self._desk
        position = desk.portfolio.position(desk.symbol)
        held = desk.portfolio.balances().get(desk.pair.base.code)
        if position is None or position.qty <= 0 or held is None:
            self.toasts.say(tr("No position in {symbol}", symbol=desk.symbol), tr("There is nothing to sell."))
            return
        qty = fmt.quantity(desk.pair, position.qty)
        self._confirm(
            tr("Close the position in {symbol}?", symbol=desk.symbol),
            tr(
                "Cancels all orders of this pair and sells {qty} {base} at the market.",
                qty=qty,
                base=desk.pair.base.code,
            ),
            tr("Close position"),
            lambda: self._do(desk.orders.flatten(desk.symbol, position.qty)),
        )

    def _kill(self) -> None:
        if self.engine.gate.state is TradingState.HALTED:
            self._confirm(
                tr("Trade again?"),
                tr("Trading was halted with the kill switch. Orders will be accepted again."),
                tr("Resume trading"),
                self._resume,
            )
        else:
            self._do(self._halt())

    async def _halt(self) -> None:
        halting = self.engine.set_trading_state(TradingState.HALTED)
        try:
            await halting
        finally:  # halted it is, even if the disk refuses to remember it
            self._show_trading()
        gone = await self.engine.cancel_everywhere()
        self.toasts.say(_cancelled(gone), tr("all accounts"))

    async def _reduce(self) -> None:
        reducing = self.engine.set_trading_state(TradingState.REDUCING)
        try:
            await reducing
        finally:
            self._show_trading()

    def _resume(self) -> None:
        self._do(self.engine.set_trading_state(TradingState.ACTIVE))

    def _show_trading(self) -> None:
        """Show the state of the kill switch, until trading is resumed."""
        state = self.engine.gate.state
        self.window.top.show_halted(state is TradingState.HALTED)
        if state is TradingState.ACTIVE:
            self.window.notice.hide()
            return
        text = (
            tr("Trading is halted: new orders are refused, only cancels pass. Positions stay as they are.")
            if state is TradingState.HALTED
            else tr("Trading is restricted: only orders that reduce what you hold pass.")
        )
        self.window.notice.say(text, (tr("Resume trading"), self._resume), tone="error", can_close=False)

    # -- market ---------------------------------------------------------------------------------------

    def _ask_market(self, kind: str | None) -> None:
        runner = self.engine.runner
        chosen = kind or runner.kind
        if kind is not None and kind == runner.kind:
            self.toasts.say(tr("This market is open already"), tr("Restart it from the same menu."))
            return
        self._confirm(
            tr("Open the replay?") if chosen == "replay" else tr("Open the simulated market?"),
            tr("It starts at its beginning. Working orders are cancelled; balances stay."),
            tr("Open"),
            lambda: self._do(self._open_market(chosen)),
        )

    async def _open_market(self, kind: str) -> None:
        runner = self.engine.runner
        self._show_trading()
        await runner.restart_with(kind, runner.seed)
        self._market_opened()

    def _market_opened(self) -> None:
        desk = self._desk
        self.window.refresh_origin()
        if str(self.engine.runner.kind) == "replay":
            desk.select(desk.markets[0])
            desk.set_timeframe(Timeframe.S1)

    def _ask_jump(self) -> None:
        from crs_desktop.shell.dialogs import JumpDialog

        JumpDialog(self.window, self._desk.feed.now, lambda at: self._do(self.engine.runner.jump(Nanos(at)))).open()

    def _market_status(self, event: MarketStatusChanged) -> None:
        self.window.refresh_origin()
        if self.window.market_bar.model is not None:
            self.window.market_bar.model.hurry()
        if self._desk.feed.state is FeedState.ENDED:
            self.window.notice.say(
                event.text,
                (tr("Restart"), lambda: self._do(self._open_market(self.engine.runner.kind))),
                (tr("Open the simulated market"), lambda: self._do(self._open_market("simulated"))),
            )

    def _storage(self, event: StorageStateChanged) -> None:
        if event.ok:
            self._show_trading()
            self.toasts.say(tr("Storage"), event.text, "good")
        else:
            self.window.notice.say(
                event.text,
                (tr("Copy details"), lambda: QGuiApplication.clipboard().setText(crash.details(None) + event.text)),
                tone="error",
            )

    # -- view -----------------------------------------------------------------------------------------

    def show_palette(self) -> None:
        """Open the palette with everything that can be chosen now."""
        self.palette.open(self.entries())

    def entries(self) -> list[Entry]:
        """Return what the palette offers."""
        return entries(self.book, self.desk, self.window.docks, self.session.settings, self.show_settings)

    def show_help(self) -> None:
        """Show the keys."""
        from crs_desktop.panes.help import HelpSheet

        HelpSheet(self.window, self.book).open()

    def show_introduction(self) -> None:
        """Show the four steps; they take no keys."""
        from crs_desktop.panes.first_run import FirstRun

        if self._introduction is not None:
            self._introduction.finish(done=False)
        self._introduction = FirstRun(self.window, self._desk, self.book, self._introduced)
        self._introduction.start()

    def _introduced(self) -> None:
        self._introduction = None
        self.session.arrangement.remember(introduced=True)
        self.session.arrangement.save()

    def show_diagnostics(self) -> None:
        """Show what the program is and how it is doing."""
        from crs_desktop.panes.diagnostics import Diagnostics

        Diagnostics(self.window, self._facts).open()

    def _facts(self) -> list[tuple[str, str]]:
        frames = self.window.pulse.frames
        facts = [(line.split(" ", 1)[0], line) for line in crash.versions()]
        facts.append((tr("Profile"), redacted_text(str(self.session.profile.data_dir))))
        facts.append(
            (
                tr("Frames"),
                f"p50 {frames.percentile(0.5):.1f} · p95 {frames.percentile(0.95):.1f} · max {frames.max:.1f} ms",
            )
        )
        if self.engine is not None:
            data, runner, recovery = self._desk.market_data, self.engine.runner, self.engine.recovery
            facts += [
                (tr("Market"), f"{runner.kind}, seed {runner.seed}, {fmt.date_clock(runner.now)} UTC"),
                (tr("Prints seen"), f"{data.prints_seen:,}"),
                (tr("Books taken anew"), str(data.resyncs)),
                (tr("At start"), recovery.text),
            ]
        return facts

    def show_settings(self, path: str) -> None:
        """Open the settings, at one of them if a path is given."""
        from crs_desktop.panes.settings import SettingsDialog
        from crs_desktop.viewmodels.settings import SettingsForm

        form = SettingsForm(self.session.settings, self._apply, self.book)
        SettingsDialog(self.window, form, self._ask_reset if self.engine is not None else None).open_at(path)

    def _apply(self, settings: Settings) -> None:
        """Take changed settings: look and keys at once, the engine's part with its own durability."""
        resized = settings.appearance.font_scale != self.session.settings.appearance.font_scale
        self.session.settings = settings
        look = settings.appearance
        theme.set_flashes(look.flash == "on")
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, look.theme, look.up_down, look.font_scale / 100)
        if resized:
            self.window.docks.size_docks()
        self._take_keys(settings)
        if self.engine is not None:
            self._do(self.engine.apply(settings))
        else:
            try:
                self.session.profile.create()
                save(settings, self.session.profile.settings_file)
            except CrsError as error:
                self.toasts.say(tr("Not saved"), str(error), "error")

    def _switch_theme(self) -> None:
        settings = self.session.settings
        other = "light" if settings.appearance.theme == "dark" else "dark"
        look = msgspec.structs.replace(settings.appearance, theme=other)
        self._apply(msgspec.structs.replace(settings, appearance=look))

    def _full_screen(self) -> None:
        if self.window.isFullScreen():
            self.window.showNormal()
        else:
            self.window.showFullScreen()

    def raise_window(self) -> None:
        """Come to the front: somebody started the program again."""
        window = self.window
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        self.toasts.say(tr("Already running"), tr("CRS Desktop was started again; this is the window of the profile."))

    # -- account and program --------------------------------------------------------------------------

    def _accounts(self) -> list[tuple[str, Callable[[], object]]]:
        """Return what the account menu offers."""
        if self.engine is None:
            return []
        offers: list[tuple[str, Callable[[], object]]] = []
        for account in self.engine.accounts:
            mark = "●" if account == self.engine.venue.account else "○"
            offers.append((f"{mark} {account}", partial(self._use_account, account)))
        return [*offers, (tr("New paper account…"), self._ask_reset)]

    def _use_account(self, account: AccountId) -> None:
        self._do(self.engine.select_account(account))

    def _ask_reset(self) -> None:
        if self.engine is None:
            return
        self._confirm(
            tr("Start a new paper account?"),
            tr(
                "Working orders are cancelled. The new account starts with the balances of the settings; "
                "the old one is kept."
            ),
            tr("New account"),
            lambda: self._do(self._reset()),
        )

    async def _reset(self) -> None:
        account = await self.engine.reset_account()
        self.session.settings = self.engine.settings
        self.toasts.say(tr("New account"), str(account), "good")

    def _confirm(self, title: str, text: str, verb: str, then: Callable[[], object]) -> None:
        from crs_desktop.shell.dialogs import ConfirmDialog

        ConfirmDialog(self.window, title, text, verb, then).open()

    def _save_report(self) -> None:
        from crs_desktop.shell.dialogs import save_report

        save_report(self.window, self.session.profile, None, self.toasts)

    def _crashed(self, error: BaseException) -> None:
        from crs_desktop.shell.dialogs import crash_dialog

        crash_dialog(self.window, self.session.profile, error, self.toasts)


def _cancelled(count: int) -> str:
    if count == 0:
        return tr("No order was open")
    return tr("1 order cancelled") if count == 1 else tr("{count} orders cancelled", count=count)
