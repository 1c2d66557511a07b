"""What the wallet's dock shows before there is an account: what it is, and four ways in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.wallet.rail import Shut
from crs_desktop.viewmodels.wallet.door import DoorState
from crs_desktop.viewmodels.wallet.header import WalletModel
from crs_desktop.viewmodels.wallet.setup import Step
from crs_desktop.widgets.label import plain_label

WAY = 150


class Welcome(Shut):
    """Says how far the opening is, then offers to create, import, watch or practise."""

    def __init__(self, model: WalletModel) -> None:
        super().__init__()
        self._model = model
        doing = model.door.doing
        box = QVBoxLayout(self)
        box.setSpacing(8)
        box.addStretch(1)
        self.sentence = plain_label(tone="muted", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.addWidget(self.sentence)
        self.retry = QPushButton(tr("Try again"))
        self.retry.clicked.connect(lambda _=False: model.door.open())
        box.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignHCenter)
        self.ways = QWidget()
        grid = QGridLayout(self.ways)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self.buttons: list[QPushButton] = []
        ways: tuple[tuple[str, str, Callable[[], object]], ...] = (
            (tr("Create a wallet…"), tr("A new phrase, shown once"), partial(doing.set_up, Step.PASSWORD)),
            (tr("Import…"), tr("A phrase, a key or a keystore file"), partial(doing.set_up, Step.PHRASE)),
            (tr("Watch an address…"), tr("Look, without a key"), partial(doing.set_up, Step.WATCH)),
            (tr("Practise"), tr("Real contracts on this computer, coins worth nothing"), doing.practise),
        )
        for at, (text, about, act) in enumerate(ways):
            grid.addWidget(self._way(text, act), 0, at)
            label = plain_label(about, role="small", tone="faint", wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            label.setFixedWidth(theme.current().px(WAY))
            grid.addWidget(label, 1, at)
        self.buttons[0].setProperty("kind", "primary")
        box.addWidget(self.ways, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(1)

    def refresh(self) -> None:
        """Show how far it is."""
        sentence, tone = self._model.welcome
        self.sentence.setText(spoken(sentence))
        theme.set_tone(self.sentence, tone)
        state = self._model.door.state
        self.retry.setVisible(state is DoorState.FAILED)
        self.ways.setVisible(state is DoorState.OPEN)

    def target(self) -> QPushButton | None:
        """Return what takes the keyboard now."""
        if self.ways.isHidden():
            return None if self.retry.isHidden() else self.retry
        return self.buttons[0]

    def _way(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _=False: act())
        self.buttons.append(button)
        return button
