"""A small badge over the upper right corner of a pane: how old it is. Hidden while all is well; takes no mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget
from shiboken6 import isValid

from crs_desktop import theme
from crs_desktop.i18n import spoken
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.words import NOTHING, Sentence


class StaleBadge(QLabel):
    """Shows what `badge` says, over `host`, at the pace of a pulse; `leave` takes it away."""

    def __init__(self, host: QWidget, badge: Callable[[], Sentence], pulse: Pulse, *, right: int, top: int) -> None:
        """`right` and `top` are its distances from the host's corner, px."""
        super().__init__(host)
        self._host, self._badge, self._shown = host, badge, NOTHING
        self._right, self._top = right, top
        self.on_width: Callable[[int], object] = lambda _width: None
        """Called with its width, 0 while it is hidden."""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("kind", "badge")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.set_font(self, "small")
        self.hide()
        host.installEventFilter(self)
        self._registration = pulse.register(self)
        self.destroyed.connect(self._registration.close)

    def leave(self) -> None:
        """Go for good; safe to call twice."""
        self._registration.close()
        if isValid(self):
            self._host.removeEventFilter(self)
            self.hide()
            self.on_width(0)
            self.deleteLater()

    @property
    def dirty(self) -> bool:
        """Whether it has something else to say."""
        return self._badge() != self._shown

    @property
    def visible(self) -> bool:
        """Whether anybody could see it."""
        return self._host.isVisible()

    def refresh(self) -> None:
        """Say it."""
        self._shown = self._badge()
        text = spoken(self._shown)
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self._place()
        self.on_width(self.width() if text else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        self.move(max(0, self._host.width() - self.width() - self._right), self._top)
        self.raise_()
