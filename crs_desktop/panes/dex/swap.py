"""The swap pane: the form at the left, every exchange's quote beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.dex.quotes import QuotesModel
from crs_desktop.viewmodels.dex.swap import SwapModel, percent
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label

FORM = 320
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


class SwapPane(Pane):
    """Shows a `SwapModel`."""

    name = "dex.swap"

    def __init__(self, model: SwapModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Swap"), parent)
        self.form = model
        self.sell, self.buy = TokenBox(tr("Sell")), TokenBox(tr("Buy"))
        self.amount = QLineEdit()
        self.slippage = QLineEdit(percent(model.slippage_bps))
        self.side, self.deadline = QComboBox(), QComboBox()
        self.turn = QPushButton(theme.icon("arrows-exchange"), "")
        self.parts = {part: QPushButton(tr("Max") if part == 100 else f"{part} %") for part in PARTS}
        self.available = plain_label(role="small", tone="muted")
        self.least, self.quoted = plain_label(role="small"), plain_label(role="small", tone="muted")
        self.warning, self.why = plain_label(tone="warn", wrap=True), plain_label(role="small", tone="muted", wrap=True)
        self.button = QPushButton(tr("Swap…"))
        self.quotes = QuotesPane(QuotesModel(model))
        self._connect()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left())
        row.addWidget(self.quotes, 1)
        self.setFocusProxy(self.amount)
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
        self.turn.setToolTip(tr("Swap the other way round"))
        self.amount.textEdited.connect(form.set_amount)
        self.amount.returnPressed.connect(form.go)
        self.amount.setAccessibleName(tr("Amount"))
        self.slippage.textEdited.connect(form.set_slippage)
        self.slippage.setAccessibleName(tr("Slippage in percent"))
        self.side.addItem(tr("to sell"), True)
        self.side.addItem(tr("to get"), False)
        self.side.setAccessibleName(tr("What the amount is of"))
        self.side.activated.connect(lambda _at: form.set_exact_in(self.side.currentData()))
        for minutes in DEADLINES:
            self.deadline.addItem(tr("{minutes} min", minutes=minutes), minutes)
        self.deadline.setCurrentIndex(self.deadline.findData(form.deadline_min))
        self.deadline.setAccessibleName(tr("Deadline"))
        self.deadline.activated.connect(lambda _at: form.set_deadline(self.deadline.currentData()))
        for part, button in self.parts.items():
            button.setProperty("kind", "chip")
            button.clicked.connect(lambda _=False, part=part: form.use_part(part))
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(lambda _=False: form.go())

    def _left(self) -> QWidget:
        left = QWidget()
        left.setFixedWidth(theme.current().px(FORM))
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        grid = QGridLayout()
        grid.setSpacing(4)
        for at, (title, box) in enumerate(((tr("Sell"), self.sell), (tr("Buy"), self.buy))):
            grid.addWidget(plain_label(title, tone="muted"), at, 0)
            grid.addWidget(box, at, 1, 1, 2)
        grid.addWidget(self.turn, 0, 3, 2, 1)
        grid.addWidget(plain_label(tr("Amount"), tone="muted"), 2, 0)
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.set_font(self.amount, "number")
        grid.addWidget(self.amount, 2, 1)
        grid.addWidget(self.side, 2, 2, 1, 2)
        grid.addWidget(plain_label(tr("Slippage"), tone="muted"), 3, 0)
        self.slippage.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.set_font(self.slippage, "number")
        grid.addWidget(self.slippage, 3, 1)
        grid.addWidget(plain_label(tr("% within")), 3, 2)
        grid.addWidget(self.deadline, 3, 3)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        chips = QHBoxLayout()
        chips.setSpacing(4)
        chips.addWidget(self.available, 1)
        for button in self.parts.values():
            chips.addWidget(button)
        column.insertLayout(1, chips)
        for each in (self.least, self.warning):
            column.addWidget(each)
        column.addStretch(1)
        column.addWidget(self.quoted)
        column.addWidget(self.why)
        column.addWidget(self.button)
        return left

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
        if self.amount.text() != form.amount_text:
            self.amount.setText(form.amount_text)
        self.side.setCurrentIndex(self.side.findData(form.exact_in))
        can_part = form.available is not None
        for button in self.parts.values():
            button.setEnabled(can_part)
        for label, sentence in (
            (self.available, form.available_text), (self.least, form.least_text), (self.quoted, form.quoted_text),
            (self.warning, form.warning), (self.why, form.why_not),
        ):  # fmt: skip
            label.setText(spoken(sentence))
        self.warning.setVisible(form.warning != NOTHING)
        self.why.setVisible(form.why_not != NOTHING)
        self.button.setEnabled(form.why_not == NOTHING)
        self.quotes.refresh()
        super().refresh()

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
