"""Toasts: what became of an order (with Undo while it works), short news; away from the ticket, gone by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.timeline import Stage, Timeline

WIDTH = 320
GAP = 8
MOST = 4
LINGER_MS = 4000
LINGER_ERROR_MS = 8000

_TONES = {Stage.FILLED: "good", Stage.REFUSED: "error", Stage.PARTIAL: "accent", Stage.STARTED: "accent"}


class FillBar(QWidget):
    """How much of an order is filled: a 3 px line."""

    def __init__(self) -> None:
        super().__init__()
        self.percent = 0
        self.setFixedHeight(3)

    def show_percent(self, percent: int) -> None:
        """Fill to a percentage."""
        if percent != self.percent:
            self.percent = percent
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of the line."""
        return QSize(0, 3)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the track and the filled part."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("border"))
        painter.fillRect(0, 0, self.width() * self.percent // 100, self.height(), theme.color("accent_fill"))
        painter.end()


class Toast(QFrame):
    """One message; `gone` is called when it leaves."""

    def __init__(self, parent: QWidget, gone: Callable[[Toast], None]) -> None:
        super().__init__(parent)
        self._gone = gone
        self._left = False
        self.setProperty("kind", "toast")
        self.setFixedWidth(WIDTH)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(4)
        self.title, self.text = QLabel(), QLabel()
        theme.set_font(self.title, "strong")
        for label in (self.title, self.text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.venue = QLabel()
        self.venue.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_font(self.venue, "small")
        self.venue.hide()
        box.addWidget(self.venue)
        box.addWidget(self.title)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        self.undo = QPushButton(theme.icon("arrow-back-up"), tr("Undo"))
        self.undo.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.undo.hide()
        row.addWidget(self.undo)
        box.addLayout(row)
        self.bar = FillBar()
        self.bar.hide()
        box.addWidget(self.bar)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.leave)

    def say(self, title: str, text: str, tone: str = "muted", linger_ms: int = LINGER_MS) -> None:
        """Show a message for a while."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.text.setText(text)
        theme.set_tone(self.text, tone)
        self.setAccessibleName(f"{self.venue.text()} {title} {text}".strip())
        self.adjustSize()
        self._timer.start(linger_ms)

    def take_down(self) -> None:
        """Be on the screen no more."""
        self._left = True
        self.hide()

    def settle(self) -> None:
        """Take the height that the words need now."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(WIDTH, max(layout.heightForWidth(WIDTH), layout.minimumSize().height()))

    def leave(self) -> None:
        """Go now; nothing happens if it has gone."""
        if not self._left:
            self._timer.stop()
            self._gone(self)


class OrderToast(Toast):
    """One order of ours from sent to its end."""

    def __init__(
        self,
        parent: QWidget,
        gone: Callable[[Toast], None],
        timeline: Timeline,
        can_undo: Callable[[Timeline], bool],
        undo: Callable[[Timeline], None],
        venue: tuple[str, str] = ("", "paper"),
    ) -> None:
        """`venue` is where the order goes, and the tone of that name."""
        super().__init__(parent, gone)
        self.venue.setText(venue[0])
        self.venue.setVisible(bool(venue[0]))
        theme.set_tone(self.venue, venue[1])
        self.timeline, self._can_undo = timeline, can_undo
        self.undo.clicked.connect(lambda: undo(timeline))
        self._watch = QTimer(self)
        self._watch.setInterval(250)
        self._watch.timeout.connect(self._offer)
        self._watch.start()
        self.bar.show()
        self.refresh()

    def refresh(self) -> None:
        """Show how far the order is."""
        timeline = self.timeline
        linger = LINGER_ERROR_MS if timeline.stage is Stage.REFUSED else LINGER_MS
        self.say(spoken(timeline.title), self._steps(), _TONES.get(timeline.stage, "muted"), linger)
        self.bar.show_percent(100 if timeline.stage is Stage.FILLED else timeline.filled_percent)
        self._offer()

    def _steps(self) -> str:
        stage = self.timeline.stage
        path = [tr("sent")]
        if stage is not Stage.SENT and stage is not Stage.REFUSED:
            path.append(tr("accepted"))
        if stage is Stage.SENT:
            return f"{path[0]} …"
        return f"{' → '.join(path)} → {spoken(self.timeline.text)}"

    def _offer(self) -> None:
        self.undo.setVisible(self._can_undo(self.timeline))
        if not self.timeline.is_working:
            self._watch.stop()


Made = TypeVar("Made", bound=Toast)


class Toasts(QObject):
    """The stack of one window."""

    def __init__(self, window: QWidget, corner: Callable[[], QPoint] | None = None) -> None:
        """`corner` says where the lower right of the stack is, in the window; its own corner without it."""
        super().__init__(window)
        self._window, self._corner = window, corner
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    @property
    def shown(self) -> tuple[Toast, ...]:
        """What is on the screen, oldest first."""
        return tuple(self._shown)

    def say(self, title: str, text: str = "", tone: str = "muted") -> Toast:
        """Show a short message."""
        toast = Toast(self._window, self._remove)
        toast.say(title, text, tone, LINGER_ERROR_MS if tone == "error" else LINGER_MS)
        self._add(toast)
        return toast

    def undoable(self, title: str, text: str, undo: Callable[[], object]) -> Toast:
        """Say that something was done, and offer to take it back."""
        toast = self.say(title, text)

        def take_back() -> None:
            toast.leave()
            undo()

        toast.undo.clicked.connect(take_back)
        toast.undo.show()
        toast.say(title, text, linger_ms=LINGER_ERROR_MS)
        self._place()
        return toast

    def order(
        self,
        timeline: Timeline,
        can_undo: Callable[[Timeline], bool],
        undo: Callable[[Timeline], None],
        venue: tuple[str, str] = ("", "paper"),
    ) -> OrderToast:
        """Follow an order; `venue` is where it goes, and the tone of that name."""
        toast = OrderToast(self._window, self._remove, timeline, can_undo, undo, venue)
        self._add(toast)
        return toast

    def follow(self, make: Callable[[QWidget, Callable[[Toast], None]], Made]) -> Made:
        """Show a toast of another kind, made over the window."""
        toast = make(self._window, self._remove)
        self._add(toast)
        return toast

    def progress(self, timeline: Timeline) -> None:
        """An order got further: its toast shows it, if it is still there."""
        for toast in self._shown:
            if isinstance(toast, OrderToast) and toast.timeline is timeline:
                toast.refresh()
        self._place()

    def settle(self) -> None:
        """Make room for words that changed."""
        self._place()

    def clear(self) -> None:
        """Take all away."""
        for toast in tuple(self._shown):
            self._remove(toast)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay in the corner when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _add(self, toast: Toast) -> None:
        self._shown.append(toast)
        while len(self._shown) > MOST:
            self._remove(self._shown[0])
        toast.show()
        self._place()

    def _remove(self, toast: Toast) -> None:
        if toast in self._shown:
            self._shown.remove(toast)
            toast.take_down()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        if not self._shown:
            return
        corner = self._corner() if self._corner else QPoint(self._window.width(), self._window.height() - 24)
        bottom, right = corner.y() - GAP, corner.x() - GAP
        for toast in reversed(self._shown):
            toast.settle()
            bottom -= toast.height()
            toast.move(right - WIDTH, bottom)
            toast.raise_()
            bottom -= GAP
