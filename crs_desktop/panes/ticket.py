"""The order ticket pane: fields, preview, one button and the reason under it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.ticket_preview import TicketPreview
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.ticket import DRAFT, Ticket
from crs_desktop.viewmodels.ticket_form import TIFS, TYPES, Lead
from crs_desktop.viewmodels.timeline import describe
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from engine.domain.order import OrderType, SelfTrade, Side, TimeInForce

PERCENTS = (25, 50, 75, 100)


class TicketPane(Pane):
    """Order entry; every key and click goes to the model, every text comes from it."""

    name = "ticket"

    def __init__(self, model: Ticket, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Order"), parent)
        self._model = model
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(self._sides())
        layout.addLayout(self._types())
        self.stop = self._price_field(tr("Stop"), model.set_stop)
        self.price = self._price_field(tr("Price"), model.set_price)
        layout.addWidget(self.stop)
        layout.addWidget(self.price)
        self.amount = self._size_field(tr("Amount"), Lead.BASE)
        self.total = self._size_field(tr("Value"), Lead.QUOTE)
        layout.addWidget(self.amount)
        layout.addWidget(self.total)
        layout.addLayout(self._shares())
        layout.addLayout(self._options())
        layout.addWidget(self._self_trade())
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        layout.addWidget(line)
        self.preview = TicketPreview(self)
        layout.addWidget(self.preview)
        layout.addLayout(self._end())
        layout.addStretch(1)
        self._focus_link = model.on_focus(lambda _who: self.focus_size())
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

    def _types(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self.types = QButtonGroup(self)
        titles = {
            OrderType.MARKET: tr("Market"),
            OrderType.LIMIT: tr("Limit"),
            OrderType.STOP: tr("Stop"),
            OrderType.STOP_LIMIT: tr("Stop-limit"),
        }
        for number, order_type in enumerate(TYPES):
            chip = _chip(titles[order_type])
            chip.clicked.connect(lambda _on=False, order_type=order_type: self._model.set_type(order_type))
            self.types.addButton(chip, number)
            row.addWidget(chip)  # each as wide as its title needs, before what is left is shared
        return row

    def _price_field(self, label: str, put: object) -> DecimalField:
        field = DecimalField(label, self)
        field.edited.connect(put)
        field.stepped.connect(self._model.step_price)
        return field

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
            chip = _chip(f"{percent}%")
            chip.setToolTip(tr("{percent}% of the free funds", percent=percent))
            chip.clicked.connect(lambda _on=False, percent=percent: self._model.set_percent(percent))
            self.shares.addButton(chip, percent)
            row.addWidget(chip, 1)
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

    def _options(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self.tifs = QButtonGroup(self)
        self._tif_chips: dict[TimeInForce, QPushButton] = {}
        tips = {
            TimeInForce.GTC: tr("Good till cancelled"),
            TimeInForce.IOC: tr("Immediate or cancel: what does not trade at once is cancelled"),
            TimeInForce.FOK: tr("Fill or kill: all at once or nothing"),
        }
        for tif, tip in tips.items():
            chip = _chip(tif.value)
            chip.setToolTip(tip)
            chip.setAccessibleName(tip)
            chip.clicked.connect(lambda _on=False, tif=tif: self._model.set_tif(tif))
            self.tifs.addButton(chip)
            self._tif_chips[tif] = chip
            row.addWidget(chip)
        self.post_only = QCheckBox(tr("Post-only"))
        self.post_only.setToolTip(tr("Refuse the order if it would trade at once"))
        self.post_only.clicked.connect(self._model.set_post_only)
        row.addWidget(self.post_only)
        row.addStretch(1)
        self.fold = QToolButton()
        self.fold.setToolTip(tr("Advanced: what happens when it would meet an own order"))
        self.fold.setAccessibleName(tr("Advanced"))
        self.fold.setProperty("kind", "ghost")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._fold)
        row.addWidget(self.fold)
        return row

    def _self_trade(self) -> QComboBox:
        box = self.self_trade = QComboBox()
        box.setAccessibleName(tr("If it would meet an own order"))
        box.setToolTip(box.accessibleName())
        for mode, title in (
            (SelfTrade.NONE, tr("Own orders: trade with them")),
            (SelfTrade.CANCEL_TAKER, tr("Own orders: cancel the new one")),
            (SelfTrade.CANCEL_MAKER, tr("Own orders: cancel the resting one")),
            (SelfTrade.CANCEL_BOTH, tr("Own orders: cancel both")),
        ):
            box.addItem(title, mode.value)
        box.activated.connect(lambda at: self._model.set_self_trade(SelfTrade(box.itemData(at))))
        self._fold(False)
        return box

    def _fold(self, is_open: bool) -> None:
        self.fold.setIcon(theme.icon("settings", "text" if is_open else "text_muted"))
        self.self_trade.setVisible(is_open)

    def _end(self) -> QVBoxLayout:
        column = QVBoxLayout()
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
        model, form = self._model, self._model.form
        pair = model.pair
        buys = form.side is Side.BUY
        for number, kind in ((0, "buy"), (1, "sell")):
            button = self.sides.button(number)
            chosen = buys == (number == 0)
            button.setChecked(chosen)
            _set_kind(button, kind if chosen else "")
        self.types.button(TYPES.index(form.order_type)).setChecked(True)
        self._pull_fields()
        offered = TIFS[form.order_type]
        for tif, chip in self._tif_chips.items():
            chip.setVisible(len(offered) > 1 and tif in offered)
            chip.setChecked(tif is form.tif)
        self.post_only.setVisible(form.order_type is OrderType.LIMIT)
        self.post_only.setEnabled(form.can_post_only)
        self.post_only.setChecked(form.is_post_only)
        self.self_trade.setCurrentIndex(self.self_trade.findData(form.stp.value))
        self.preview.show_preview(model)
        code, places = (pair.quote, 2) if buys else (pair.base, None)
        free = model.quote.free if buys else model.base.free
        self.free.setText(tr("{amount} {asset} free", amount=fmt.money(code, free, places), asset=code.code))
        self._pull_end()

    def _pull_fields(self) -> None:
        model, form, sized = self._model, self._model.form, self._model.sized
        pair = model.pair
        for field, shown in ((self.price, form.has_price), (self.stop, form.has_stop)):
            field.setVisible(shown)
            field.set_unit(pair.quote.code)
        self.price.show_text(form.price_text)
        self.stop.show_text(form.stop_text)
        self.price.set_problem(spoken(model.problem) if form.has_price and model.price is None else "")
        self.stop.set_problem(spoken(model.problem) if form.has_stop and model.stop_price is None else "")
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
            text = spoken(model.reason)
            refused = model.problem is None and model.refusal is not None and not model.busy
            tone = "error" if refused else "muted"
        theme.set_tone(self.reason, tone)
        self.reason.setText(text or tr("Enter sends the order."))
        self.submit.setAccessibleDescription(text)

    def _title(self) -> str:
        model = self._model
        if model.seen is None:
            return tr("Buy") if model.form.side is Side.BUY else tr("Sell")
        text = spoken(describe(model.pair, model.order(DRAFT)))
        if self.submit.fontMetrics().horizontalAdvance(text) <= self.width() - 32:
            return text
        values = {"qty": fmt.quantity(model.pair, model.sized.lots), "base": model.pair.base.code}
        return tr("Buy {qty} {base}", **values) if model.form.side is Side.BUY else tr("Sell {qty} {base}", **values)

    def theme_changed(self) -> None:
        """Redraw the icon of the fold."""
        self._fold(self.fold.isChecked())

    def dispose(self) -> None:
        """Let go of the model."""
        self._focus_link.close()
        super().dispose()


def _chip(title: str) -> QPushButton:
    chip = QPushButton(title)
    chip.setProperty("kind", "chip")
    chip.setCheckable(True)
    return chip


def _set_kind(button: QAbstractButton, kind: str) -> None:
    if button.property("kind") != kind:
        button.setProperty("kind", kind)
        button.style().unpolish(button)
        button.style().polish(button)
