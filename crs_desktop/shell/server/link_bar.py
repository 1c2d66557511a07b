"""The bar that says that a server or an exchange cannot be reached, and what can be done meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from crs_desktop.actions import ActionBook
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label


class LinkLike(Protocol):
    """What the bar needs of a connection's model."""

    dirty: bool
    retry_action: str
    paper_action: str
    """What the buttons do."""

    @property
    def needs_sign_in(self) -> bool: ...  # noqa: D102 - the names say it
    @property
    def text(self) -> Sentence: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class LinkBar(QFrame):
    """Hidden while the connection is well; never a dialog."""

    visible = True

    def __init__(self, book: ActionBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model: LinkLike | None = None
        self.setProperty("kind", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(8)
        self.text = plain_label(tone="warn", wrap=True)
        row.addWidget(self.text, 1)
        self.retry = self._button(tr("Try now"), lambda: self.model and book.trigger(self.model.retry_action))
        self.sign_in = self._button(tr("Sign in…"), lambda: book.trigger("server.sign_in"))
        self.paper = self._button(tr("Go on with PAPER"), lambda: self.model and book.trigger(self.model.paper_action))
        for button in (self.retry, self.sign_in, self.paper):
            row.addWidget(button)
        self.hide()

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model is not None and self.model.dirty

    def show_model(self, model: LinkLike | None) -> None:
        """Show another connection, or none."""
        if self.model is not None:
            self.model.close()
        self.model = model
        self.refresh()

    def refresh(self) -> None:
        """Show how the connection stands."""
        model = self.model
        if model is None:
            self.hide()
            return
        model.dirty = False
        text = spoken(model.text)
        if self.text.text() != text:
            self.text.setText(text)
            self.setAccessibleName(text)
        self.retry.setVisible(not model.needs_sign_in)
        self.sign_in.setVisible(model.needs_sign_in)
        if self.isHidden() == bool(text):
            self.setVisible(bool(text))

    def _button(self, title: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(title)
        button.clicked.connect(lambda: do())
        return button
