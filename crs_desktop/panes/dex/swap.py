"""The swap pane: the form at the left, every exchange's quote beside it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.panes.wallet.rail import Subject
from crs_desktop.viewmodels.dex.quotes import QuotesModel
from crs_desktop.viewmodels.dex.swap import SwapModel, percent
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.tip import plain_tip

FORM, AMOUNT, NARROW = 384, 120, 52
PARTS = (25, 50, 75, 100)
DEADLINES = (5, 20, 60)


class QuotesPane(TablePane):
    """The quotes; Enter takes one."""

    name = "dex.quotes"

    def __init__(self, model: QuotesModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Quotes"), parent)
        self.table.opened.connect(model.open)


class TokenBox(QComboBox):
    """Chooses a token: one of the list, or typed as a symbol or the address of a contract."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        completer = self.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def show_choices(self, choices: list[tuple[str, str]], key: str) -> None:
        """Show the tokens there are, and which is chosen."""
        if [(self.itemData(at), self.itemText(at)) for at in range(self.count())] != choices:
            self.blockSignals(True)
            self.clear()
            for each, text in choices:
                self.addItem(text, each)
            self.blockSignals(False)
        at = self.findData(key)
        line = self.lineEdit()
        if at != self.currentIndex() or (line is not None and not line.hasFocus() and line.text() != self.itemText(at)):
            self.setCurrentIndex(at)


class SwapPane(Subject):
    """Shows a `SwapModel`. Enter in an amount swaps, Alt+Up/Down or the button turns it round."""

    name = "dex.swap"

    def __init__(self, model: SwapModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Swap"), parent)
        self.form = model
        self.sell, self.buy = TokenBox(tr("Sell")), TokenBox(tr("Buy"))
        self.gives, self.gets = QLineEdit(), QLineEdit()
        self.slippage = QLineEdit(percent(model.slippage_bps))
        self.deadline = QComboBox()
        self.turn = QPushButton(theme.icon("arrows-exchange"), "")
        self.parts = {part: QPushButton(tr("Max") if part == 100 else f"{part} %") for part in PARTS}
        self.available = plain_label(role="small", tone="muted")
        self.least, self.quoted = plain_label(role="small"), plain_label(role="small", tone="muted")
        self.warning = plain_label(role="small", tone="warn", wrap=True)
        self.why = plain_label(role="small", tone="muted", wrap=True)
        self.button = QPushButton(tr("Swap…"))
        self.limit, self.series = QPushButton(tr("Limit…")), QPushButton(tr("Series…"))
        self.beside = plain_label(role="small", tone="muted")
        self.quotes = QuotesPane(QuotesModel(model))
        self._connect()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left())
        row.addLayout(self._right(), 1)
        for before, after in pairwise((self.gives, self.sell, self.gets, self.buy, self.turn)):
            QWidget.setTabOrder(before, after)
        self.setFocusProxy(self.gives)
        self.refresh()

    def _connect(self) -> None:
        form = self.form
        self.sell.activated.connect(lambda _at: form.set_sell(self.sell.currentData()))
        self.buy.activated.connect(lambda _at: form.set_buy(self.buy.currentData()))
        for box, take in ((self.sell, form.set_sell), (self.buy, form.set_buy)):
            line = box.lineEdit()
            if line is not None:
                line.returnPressed.connect(lambda box=box, take=take: self._typed(box, take))
        self.turn.clicked.connect(lambda _=False: form.flip())
        self.turn.setAccessibleName(tr("Swap the other way round"))
        self.turn.setToolTip(tr("Swap the other way round (Alt+Up)"))
        amounts = ((self.gives, True, tr("Amount to sell")), (self.gets, False, tr("Amount to get")))
        for line, is_in, title in amounts:
            line.textEdited.connect(lambda text, is_in=is_in: form.set_amount(text, exact_in=is_in))
            line.returnPressed.connect(form.go)
            line.setAccessibleName(title)
            line.setPlaceholderText("0")
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
            theme.set_font(line, "number")
        self.slippage.textEdited.connect(form.set_slippage)
        self.slippage.returnPressed.connect(form.go)
        self.slippage.setAccessibleName(tr("Slippage in percent"))
        for minutes in DEADLINES:
            self.deadline.addItem(tr("{minutes} min", minutes=minutes), minutes)
        self.deadline.setCurrentIndex(self.deadline.findData(form.deadline_min))
        self.deadline.setAccessibleName(tr("Deadline"))
        self.deadline.activated.connect(lambda _at: form.set_deadline(self.deadline.currentData()))
        for part, button in self.parts.items():
            button.setProperty("kind", "chip")
            theme.set_font(button, "small")
            button.clicked.connect(lambda _=False, part=part: form.use_part(part))
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(lambda _=False: form.go())
        self.limit.setToolTip(tr("Sell at a price or better; the program carries it out while it is open"))
        self.series.setToolTip(tr("Buy the same again and again; the program does it while it is open"))
        for button, is_series in ((self.limit, False), (self.series, True)):
            button.setProperty("kind", "chip")
            theme.set_font(button, "small")
            button.clicked.connect(lambda _=False, is_series=is_series: form.order(series=is_series))

    def _left(self) -> QWidget:
        """Return the form; it scrolls where the dock is low."""
        scale = theme.current().px
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addLayout(self._fields())
        column.addLayout(self._chips())
        column.addLayout(self._terms())
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.why, 1)
        foot.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(foot)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(form)
        area.setFixedWidth(max(FORM, scale(FORM)))
        return area

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        width = max(AMOUNT, theme.current().px(AMOUNT))
        rows = ((tr("Sell"), self.sell, self.gives), (tr("Buy"), self.buy, self.gets))
        for at, (title, box, amount) in enumerate(rows):
            grid.addWidget(plain_label(title, tone="muted"), at, 0)
            grid.addWidget(box, at, 1)
            amount.setFixedWidth(width)
            grid.addWidget(amount, at, 2)
        grid.addWidget(self.turn, 0, 3, 2, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _chips(self) -> QHBoxLayout:
        chips = QHBoxLayout()
        chips.setSpacing(4)
        chips.addWidget(self.available, 1)
        for button in self.parts.values():
            chips.addWidget(button)
        return chips

    def _terms(self) -> QHBoxLayout:
        terms = QHBoxLayout()
        terms.setSpacing(4)
        self.slippage.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.set_font(self.slippage, "number")
        self.slippage.setFixedWidth(max(NARROW, theme.current().px(NARROW)))
        terms.addWidget(plain_label(tr("Slippage"), tone="muted"))
        terms.addWidget(self.slippage)
        terms.addWidget(plain_label(tr("% within")))
        terms.addWidget(self.deadline)
        terms.addStretch(1)
        terms.addWidget(self.limit)
        terms.addWidget(self.series)
        return terms

    def _right(self) -> QVBoxLayout:
        """Return the quotes, and below them what a swap comes to and what speaks against it."""
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.quotes, 1)
        right.addWidget(self.warning)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 2, 8, 4)
        foot.setSpacing(16)
        foot.addWidget(self.least)
        foot.addStretch(1)
        foot.addWidget(self.quoted)
        right.addLayout(foot)
        right.addWidget(self.beside)
        self.beside.setContentsMargins(8, 0, 8, 4)
        self.warning.setContentsMargins(8, 2, 8, 0)
        return right

    def theme_changed(self) -> None:
        """Draw the icon in the colours of now."""
        super().theme_changed()
        self.turn.setIcon(theme.icon("arrows-exchange"))

    def look(self) -> None:
        """Read anew what there is, if that is old."""
        self.form.look()

    @property
    def dirty(self) -> bool:
        """Whether the form or its quotes have something new to show."""
        return self.form.dirty or self.quotes.dirty

    def refresh(self) -> None:
        """Show the form as it is."""
        form = self.form
        choices = [(each.key, each.text) for each in form.tokens]
        self.sell.show_choices(choices, form.sell_key)
        self.buy.show_choices(choices, form.buy_key)
        for line, text in ((self.gives, form.gives_text), (self.gets, form.gets_text)):
            if line.text() != text:
                line.setText(text)
            theme.set_tone(line, "text" if (line is self.gives) == form.exact_in else "muted")
        if not self.slippage.hasFocus() and form.slippage_problem == NOTHING:
            self.slippage.setText(percent(form.slippage_bps))
        can_part = form.available is not None
        for button in self.parts.values():
            button.setEnabled(can_part)
        for label, sentence in (
            (self.available, form.available_text), (self.least, form.least_text), (self.quoted, form.quoted_text),
            (self.warning, form.warning), (self.why, form.why_not),
        ):  # fmt: skip
            label.setText(spoken(sentence))
        theme.set_tone(self.quoted, "warn" if form.is_stale else "muted")
        self.beside.setText(spoken(form.beside.said))
        self.beside.setToolTip(plain_tip(spoken(form.beside.assumptions)))
        self.beside.setVisible(form.beside.said != NOTHING)
        for button in (self.limit, self.series):
            button.setEnabled(form.why_no_order == NOTHING)
        self.warning.setVisible(form.warning != NOTHING)
        self.button.setEnabled(form.why_not == NOTHING)
        self.quotes.refresh()
        super().refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Turn the swap round with Alt and an arrow."""
        is_arrow = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if is_arrow and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.form.flip()
        else:
            super().keyPressEvent(event)

    def dispose(self) -> None:
        """Close the quotes with the pane."""
        self.quotes.dispose()
        super().dispose()

    def _typed(self, box: TokenBox, take: Callable[[str], object]) -> None:
        """Take what was typed into a token's box: a symbol or name of the list, or the address of a contract."""
        line = box.lineEdit()
        text = line.text().strip() if line is not None else ""
        for at in range(box.count()):
            if text.lower() in (box.itemText(at).lower(), box.itemText(at).split(" · ")[0].lower()):
                take(box.itemData(at))
                return
        self.form.take_text(text, take)
