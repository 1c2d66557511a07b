"""The dialog that says why an order filled, or did not: a sentence, facts, the book, the queue over time, prints."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.charts.scale import NumberGrid
from crs_desktop.charts.step_view import StepView
from crs_desktop.i18n import spoken, tr
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.columns import Column
from crs_desktop.viewmodels.why import BOOK_TITLE, PRINTS_TITLE, QUEUE_TITLE, WhyModel
from crs_desktop.viewmodels.why_page import BOOK_COLUMNS, PRINT_COLUMNS, Fact, Page
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.table import Table

WIDTH, HEIGHT = 1_060, 620
"""Of the dialog where the screen has room, px at 100 % text."""
FACTS = 332
"""Width of the facts, px at 100 % text."""


class Facts(QScrollArea):
    """Labels and values, line by line; only what changed is written anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self._form = QFormLayout(inner)
        self._form.setContentsMargins(0, 0, 8, 0)
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(4)
        self._shown: list[tuple[Sentence, QLabel]] = []
        self.setWidget(inner)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show these facts."""
        if [label for label, _ in self._shown] != [fact.label for fact in facts]:
            while self._form.rowCount():
                self._form.removeRow(0)
            self._shown = [(fact.label, self._line(fact)) for fact in facts]
        for (_, value), fact in zip(self._shown, facts, strict=True):
            text = fact.value if isinstance(fact.value, str) else spoken(fact.value)
            if value.text() != text:
                value.setText(text)

    def _line(self, fact: Fact) -> QLabel:
        value = plain_label(role="number", wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(spoken(fact.label))
        self._form.addRow(plain_label(spoken(fact.label), tone="muted"), value)
        return value


class Section(QWidget):
    """A small title over its content."""

    def __init__(self, title: Sentence, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(plain_label(spoken(title), role="small", tone="muted"))
        column.addWidget(content, 1)


class WhyDialog(QDialog):
    """Shows a `WhyModel`; Escape closes it, PgUp and PgDown turn the page, Ctrl+C copies it."""

    visible = True

    def __init__(self, parent: QWidget, model: WhyModel, pulse: Pulse) -> None:
        super().__init__(parent)
        self.model = model
        self._shown = -1
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        room, tokens = parent.screen().availableSize(), theme.current()
        self.resize(min(tokens.px(WIDTH), room.width() - 48), min(tokens.px(HEIGHT), room.height() - 72))
        self._registration = pulse.register(self)
        model.ask()
        self.refresh()

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model.dirty

    def refresh(self) -> None:
        """Show the page as it is now."""
        model = self.model
        model.dirty = False
        page = model.page()
        self.setWindowTitle(spoken(model.title))
        self.title.setText(spoken(model.title))
        pieces = (each if isinstance(each, str) else spoken(each) for each in model.order)
        self.order.setText("  ·  ".join(pieces))
        self.place.setText(spoken(model.place))
        for button, can in ((self.previous, model.at > 0), (self.next, model.at < model.count - 1)):
            button.setVisible(model.count > 1)
            button.setEnabled(can)
        self._show_page(page)
        state = spoken(model.state)
        self.state.setText(state)
        self.state.setVisible(bool(state))
        theme.set_tone(self.state, "error" if model.problem.source else "muted")
        self.again.setVisible(bool(model.problem.source))
        self.copy.setEnabled(model.told is not None)
        if self._shown != model.version:
            self._shown = model.version
            self._focus_first()

    def _show_page(self, page: Page) -> None:
        self.headline.setText(spoken(page.headline))
        self.headline.setVisible(bool(page.headline.source))
        theme.set_tone(self.headline, page.tone)
        detail = "  ".join(text for text in (spoken(page.detail), spoken(page.note)) if text)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.facts.show_facts(page.facts)
        self.book.set_rows(page.book)
        self.book.setMaximumHeight(_whole(self.book, len(page.book)))
        self.prints.set_rows(page.prints)
        pair = self.model.pair
        if pair is not None:
            self.chart.show_course(page.course, NumberGrid.of_quantity(pair))
        self.queue_section.setVisible(page.course is not None)
        self.book_section.setVisible(bool(page.book))
        self.prints_section.setVisible(bool(page.prints))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Turn the page; the rest is the dialog's."""
        if event.key() == Qt.Key.Key_PageUp:
            self.model.turn(-1)
        elif event.key() == Qt.Key.Key_PageDown:
            self.model.turn(1)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close the model with the window."""
        self.dispose()
        super().closeEvent(event)

    def done(self, result: int) -> None:
        """Close the model, however the dialog ends."""
        self.dispose()
        super().done(result)

    def dispose(self) -> None:
        """Leave the pulse and close the model; safe to call twice."""
        self._registration.close()
        self.model.close()

    def _focus_first(self) -> None:
        """Give the keyboard something to read when a page comes."""
        if self.focusWidget() in (None, self.close_button) or not self.focusWidget().isVisible():
            self.close_button.setFocus()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addLayout(self._head())
        self.order = plain_label(role="number", tone="muted")
        self.order.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.headline = plain_label(role="strong", wrap=True)
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail = plain_label(tone="muted", wrap=True)
        self.state, self.again = plain_label(wrap=True), self._button(tr("Try again"), self.model.ask)
        for each in (self.order, self.headline, self.detail):
            column.addWidget(each)
        row = QHBoxLayout()
        row.addWidget(self.state, 1)
        row.addWidget(self.again)
        column.addLayout(row)
        column.addSpacing(4)
        column.addLayout(self._body(), 1)
        column.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        self.title = plain_label(role="title")
        self.place = plain_label(role="number", tone="muted")
        self.previous = self._button(tr("Previous"), lambda: self.model.turn(-1))
        self.next = self._button(tr("Next"), lambda: self.model.turn(1))
        self.previous.setToolTip(tr("Page up"))
        self.next.setToolTip(tr("Page down"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addStretch(1)
        for each in (self.place, self.previous, self.next):
            row.addWidget(each)
        return row

    def _body(self) -> QHBoxLayout:
        self.facts = Facts()
        self.facts.setFixedWidth(theme.current().px(FACTS))
        self.chart = StepView(spoken(QUEUE_TITLE))
        self.book, self.prints = self._table(BOOK_TITLE, BOOK_COLUMNS), self._table(PRINTS_TITLE, PRINT_COLUMNS)
        self.queue_section = Section(QUEUE_TITLE, self.chart)
        self.book_section = Section(BOOK_TITLE, self.book)
        self.prints_section = Section(PRINTS_TITLE, self.prints)
        tables = QHBoxLayout()
        tables.setSpacing(16)
        tables.addWidget(self.book_section, 4, Qt.AlignmentFlag.AlignTop)
        tables.addWidget(self.prints_section, 5)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.queue_section, 1)
        right.addLayout(tables, 1)
        body = QHBoxLayout()
        body.setSpacing(20)
        body.addWidget(self.facts)
        body.addLayout(right, 1)
        return body

    def _foot(self) -> QHBoxLayout:
        self.copy = self._button(tr("Copy as text"), self.copy_text)
        self.copy.setIcon(theme.icon("copy"))
        self.close_button = self._button(tr("Close"), self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.close_button)
        return row

    def copy_text(self) -> None:
        """Put the page on the clipboard."""
        QGuiApplication.clipboard().setText(self.model.text(spoken))

    def _table(self, title: Sentence, columns: tuple[Column, ...]) -> Table:
        table = Table(columns, spoken)
        table.setAccessibleName(spoken(title))
        return table

    def _button(self, text: str, call: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: call())
        return button


def _whole(table: Table, rows: int) -> int:
    """Return the height at which a table shows all its rows and nothing below them."""
    return table.horizontalHeader().sizeHint().height() + rows * table.verticalHeader().defaultSectionSize() + 4
