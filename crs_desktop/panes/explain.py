"""The dialog that takes a number apart: the number, its formula, a tree of lines, the lot method, statements."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.statements import StatementBar
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.explain import METHODS, ExplainModel, Line
from crs_desktop.viewmodels.statements import StatementsModel
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.tip import plain_tip
from engine.domain.order import LotMethod

WIDTH, HEIGHT = 1_000, 640
"""Of the dialog where the screen has room, px at 100 % text."""

LINE = Qt.ItemDataRole.UserRole


class LineTree(QTreeWidget):
    """Lines below lines, made when they are opened; Ctrl+C copies the one with the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels([tr("What"), tr("Amount"), tr("From")])
        self.setAccessibleName(tr("Terms of the number"))
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setExpandsOnDoubleClick(True)
        theme.set_font(self, "number")
        theme.set_font(self.header(), "small")
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.headerItem().setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.itemExpanded.connect(self._opened)

    def show_lines(self, lines: list[Line]) -> None:
        """Show these lines and what is directly below them."""
        self.clear()
        items = [self._item(line) for line in lines]
        self.addTopLevelItems(items)
        for item in items:
            item.setExpanded(True)
            if item.childCount() == 1 and (only := item.child(0)) is not None:
                only.setExpanded(True)
        if items:
            self.setCurrentItem(items[0])
        self._fit()

    def line(self) -> Line | None:
        """Return the line with the cursor."""
        item = self.currentItem()
        return None if item is None else item.data(0, LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl+C copies a line as text; Enter opens or closes it."""
        line, item = self.line(), self.currentItem()
        if event.matches(QKeySequence.StandardKey.Copy) and line is not None:
            QGuiApplication.clipboard().setText(f"{line.label}\t{line.exact}\t{line.how}")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            item.setExpanded(not item.isExpanded())
        else:
            super().keyPressEvent(event)

    def _item(self, line: Line) -> QTreeWidgetItem:
        item = QTreeWidgetItem([line.label, line.amount, line.how])
        item.setData(0, LINE, line)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setForeground(2, theme.color("text_muted"))
        item.setToolTip(2, plain_tip(line.how))
        policy = QTreeWidgetItem.ChildIndicatorPolicy
        item.setChildIndicatorPolicy(policy.ShowIndicator if line.has_parts else policy.DontShowIndicator)
        return item

    def _opened(self, item: QTreeWidgetItem) -> None:
        if item.childCount() == 0:
            line: Line = item.data(0, LINE)
            item.addChildren([self._item(each) for each in line.lines()])
            self._fit()

    def _fit(self) -> None:
        """Give label and amount what they need, and the origin the rest."""
        for column, most in ((0, 0.48), (1, 0.32)):
            need = max(self.sizeHintForColumn(column), self.header().sectionSizeHint(column)) + 12
            self.setColumnWidth(column, min(need, int(self.viewport().width() * most)))


class ExplainDialog(QDialog):
    """Shows an `ExplainModel` and the statements of its account; Escape closes it."""

    visible = True

    def __init__(self, parent: QWidget, model: ExplainModel, statements: StatementsModel, pulse: Pulse) -> None:
        super().__init__(parent)
        self.model, self.statements = model, statements
        self._shown = -1
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self._size(parent)
        self._registration = pulse.register(self)
        model.ask()
        statements.load()
        self.refresh()
        self.tree.setFocus()

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model.dirty or self.statements.dirty

    def refresh(self) -> None:
        """Show the models' state."""
        model = self.model
        model.dirty = False
        self.setWindowTitle(spoken(model.title))
        self.title.setText(spoken(model.title))
        self.number.setText(model.shown)
        self.number.setAccessibleDescription(model.shown)
        theme.set_tone(self.number, model.tone)
        self.formula.setText(spoken(model.formula))
        self.method.setVisible(model.has_lots)
        self.method_label.setVisible(model.has_lots)
        self.method.setEnabled(not model.busy)
        at = self.method.findData(model.method)
        if at != self.method.currentIndex():
            self.method.setCurrentIndex(at)
        if self._shown != model.version:
            self._shown = model.version
            self.tree.show_lines(list(model.top()))
        state = spoken(model.state)
        self.state.setText(state)
        self.state.setVisible(bool(state))
        theme.set_tone(self.state, "error" if model.problem.source else "muted")
        self.again.setVisible(bool(model.problem.source))
        self.proof.setText("  ".join(text for text in (spoken(model.proof), spoken(model.note)) if text))
        self.bar.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close the models with the window."""
        self.dispose()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Close the models, however the dialog ends."""
        self.dispose()
        super().done(result)

    def dispose(self) -> None:
        """Leave the pulse and close the models; safe to call twice."""
        self._registration.close()
        self.model.close()
        self.statements.close()

    def _build(self) -> None:
        self.title, self.number = plain_label(role="title"), plain_label(role="large")
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.formula = plain_label(tone="muted", wrap=True)
        self.method_label, self.method = plain_label(tr("Lot method"), tone="muted"), QComboBox()
        self.method.setAccessibleName(tr("Lot method of the account"))
        for method, words in METHODS.items():
            self.method.addItem(spoken(words), method)
        self.method.activated.connect(self._chosen)
        self.state, self.again = plain_label(tone="muted", wrap=True), QPushButton(tr("Try again"))
        self.again.clicked.connect(lambda: self.model.ask())
        self.tree = LineTree()
        self.detail = plain_label(role="small", tone="muted", wrap=True)
        self.detail.setMinimumHeight(2 * self.detail.fontMetrics().lineSpacing())  # so that the tree stays where it is
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tree.currentItemChanged.connect(lambda *_: self._detail())
        self.proof = plain_label(role="small", tone="muted", wrap=True)
        self.bar = StatementBar(self.statements)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        close.setAutoDefault(False)
        self.again.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        for row in (
            (self.title, None, self.method_label, self.method),
            (self.number, None),
            (self.state, None, self.again),
        ):
            column.addLayout(_row(*row))
        column.insertWidget(2, self.formula)
        column.addWidget(self.tree, 1)
        column.addWidget(self.detail)
        column.addWidget(self.proof)
        foot = _row(self.bar, close)
        foot.setStretch(0, 1)
        column.addLayout(foot)

    def _size(self, parent: QWidget) -> None:
        room, tokens = parent.screen().availableSize(), theme.current()
        self.resize(min(tokens.px(WIDTH), room.width() - 48), min(tokens.px(HEIGHT), room.height() - 72))

    def _chosen(self, at: int) -> None:
        method: LotMethod = self.method.itemData(at)
        self.model.choose(LotMethod(method))

    def _detail(self) -> None:
        line = self.tree.line()
        self.detail.setText("" if line is None else line.told)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Return widgets side by side; None takes the room that is left."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget, 1 if widget.sizePolicy().hasHeightForWidth() else 0)
    return row
