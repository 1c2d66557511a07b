"""The fee in the dialog before a signature: three presets as chips, own figures in gwei on demand."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.wallet.confirm import ConfirmModel, Stage
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from engine.defi.prepared import FeePreset

FIELD = 150


class FeeRow(QWidget):
    """What it costs, and what else it could cost."""

    def __init__(self, model: ConfirmModel, run: Callable[[Coroutine[Any, Any, Any]], None]) -> None:
        super().__init__()
        self._model, self._run = model, run
        self.chips: dict[FeePreset, QPushButton] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        self.likely = plain_label(role="number")
        self.most = plain_label(role="small", tone="muted", wrap=True)
        head = QHBoxLayout()
        head.addWidget(plain_label(tr("Fee"), tone="muted"))
        head.addWidget(self.likely)
        head.addStretch(1)
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        for each in model.fee.presets:
            self.chips[each.preset] = self._chip(partial(self._choose, each.preset))
        self.own = self._chip(model.open_own_fee)
        self.own.setText(tr("Own…"))
        self._row.addStretch(1)
        box.addLayout(head)
        box.addWidget(self.most)
        box.addLayout(self._row)
        box.addWidget(self._figures())

    def refresh(self) -> None:
        """Show the fee as it is."""
        form, can_choose = self._model.fee, self._model.stage is Stage.SHOWN
        self.likely.setText(spoken(form.likely))
        self.most.setText(spoken(form.most))
        for each in form.presets:
            chip = self.chips.get(each.preset)
            if chip is not None:
                chip.setText(f"{spoken(each.name)} {each.cost}")
                chip.setToolTip(spoken(each.wait))
                chip.setChecked(each.is_chosen)
                chip.setEnabled(can_choose)
        self.own.setChecked(form.is_open or form.is_own)
        self.own.setEnabled(can_choose)
        if self.figures.isHidden() == form.is_open:
            self.figures.setVisible(form.is_open)
            if form.is_open:
                self.max.show_text(form.max_text)
                self.tip.show_text(form.tip_text)
                self.max.setFocus(Qt.FocusReason.OtherFocusReason)
                self.max.selectAll()
        self.tip.setVisible(form.has_tip)
        self.problem.setText(spoken(form.problem))
        self.problem.setVisible(form.problem != NOTHING)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter takes the figures that are typed."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() and (self.max.hasFocus() or self.tip.hasFocus()):
            self._use()
        else:
            super().keyPressEvent(event)

    def _figures(self) -> QWidget:
        self.figures = QWidget()
        box = QVBoxLayout(self.figures)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.max, self.tip = DecimalField(tr("Most per gas")), DecimalField(tr("Tip"))
        for field in (self.max, self.tip):
            field.set_unit("gwei")
            field.setMinimumWidth(theme.current().px(FIELD))
            field.edited.connect(lambda _text: self._edited())
            row.addWidget(field)
        self.use = QPushButton(tr("Use these"))
        self.use.setAutoDefault(False)
        self.use.clicked.connect(self._use)
        row.addWidget(self.use)
        row.addStretch(1)
        self.problem = plain_label(role="small", tone="error", wrap=True)
        box.addLayout(row)
        box.addWidget(self.problem)
        self.figures.hide()
        return self.figures

    def _edited(self) -> None:
        self._model.fee.set(self.max.text(), self.tip.text())
        self.problem.hide()

    def _use(self) -> None:
        self._model.fee.set(self.max.text(), self.tip.text())
        self._run(self._model.use_own_fee())

    def _choose(self, preset: FeePreset) -> None:
        self._run(self._model.choose_fee(preset))

    def _chip(self, act: Callable[[], object]) -> QPushButton:
        chip = QPushButton()
        chip.setProperty("kind", "chip")
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        chip.clicked.connect(lambda _=False: self._act(act))
        self._row.addWidget(chip)
        return chip

    def _act(self, act: Callable[[], object]) -> None:
        act()
        self.refresh()  # a chip that was clicked changed its look by itself
