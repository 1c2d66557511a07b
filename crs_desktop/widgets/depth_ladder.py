"""A painted order book: asks above, the spread, bids below; depth bars, own orders, one cursor.

Painting the rows is several times cheaper than a table of items. The widget shows as many levels as fit,
more by scrolling; the spread row stays in the middle until the user scrolls. It knows rows and texts only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygon, QWheelEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme

ROW = 18
SPREAD_ROW = 26
EDGE = 8
LEVELS = 50
"""Levels per side that can be scrolled to."""


class LadderRow(NamedTuple):
    """One level: its number, its texts, its depth as a fraction of the deepest, and own quantity if any."""

    price: int
    price_text: str
    qty_text: str
    total_text: str
    depth: float
    mine_text: str


@dataclass(slots=True)
class LadderView:
    """Everything there is to paint; `message` replaces the rows, `synced` False hatches them."""

    asks: Sequence[LadderRow] = ()
    bids: Sequence[LadderRow] = ()
    last: str = ""
    direction: int = 0
    spread: str = ""
    message: str = ""
    synced: bool = True
    heads: tuple[str, str, str] = field(default=("", "", ""))


class DepthLadder(QWidget):
    """Paints a `LadderView`; emits the price of the level that is clicked or entered."""

    picked = Signal(object)
    """A price in ticks."""
    regroup = Signal(int)
    """-1 or 1: finer or coarser rows, please."""

    def __init__(self, describe: Callable[[str, str], str], parent: QWidget | None = None) -> None:
        """`describe` says a level's price and size in words, for screen readers."""
        super().__init__(parent)
        self._view = LadderView()
        self._describe = describe
        self._scroll = 0
        self._cursor: int | None = None
        self._hover: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", "Up Down Left Right PgUp PgDown Home Space")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(180, ROW * 5 + SPREAD_ROW)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Twelve levels per side."""
        return QSize(260, ROW * 25 + SPREAD_ROW)

    def show_view(self, view: LadderView) -> None:
        """Paint this from now on."""
        self._view = view
        self._scroll = self._bounded(self._scroll)
        self.update()

    @property
    def levels_needed(self) -> int:
        """How many levels per side can be seen now."""
        return min(LEVELS, self._half_rows() + abs(self._scroll) + 1)

    @property
    def cursor_price(self) -> int | None:
        """The price of the level under the keyboard cursor."""
        row = self._row(self._cursor) if self._cursor is not None else None
        return row.price if row is not None else None

    # -- geometry: index 1, 2, … are asks upwards from the spread, -1, -2, … bids downwards ---------

    def _row_height(self) -> int:
        return theme.current().px(ROW)

    def _spread_height(self) -> int:
        return theme.current().px(SPREAD_ROW)

    def _half_rows(self) -> int:
        room = self.height() - self._head_height() - self._spread_height()
        return max(1, -(-room // self._row_height() // 2))

    def _head_height(self) -> int:
        return self._row_height()

    def _middle(self) -> int:
        """Top of the spread row."""
        room = self.height() - self._head_height() - self._spread_height()
        height = self._row_height()
        return self._head_height() + (room // height // 2 + self._scroll) * height  # whole rows on both sides

    def _bounded(self, scroll: int) -> int:
        spare = self._half_rows()
        return max(-max(0, len(self._view.bids) - spare // 2), min(scroll, max(0, len(self._view.asks) - spare // 2)))

    def rect_of(self, index: int) -> QRect:
        """Where a level is painted: 1, 2, … are asks upwards from the spread, -1, -2, … bids downwards."""
        height, middle = self._row_height(), self._middle()
        top = middle - index * height if index > 0 else middle + self._spread_height() + (-index - 1) * height
        return QRect(0, top, self.width(), height)

    def _index_at(self, y: int) -> int | None:
        height, middle = self._row_height(), self._middle()
        below = middle + self._spread_height()
        if y < self._head_height() or middle <= y < below:
            return None
        index = (middle - y - 1) // height + 1 if y < middle else -((y - below) // height + 1)
        return index if self._row(index) is not None else None

    def _row(self, index: int | None) -> LadderRow | None:
        if not index:
            return None
        rows, at = (self._view.asks, index - 1) if index > 0 else (self._view.bids, -index - 1)
        return rows[at] if at < len(rows) else None

    # -- keys and mouse -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows move the cursor, Enter picks, Home returns to the spread, left and right regroup."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move_cursor(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            for _ in range(10):
                self._move_cursor(1 if key == Qt.Key.Key_PageUp else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.cursor_price is not None:
            self.picked.emit(self.cursor_price)
        elif key == Qt.Key.Key_Home:
            self._scroll, self._cursor = 0, None
            self.update()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.regroup.emit(1 if key == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _move_cursor(self, step: int) -> None:
        index = (self._cursor or 0) + step or step
        if self._row(index) is None:
            return
        self._cursor = index
        rect = self.rect_of(index)
        if rect.top() < self._head_height():
            self._scroll = self._bounded(self._scroll + 1)
        elif rect.bottom() > self.height():
            self._scroll = self._bounded(self._scroll - 1)
        row = self._row(index)
        if row is not None:
            self.setAccessibleDescription(self._describe(row.price_text, row.qty_text))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click picks the level's price."""
        index = self._index_at(int(event.position().y()))
        row = self._row(index)
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self._cursor = index
            self.picked.emit(row.price)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show which level a click would pick."""
        index = self._index_at(int(event.position().y()))
        if index != self._hover:
            self._hover = index
            self.setCursor(Qt.CursorShape.PointingHandCursor if index else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        """Forget the mouse."""
        self._hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll to deeper levels."""
        steps = event.angleDelta().y() // 40
        self._scroll = self._bounded(self._scroll + steps)
        event.accept()
        self.update()

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint heads, levels and the spread."""
        painter = QPainter(self)
        view = self._view
        painter.fillRect(self.rect(), theme.color("surface"))
        if view.message and not view.asks and not view.bids:
            self._paint_message(painter, self.rect())
        else:
            painter.setFont(theme.font("number"))
            self._paint_side(painter, view.asks, 1)
            self._paint_side(painter, view.bids, -1)
            if not view.synced:
                self._paint_hatch(painter)
            self._paint_spread(painter)
            if view.message:
                theme.paint_banner(painter, self.rect().adjusted(0, self._head_height(), 0, 0), view.message)
        self._paint_heads(painter)
        if self.hasFocus():
            painter.setPen(theme.color("border_strong"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _columns(self) -> tuple[QRect, QRect, QRect]:
        """Price, size and total; the price column fits the widest price there is."""
        height, width = self._row_height(), self.width() - 2 * EDGE
        rows = (*self._view.asks[:1], *self._view.bids[:1])
        digit = theme.digit_width("number")
        price, size, total = (
            digit * max((len(getattr(row, name)) for row in rows), default=0) + EDGE
            for name in ("price_text", "qty_text", "total_text")
        )
        first, second = width * 36 // 100, width * 32 // 100
        if price + size + total > width or price > first:  # large text: what is left goes to the totals
            first = min(max(price, first), width)
            second = min(max(size, second), width - first)
            if first + second + total > width:
                second = width - first
        return (
            QRect(EDGE, 0, first, height),
            QRect(EDGE + first, 0, second, height),
            QRect(EDGE + first + second, 0, width - first - second, height),
        )

    def _paint_side(self, painter: QPainter, rows: Sequence[LadderRow], sign: int) -> None:
        name = "down" if sign > 0 else "up"
        bar = theme.color(name, 36)
        price_pen = theme.color(f"{name}_text") if self._view.synced else theme.color("text_faint")
        size_pen = theme.color("text") if self._view.synced else theme.color("text_faint")
        total_pen = theme.color("text_muted") if self._view.synced else theme.color("text_faint")
        price_at, size_at, total_at = self._columns()
        head, bottom, width = self._head_height(), self.height(), self.width()
        visible: list[tuple[int, LadderRow, QRect]] = []
        for number, row in enumerate(rows):
            rect = self.rect_of(sign * (number + 1))
            if rect.top() < head or rect.bottom() >= bottom:  # a row cut in half cannot be read
                continue
            visible.append((sign * (number + 1), row, rect))
            if row.depth > 0:
                length = round(width * row.depth)
                painter.fillRect(width - length, rect.top(), length, rect.height() - 1, bar)
            self._paint_marks(painter, sign * (number + 1), row, rect)
        ratio, height = self.devicePixelRatioF(), self._row_height()
        tops = [rect.top() for _, _, rect in visible]
        for pen, edge, right, texts in (
            (price_pen, price_at.left(), False, [row.price_text for _, row, _ in visible]),
            (size_pen, size_at.right() + 1, True, [row.qty_text for _, row, _ in visible]),
            (total_pen, total_at.right() + 1, True, [row.total_text for _, row, _ in visible]),
        ):
            if pen is total_pen and total_at.width() <= 0:
                continue
            theme.letter_column(painter, "number", pen, ratio, edge, height, tops, texts, right=right)

    def _paint_marks(self, painter: QPainter, index: int, row: LadderRow, rect: QRect) -> None:
        if index == self._cursor and self.hasFocus():
            painter.fillRect(rect, theme.color("selected"))
        elif index == self._hover:
            painter.fillRect(rect, theme.color("hover", 150))
        if row.mine_text:
            painter.fillRect(0, rect.top(), 3, rect.height() - 1, theme.color("accent"))
            middle = rect.center().y()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawPolygon(QPolygon([QPoint(3, middle - 4), QPoint(7, middle), QPoint(3, middle + 4)]))

    def _paint_hatch(self, painter: QPainter) -> None:
        ink = QColor(theme.color("gap"))
        painter.fillRect(self.rect(), QBrush(ink, Qt.BrushStyle.BDiagPattern))

    def _paint_spread(self, painter: QPainter) -> None:
        view, height = self._view, self._spread_height()
        rect = QRect(0, self._middle(), self.width(), height)
        painter.fillRect(rect, theme.color("raised"))
        inner = rect.adjusted(EDGE, 0, -EDGE, 0)
        tone = {1: "up_text", -1: "down_text"}.get(view.direction, "text") if view.synced else "text_faint"
        arrow = {1: "▲ ", -1: "▼ "}.get(view.direction, "")
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color(tone))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, arrow + view.last)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        text = "" if view.message else view.spread
        taken = painter.fontMetrics().horizontalAdvance(text) + theme.digit_width("title") * (len(view.last) + 3)
        if taken > inner.width():
            text = ""  # the last price matters more
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)

    def _paint_heads(self, painter: QPainter) -> None:
        painter.fillRect(0, 0, self.width(), self._head_height(), theme.color("surface"))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        aligns = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignRight)
        for at, align, text in zip(self._columns(), aligns, self._view.heads, strict=True):
            if at.width() <= 0:
                continue
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, at.width())
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter | align, shown)

    def _paint_message(self, painter: QPainter, rect: QRect) -> None:
        if not self._view.synced:
            self._paint_hatch(painter)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(rect.adjusted(16, 0, -16, 0), int(wrap), self._view.message)
