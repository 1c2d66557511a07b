"""A painted list of prints, newest on top: time, price, size, an arrow for the taker's side.

Large prints stand on a stronger ground. While the pointer is over it, or it is scrolled, the list wants to be held;
a chip then says how many prints wait, and brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme

ROW = 18
EDGE = 8


class TapeRow(NamedTuple):
    """One line as texts; `weight` (0 to 1) is the length of its bar, `price` what a click picks."""

    time: str
    price_text: str
    qty: str
    is_buy: bool
    weight: float
    price: int
    large: bool = False
    prints: int = 1


class TapeView(QWidget):
    """Paints the rows it is given; asks for more by scrolling."""

    picked = Signal(object)
    """The price of the print that was clicked, in ticks."""
    scrolled = Signal()
    held = Signal(bool)
    """Whether it should stand still."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[TapeRow] = ()
        self._heads = ("", "", "")
        self._widest = (0, 0, 0)
        """The most characters that time, price and size had since the heads changed: columns do not jump."""
        self._message, self._fresh = "", True
        self.skip = 0
        self._total = 0
        self._waiting_text = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", "Up Down PgUp PgDown Home End")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, ROW * 4)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A dozen prints."""
        return QSize(260, ROW * 12)

    @property
    def rows_needed(self) -> int:
        """How many prints can be seen."""
        return max(1, self.height() // self._row_height())

    def show_rows(
        self,
        rows: Sequence[TapeRow],
        *,
        heads: tuple[str, str, str],
        total: int,
        message: str,
        fresh: bool,
        waiting: str = "",
    ) -> None:
        """Paint these from now on; `fresh` False greys them, `waiting` says how many are held back."""
        self._waiting_text = waiting
        if heads != self._heads:
            self._widest = (0, 0, 0)
        self._widest = (
            max((len(row.time) for row in rows), default=0),
            max((self._widest[1], *(len(row.price_text) for row in rows))),
            max((self._widest[2], *(len(row.qty) for row in rows))),
        )
        self._rows, self._heads, self._total, self._message, self._fresh = rows, heads, total, message, fresh
        self.update()

    def _row_height(self) -> int:
        return theme.current().px(ROW)

    def _scroll(self, rows: int) -> None:
        skip = max(0, min(self.skip + rows, self._total - self.rows_needed + 1))
        if skip != self.skip:
            self.skip = skip
            self.held.emit(skip > 0 or self.underMouse())
            self.scrolled.emit()

    def show_newest(self) -> None:
        """Go back to the newest print, and on with it."""
        self.skip = 0
        self.held.emit(False)
        self.scrolled.emit()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Stand still under the pointer: what is read or clicked must not move."""
        super().enterEvent(event)
        self.held.emit(True)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Go on, unless it is scrolled."""
        super().leaveEvent(event)
        self.held.emit(self.skip > 0)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Look at older prints; the list stands still while scrolled."""
        self._scroll(-event.angleDelta().y() // 40)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows and page keys scroll, Home returns to the newest print."""
        moves: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Up: lambda: self._scroll(-1),
            Qt.Key.Key_Down: lambda: self._scroll(1),
            Qt.Key.Key_PageUp: lambda: self._scroll(-self.rows_needed),
            Qt.Key.Key_PageDown: lambda: self._scroll(self.rows_needed),
            Qt.Key.Key_Home: self.show_newest,
            Qt.Key.Key_End: lambda: self._scroll(self._total),
        }
        move = moves.get(event.key())
        if move is None:
            super().keyPressEvent(event)
        else:
            move()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click picks the print's price, or brings what waits."""
        if self._waiting_text and self.chip().contains(event.position().toPoint()):
            self.show_newest()
            return
        at = int(event.position().y()) // self._row_height() - 1
        if event.button() == Qt.MouseButton.LeftButton and 0 <= at < len(self._rows):
            self.picked.emit(self._rows[at].price)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint heads and prints."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface"))
        height = self._row_height()
        columns = self._columns()
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        for at, align, text in zip(columns, (left, right, right), self._heads, strict=True):
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, at.width())
            painter.drawText(at, middle | align, shown if at.width() > 0 else "")
        if not self._rows:
            painter.drawText(
                self.rect().adjusted(16, height, -16, 0), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                self._message,
            )  # fmt: skip
        self._paint_rows(painter, height, columns)
        if self._waiting_text:
            self._paint_chip(painter)
        if self.hasFocus():
            painter.setPen(theme.color("border_strong"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def chip(self) -> QRect:
        """Where the chip stands that says how many prints wait."""
        height = self._row_height()
        width = QFontMetrics(theme.font("small")).horizontalAdvance(self._waiting_text) + 20
        return QRect((self.width() - width) // 2, height + 2, width, height)

    def _paint_chip(self, painter: QPainter) -> None:
        chip = self.chip()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent_fill"))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("on_fill"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._waiting_text)

    def _columns(self) -> tuple[QRect, QRect, QRect]:
        height, width = self._row_height(), self.width() - 2 * EDGE
        first, second = width * 28 // 100, width * 40 // 100
        if self._rows:
            digit, (times, prices, sizes) = theme.digit_width("number"), self._widest
            time, price, size = digit * times, digit * (prices + 3), digit * sizes
            if time + EDGE > first or price + EDGE > second or size + EDGE > width - first - second:
                first = time + EDGE if time + price + size + 2 * EDGE <= width else 0  # large text: no time
                second = min(price, width - first)
        return (
            QRect(EDGE, 0, first, height),
            QRect(EDGE + first, 0, second, height),
            QRect(EDGE + first + second, 0, width - first - second, height),
        )

    def _paint_rows(self, painter: QPainter, height: int, columns: tuple[QRect, QRect, QRect]) -> None:
        time_at, price_at, qty_at = columns
        ratio = self.devicePixelRatioF()
        tops: dict[str, list[int]] = {"up": [], "down": []}
        prices: dict[str, list[str]] = {"up": [], "down": []}
        for number, row in enumerate(self._rows):
            top, name = (number + 1) * height, "up" if row.is_buy else "down"
            if row.large:
                painter.fillRect(0, top, self.width(), height - 1, theme.color(name, 64))
                painter.fillRect(0, top, 3, height - 1, theme.color(name))
            if row.weight > 0.02:
                length = round(qty_at.width() * row.weight)
                painter.fillRect(self.width() - length, top + 1, length, height - 2, theme.color(name, 30))
            tops[name].append(top)
            prices[name].append(("▲ " if row.is_buy else "▼ ") + row.price_text)
        every = [(number + 1) * height for number in range(len(self._rows))]
        for tone, edge, right, at, texts in (
            ("text_muted", time_at.left(), False, every, [row.time for row in self._rows]),
            ("up_text", price_at.right() + 1, True, tops["up"], prices["up"]),
            ("down_text", price_at.right() + 1, True, tops["down"], prices["down"]),
            ("text", qty_at.right() + 1, True, every, [row.qty for row in self._rows]),
            ("text_faint", qty_at.left() + 4, False, every, [_count(row.prints) for row in self._rows]),
        ):
            if tone == "text_muted" and time_at.width() <= 0:
                continue
            ink = theme.color(tone if self._fresh else "text_faint")
            theme.letter_column(painter, "number", ink, ratio, edge, height, at, texts, right=right)


def _count(prints: int) -> str:
    return f"{min(prints, 999)}×" if prints > 1 else ""  # noqa: RUF001 - a multiplication sign
