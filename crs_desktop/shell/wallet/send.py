"""The dialog that pays somebody; Enter goes on to the confirmation, which stands over it: nothing typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet
from crs_desktop.shell.server.form import FormField
from crs_desktop.viewmodels.wallet.confirm_fee import NAMES, ORDER
from crs_desktop.viewmodels.wallet.send import SendForm
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from engine.defi.intent import Intent
from engine.defi.prepared import FeePreset

WIDTH, TOKEN = 480, 170
Confirm = Callable[[Intent, FeePreset, "SendDialog"], object]


class SendDialog(Sheet):
    """Shows a `SendForm`; `confirm` prepares what it wants."""

    def __init__(self, parent: QWidget, form: SendForm, place: str, confirm: Confirm) -> None:
        super().__init__(parent, tr("Send on {chain}", chain=place), WIDTH)
        self.setObjectName("wallet send")
        self.form, self._confirm = form, confirm
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waits = False
        """Whether the confirmation is on its way, or open."""
        self.setMinimumWidth(theme.current().px(WIDTH))
        self.to = FormField(tr("To: an address, or a name of the address book"), form.set_to)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.activated.connect(self._completed)
        self.to.line.setCompleter(completer)
        self.full = plain_label(role="number", wrap=True)
        self.who = plain_label(role="small", wrap=True)
        self.alike = plain_label(tone="warn", wrap=True)
        self.token = QComboBox()
        self.token.setAccessibleName(tr("Token"))
        self.token.activated.connect(lambda _at: form.set_token(self.token.currentData()))
        self.amount = FormField(tr("Amount"), form.set_amount)
        self.amount.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        theme.set_font(self.amount.line, "number")
        self.most = QPushButton(tr("Max"))
        self.most.setAutoDefault(False)
        self.most.clicked.connect(lambda _=False: self.run(form.use_max()))
        self.available = plain_label(role="small", tone="muted")
        self.busy, self.problem = plain_label(tone="muted", wrap=True), plain_label(tone="error", wrap=True)
        self._lay_out()
        self.yes, self.no = self.buttons(tr("Go on"))
        self.yes.clicked.connect(self._go_on)
        self._link = form.on_change(lambda _form: self.refresh())
        self.refresh()
        self.run(form.read())

    def _lay_out(self) -> None:
        for each in (self.to, self.full, self.who, self.alike):
            self.column.addWidget(each)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.amount, 1, Qt.AlignmentFlag.AlignTop)
        self.token.setMaximumWidth(theme.current().px(TOKEN))
        for widget, title in ((self.token, tr("Token")), (self.most, "")):
            beside = QVBoxLayout()
            beside.setSpacing(2)
            beside.addWidget(plain_label(title, role="small", tone="muted"))
            beside.addWidget(widget)
            beside.addStretch(1)
            row.addLayout(beside)
        self.column.addLayout(row)
        self.column.addWidget(self.available)
        fees = QHBoxLayout()
        fees.setSpacing(4)
        fees.addWidget(plain_label(tr("Fee"), tone="muted"))
        self.fees: dict[FeePreset, QPushButton] = {}
        for preset in ORDER:
            chip = QPushButton(spoken(NAMES[preset]))
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setAutoDefault(False)
            chip.clicked.connect(lambda _=False, chosen=preset: self.form.set_fee(chosen))
            self.fees[preset] = chip
            fees.addWidget(chip)
        fees.addStretch(1)
        self.column.addLayout(fees)
        self.column.addWidget(self.busy)
        self.column.addWidget(self.problem)

    def refresh(self) -> None:
        """Show the form as it is."""
        form = self.form
        if self.to.line.text() != form.to_text:
            self.to.line.setText(form.to_text)
        found = [each.text for each in form.completions()]
        if self._names.stringList() != found:
            self._names.setStringList(found)
        self.to.say(form.problems.get("to", NOTHING))
        self.full.setText(form.in_full)
        who, tone = form.who
        self.who.setText(spoken(who) if "to" not in form.problems else "")
        theme.set_tone(self.who, tone)
        self.alike.setText(spoken(form.alike))
        choices = [(each.text, each.key) for each in form.tokens]
        if choices != [(self.token.itemText(at), self.token.itemData(at)) for at in range(self.token.count())]:
            self.token.clear()
            for text, key in choices:
                self.token.addItem(text, key)
        self.token.setCurrentIndex(self.token.findData(form.token_key))
        if self.amount.line.text() != form.amount_text:
            self.amount.line.setText(form.amount_text)
        self.amount.say(form.problems.get("amount", NOTHING))
        self.available.setText(spoken(form.available_text))
        for preset, chip in self.fees.items():
            chip.setChecked(preset is form.fee)
        self.busy.setText(spoken(form.busy))
        self.problem.setText(spoken(form.problem))
        for label in (self.full, self.who, self.alike, self.busy, self.problem):
            label.setVisible(bool(label.text()))
        self.yes.setEnabled(form.busy == NOTHING and not self._waits)
        self.adjustSize()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin with whom to pay."""
        super().showEvent(event)
        self.to.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.adjustSize()

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something; it is cancelled when the dialog closes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def done(self, result: int) -> None:
        """Close."""
        self._link.close()
        for task in tuple(self._tasks):
            task.cancel()
        super().done(result)

    def answered(self, sent: bool) -> None:
        """Close if it was sent; else go on with what is typed."""
        self._waits = False
        if sent:
            self.accept()
        elif self.isVisible():
            self.refresh()

    def _completed(self, text: str) -> None:
        chosen = next((each for each in self.form.completions() if each.text == text), None)
        if chosen is not None:
            self.form.set_to(chosen.address)

    def _go_on(self) -> None:
        intent = None if self._waits else self.form.intent()
        if self._waits:
            return
        if intent is not None:
            self._waits = True
            self.refresh()
            self._confirm(intent, self.form.fee, self)
        else:
            wrong = self.to if "to" in self.form.problems else self.amount
            wrong.line.setFocus(Qt.FocusReason.OtherFocusReason)
