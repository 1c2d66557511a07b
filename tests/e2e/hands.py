"""The real desktop with hands at its keyboard: `python -m tests.e2e.hands SEED|look|minimise [options of crs-desktop]`.

It is the program itself (`crs_desktop.app.run`); a timer posts key events to whatever widget has the keyboard, as
the window system would: orders by J, arrows and Enter, market buys by B and Enter, cancels by X. Once its tables
show an order or a fill, it prints one JSON line `{"shown": KEY, "table": "orders" | "fills"}`, flushed, so that a
test knows what the user had seen before the end. Sentences across the window are told as table "notice". With `look`
it types nothing; with `minimise` it makes the window small and tells when it is, and when it is not any more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from crs_desktop.app import application, run
from crs_desktop.options import parse
from crs_desktop.window import MainWindow

PERIOD_MS = 20

Press = tuple[Qt.Key, str]

B, J, X = (Qt.Key.Key_B, "b"), (Qt.Key.Key_J, "j"), (Qt.Key.Key_X, "x")
UP, DOWN, ENTER = (Qt.Key.Key_Up, ""), (Qt.Key.Key_Down, ""), (Qt.Key.Key_Return, "\r")


class Hands:
    """Type until the end of the world, and tell what is seen."""

    def __init__(self, how: str) -> None:
        self._keys = self._typed(Random(int(how))) if how.isdigit() else None  # noqa: S311 - a repeatable stream
        self._minimises = how == "minimise"
        self._told: set[str] = set()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(PERIOD_MS)

    def _tick(self) -> None:
        window = next((each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)), None)
        if window is None:
            return
        if window.notice.isVisible():
            self._say("notice", window.notice.text)
        if window.pane("ticket") is None:
            return
        for table in ("orders", "fills"):
            pane = window.pane(table)
            if pane is None:
                window.docks.show(table)
            else:
                self._tell(table, pane.model)
        if self._keys is None:
            self._look_at(window)
            return
        target = QApplication.focusWidget() or window.focusWidget() or window
        key, text = next(self._keys)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.postEvent(target, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text))

    def _look_at(self, window: MainWindow) -> None:
        if self._minimises:
            window.showMinimized()
            self._minimises = False
        self._say("window", "minimised" if window.isMinimized() else "shown")

    def _tell(self, table: str, model: Any) -> None:  # noqa: ANN401 - the models of two tables
        for row in model.rows():
            self._say(table, row.key)

    def _say(self, table: str, shown: str) -> None:
        line = json.dumps({"shown": shown, "table": table})
        if line not in self._told:
            self._told.add(line)
            print(line, flush=True)

    def _typed(self, random: Random) -> Iterator[Press]:
        while True:
            choice = random.random()
            if choice < 0.2:
                yield from (B, ENTER)
            elif choice < 0.3:
                yield X
            else:
                yield J
                yield from [DOWN] * random.randint(1, 12)
                yield ENTER
            yield ENTER  # a question about a duplicate is answered; otherwise the same order again


def main() -> int:
    """Run the desktop with hands."""
    options = parse(sys.argv[2:])
    application()
    hands = Hands(sys.argv[1])
    try:
        return run(options)
    finally:
        del hands


if __name__ == "__main__":
    sys.exit(main())
