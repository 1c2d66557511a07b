"""The command palette's sheet: a field, a list, Enter. It never opens by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.palette import Entry, Found, matches
from crs_desktop.widgets.label import plain_label

WIDTH = 560
ROWS = 12
ROW = 28
Index = QModelIndex | QPersistentModelIndex


class _Entries(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.title
        return None

    def show_entries(self, entries: list[Entry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()


class _Row(QStyledItemDelegate):
    def __init__(self, entries: _Entries, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries = entries

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry = self._entries.entries[index.row()]
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        icon = {"pair": "chart-candle", "setting": "settings"}.get(entry.kind, "command")
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect.x() + 12, rect.y() + 6, theme.pixmap(icon, "text_faint", 16, ratio))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text" if entry.enabled else "text_faint"))
        inner = rect.adjusted(40, 0, -12, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, entry.title)
        painter.setPen(theme.color("text_muted"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.hint)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        return QSize(WIDTH, ROW)


class Palette(QFrame):
    """Shown over the window; Escape or a click elsewhere closes it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._all: list[Entry] = []
        self._more: Callable[[str], list[Found]] = lambda _query: []
        self._back: QWidget | None = None
        self.setProperty("kind", "toast")
        self.setFixedWidth(WIDTH)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(8)
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search pairs, commands and settings"))
        self.field.setAccessibleName(tr("Command palette"))
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list = QListView()
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._entries = _Entries()
        self.list.setModel(self._entries)
        self.list.setItemDelegate(_Row(self._entries, self.list))
        self.list.clicked.connect(lambda _: self.choose())
        self.nothing = plain_label(tr("Nothing has these letters. Try a pair, a command or a setting."), tone="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.addWidget(self.field)
        box.addWidget(self.list)
        box.addWidget(self.nothing, 1)
        self.hide()

    def open(
        self, entries: list[Entry], query: str = "", *, more: Callable[[str], list[Found]] = lambda _query: []
    ) -> None:
        """Show the sheet with everything that can be chosen; `more` finds what there is too much of to hand over."""
        self._all, self._more = entries, more
        self._back = self.window().focusWidget()
        self.field.setText(query)
        self._filter(query)
        self.setFixedHeight(24 + self.field.sizeHint().height() + ROWS * ROW)
        parent = self.window()
        self.move((parent.width() - WIDTH) // 2, max(40, parent.height() // 8))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close without choosing; the keyboard goes back to where it was."""
        if self.isVisible():
            self.hide()
            if self._back is not None:
                self._back.setFocus(Qt.FocusReason.PopupFocusReason)
            self._back = None

    def choose(self) -> None:
        """Do what is selected."""
        row = self.list.currentIndex().row()
        if not 0 <= row < len(self._entries.entries):
            return
        entry = self._entries.entries[row]
        if not entry.enabled:
            return
        self.dismiss()
        entry.do()

    @property
    def titles(self) -> list[str]:
        """What is listed now."""
        return [each.title for each in self._entries.entries]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Move and choose from within the field."""
        if event.type() == QEvent.Type.FocusOut and self.isVisible() and not self.list.underMouse():
            self.hide()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS, Qt.Key.Key_PageUp: -ROWS}.get(
                Qt.Key(event.key())
            )
            if step is not None:
                self._move(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        count = len(self._entries.entries)
        if count:
            row = min(count - 1, max(0, self.list.currentIndex().row() + step))
            self.list.setCurrentIndex(self._entries.index(row, 0))

    def _filter(self, query: str) -> None:
        found = matches(query, self._all, self._more(query))
        self._entries.show_entries(found)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self._move(0)
