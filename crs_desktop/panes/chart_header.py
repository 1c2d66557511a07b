"""The head of one chart: the chip of its link group, its pair, its timeframe."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.board import Board
from crs_desktop.viewmodels.chart_tab import ChartSlot
from crs_desktop.viewmodels.link import LETTERS, LinkGroups
from crs_desktop.widgets.tip import plain_tip
from engine.domain.market import Timeframe

NO_GROUP = "–"  # noqa: RUF001 - a dash
HEIGHT = 24


class ChartHeader(QWidget):
    """Shows and changes what a chart looks at; `show_slot` gives it another chart."""

    def __init__(self, board: Board, links: LinkGroups, slot: ChartSlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board, self._links = board, links
        self.slot = slot
        self.chip, self.pair, self.timeframe = QToolButton(self), QToolButton(self), QToolButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 4, 0)
        row.setSpacing(4)
        for button in (self.chip, self.pair, self.timeframe):
            theme.set_font(button, "small")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.pair, self.timeframe):
            button.setProperty("kind", "ghost")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIconSize(QSize(12, 12))
        self.pair.setToolTip(tr("Pair of this chart"))
        self.pair.clicked.connect(lambda: board.want_pair(self.slot))
        for button, fill in ((self.chip, self._fill_links), (self.timeframe, self._fill_timeframes)):
            menu = QMenu(button)
            menu.aboutToShow.connect(partial(fill, menu))
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sync()

    def show_slot(self, slot: ChartSlot) -> None:
        """Be the head of another chart."""
        self.slot = slot
        self.sync()

    def sync(self) -> None:
        """Show what the chart looks at now."""
        link = self.slot.link
        name = link.group.name
        _say(self.chip, name or NO_GROUP)
        if self.chip.property("link") != name:
            self.chip.setProperty("link", name)
            self.chip.style().unpolish(self.chip)
            self.chip.style().polish(self.chip)
        tip = tr("Link group {name}: charts of a group change together", name=name) if name else tr("In no link group")
        self.chip.setToolTip(plain_tip(tip))
        self.chip.setAccessibleName(tip)
        _say(self.pair, f"{link.symbol} ▾")
        self.pair.setAccessibleName(tr("Pair {symbol}", symbol=link.symbol))
        _say(self.timeframe, f"{link.timeframe.value} ▾")
        kept = link.kept is not None
        if self.timeframe.property("kept") != kept:
            self.timeframe.setProperty("kept", kept)
            self._show_lock()
        tip = tr("Timeframe {name}, the chart's own", name=link.timeframe.value)
        self.timeframe.setToolTip(tip if kept else tr("Timeframe {name}", name=link.timeframe.value))
        self.timeframe.setAccessibleName(self.timeframe.toolTip())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon in the colours of a new theme, and grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "timeframe"):
            self._show_lock()

    def _show_lock(self) -> None:
        kept = bool(self.timeframe.property("kept"))
        self.timeframe.setIcon(theme.icon("lock", "text_muted", 12) if kept else theme.icon("clock", "text_faint", 12))

    def _fill_links(self, menu: QMenu) -> None:
        menu.clear()
        link = self.slot.link
        for group in self._links.lettered:
            words = tr("Group {name}: {symbol} {timeframe}", name=group.name, symbol=group.symbol,
                       timeframe=group.timeframe.value)  # fmt: skip
            act = menu.addAction(words, partial(self._board.link, self.slot, group.name))
            act.setCheckable(True)
            act.setChecked(link.group is group)
        act = menu.addAction(tr("No group"), partial(self._board.link, self.slot, ""))
        act.setCheckable(True)
        act.setChecked(link.group.name not in LETTERS)

    def _fill_timeframes(self, menu: QMenu) -> None:
        menu.clear()
        link = self.slot.link
        for timeframe in Timeframe:
            act = menu.addAction(timeframe.value, partial(link.set_timeframe, timeframe))
            act.setCheckable(True)
            act.setChecked(link.timeframe is timeframe)
        menu.addSeparator()
        act = menu.addAction(tr("Keep its own timeframe"), partial(link.keep_timeframe, link.kept is None))
        act.setCheckable(True)
        act.setChecked(link.kept is not None)
        act.setEnabled(link.group.name in LETTERS)


def _say(button: QToolButton, text: str) -> None:
    if button.text() != text:
        button.setText(text)
