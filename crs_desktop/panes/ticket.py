"""The order ticket pane: fields, preview, one button and the reason under it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.ticket_kinds import KindChooser, chip
from crs_desktop.panes.ticket_options import TicketOptions
from crs_desktop.panes.ticket_preview import TicketPreview
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_fields import NAMES, fields
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.level_field import LevelField
from crs_desktop.widgets.roll import Roll
from crs_desktop.widgets.tip import plain_tip
from engine.domain.order import Side

PERCENTS = (25, 50, 75, 100)


class TicketPane(Pane):
    """Order entry; every key and click goes to the model, every text comes from it."""

    name = "ticket"

    def __init__(self, model: Ticket, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Order"), parent)
        self._model = model
        self.form = QWidget()
        self.form.setObjectName("ticket-form")
        column = QVBoxLayout(self.form)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(4)
        column.addLayout(self._sides())
        self.kinds = KindChooser(model)
        self.types = self.kinds.chips
        column.addWidget(self.kinds)
        self.levels = {name: self._level(name) for name in NAMES}
        for level in self.levels.values():
            column.addWidget(level)
        self.price, self.stop = self.levels["price"].figures, self.levels["stop"].figures
        self.amount = self._size_field(tr("Amount"), Lead.BASE)
        self.total = self._size_field(tr("Value"), Lead.QUOTE)
        column.addWidget(self.amount)
        column.addWidget(self.total)
        column.addLayout(self._shares())
        self.options = TicketOptions(model)
        self.options.folded.connect(self._pull)
        self.post_only, self.fold = self.options.post_only, self.options.fold
        self.self_trade = self.options.self_trade
        column.addWidget(self.options)
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        column.addWidget(line)
        self.preview = TicketPreview(self)
        column.addWidget(self.preview)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.roll = Roll(self.form)
        layout.addWidget(self.roll)
        layout.addLayout(self._end())
        layout.addStretch(1)
        self._focus_link = model.on_focus(lambda _who: self.focus_size())
        self.theme_changed()
        self.refresh()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the blueprint says."""
        return QSize(300, super().sizeHint().height())

    # -- parts --------------------------------------------------------------------------------------

    def _sides(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.sides = QButtonGroup(self)
        for number, (side, title) in enumerate(((Side.BUY, tr("Buy")), (Side.SELL, tr("Sell")))):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setMinimumHeight(28)
            theme.set_font(button, "strong")
            button.setToolTip(tr("Hotkey {key}", key="B" if side is Side.BUY else "S"))
            button.clicked.connect(lambda _on=False, side=side: self._model.set_side(side))
            self.sides.addButton(button, number)
            row.addWidget(button, 1)
        return row

    def _level(self, name: str) -> LevelField:
        level = LevelField()
        level.figures.edited.connect(partial(self._model.set_field, name))
        level.figures.stepped.connect(partial(self._model.step_field, name))
        level.switched.connect(partial(self._model.next_unit, name))
        return level

    def _size_field(self, label: str, lead: Lead) -> DecimalField:
        field = DecimalField(label, self)
        field.edited.connect(lambda text: self._model.set_size(lead, text))
        field.stepped.connect(self._model.step_size)
        return field

    def _shares(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(2)
        self.shares = QButtonGroup(self)
        for percent in PERCENTS:
            button = chip(f"{percent}%")
            button.setToolTip(tr("{percent}% of the free funds", percent=percent))
            button.clicked.connect(lambda _on=False, percent=percent: self._model.set_percent(percent))
            self.shares.addButton(button, percent)
            row.addWidget(button, 1)
        self.shares.setExclusive(False)
        self.free = plain_label(role="small", tone="muted")
        self.rounding = plain_label(role="small", tone="muted")
        self.rounding.setAlignment(Qt.AlignmentFlag.AlignRight)
        notes = QHBoxLayout()
        notes.addWidget(self.free)
        notes.addStretch(1)
        notes.addWidget(self.rounding)
        column.addLayout(row)
        column.addLayout(notes)
        return column

    def _end(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(8, 2, 8, 8)
        column.setSpacing(4)
        self.submit = QPushButton()
        self.submit.setMinimumHeight(32)
        self.submit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.set_font(self.submit, "strong")
        self.submit.clicked.connect(lambda: self._model.enter())
        self.reason = plain_label(role="body", tone="muted", wrap=True)
        self.reason.setMinimumHeight(32)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.submit)
        column.addWidget(self.reason)
        return column

    # -- keys ---------------------------------------------------------------------------------------

    def focus_size(self) -> None:
        """Take the keyboard: the size is selected, Enter sends."""
        self._pull()
        (self.total if self._model.form.lead is Lead.QUOTE else self.amount).setFocus(
            Qt.FocusReason.ShortcutFocusReason
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter sends or answers yes, Escape answers no, plus and minus change the size."""
        key, shifted = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self._model.enter(skip_confirmation=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
                self._pull()
        elif key == Qt.Key.Key_Escape:
            if not self._model.dismiss() and (field := self.focusWidget()) is not None:
                field.clearFocus()  # the keys 1 to 7, Space and the arrows are hotkeys again
            self._pull()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal, Qt.Key.Key_Underscore):
            grows = key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
            tenfold = key == Qt.Key.Key_Underscore or (shifted and key == Qt.Key.Key_Minus)
            self._model.step_size((1 if grows else -1) * (10 if tenfold else 1))
        else:
            super().keyPressEvent(event)

    # -- what is shown ------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Recompute from the market as it is now, and show everything."""
        self._model.recompute()
        self._pull()
        super().refresh()

    def _pull(self) -> None:
        model, form, pair = self._model, self._model.form, self._model.pair
        buys = form.side is Side.BUY
        for number, kind in ((0, "buy"), (1, "sell")):
            button = self.sides.button(number)
            chosen = buys == (number == 0)
            button.setChecked(chosen)
            _set_kind(button, kind if chosen else "")
        self.kinds.refresh()
        self._pull_levels()
        self._pull_size()
        self.options.refresh()
        self.preview.show_preview(model)
        code, places = (pair.quote, 2) if buys else (pair.base, pair.lot_decimals)
        free = model.quote.free if buys else model.base.free
        self.free.setText(tr("{amount} {asset} free", amount=fmt.money(code, free, places), asset=code.code))
        self._pull_end()

    def _pull_levels(self) -> None:
        shown = fields(self._model, more=self.options.is_open)
        for name, level in self.levels.items():
            view = shown.get(name)
            level.setVisible(view is not None)
            if view is None:
                continue
            level.figures.set_label(spoken(view.label))
            level.figures.show_text(view.text)
            level.show_unit(view.unit, switches=view.has_units)
            level.figures.set_problem(spoken(view.problem))
            if view.problem is None:
                level.figures.setToolTip(plain_tip(spoken(view.about)))

    def _pull_size(self) -> None:
        form, sized, pair = self._model.form, self._model.sized, self._model.pair
        self.amount.set_unit(pair.base.code)
        self.total.set_unit(pair.quote.code)
        self.amount.show_text(form.size_text if form.lead is Lead.BASE else sized.base_text)
        self.total.show_text(form.size_text if form.lead is Lead.QUOTE else sized.quote_text)
        wrong = spoken(sized.problem)
        self.amount.set_problem(wrong if form.lead is Lead.BASE else "")
        self.total.set_problem(wrong if form.lead is Lead.QUOTE else "")
        self.rounding.setText(spoken(sized.rounding))
        for percent in PERCENTS:
            chosen = form.lead is Lead.PERCENT and form.size_text == str(percent)
            self.shares.button(percent).setChecked(chosen)

    def _pull_end(self) -> None:
        model = self._model
        buys = model.form.side is Side.BUY
        _set_kind(self.submit, "buy" if buys else "sell")
        if model.question is not None:
            self.submit.setText(tr("Yes, buy") if buys else tr("Yes, sell"))
            self.submit.setEnabled(True)
            text, tone = tr("{question} Enter: yes · Esc: no", question=spoken(model.question.text)), "warn"
        else:
            self.submit.setText(self._title())
            self.submit.setEnabled(model.can_submit)
            text, tone = spoken(model.reason), "muted"
            if model.problem is None and not model.busy:
                tone = "error" if model.refusal is not None else "warn" if model.warning is not None else "muted"
        theme.set_tone(self.reason, tone)
        self.reason.setText(text or tr("Enter sends the order."))
        self.submit.setAccessibleDescription(text)

    def _title(self) -> str:
        text = spoken(self._model.title)
        fits = self.submit.fontMetrics().horizontalAdvance(text) <= self.width() - 32
        return text if fits else spoken(self._model.short_title)

    def theme_changed(self) -> None:
        """Redraw the icons."""
        self.kinds.theme_changed()
        self.options.theme_changed()

    def dispose(self) -> None:
        """Let go of the model."""
        self._focus_link.close()
        super().dispose()


def _set_kind(button: QAbstractButton, kind: str) -> None:
    if button.property("kind") != kind:
        button.setProperty("kind", kind)
        button.style().unpolish(button)
        button.style().polish(button)
