"""The row above the wallet's tables: account, chain and its health, total, lock, Send and Receive."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.wallet.header import Choice, WalletModel
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.elided_label import ElidedLabel
from crs_desktop.widgets.label import plain_label

ACCOUNT, CHAIN, WIDE = (84, 220), (124, 160), 720
"""Least and most width of the two choices; from which width on the rest has room, px at 100 % text."""


class Head(QWidget):
    """Shows a `WalletModel`."""

    def __init__(self, model: WalletModel) -> None:
        super().__init__()
        self._model = model
        doing = model.door.doing
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 2)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(4)
        self.account = self._combo(tr("Account in use"), ACCOUNT, self._use)
        self.chain = self._combo(tr("Chain in use"), CHAIN, self._go)
        self.chain.setPlaceholderText(tr("Choose a chain"))
        self.health = ElidedLabel(role="small", tone="muted")
        self.practice = plain_label(tr("PRACTICE"), role="small", tone="replay")
        self.practice.setToolTip(tr("Coins here are worth nothing."))
        self.worth = plain_label(role="strong")
        self.locked = ElidedLabel(role="small", tone="muted")
        self.lock = self._button("", self._lock)
        self.send = self._button(tr("Send…"), doing.send)
        self.receive = self._button(tr("Receive"), doing.receive)
        self.send.setProperty("kind", "primary")
        for each in (self.account, self.chain, self.practice):
            row.addWidget(each)
        row.addWidget(self.health, 1)
        for widget, stretch in (
            (self.worth, 0), (self.locked, 1), (self.lock, 0), (self.send, 0), (self.receive, 0),
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        self.warning = plain_label(role="small", tone="warn", wrap=True)
        column.addLayout(row)
        column.addWidget(self.warning)

    def refresh(self) -> None:
        """Show the head as it is."""
        model = self._model
        account = model.account
        _fill(self.account, model.accounts, account.address if account is not None else "")
        _fill(self.chain, model.chains, model.chain)
        health, tone = model.health
        self.health.setText(spoken(health))
        theme.set_tone(self.health, tone)
        self.practice.setVisible(model.is_practice and self.width() >= theme.current().px(WIDE))
        self.worth.setText(spoken(model.worth))
        state, verb = model.lock
        self.locked.setText(spoken(state))
        self.lock.setText(spoken(verb))
        self.lock.setVisible(verb != NOTHING)
        self.send.setEnabled(account is not None and account.can_sign)
        self.send.setToolTip("" if self.send.isEnabled() else tr("There is no key here for this account."))
        self.warning.setText(spoken(model.warning))
        self.warning.setVisible(model.warning != NOTHING)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what stands beside it in other words as well, where there is little room."""
        super().resizeEvent(event)
        is_wide = self.width() >= theme.current().px(WIDE)
        self.locked.setVisible(is_wide)
        self.practice.setVisible(is_wide and self._model.is_practice)

    def _use(self) -> None:
        front, address = self._model.front, self.account.currentData()
        if front is not None and address:
            self._model.door.doing.do(front.use(address))

    def _go(self) -> None:
        self._model.door.doing.go_to(self.chain.currentData() or "")
        self.refresh()  # until it is there, the one before is in use

    def _lock(self) -> None:
        front = self._model.front
        if front is None:
            return
        if front.keys.is_locked:
            self._model.door.doing.unlock()
        else:
            front.keys.lock()
            self._model.hurry()

    def _combo(self, name: str, width: tuple[int, int], chosen: Callable[[], None]) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumWidth(theme.current().px(width[0]))
        combo.setMaximumWidth(theme.current().px(width[1]))
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.activated.connect(lambda _at: chosen())
        return combo

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _=False: act())
        return button


def _fill(combo: QComboBox, choices: Sequence[Choice], current: str) -> None:
    """Offer these, the one in use chosen."""
    if [(each.text, each.key) for each in choices] != [
        (combo.itemText(at), combo.itemData(at)) for at in range(combo.count())
    ]:
        combo.clear()
        for each in choices:
            combo.addItem(each.text, each.key)
    at = combo.findData(current)
    if combo.currentIndex() != at and not combo.view().isVisible():
        combo.setCurrentIndex(at)
