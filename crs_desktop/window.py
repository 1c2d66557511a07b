"""The main window: bars, docks, messages; what stands where. Knows no engine until `show_desk`."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QTabBar, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.actions import DESK, OFFLINE, REPLAYED, SOURCES, ActionBook
from crs_desktop.panes.base import Pane
from crs_desktop.pulse import Attention, Pulse
from crs_desktop.shell.band import Band, OriginLabels
from crs_desktop.shell.bell import Bell
from crs_desktop.shell.docks import Docks, Place
from crs_desktop.shell.keys import KeyRouter
from crs_desktop.shell.market_bar import MarketBar
from crs_desktop.shell.menus import Menus
from crs_desktop.shell.server.link_bar import LinkBar
from crs_desktop.shell.statusbar import StatusBar
from crs_desktop.shell.topbar import TopBar
from crs_desktop.shell.workspace_box import WorkspaceBox
from crs_desktop.viewmodels.freshness import Freshness
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.notice import Notice
from crs_desktop.widgets.stale_badge import StaleBadge

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.viewmodels.hook import Link

PLACES: tuple[Place, ...] = (
    Place("watchlist", "Markets", "left", 220),
    Place("alerts", "Alerts", "left", 220, tab="watchlist"),
    Place("chart", "Chart", "center", 0),
    Place("book", "Order book", "right", 260, 3),
    Place("tape", "Trades", "right", 260, 2),
    Place("ticket", "Order", "far_right", 300),
    Place("ladder", "Ladder", "far_right", 300, tab="ticket"),
    Place("positions", "Positions", "bottom", 220),
    Place("orders", "Open orders", "bottom", 220),
    Place("fills", "Fills", "bottom", 220),
    Place("history", "History", "bottom", 220),
    Place("balances", "Balances", "bottom", 220),
    Place("equity", "Equity", "bottom", 220),
    Place("risk", "Risk", "bottom", 220),
    Place("log", "Log", "bottom", 220),
    Place("depth", "Depth", "bottom", 220),
    Place("heatmap", "Heatmap", "bottom", 220),
    Place("scanner", "Scanner", "bottom", 220, tab="positions"),
    Place("across", "Venues", "bottom", 220, tab="positions"),
    Place("wallet", "Wallet", "bottom", 220, tab="positions"),
    Place("dex", "DEX", "bottom", 220, tab="positions"),
)

PANES: dict[str, tuple[str, str, str, str]] = {
    "watchlist": ("panes.watchlist", "WatchlistPane", "viewmodels.watchlist", "WatchlistModel"),
    "alerts": ("panes.alerts", "AlertsPane", "viewmodels.alerts", "AlertsModel"),
    "chart": ("panes.charts", "ChartsPane", "", ""),
    "book": ("panes.book", "BookPane", "viewmodels.book", "BookModel"),
    "tape": ("panes.tape", "TapePane", "viewmodels.tape", "TapeModel"),
    "ticket": ("panes.ticket", "TicketPane", "viewmodels.ticket", "Ticket"),
    "ladder": ("panes.ladder", "LadderPane", "viewmodels.ladder", "LadderModel"),
    "positions": ("panes.positions", "PositionsPane", "viewmodels.positions", "PositionsModel"),
    "orders": ("panes.orders", "OrdersPane", "viewmodels.orders", "OrdersModel"),
    "fills": ("panes.fills", "FillsPane", "viewmodels.fills", "FillsModel"),
    "history": ("panes.history", "HistoryPane", "viewmodels.history", "HistoryModel"),
    "balances": ("panes.balances", "BalancesPane", "viewmodels.balances", "BalancesModel"),
    "equity": ("panes.equity", "EquityPane", "viewmodels.equity", "EquityModel"),
    "risk": ("panes.risk", "RiskPane", "viewmodels.risk", "RiskModel"),
    "log": ("panes.log", "LogPane", "viewmodels.log", "LogModel"),
    "depth": ("panes.depth", "DepthPane", "viewmodels.depth", "DepthModel"),
    "heatmap": ("panes.heatmap", "HeatmapPane", "viewmodels.heatmap", "HeatmapModel"),
    "scanner": ("panes.scanner", "ScannerPane", "viewmodels.markets.scanner", "ScannerModel"),
    "across": ("panes.across", "AcrossPane", "viewmodels.markets.across", "AcrossModel"),
    "wallet": ("panes.wallet.pane", "WalletPane", "viewmodels.wallet.header", "WalletModel"),
    "dex": ("panes.dex.pane", "DexPane", "viewmodels.dex.head", "DexModel"),
}
"""Pane and view-model of a place, imported when the place is first seen; without a view-model it shows the desk."""


PRICED = ("book", "tape", "ticket", "ladder")
"""Panes whose docks say which pair of which venue they show."""
AGING = frozenset({"chart", "book", "tape", "ticket", "ladder"})
"""Panes of which one must know how old they are."""
TITLE_ICONS = 56
"""Width of the icons at the right of a dock's title, px."""
BADGE_GAP = 20
"""Between the name in a dock's title and its badge, and between that and the icons, px."""
CHART_CORNER = 96, 36
"""Where the badge of charts is: left of the prices, below the tabs; px from the right and the top."""


def make_pane(name: str, desk: Desk) -> Pane:
    """Import and make the pane of a place over the desk."""
    pane_module, pane_class, model_module, model_class = PANES[name]
    model = getattr(import_module(f"crs_desktop.{model_module}"), model_class)(desk) if model_class else desk
    pane: Pane = getattr(import_module(f"crs_desktop.{pane_module}"), pane_class)(model)
    return pane


NARROW = 1500
"""A window narrower than this has its tabs closer together, px at 100 % text."""
HEAD = 32
"""Height of the row with menus and market time, px at 100 % text."""


class MainWindow(QMainWindow):
    """The window of one profile. `closing` asks whoever owns the engine to close everything."""

    closing = Signal()
    moved = Signal()
    """Something that the layout remembers may have changed."""
    pane_made = Signal(object)
    """A pane, just made over the desk."""

    def __init__(self, book: ActionBook, pulse: Pulse, version: str) -> None:
        super().__init__()
        self.book, self.pulse = book, pulse
        self.desk: Desk | None = None
        self.freshness: Freshness | None = None
        self._badges: list[StaleBadge] = []
        self._notes: Link[Desk] | None = None
        self.companions: list[QWidget] = []
        """Other windows of this desk: the user may look at one of them."""
        self._may_close = False
        self.setWindowTitle("CRS Desktop")
        self.setObjectName("main")
        self.resize(1600, 900)
        self.setMinimumSize(960, 600)
        self.band, self.origin, self.bell = Band(), OriginLabels(), Bell(book)
        self.market_bar, self.top = MarketBar(book), TopBar(book)
        self.workspace = WorkspaceBox(book)
        self.notice, self.link = Notice(), LinkBar(book)
        self.docks = Docks(self, PLACES)
        self.menus = Menus(book, self.docks)
        self.setMenuWidget(self._head())
        self.status = StatusBar(version)
        self.setStatusBar(self.status)
        for view in (self.top, self.status, self.market_bar, self.link):
            pulse.register(view)
        app = QApplication.instance()
        self.keys = KeyRouter(self, book, app) if isinstance(app, QApplication) else None

    def show_desk(self, desk: Desk) -> None:
        """Fill the window with an engine's panes."""
        from crs_desktop.viewmodels.header import HeaderModel
        from crs_desktop.viewmodels.status import StatusModel

        self.desk, self.freshness = desk, Freshness(desk)
        self._notes = desk.on_change(lambda _desk: self._note_pair())
        self._note_pair()
        header = HeaderModel(desk)
        self.top.show_model(header, self._retitle)
        self.market_bar.show_desk(desk)
        self.status.model = StatusModel(desk, self.pulse.frames)
        self._show_origin(*header.origin)
        for name, host in self.docks.hosts.items():
            host.provide(partial(self._made, name, desk))
        self.book.provide(DESK)
        chart = self.docks.hosts["chart"].pane
        if chart is not None and self.focusWidget() in (None, self.bell):  # Qt gave it to whatever comes first
            chart.setFocus(Qt.FocusReason.OtherFocusReason)
        if desk.runner is not None:
            self.book.provide(OFFLINE)
            self.book.provide(SOURCES if desk.recording is None else REPLAYED)

    def release_desk(self) -> None:
        """Take all panes down; the window shows loading again."""
        for need in (DESK, OFFLINE, SOURCES, REPLAYED):
            self.book.withdraw(need)
        for host in self.docks.hosts.values():
            host.release()
        for model in (self.top.model, self.status.model):
            if model is not None:
                model.close()
        self.top.model = self.status.model = None
        self.market_bar.release()
        self.link.show_model(None)
        for badge in self._badges:
            badge.leave()
        self._badges = []
        if self.freshness is not None:
            self.freshness.close()
            self.freshness = None
        if self._notes is not None:
            self._notes.close()
            self._notes = None
        for name in PRICED:
            self.docks.note(name, "")
        self.desk = None

    def pane(self, name: str) -> Pane | None:
        """Return the pane of a place, made now if it can be."""
        return self.docks.hosts[name].make()

    def let_close(self) -> None:
        """Close for good; whoever owns the engine says so when everything is drained."""
        self._may_close = True
        self.close()

    def refresh_origin(self) -> None:
        """Show anew whose money and whose prices these are (the market source changed)."""
        self._note_pair()
        if self.top.model is not None:
            self._show_origin(*self.top.model.origin)

    def event(self, event: QEvent) -> bool:
        """Measure what painting costs, and follow how closely the user looks."""
        kind = event.type()
        if kind == QEvent.Type.UpdateRequest:
            began = perf_counter()
            handled = super().event(event)
            self.pulse.painted((perf_counter() - began) * 1e3)
            return handled
        handled = super().event(event)
        if kind in _ATTENTION:
            self.look()
        if kind in _LAYOUT:
            self.moved.emit()
        return handled

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Let the menu's row grow with the text: a menu bar that is too low shows nothing."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_first"):
            self._fit()

    def _fit(self) -> None:
        self._first.setFixedHeight(max(HEAD, theme.current().px(HEAD)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let the tabs of docks stand closer where there is little room, so that their names stay whole."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW * theme.current().font_scale
        if narrow != bool(self.property("narrow")):
            self.setProperty("narrow", narrow)
            tabs = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
            for bar in (*tabs, self.menus.bar):
                bar.style().unpolish(bar)
                bar.style().polish(bar)
                QApplication.sendEvent(bar, QEvent(QEvent.Type.StyleChange))  # it measures its tabs anew

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask first whoever owns the engine; close when it is drained."""
        if self._may_close:
            super().closeEvent(event)
            return
        event.ignore()
        self.closing.emit()

    def _made(self, name: str, desk: Desk) -> Pane:
        pane = make_pane(name, desk)
        pane.join(self.pulse)
        if name in AGING:
            self.mark_age(pane)
        self.pane_made.emit(pane)
        return pane

    def mark_age(self, pane: QWidget) -> None:
        """Let a pane say how old it is while the prices cannot be trusted: in the title of its dock, or over charts."""
        if self.freshness is None:
            return
        docked = pane.objectName() in self.docks.names and pane.objectName() != "chart"
        if not docked and self.desk is not None and self.desk.trust.exchange is not None:
            return  # pairs differ in it: each chart says it of its own
        host = self.docks.dock(pane.objectName()) if docked else pane
        right, top = (TITLE_ICONS, 2) if docked else CHART_CORNER
        badge = partial(_badge_of, self.freshness)
        self._badges.append(StaleBadge(host, badge, self.pulse, right=right, top=top))
        if docked:
            self._badges[-1].on_width = partial(self._keep_free, pane.objectName())

    def _keep_free(self, name: str, width: int) -> None:
        """Leave a badge of that width its room in the title of a dock."""
        self.docks.keep_free(name, width + BADGE_GAP if width else 0)

    def _note_pair(self) -> None:
        """Say in the titles of docks whose prices of which pair they show."""
        if self.desk is not None:
            for name in PRICED:
                self.docks.note(name, f"{self.desk.symbol} · {own_venue(self.desk).title}")
            self.docks.note("alerts", own_venue(self.desk).title)

    def _retitle(self, title: str) -> None:
        if self.windowTitle() != title:
            self.setWindowTitle(title)

    def _show_origin(self, account: str, data: str) -> None:
        self.band.show_origin(account, data, venue_of(self.desk) if self.desk is not None else None)
        self.origin.show_origin(account, data)

    def look(self) -> None:
        """Find out how closely the user looks at this window and its companions."""
        windows = [self, *self.companions]
        seen = any(each.isVisible() and not each.isMinimized() for each in windows)
        focused = any(each.isActiveWindow() for each in windows) or any(
            dock.isFloating() and dock.isActiveWindow() for dock in self.docks.all_docks()
        )
        self.pulse.set_attention(
            Attention.HIDDEN if not seen else Attention.FOCUSED if focused else Attention.UNFOCUSED
        )

    def _head(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        first = QFrame()
        first.setProperty("kind", "bar")
        row = QHBoxLayout(first)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.menus.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.workspace, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self.bell)
        row.addWidget(self.origin)
        row.addWidget(self.market_bar)
        self._first = first
        self._fit()
        column.addWidget(first)
        column.addWidget(self.band)
        column.addWidget(self.top)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column.addWidget(line)
        column.addWidget(self.link)
        column.addWidget(self.notice)
        theme.set_font(head, "body")
        return head


def _badge_of(freshness: Freshness) -> Sentence:
    return freshness.badge


_ATTENTION = frozenset(
    {
        QEvent.Type.WindowActivate,
        QEvent.Type.WindowDeactivate,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.WindowStateChange,
    }
)
_LAYOUT = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange, QEvent.Type.LayoutRequest})
