"""The status bar: one row of facts about the feed and the program; a click opens diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QStatusBar

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import time_zone
from crs_desktop.widgets.tip import plain_tip

if TYPE_CHECKING:
    from crs_desktop.viewmodels.status import StatusModel


HEIGHT = 24


class StatusBar(QStatusBar):
    """Feed by venue, sequence, clock skew, queue, frame time, CPU and memory, time zone, version."""

    visible = True
    clicked = Signal()

    def __init__(self, version: str) -> None:
        super().__init__()
        self.model: StatusModel | None = None
        self.setSizeGripEnabled(False)
        self._fit()
        self._feed = self._label(tr("Feed state"), left=True)
        self._sequence = self._label(tr("Sequence and resyncs"), left=True)
        self._skew = self._label(tr("Clock of the venue against this computer's"), left=True)
        self._skew.hide()
        self._queue = self._label(tr("Engine queue"), left=True)
        self._storage = self._label(tr("Storage"), left=True)
        theme.set_tone(self._storage, "error")
        self._silence = self._label(tr("Dead-man's switch"), left=True)
        self._frame = self._label(tr("Frame time"))
        self._process = self._label(tr("CPU and memory"))
        self._zone = self._label(tr("Time zone"))
        self._version = self._label(tr("Version"))
        self._zone.setText("UTC")
        self._version.setText(version)
        self._feed.setText(tr("opening"))

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model is not None and self.model.dirty

    def refresh(self) -> None:
        """Show the model's facts."""
        model = self.model
        if model is None:
            return
        model.dirty = False
        sentence, tone = model.feed
        self._feed.setText(f"● {spoken(sentence)}")
        self._feed.setToolTip(plain_tip(spoken(model.feed_tip)) or tr("Feed state"))
        self._zone.setText(time_zone.chosen().label(model.desk.feed.now))
        theme.set_tone(self._feed, tone)
        self._sequence.setText(spoken(model.sequence))
        self._skew.setText(spoken(model.skew))
        self._skew.setVisible(bool(model.skew.source))
        self._queue.setText(spoken(model.queue))
        self._frame.setText(spoken(model.frame))
        self._process.setText(spoken(model.process))
        self._storage.setText(model.storage_problem)
        sentence, tone = model.silence
        self._silence.setText(spoken(sentence))
        theme.set_tone(self._silence, tone)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(HEIGHT, theme.current().px(HEIGHT)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Open diagnostics."""
        super().mouseReleaseEvent(event)
        self.clicked.emit()

    def _label(self, name: str, *, left: bool = False) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setContentsMargins(8, 0, 8, 0)
        label.setAccessibleName(name)
        label.setToolTip(name)
        theme.set_font(label, "small")
        theme.set_tone(label, "muted")
        if left:
            self.addWidget(label)
        else:
            self.addPermanentWidget(label)
        return label
