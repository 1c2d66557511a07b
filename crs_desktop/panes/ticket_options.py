"""The ticket's options: how long an order lives, what it must not do, and behind the fold what is rarely changed.

What is not as usual stays in sight when the fold is closed: nothing is in force that cannot be seen.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.ticket_kinds import chip
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_expiry import AT, SPANS
from crs_desktop.viewmodels.ticket_kind import GTD
from crs_desktop.widgets.label import plain_label
from engine.domain.order import SelfTrade, TimeInForce


class TicketOptions(QWidget):
    """Time in force, expiry, flags, self-trade mode."""

    folded = Signal()
    """The fold was opened or closed."""

    def __init__(self, model: Ticket, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._line())
        column.addWidget(self._expiry())
        self.reduce_only = QCheckBox(tr("Reduce-only: never more than I hold"))
        self.reduce_only.setToolTip(tr("Refuse the order if it would do anything but reduce what you hold"))
        self.reduce_only.clicked.connect(model.set_reduce_only)
        column.addWidget(self.reduce_only)
        column.addWidget(self._self_trade())

    @property
    def is_open(self) -> bool:
        """Whether what is rarely changed is in sight."""
        return self.fold.isChecked()

    def _line(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        self.tifs = QButtonGroup(self)
        self.tif_chips: dict[TimeInForce, QPushButton] = {}
        tips = {
            TimeInForce.GTC: tr("Good till cancelled"),
            TimeInForce.IOC: tr("Immediate or cancel: what does not trade at once is cancelled"),
            TimeInForce.FOK: tr("Fill or kill: all at once or nothing"),
            TimeInForce.GTD: tr("Good till date: expires at an instant"),
        }
        for tif, tip in tips.items():
            button = chip(tif.value)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _on=False, tif=tif: self._model.set_tif(tif))
            self.tifs.addButton(button)
            self.tif_chips[tif] = button
            row.addWidget(button)
        self.post_only = QCheckBox(tr("Post-only"))
        self.post_only.setToolTip(tr("Refuse the order if it would trade at once"))
        self.post_only.clicked.connect(self._model.set_post_only)
        row.addWidget(self.post_only)
        row.addStretch(1)
        self.fold = QToolButton()
        self.fold.setToolTip(tr("Advanced: reduce-only, shown size, meeting own orders"))
        self.fold.setAccessibleName(tr("Advanced"))
        self.fold.setProperty("kind", "ghost")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._toggled)
        row.addWidget(self.fold)
        return row

    def _expiry(self) -> QWidget:
        self.expiry = QWidget()
        row = QHBoxLayout(self.expiry)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(plain_label(tr("Expires"), role="small", tone="muted"))
        self.spans = QComboBox()
        self.spans.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.spans.setMinimumContentsLength(6)
        self.spans.setAccessibleName(tr("When it expires"))
        for key, (title, _) in SPANS.items():
            self.spans.addItem(spoken(title), key)
        self.spans.addItem(tr("at a date"), AT)
        self.spans.activated.connect(lambda at: self._model.set_expiry(self.spans.itemData(at)))
        self.date = QLineEdit()
        self.date.setAccessibleName(tr("Date and time of expiry (UTC)"))
        self.date.setToolTip(tr("Date and time in the time of the venue, UTC: 2025-06-15 14:30"))
        theme.set_font(self.date, "number")
        self.date.setMinimumWidth(self.date.fontMetrics().horizontalAdvance("2025-06-15 14:30") + 16)
        self.date.textEdited.connect(self._model.set_expiry_text)
        row.addWidget(self.spans, 1)
        row.addWidget(self.date, 1)
        return self.expiry

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
        return box

    def _toggled(self, _open: bool) -> None:
        self.theme_changed()
        self.refresh()
        self.folded.emit()

    def refresh(self) -> None:
        """Show the form's options."""
        form = self._model.form
        for tif, button in self.tif_chips.items():
            button.setVisible(len(form.tifs) > 1 and tif in form.tifs)
            button.setChecked(tif is form.tif)
        self.post_only.setVisible(form.can_post_only or (form.spec.has_price and form.post_only))
        self.post_only.setEnabled(form.can_post_only)
        self.post_only.setChecked(form.is_post_only)
        self.expiry.setVisible(form.tif is GTD)
        self.spans.setCurrentIndex(self.spans.findData(form.expiry.key))
        self.date.setVisible(form.expiry.key == AT)
        if self.date.text() != form.expiry.text:
            self.date.setText(form.expiry.text)
        self.reduce_only.setVisible(form.can_reduce_only and (self.is_open or form.reduce_only))
        self.reduce_only.setChecked(form.is_reduce_only)
        self.self_trade.setVisible(self.is_open or form.stp is not SelfTrade.NONE)
        self.self_trade.setCurrentIndex(self.self_trade.findData(form.stp.value))

    def theme_changed(self) -> None:
        """Redraw the icon of the fold."""
        self.fold.setIcon(theme.icon("settings", "text" if self.is_open else "text_muted"))
