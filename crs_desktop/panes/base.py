"""The base of every pane: a title, a model, a place under the pulse, a clean end.

A subclass gets a view-model, builds its widgets in `__init__` and shows the model's state in
`refresh`. The model has `dirty` (set by itself) and `close()` (ends its subscriptions).
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from crs_desktop.pulse import Pulse, Registration


class Model(Protocol):
    """What a pane needs of its view-model."""

    dirty: bool

    def close(self) -> None:
        """End all subscriptions; safe to call twice."""
        ...


class Pane(QWidget):
    """One pane of the desk. `name` is stable (layouts refer to it), `title` is for people."""

    name: str = "pane"
    urgent: bool = False
    """Whether the pulse refreshes it before others."""

    def __init__(self, model: Model | None, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.title = title
        self._pulse: Registration | None = None
        self._closed = False
        self.covered = False
        """Set by whoever stacks panes: it is behind another tab."""
        self.setObjectName(self.name)
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(title)
        self.setAccessibleName(title)

    @property
    def dirty(self) -> bool:
        """Whether the model has something new to show."""
        return self.model is not None and self.model.dirty

    @property
    def visible(self) -> bool:
        """Whether anybody could see the pane: shown, and not behind another tab."""
        return self.isVisible() and not self.covered

    def refresh(self) -> None:
        """Show the model's state; a subclass shows more, and calls this first or last."""
        if self.model is not None:
            self.model.dirty = False

    def theme_changed(self) -> None:
        """Take new colours and fonts; called after the theme was applied. Painters need nothing."""

    def join(self, pulse: Pulse) -> None:
        """Be refreshed by a pulse until closed."""
        self.leave()
        self._pulse = pulse.register(self)

    def leave(self) -> None:
        """Be refreshed no more."""
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None

    def dispose(self) -> None:
        """Leave the pulse and close the model; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self.leave()
        if self.model is not None:
            self.model.close()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Pass a change of the theme on."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and not self._closed:
            self.theme_changed()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close the model with the window."""
        self.dispose()
        super().closeEvent(event)
