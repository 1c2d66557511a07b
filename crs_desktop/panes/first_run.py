"""The introduction's card: lies over the chart's corner, points at a pane, never takes the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMainWindow, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.first_run import Introduction

WIDTH = 340
MARGIN = 16
BEAT_MS = 250


class FirstRun(QFrame):
    """Four steps; Skip and Next work by mouse only, so that no key of the trader is lost."""

    def __init__(self, window: QMainWindow, desk: Desk, book: ActionBook, finished: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._finished = finished
        self.model = Introduction(desk, book.shortcut)
        self.setProperty("kind", "toast")
        self.setFixedWidth(max(WIDTH, min(theme.current().px(WIDTH), 480)))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        box.setSpacing(8)
        self._count, self._title, self._text = QLabel(), QLabel(), QLabel()
        theme.set_font(self._count, "small")
        theme.set_tone(self._count, "faint")
        theme.set_font(self._title, "title")
        theme.set_tone(self._text, "muted")
        for label in (self._count, self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            box.addWidget(label)
        row = QHBoxLayout()
        self._skip, self._next = QPushButton(tr("Skip")), QPushButton(tr("Next"))
        self.live = QPushButton(tr("Live prices…"))
        self.live.setToolTip(tr("Practise on the live prices of a public exchange; orders stay on this computer"))
        self.live.clicked.connect(lambda: book.trigger("server.venue"))
        self._skip.setProperty("kind", "ghost")
        self.live.setProperty("kind", "ghost")
        for button in (self._skip, self.live, self._next):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._skip.clicked.connect(lambda: self.finish(done=True))
        self._next.clicked.connect(self._go_on)
        row.addWidget(self._skip)
        row.addWidget(self.live)
        row.addStretch(1)
        row.addWidget(self._next)
        box.addLayout(row)
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._look)

    def start(self) -> None:
        """Show the first step."""
        self._window.installEventFilter(self)
        self.refresh()
        self.show()
        self.raise_()
        self._beat.start()

    def finish(self, *, done: bool) -> None:
        """Go; `done` means for good (skipped or finished), not just because the window closes."""
        self._beat.stop()
        self._window.removeEventFilter(self)
        self.model.close()
        self.hide()
        self.deleteLater()
        if done:
            self._finished()

    def refresh(self) -> None:
        """Show the current step."""
        self.model.dirty = False
        step = self.model.step
        if step is None:
            self.finish(done=True)
            return
        count = len(self.model.steps)
        self.live.setVisible(self.model.at == 0 and self.model.desk.trust.exchange is None)
        self._count.setText(tr("Step {at} of {count}", at=self.model.at + 1, count=count))
        self._title.setText(spoken(step.title))
        self._text.setText(spoken(step.text))
        self._next.setText(tr("Done") if self.model.at == count - 1 else tr("Next"))
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.heightForWidth(self.width()))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in the corner of the chart."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if self.model.dirty:
            self.refresh()

    def _go_on(self) -> None:
        self.model.next()
        self.refresh()

    def _place(self) -> None:
        chart: QWidget | None = self._window.centralWidget()
        if chart is not None:
            corner = chart.mapTo(self._window, chart.rect().bottomLeft())
            self.move(corner.x() + MARGIN, corner.y() - self.height() - MARGIN - 24)
