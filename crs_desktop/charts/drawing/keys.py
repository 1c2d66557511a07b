"""Drawings by keyboard, while the chart has the focus.

With a tool in the hand: Left and Right (the chart's own) and Up and Down move the crosshair, Enter places a point.
N and Shift+N go through the drawings; Alt with arrows moves the selected one by a bar or a tick, with Shift ten times
as far; Enter chooses which of its points that moves. Delete, Ctrl+D, Ctrl+C, Ctrl+V, F2 (look), Menu, Ctrl+Z.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QKeyEvent, QKeySequence

from crs_desktop.charts.drawing.edit import copy, duplicate, move_by_keys, paste, remove
from crs_desktop.charts.overlay import Plane
from crs_desktop.viewmodels.drawings.outline import Point

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay

OWN = "ownKeys"
TRADING = "tradingKeys"
"""The keys that answer to trading on the chart now."""
PLACING = ("Up", "Down", "Shift+Up", "Shift+Down", "Return", "Enter")
SELECTED = ("Del", "Backspace", "Return", "Enter", "F2", "Menu", "Ctrl+D", "Ctrl+C")
MOVES = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, 1), "Down": (0, -1)}
STEP_PX = 8.0
"""How far Up and Down move the crosshair; with Shift it is one tick."""


class Keys:
    """Keys of drawings on one chart."""

    def __init__(self, overlay: DrawingOverlay) -> None:
        self._overlay = overlay
        self._claimed: frozenset[str] = frozenset()

    def wanted(self) -> frozenset[str]:
        """Return the keys that mean something to drawings now."""
        overlay = self._overlay
        store, hand = overlay.store, overlay.hand
        found: set[str] = set()
        if store.tools.kind is not None:
            found |= {*PLACING, "Esc"}
        elif store.shapes(overlay.symbol):
            found |= {"N", "Shift+N"}
        if hand.selected is not None and store.tools.kind is None:
            moves = {f"Alt+{shift}{name}" for shift in ("", "Shift+") for name in MOVES}
            found |= {*SELECTED, *moves, "Esc"}
        if hand.transient is not None:
            found |= {"Esc", "Return", "Enter"}
        if store.tools.copied:
            found.add("Ctrl+V")
        if store.can_undo(overlay.symbol):
            found.add("Ctrl+Z")
        if store.can_redo(overlay.symbol):
            found |= {"Ctrl+Shift+Z", "Ctrl+Y"}
        if store.tools.kind is None:  # an order that waits for an answer, or was just moved, comes first
            found -= set(str(overlay.chart.property(TRADING) or "").split())
        return frozenset(found)

    def claim(self) -> None:
        """Say to the hotkeys which keys are the chart's own now; others' claims stay."""
        chart, wanted = self._overlay.chart, self.wanted()
        others = set(str(chart.property(OWN) or "").split()) - self._claimed
        self._claimed = frozenset(wanted - others)
        chart.setProperty(OWN, " ".join(sorted(others | wanted)))

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle a key; False leaves it to the chart."""
        kind = event.type()
        if not isinstance(event, QKeyEvent) or kind not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        name = _name(event)
        if name not in self.wanted():
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        done = self._do(name, plane)
        if done:
            self._overlay.chart.gestures.shows_focus = self._overlay.chart.hasFocus()
            event.accept()
        return done

    def _do(self, name: str, plane: Plane) -> bool:
        overlay = self._overlay
        if name == "Esc":
            return overlay.hand.give_up()
        if overlay.store.tools.kind is not None and name in PLACING:
            return self._place(name, plane)
        if name.startswith("Alt+"):
            across, up = MOVES[name.rpartition("+")[2]]
            far = 10 if "Shift" in name else 1
            return move_by_keys(overlay, overlay.sight(plane), across * far, up * far)
        simple: dict[str, Callable[[], object]] = {
            "N": lambda: self._cycle(1),
            "Shift+N": lambda: self._cycle(-1),
            "Del": lambda: remove(overlay),
            "Backspace": lambda: remove(overlay),
            "Return": self._next_handle,
            "Enter": self._next_handle,
            "F2": self._open_style,
            "Menu": self._open_menu,
            "Ctrl+D": lambda: duplicate(overlay, overlay.sight(plane)),
            "Ctrl+C": lambda: copy(overlay),
            "Ctrl+V": lambda: paste(overlay, overlay.sight(plane)),
            "Ctrl+Z": lambda: overlay.store.undo(overlay.symbol),
            "Ctrl+Shift+Z": lambda: overlay.store.redo(overlay.symbol),
            "Ctrl+Y": lambda: overlay.store.redo(overlay.symbol),
        }
        simple[name]()
        overlay.chart.update()
        return True

    def _place(self, name: str, plane: Plane) -> bool:
        chart = self._overlay.chart
        if chart.hover is None:
            chart.gestures.step(-1)  # begins at the newest bar
            return True
        x, y = chart.hover
        y = min(max(y, 0.0), plane.frame.price_height - 1)
        if name in ("Return", "Enter"):
            self._overlay.hand.place(self._overlay.sight(plane), x, y, by_keys=True)
            return True
        up = 1 if name.endswith("Up") else -1
        fine = name.startswith("Shift")
        y = plane.view.y(round(plane.view.price(y)) + up) if fine else y - up * STEP_PX
        chart.hover = x, min(max(y, 0.0), plane.frame.price_height - 1)
        chart.update()
        return True

    def _cycle(self, step: int) -> None:
        """Select the next drawing in view, or the next of all if none is."""
        overlay = self._overlay
        ids = [shape_id for shape_id, _ in overlay.shown] or [each.id for each in overlay.store.shapes(overlay.symbol)]
        if ids:
            at = ids.index(overlay.hand.selected) + step if overlay.hand.selected in ids else (0 if step > 0 else -1)
            overlay.hand.select(ids[at % len(ids)])

    def _next_handle(self) -> None:
        """Choose the next point of the selected drawing for the keyboard to move; after the last, the whole."""
        hand = self._overlay.hand
        if hand.transient is not None:
            hand.keep_transient()
            return
        found = next((each for shape_id, each in self._overlay.shown if shape_id == hand.selected), None)
        count = len(found.handles) if found is not None else 0
        following = 0 if hand.handle is None else hand.handle + 1
        hand.handle = following if following < count else None

    def _open_style(self) -> None:
        if self._overlay.hand.selected is not None:
            self._overlay.hand.open_style(self._overlay.hand.selected)

    def _open_menu(self) -> None:
        overlay = self._overlay
        found = next((each for shape_id, each in overlay.shown if shape_id == overlay.hand.selected), None)
        if found is None or overlay.hand.selected is None:
            return
        from crs_desktop.charts.drawing.menu import drawing_menu

        at = found.handles[0] if found.handles else Point(0.0, 0.0)
        menu = drawing_menu(overlay, overlay.hand.selected)
        menu.popup(overlay.chart.mapToGlobal(QPoint(round(at.x), round(at.y))))


def _name(event: QKeyEvent) -> str:
    """Return a key as hotkeys are written; one of the keypad is the same as its twin."""
    text = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
    return text.replace("Num+", "")
