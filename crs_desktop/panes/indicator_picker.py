"""The list of indicators: type to find, arrows to choose, Enter adds, and Ctrl+D keeps a favourite."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.indicators.choice import Choice, choices
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.widgets.label import plain_label
from engine.errors import InvalidInput

WIDTH = 620
PAGE = 8
STAR = 20
"""Width of the star at the left of a row, px."""
Index = QModelIndex | QPersistentModelIndex


class _Choices(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.choices: list[Choice] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self.choices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        choice = self.choices[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            kept = tr("favourite") if choice.favourite else ""
            return ". ".join(each for each in (choice.title, tr(choice.sentence), spoken(choice.problem), kept) if each)
        return None

    def show_choices(self, found: list[Choice]) -> None:
        self.beginResetModel()
        self.choices = found
        self.endResetModel()


class _Row(QStyledItemDelegate):
    """Star, title and short name; the sentence, or what is wrong, under them."""

    def __init__(self, model: _Choices, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        choice = self._model.choices[index.row()]
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("selected"))
        ratio = painter.device().devicePixelRatioF()
        star = theme.pixmap("star", "warn" if choice.favourite else "border_strong", 14, ratio)
        painter.drawPixmap(rect.x() + 8, rect.y() + 6, star)
        half = rect.height() // 2
        top = QRect(rect.x() + 10 + STAR, rect.y() + 2, rect.width() - STAR - 20, half)
        bottom = top.translated(0, half - 4)
        left, right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("text" if choice.usable else "text_faint"))
        painter.drawText(top, left, choice.title)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        hint = tr("your own") if choice.own else choice.name.upper().replace("_", " ")
        painter.drawText(top, right | Qt.AlignmentFlag.AlignVCenter, hint)
        wrong = spoken(choice.problem)
        painter.setPen(theme.color("error" if wrong else "text_muted"))
        text = wrong or tr(choice.sentence)
        painter.drawText(bottom, left, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, top.width()))

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 - Qt's name
        return QSize(WIDTH - 40, theme.current().px(40))


class IndicatorPicker(QDialog):
    """Puts indicators on one chart; stays open, so that several can be added."""

    def __init__(self, parent: QWidget, studies: Studies, new_file: Callable[[], None]) -> None:
        super().__init__(parent)
        self._studies = studies
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Indicators"))
        self.resize(theme.current().px(WIDTH), theme.current().px(480))
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Search indicators: ema, bands, volume…"))
        self.field.setAccessibleName(tr("Search indicators"))
        self.field.textChanged.connect(self.search)
        self.field.installEventFilter(self)
        self._model = _Choices()
        self.list = QListView()
        self.list.setUniformItemSizes(True)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Row(self._model, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(tr("Indicators"))
        self.list.doubleClicked.connect(lambda _: self.add())
        self.list.viewport().installEventFilter(self)
        self._add = QPushButton(tr("Add"))
        self.said = plain_label(tone="muted", role="small", wrap=True)
        self._lay_out(new_file)
        self._link = studies.on_change(lambda _: self.search(self.field.text()))
        self.finished.connect(lambda _: self._link.close())
        self.search("")
        if studies.presets.problem.source:
            self._say(spoken(studies.presets.problem), "error")
        self.field.setFocus()

    @property
    def titles(self) -> list[str]:
        """What is listed now."""
        return [each.title for each in self._model.choices]

    def search(self, query: str) -> None:
        """List what fits."""
        kept = self._current()
        found = choices(self._studies, query)
        self._model.show_choices(found)
        names = [each.name for each in found]
        same = kept is not None and kept.name in names and self.sender() is not self.field
        self._go(names.index(kept.name) if same and kept is not None else 0)
        self._add.setEnabled(bool(found))
        if not found:
            self._say(tr("Nothing has these letters. Try a name (ema), a word (average), or write your own."), "muted")
        else:
            self._say(tr("Enter adds · Ctrl+D favourite · Esc closes"), "muted")

    def add(self) -> None:
        """Put the chosen indicator on the chart."""
        choice = self._current()
        if choice is None:
            return
        try:
            study = self._studies.add(choice.name)
        except InvalidInput as error:
            self._say(str(error), "error")
        else:
            self._say(tr("{name} is on the chart.", name=study.title), "good")
            self.field.selectAll()

    def toggle_favourite(self) -> None:
        """Keep the chosen indicator among the favourites, or no longer."""
        choice = self._current()
        if choice is not None:
            self._studies.presets.set_favourite(choice.name, not choice.favourite)
            self.search(self.field.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Move and choose from within the field; a click on a star keeps a favourite."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            at = self.list.indexAt(event.position().toPoint())
            if at.isValid() and event.position().x() < STAR + 8:
                self._go(at.row())
                self.toggle_favourite()
                return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: PAGE, Qt.Key.Key_PageUp: -PAGE}.get(key)
        if step is not None:
            self._go(self.list.currentIndex().row() + step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.add()
        elif key == Qt.Key.Key_D and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.toggle_favourite()
        else:
            return False
        return True

    def _lay_out(self, new_file: Callable[[], None]) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 12, 12, 12)
        box.setSpacing(8)
        box.addWidget(self.field)
        box.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.addWidget(self.said, 1)
        own = QPushButton(tr("New indicator…"))
        own.setToolTip(tr("Writes a small Python file to begin with and opens its folder"))
        own.setAutoDefault(False)
        own.clicked.connect(new_file)
        self._add.setProperty("kind", "primary")
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self.add)
        row.addWidget(own)
        row.addWidget(self._add)
        box.addLayout(row)

    def _current(self) -> Choice | None:
        row = self.list.currentIndex().row()
        return self._model.choices[row] if 0 <= row < len(self._model.choices) else None

    def _go(self, row: int) -> None:
        count = len(self._model.choices)
        if count:
            self.list.setCurrentIndex(self._model.index(min(max(row, 0), count - 1), 0))

    def _say(self, text: str, tone: str) -> None:
        self.said.setText(text)
        theme.set_tone(self.said, tone)
