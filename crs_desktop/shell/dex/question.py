"""A request that does not get in the way: an order or a plan wants something signed, and asks whether it may."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop.i18n import tr
from crs_desktop.widgets.toast import Toast


class QuestionToast(Toast):
    """Stands there until it is answered or withdrawn; it takes no keyboard from whoever works."""

    def __init__(
        self, parent: QWidget, gone: Callable[[Toast], None], title: str, why: str, patience_ms: int,
        look: Callable[[], object], decline: Callable[[], object],
    ) -> None:  # fmt: skip
        super().__init__(parent, gone)
        self.look, self.decline = QPushButton(tr("Look at it…")), QPushButton(tr("Decline"))
        self.look.setProperty("kind", "primary")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button, act in ((self.decline, decline), (self.look, look)):
            button.clicked.connect(lambda _=False, do=act: do())
            row.addWidget(button)
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertLayout(layout.count() - 1, row)
        self.say(title, why, "text", patience_ms)
