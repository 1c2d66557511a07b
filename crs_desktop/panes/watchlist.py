"""The watchlist pane: every market of the venue at a glance, or the user's lists of instruments of any venue."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.table_pane import EmptyState, Strip
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.watchlist import WatchlistModel, WatchRow
from crs_desktop.widgets.spark_list import SparkList, SparkRow


class WatchlistPane(Pane):
    """A click, or the up and down keys, changes the market of all panes; Delete and dragging change a list."""

    name = "watchlist"

    def __init__(self, model: WatchlistModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Markets"), parent)
        self._model = model
        self._by_key: dict[str, Item] = {}
        self.list = SparkList(self)
        self.list.setAccessibleName(tr("Markets"))
        self.list.selected.connect(self._select)
        self.list.stepped.connect(self._step)
        self.list.opened.connect(model.open)
        self.list.removed.connect(lambda: model.remove())
        self.list.shifted.connect(self._shift)
        self.list.dropped.connect(lambda key, to: model.move(self._by_key[key], to))
        self.list.asked.connect(self._offer)
        self.area = QScrollArea(self)  # a stack shows its first widget at once
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.list)
        self.empty = EmptyState(self)
        self.empty.button.setText(tr("Add an instrument…"))
        self.empty.button.clicked.connect(lambda: model.connected.trigger("watchlist.pick"))
        self.problem = Strip()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head())
        self._stack = QStackedLayout()
        layout.addLayout(self._stack, 1)
        self._stack.addWidget(self.area)  # shows it: in the pane by now, else it would be a window for a moment
        self._stack.addWidget(self.empty)
        layout.addWidget(self.problem)
        self.setFocusProxy(self.list)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(0)
        self.choice, self.add = QToolButton(), QToolButton()
        for button in (self.choice, self.add):
            button.setProperty("kind", "ghost")
            theme.set_font(button, "small")
        menu = QMenu(self.choice)
        menu.aboutToShow.connect(partial(self._fill, menu))
        self.choice.setMenu(menu)
        self.choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice.setToolTip(tr("Which list is shown"))
        self.add.setIconSize(QSize(12, 12))
        self.add.setToolTip(tr("Put an instrument of any connected venue on the list"))
        self.add.setAccessibleName(self.add.toolTip())
        self.add.clicked.connect(lambda: self._model.connected.trigger("watchlist.pick"))
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self.add)
        self.theme_changed()
        return row

    def theme_changed(self) -> None:
        """Draw the icon in the colours of a new theme."""
        self.add.setIcon(theme.icon("plus", "text_muted", 12))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        lists, own = self._model.lists, self._model.is_own
        here = tr("Pairs of this market")
        menu.addAction(f"{'●' if own else '○'} {here}", lambda: lists.show(-1))
        for at, each in enumerate(lists.lists):
            mark = "●" if at == lists.kept.shown else "○"
            name = each.name.replace("&", "&&")
            menu.addAction(f"{mark} {name} ({len(each.items)})", partial(lists.show, at))
        menu.addSeparator()
        trigger = self._model.connected.trigger
        menu.addAction(tr("New list…"), lambda: trigger("watchlist.new"))
        if not own:
            menu.addAction(tr("Rename…"), lambda: trigger("watchlist.rename"))
            menu.addAction(tr("Delete the list"), lambda: trigger("watchlist.delete"))
        menu.addSeparator()
        menu.addAction(tr("Add the pair on show"), lambda: trigger("watchlist.add"))
        menu.addAction(tr("Also watch an exchange…"), lambda: trigger("market.watch"))

    def refresh(self) -> None:
        """Show all markets of the list as they are now."""
        model, rows = self._model, self._model.rows()
        self._by_key = {_key(row): row.item for row in rows}
        self.list.movable = not model.is_own
        head = tr("Market · spread") if model.is_own else tr("Market · venue · spread")
        self.list.setMinimumHeight(self.list.height_of(len(rows)))
        shown = [self._row(row) for row in rows]
        self.list.show_rows(shown, heads=(head, tr("Last · 24 h")), fresh=model.is_synced)
        self.choice.setText(f"{model.title} ▾".replace("&", "&&"))
        self.choice.setAccessibleName(tr("List {name}", name=model.title))
        self.empty.sentence.setText("" if rows else spoken(model.empty))
        front: QWidget = self.area if rows else self.empty
        if self._stack.currentWidget() is not front:
            self._stack.setCurrentWidget(front)
            self.setFocusProxy(self.list if rows else self.empty.button)
        self.problem.say(spoken(model.lists.problem), "error")
        super().refresh()

    def _row(self, row: WatchRow) -> SparkRow:
        spread = tr("{bps} bps", bps=row.spread)
        venue = "" if self._model.is_own else f"{row.venue} · "
        note = f"{venue}{spoken(row.stale)}" if row.stale.source else ""
        return SparkRow(
            _key(row), row.last, row.change, row.direction, f"{venue}{spread}", row.flash, row.spark, row.is_current,
            row.watched, row.symbol, note, row.volume,
        )  # fmt: skip

    def _select(self, key: str) -> None:
        item = self._by_key.get(key)
        if item is not None:
            self._model.select(item)

    def _step(self, steps: int) -> None:
        self._model.step(steps)
        self._follow()

    def _shift(self, steps: int) -> None:
        self._model.shift(steps)
        self._follow()

    def _follow(self) -> None:
        """Scroll to the row that keys act on."""
        self.refresh()
        rect = self.list.current_rect()
        if rect is not None:
            self.area.ensureVisible(0, rect.center().y(), 0, rect.height())

    def _offer(self, key: str, at: QPoint) -> None:
        item = self._by_key.get(key)
        if item is None:
            return
        model, menu = self._model, QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open {symbol}", symbol=item.symbol) + "\tEnter", partial(model.select, item))
        base = item.symbol.partition("/")[0]
        menu.addAction(tr("Compare {asset} across venues", asset=base), partial(model.connected.compared, base))
        menu.addSeparator()
        for number, each in enumerate(model.lists.lists):
            if item not in each.items:
                text = tr("Add to “{name}”", name=each.name).replace("&", "&&")
                menu.addAction(text, partial(model.lists.add, item, number))
        if not model.is_own:
            menu.addAction(tr("Remove from the list") + "\tDel", partial(model.remove, item))
        menu.popup(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Insert adds an instrument."""
        if event.key() == Qt.Key.Key_Insert:
            self._model.connected.trigger("watchlist.pick")
        else:
            super().keyPressEvent(event)


def _key(row: WatchRow) -> str:
    return f"{row.item.venue}|{row.item.symbol}"
