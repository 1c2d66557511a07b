"""Signs of life: any key, click or turn of the wheel in the program's windows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject

SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class LifeSigns(QObject):
    """Calls `alive` for every sign; `close` ends it."""

    def __init__(self, alive: Callable[[], object]) -> None:
        super().__init__()
        self._alive = alive
        self._app = QCoreApplication.instance()
        if self._app is not None:
            self._app.installEventFilter(self)

    def close(self) -> None:
        """Watch no more."""
        if self._app is not None:
            self._app.removeEventFilter(self)
            self._app = None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See an event, and let it pass."""
        if event.type() in SIGNS:
            self._alive()
        return False
