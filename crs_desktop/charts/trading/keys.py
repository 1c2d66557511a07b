"""Keys of the trading overlay: an order line that is chosen is moved by the arrows, sent by Enter, cancelled by Delete.

Ctrl+Up and Ctrl+Down choose (the chart's own keys); then Up and Down move by a tick, with Shift by ten; Enter sends,
Escape drops, Delete cancels. Enter and Escape also answer what is asked; Ctrl+Z moves the last line back for a while.
A new order is moved the same way while it is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from crs_desktop.viewmodels.chart_entry import ENTRY

if TYPE_CHECKING:
    from crs_desktop.charts.trading.overlay import TradingOverlay

Key = Qt.Key
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
MOVES = frozenset({"Up", "Down", "Shift+Up", "Shift+Down"})
UNDO = frozenset({"Ctrl+Z"})
ANSWERS = frozenset({"Return", "Enter", "Esc"})
OWN = "ownKeys"
"""The property by which a widget keeps hotkeys for itself."""
TRADING = "tradingKeys"
"""Which of them answer to trading now, and Undo while the hotkey takes back an order that was just sent: other overlays
leave those alone, unless they hold a tool."""


class Keys:
    """Takes key presses while something of ours is chosen or under way."""

    def __init__(self, overlay: TradingOverlay) -> None:
        self._overlay = overlay
        self._claimed: frozenset[str] = frozenset()

    def wanted(self) -> frozenset[str]:
        """Return the keys that mean something to trading now."""
        model, found = self._overlay.model, set[str]()
        if self._overlay.chart.selected is not None or model.draft is not None:
            found |= MOVES
        if model.amends.can_undo is not None:
            found |= UNDO
        if model.waits:
            found |= ANSWERS
        return frozenset(found)

    def claim(self) -> None:
        """Keep the keys that mean something now from being hotkeys, or another overlay's; others' claims stay."""
        widget, wanted = self._overlay.widget, self.wanted()
        sent = UNDO if self._sent_now() else frozenset[str]()
        others = set(str(widget.property(OWN) or "").split()) - self._claimed
        self._claimed = frozenset(wanted - others)
        for name, keys in ((OWN, others | wanted), (TRADING, wanted | sent)):
            text = " ".join(sorted(keys))
            if text != widget.property(name):
                widget.setProperty(name, text)
                widget.update()  # other overlays look at it when they paint

    def _sent_now(self) -> bool:
        """Whether Undo is offered for an order that was just sent."""
        model = self._overlay.model
        ticket = model.desk.ticket() if model.lines else None
        return ticket is not None and ticket.outbox.newest_to_undo() is not None

    def take(self, event: QEvent) -> bool:
        """Handle a key press; False leaves it to the next."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = event.key()
        if held == CTRL:
            return key == Key.Key_Z and self._overlay.model.undo()
        if held not in (NONE, SHIFT):
            return False
        if key in (Key.Key_Up, Key.Key_Down):
            return self._step((1 if key == Key.Key_Up else -1) * (10 if held == SHIFT else 1))
        if held != NONE:
            return False
        if key in (Key.Key_Return, Key.Key_Enter):
            return self._overlay.model.waits and self._overlay.model.enter(self._overlay.chart.selected)
        if key == Key.Key_Escape:
            return self._escape()
        return key == Key.Key_Delete and self._delete()

    def _step(self, ticks: int) -> bool:
        overlay, model = self._overlay, self._overlay.model
        if model.draft is not None:
            levels = model.draft.levels()
            name = ENTRY if ENTRY in levels else next(iter(levels), None)
            if name is not None:
                model.draft.move(name, levels[name] + ticks)
                model.changed()
            return True
        if overlay.chart.selected is None:
            return False
        model.step(overlay.chart.selected, ticks)
        return True

    def _escape(self) -> bool:
        self._overlay.pointer.let_go()
        done = self._overlay.model.escape()
        if done:
            self._overlay.widget.update()
        return done

    def _delete(self) -> bool:
        overlay = self._overlay
        if overlay.chart.selected is None:
            return False
        overlay.model.cancel(overlay.chart.selected)
        return True
