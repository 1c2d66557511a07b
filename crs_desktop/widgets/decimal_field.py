"""A field for one decimal number: name on the left, figures on the right, unit behind them.

It takes digits, separators and signs of grouping, never letters: those go on to the window, so that hotkeys
work while the field has the keyboard. Whether the number is any good is not decided here; the text stays
as typed.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from crs_desktop import theme
from crs_desktop.widgets.tip import plain_tip

ALLOWED = frozenset("0123456789.,")
EDGE = 8


class DecimalField(QLineEdit):
    """Emits `edited` for what the user types and `stepped` for the arrow keys (10 with Shift)."""

    edited = Signal(str)
    stepped = Signal(int)
    takes_letters = False
    """For whoever routes hotkeys: a letter means nothing here."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._unit = label, ""
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(label)
        self.setMaxLength(40)
        theme.set_font(self, "number")
        self.textEdited.connect(self.edited)
        self._fit()

    def set_unit(self, unit: str) -> None:
        """Show a unit behind the figures."""
        if unit != self._unit:
            self._unit = unit
            self._fit()

    def set_label(self, label: str) -> None:
        """Show a name before the figures."""
        if label != self._label:
            self._label = label
            self.setAccessibleName(label)
            self._fit()

    def show_text(self, text: str, *, keep_cursor: bool = True) -> None:
        """Show a text that was not typed here; nothing moves if it is the same."""
        if text == self.text():
            return
        at = self.cursorPosition()
        selected = self.hasSelectedText()
        self.setText(text)
        if selected and self.hasFocus():
            self.selectAll()
        elif keep_cursor:
            self.setCursorPosition(min(at, len(text)))

    def set_problem(self, sentence: str) -> None:
        """Mark the field as wrong and say why on hover; an empty sentence clears it."""
        invalid = bool(sentence)
        self.setToolTip(plain_tip(sentence))
        if self.property("invalid") != invalid:
            self.setProperty("invalid", invalid)
            self.style().unpolish(self)
            self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Step by arrow keys, type figures, pass everything else on."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(step * 10 if shifted and abs(step) == 1 else step)
            return
        text = event.text()
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape) or (
            text and text.isprintable() and text not in ALLOWED and not held
        ):
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Select the whole number when the keyboard arrives, so that typing replaces it."""
        super().focusInEvent(event)
        if event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
            Qt.FocusReason.OtherFocusReason,
        ):
            self.selectAll()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the field, then name and unit into its margins."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted" if self.isEnabled() else "text_faint"))
        inner = QRect(EDGE, 0, self.width() - 2 * EDGE, self.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, self._label)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self._unit)
        painter.end()

    def _fit(self) -> None:
        metrics = QFontMetrics(theme.font("small"))
        left = metrics.horizontalAdvance(self._label)
        right = metrics.horizontalAdvance(self._unit)
        self.setTextMargins(left + 4, 0, right + 4 if right else 0, 0)
        self.update()
