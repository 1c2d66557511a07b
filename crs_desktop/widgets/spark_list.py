"""A painted watchlist: symbol, last price, 24-hour change, spark line, spread; one row is current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from crs_desktop import theme

ROW = 40
HEAD = 20
EDGE = 8
DRAG = 8
"""How far the mouse goes before a row is dragged, px."""
FLASH_MS = 250
"""How long a changed price stays tinted."""


class SparkRow(NamedTuple):
    """One market as texts; `direction` and `flash` are signs."""

    key: str
    last: str
    change: str
    direction: int
    spread: str
    flash: int
    spark: Sequence[float]
    is_current: bool
    bell: bool = False
    """Whether a bell stands behind its name."""
    name: str = ""
    """What is shown for it; its key if empty."""
    note: str = ""
    """Said in the second line in the tone of a warning, instead of the spread."""
    more: str = ""
    """Said behind the spread where there is room."""


class SparkList(QWidget):
    """Paints the rows it is given; a click selects, arrow keys move on."""

    selected = Signal(str)
    """A click on a row, or Home and End: its key."""
    stepped = Signal(int)
    opened = Signal()
    """Enter."""
    removed = Signal()
    """Delete."""
    shifted = Signal(int)
    """Ctrl+Up and Ctrl+Down, where rows can be moved."""
    dropped = Signal(str, int)
    """A row was dragged to another place: its key, and the place among the others."""
    asked = Signal(str, QPoint)
    """The menu of a row is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[SparkRow] = ()
        self._heads = ("", "")
        self._fresh = True
        self._hover: int | None = None
        self._flashes: dict[str, tuple[int, int]] = {}
        self._clock = QElapsedTimer()
        self._clock.start()
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.timeout.connect(self._fade_out)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", "Up Down Home End Return Enter Del Ctrl+Up Ctrl+Down")
        self.movable = False
        """Whether rows can be dragged to another place."""
        self._pressed: tuple[int, float] | None = None
        self._drop: int | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, HEAD + ROW * 2)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """All rows."""
        return QSize(220, HEAD + ROW * max(6, len(self._rows)))

    def show_rows(self, rows: Sequence[SparkRow], *, heads: tuple[str, str], fresh: bool) -> None:
        """Paint these from now on; a row with a `flash` is tinted for a moment."""
        now = self._clock.elapsed()
        flashes = [row for row in rows if row.flash] if theme.flashes() else []
        for row in flashes:
            self._flashes[row.key] = (row.flash, now)
        if flashes:
            self._fade.start(FLASH_MS + 10)
        before = self._rows
        same = len(rows) == len(before) and (self._heads, self._fresh) == (heads, fresh)
        if len(rows) != len(before):
            self.updateGeometry()
        self._rows, self._heads, self._fresh = rows, heads, fresh
        current = next((row for row in rows if row.is_current), None)
        if current is not None:
            self.setAccessibleDescription(f"{current.name or current.key} {current.last} {current.change}")
        if not same:
            self.update()
            return
        for number, (row, old) in enumerate(zip(rows, before, strict=True)):
            if row != old:
                self.update(self._rect_of(number))

    def height_of(self, count: int) -> int:
        """Return how high so many rows are, with the head."""
        return self._head_height() + count * self._row_height()

    def _fade_out(self) -> None:
        """Paint the rows that were tinted, and forget what is over."""
        for number, row in enumerate(self._rows):
            if self._flashes.pop(row.key, None) is not None:
                self.update(self._rect_of(number))

    def _rect_of(self, number: int) -> QRect:
        height = self._row_height()
        return QRect(0, self._head_height() + number * height, self.width(), height)

    def _head_height(self) -> int:
        return theme.current().px(HEAD)

    def _row_height(self) -> int:
        return theme.current().px(ROW)

    def _index_at(self, y: float) -> int | None:
        index = (int(y) - self._head_height()) // self._row_height()
        return index if 0 <= index < len(self._rows) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take hold of the market under the mouse."""
        index = self._index_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._pressed = index, event.position().y()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Select the market that was clicked, or drop the one that was dragged."""
        pressed, self._pressed = self._pressed, None
        drop, self._drop = self._drop, None
        if event.button() != Qt.MouseButton.LeftButton or pressed is None or pressed[0] >= len(self._rows):
            return
        key = self._rows[pressed[0]].key
        if drop is not None:
            self.dropped.emit(key, drop - (1 if drop > pressed[0] else 0))
            self.update()
        elif self._index_at(event.position().y()) == pressed[0]:
            self.selected.emit(key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show which row a click would select, or where a dragged one would be dropped."""
        y = event.position().y()
        if self._pressed is not None and self.movable and abs(y - self._pressed[1]) > DRAG:
            place = round((y - self._head_height()) / self._row_height())
            self._drop = min(max(0, place), len(self._rows))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()
            return
        index = self._index_at(y)
        if index != self._hover or self.cursor().shape() == Qt.CursorShape.ClosedHandCursor:
            self._hover = index
            self.setCursor(Qt.CursorShape.PointingHandCursor if index is not None else Qt.CursorShape.ArrowCursor)
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu of the row under the mouse, or of the current one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        current = next((at for at, row in enumerate(self._rows) if row.is_current), None)
        index = self._index_at(event.pos().y()) if by_mouse else current
        if index is not None:
            place = event.globalPos() if by_mouse else self.mapToGlobal(self._rect_of(index).center())
            self.asked.emit(self._rows[index].key, place)

    def current_rect(self) -> QRect | None:
        """Return where the current row is, None if there is none."""
        at = next((at for at, row in enumerate(self._rows) if row.is_current), None)
        return None if at is None else self._rect_of(at)

    def leaveEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        """Forget the mouse."""
        self._hover = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down go through the markets; Home and End to the first and the last."""
        key, held = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and held:
            self.shifted.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._rows:
            self.selected.emit(self._rows[0 if key == Qt.Key.Key_Home else -1].key)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint heads and rows, as far as they are out of date."""
        region = event.region()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("surface"))
        head = QRect(EDGE, 0, self.width() - 2 * EDGE, self._head_height())
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._heads[0])
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._heads[1])
        for number, row in enumerate(self._rows):
            if region.intersects(self._rect_of(number)):
                self._paint_row(painter, row, number)
        if self._drop is not None:
            y = self._head_height() + self._drop * self._row_height()
            painter.fillRect(0, max(0, y - 1), self.width(), 2, theme.color("accent"))
        if self.hasFocus():
            painter.setPen(theme.color("border_strong"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_row(self, painter: QPainter, row: SparkRow, number: int) -> None:
        rect = self._rect_of(number)
        height = rect.height()
        if row.is_current:
            painter.fillRect(rect, theme.color("selected"))
            painter.fillRect(0, rect.top(), 3, height, theme.color("accent"))
        elif number == self._hover:
            painter.fillRect(rect, theme.color("hover"))
        self._paint_flash(painter, row, rect)
        inner = rect.adjusted(EDGE, 3, -EDGE, -3)
        upper = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        lower = QRect(inner.left(), upper.bottom() + 1, inner.width(), inner.height() - upper.height())
        tone = {1: "up_text", -1: "down_text"}.get(row.direction, "text_muted") if self._fresh else "text_faint"
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("text"))
        room = upper.width() - theme.digit_width("number") * len(row.last) - EDGE
        whole = row.name or row.key
        name = whole if painter.fontMetrics().horizontalAdvance(whole) <= room else whole.partition("/")[0]
        painter.drawText(upper, left, name)
        if row.bell:
            self._paint_bell(painter, upper, painter.fontMetrics().horizontalAdvance(name), room)
        painter.setFont(theme.font("number"))
        painter.setPen(theme.color("text" if self._fresh else "text_faint"))
        painter.drawText(upper, right, row.last)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color(tone))
        arrow = {1: "▲ ", -1: "▼ "}.get(row.direction, "")
        painter.drawText(lower, right, arrow + row.change)
        painter.setPen(theme.color("warn" if row.note else "text_muted"))
        metrics, far = painter.fontMetrics(), painter.fontMetrics().horizontalAdvance(arrow + row.change) + EDGE
        said, curve = row.note or row.spread, inner.width() * 0.26 + EDGE if len(row.spark) > 1 else 0
        if row.more and metrics.horizontalAdvance(f"{said} · {row.more}") + curve + far <= inner.width():
            said = f"{said} · {row.more}"
        said = metrics.elidedText(said, Qt.TextElideMode.ElideRight, max(0, inner.width() - far))
        painter.drawText(lower, left, said)
        spark = QRectF(inner.left() + inner.width() * 0.36, lower.top() + 1, inner.width() * 0.26, lower.height() - 3)
        spark.moveLeft(max(spark.left(), inner.left() + metrics.horizontalAdvance(said) + EDGE))
        if spark.right() <= inner.right() - far:
            self._paint_spark(painter, row, spark, tone)

    def _paint_bell(self, painter: QPainter, rect: QRect, taken: int, room: float) -> None:
        """Paint a bell behind the name, if there is room."""
        size = theme.current().px(12)
        if taken + size + 4 <= room:
            picture = theme.pixmap("bell", "alert", size, self.devicePixelRatioF())
            painter.drawPixmap(rect.left() + taken + 4, rect.center().y() - size // 2 + 1, picture)

    def _paint_flash(self, painter: QPainter, row: SparkRow, rect: QRect) -> None:
        sign, since = self._flashes.get(row.key, (0, -FLASH_MS))
        left = FLASH_MS - (self._clock.elapsed() - since)
        if sign and left > 0:
            name = "up" if sign > 0 else "down"
            painter.fillRect(rect.adjusted(rect.width() // 2, 0, 0, -rect.height() // 2),
                             theme.color(name, 12 + 24 * left // FLASH_MS // 12 * 12))  # fmt: skip

    def _paint_spark(self, painter: QPainter, row: SparkRow, rect: QRectF, tone: str) -> None:
        if len(row.spark) < 2:
            return
        low, high = min(row.spark), max(row.spark)
        span = (high - low) or 1.0
        step = rect.width() / (len(row.spark) - 1)
        points = [
            QPointF(rect.left() + i * step, rect.bottom() - (value - low) / span * rect.height())
            for i, value in enumerate(row.spark)
        ]
        painter.setPen(QPen(theme.color(tone), 1.2))
        painter.drawPolyline(QPolygonF(points))
