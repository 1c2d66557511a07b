"""The painted ladder: own buys, bids, prices, asks, own sells; mouse and keys go to its model.

Left click in a buy or sell column sends, with Ctrl a stop; right or middle click takes out what we have there;
an own order is dragged to another row. The wheel scrolls. Keys: arrows move the cursor, B and S send, X takes out,
C centres, plus and minus change the size, Enter and Escape answer a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QWheelEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.viewmodels.ladder_rows import LadderPicture, Own, changed_rows
from crs_desktop.widgets.key import key_text
from crs_desktop.widgets.ladder_columns import EDGE, Column, Columns
from crs_desktop.widgets.ladder_paint import LadderPainter
from engine.domain.order import Side

ROW = 18
SIZE_DIGITS = 7
KEYS = "Up Down PgUp PgDown Home B S X C + - Shift++ Shift+- Left Right"


class PriceLadder(QWidget):
    """Paints a `LadderModel` and hands it what the user does."""

    hovered = Signal(object)
    """The price of the row under the pointer, None outside."""
    regroup = Signal(int)
    """-1 or 1: finer or coarser rows, please."""

    def __init__(self, model: LadderModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._picture: LadderPicture | None = None
        self._figures = Figures(model.desk.pair)
        self._message, self._synced = "", True
        self._hover: tuple[Column, int] | None = None
        self._dragged: Own | None = None
        self._drag_row: int | None = None
        self._wheel = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownKeys", KEYS)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, ROW * 6)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Thirty rows."""
        return QSize(300, ROW * 31)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """How many rows fit."""
        return max(1, (self.height() - self.head) // self.row_height)

    @property
    def row_height(self) -> int:
        """Of one row, px."""
        return theme.current().px(ROW)

    @property
    def head(self) -> int:
        """Height of the titles, px."""
        return self.row_height

    def sync(self) -> None:
        """Take the model's state and paint it."""
        model = self._model
        if self._figures.pair is not model.desk.pair:
            self._figures = Figures(model.desk.pair)
        shown = self._picture, self._message, self._synced, self._figures
        self._picture = model.picture(self.rows)
        self._message, self._synced = spoken(model.state), model.is_synced
        rows = changed_rows(shown[0], self._picture) if self._picture is not None else None
        same = shown[1:] == (self._message, self._synced, self._figures)
        if rows is None or not same or self._message or 2 * int(rows.sum()) > len(rows):
            self.update()
        else:
            self._update_rows(rows)

    def _update_rows(self, rows: NDArray[np.bool_]) -> None:
        """Repaint some rows: most updates of a book change a few."""
        edges = np.flatnonzero(np.diff(rows, prepend=False, append=False)).tolist()
        high = self.row_height
        for first, stop in zip(edges[::2], edges[1::2], strict=True):
            self.update(0, self.head + first * high, self.width(), (stop - first) * high)

    def _rows_in(self, region: QRegion) -> NDArray[np.bool_] | None:
        """Return which rows a region touches, None for all."""
        picture = self._picture
        if picture is None or (region.boundingRect().contains(self.rect()) and region.rectCount() == 1):
            return None
        rows = np.zeros(len(picture.prices), np.bool_)
        for rect in cast(Iterable[QRect], region):  # its stub forgets that it can be walked
            first = max(0, (rect.top() - self.head) // self.row_height)
            rows[first : max(0, (rect.bottom() - self.head) // self.row_height + 1)] = True
        return rows

    def columns(self) -> Columns:
        """Return where the columns are."""
        digit, picture = theme.digit_width("number"), self._picture
        longest = len(self._figures.price(int(picture.prices[0]))) if picture is not None else 8
        return Columns.of(self.width(), digit * longest, digit * SIZE_DIGITS)

    @property
    def digits(self) -> int:
        """How many characters of a size there is room for."""
        room = self.columns().rect(Column.BID, 0, 1).width() - EDGE // 2
        return max(4, min(SIZE_DIGITS, int(room // theme.digit_width("number"))))

    def rect_of(self, column: Column, row: int) -> QRect:
        """Return where a cell is painted."""
        return self.columns().rect(column, self.head + row * self.row_height, self.row_height)

    # -- mouse --------------------------------------------------------------------------------------

    def _cell(self, at: QPoint) -> tuple[Column, int] | None:
        row = (at.y() - self.head) // self.row_height
        if self._picture is None or at.y() < self.head or not 0 <= row < len(self._picture.prices):
            return None
        return self.columns().at(at.x()), row

    def _price(self, row: int) -> int | None:
        picture = self._picture
        return int(picture.prices[row]) if picture is not None and 0 <= row < len(picture.prices) else None

    def _own_at(self, column: Column, row: int) -> Own | None:
        picture = self._picture
        if picture is None or not column.is_own:
            return None
        found = (each for each in picture.own if each.side is column.side)
        return next((each for each in found if picture.row_of(each.price, each.side) == row), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Send, take out, begin to drag, or put the cursor somewhere."""
        cell = self._cell(event.position().toPoint())
        price = self._price(cell[1]) if cell is not None else None
        if cell is None or price is None:
            return
        column, row = cell
        if event.button() in (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            self._model.cancel(column.side, price)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._model.point(price)
            self._dragged = self._own_at(column, row)
            if self._dragged is not None:
                self._drag_row = row
            elif column.side is not None:
                self._model.click(column.side, price, stop=_with_ctrl(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show what a click would mean, and where a dragged order would go."""
        at = event.position().toPoint()
        cell = self._cell(at)
        if self._dragged is not None and cell is not None:
            self._drag_row = cell[1]
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()
        if cell != self._hover:
            self._hover = cell
            if self._dragged is None:
                own = cell is not None and self._own_at(*cell) is not None
                self.setCursor(Qt.CursorShape.OpenHandCursor if own else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(self._price(cell[1]) if cell is not None else None)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let a dragged order go where it is now."""
        dragged, row = self._dragged, self._drag_row
        self._dragged = self._drag_row = None
        self.setCursor(Qt.CursorShape.ArrowCursor)
        price = self._price(row) if row is not None else None
        picture = self._picture
        if event.button() != Qt.MouseButton.LeftButton or dragged is None or price is None or picture is None:
            return
        if picture.row_of(dragged.price, dragged.side) != row:
            self._model.move(dragged.order_id, price)
        self.update()

    def leaveEvent(self, _event: object) -> None:  # noqa: N802 - Qt's name
        """Forget the mouse."""
        self._hover = None
        self.hovered.emit(None)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll to other prices."""
        self._wheel += event.angleDelta().y()
        rows, self._wheel = int(self._wheel / 40), self._wheel - int(self._wheel / 40) * 40
        if rows:
            self._model.scroll(rows)
        event.accept()

    # -- keys ---------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Trade and look around by keys."""
        do = self._keys().get(key_text(event))
        if do is None:
            super().keyPressEvent(event)
        elif do() is False:
            event.ignore()

    def _keys(self) -> dict[str, Callable[[], object]]:
        model, rows = self._model, self.rows
        return {
            "Up": lambda: self._step(1),
            "Down": lambda: self._step(-1),
            "PgUp": lambda: self._step(rows // 2),
            "PgDown": lambda: self._step(-(rows // 2)),
            "Home": model.recentre,
            "C": model.recentre,
            "B": lambda: model.place_at_cursor(Side.BUY),
            "S": lambda: model.place_at_cursor(Side.SELL),
            "X": lambda: model.cancel(None, model.cursor),
            "+": lambda: model.step_size(1),
            "-": lambda: model.step_size(-1),
            "Shift++": lambda: model.step_size(10),
            "Shift+-": lambda: model.step_size(-10),
            "Left": lambda: self.regroup.emit(-1),
            "Right": lambda: self.regroup.emit(1),
            "Return": model.enter,
            "Enter": model.enter,
            "Esc": self._escape,
        }

    def _escape(self) -> bool:
        """Let go of what is dragged, else answer no; False if there was nothing to do."""
        if self._dragged is not None:
            self._dragged = self._drag_row = None
            self.update()
            return True
        return self._model.dismiss()

    def _step(self, rows: int) -> None:
        self._model.move_cursor(rows, self.rows)
        self.setAccessibleDescription(self.described(self._model.cursor))

    def described(self, price: int | None) -> str:
        """Return a row in words, for screen readers."""
        if price is None:
            return ""
        self.sync()
        picture, figures = self._picture, self._figures
        row = picture.cursor_row if picture is not None else None
        if picture is None or row is None:
            return figures.price(price)
        told = spoken(self._model.told(price))
        bid, ask = (figures.quantity(int(lots[row])) for lots in (picture.bids, picture.asks))
        return tr("{price}: bid {bid}, ask {ask}. {told}", price=figures.price(price), bid=bid, ask=ask, told=told)

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint titles and rows, what is pointed at, and whether it is armed; only what is asked for."""
        painter = QPainter(self)
        picture, columns = self._picture, self.columns()
        body = self.rect().adjusted(0, self.head, 0, 0)
        self._paint_ground(painter, columns)
        if picture is not None:
            self._paint_marks(painter, picture, columns)
            ladder = LadderPainter(
                painter, self.devicePixelRatioF(), picture, columns, self._figures, self.head, self.row_height,
                self.digits, self._synced, self._rows_in(event.region()),
            )  # fmt: skip
            ladder.paint()
            if self._dragged is not None and self._dragged.side is not None:
                own = Column.OWN_BUY if self._dragged.side is Side.BUY else Column.OWN_SELL
                ladder.paint_ghost(own, self._drag_row)
            if not self._synced:
                ladder.hatch(body)
        if self._message and picture is not None:
            theme.paint_banner(painter, body, self._message)
        elif self._message:
            self._paint_message(painter, body)
        if event.region().intersects(QRect(0, 0, self.width(), self.head)):
            self._paint_heads(painter, columns)
        self._paint_edge(painter)
        painter.end()

    def _paint_ground(self, painter: QPainter, columns: Columns) -> None:
        """Fill everything once: a ladder of many rows is a large area."""
        height, edges = self.height() - self.head, columns.edges
        painter.fillRect(QRect(edges[1], self.head, edges[4] - edges[1], height), theme.color("surface"))
        for column in (Column.OWN_BUY, Column.OWN_SELL):
            painter.fillRect(columns.rect(column, self.head, height), theme.color("raised"))

    def _paint_marks(self, painter: QPainter, picture: LadderPicture, columns: Columns) -> None:
        """Tint the cursor's row and the cell under the pointer."""
        if picture.cursor_row is not None:
            row = QRect(0, self.head + picture.cursor_row * self.row_height, self.width(), self.row_height)
            painter.fillRect(row, theme.color("selected" if self.hasFocus() else "hover"))
        if self._hover is not None and self._hover[1] < len(picture.prices):
            column, number = self._hover
            tone = {Side.BUY: "up", Side.SELL: "down", None: "text_faint"}[column.side]
            top = self.head + number * self.row_height
            painter.fillRect(columns.rect(column, top, self.row_height - 1), theme.color(tone, 70))

    def _paint_heads(self, painter: QPainter, columns: Columns) -> None:
        painter.fillRect(0, 0, self.width(), self.head, theme.color("surface"))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text_muted"))
        right = Qt.AlignmentFlag.AlignRight
        titles = (
            (Column.OWN_BUY, tr("Buys"), right),
            (Column.BID, tr("Bid"), right),
            (Column.PRICE, tr("Price"), right),
            (Column.ASK, tr("Ask"), Qt.AlignmentFlag.AlignLeft),
            (Column.OWN_SELL, tr("Sells"), right),
        )
        for column, text, align in titles:
            cell = columns.rect(column, 0, self.head).adjusted(EDGE, 0, -EDGE, 0)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, cell.width())
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter | align, shown)

    def _paint_edge(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._model.armed:
            painter.setPen(theme.color("warn"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -2))
        elif self.hasFocus():
            painter.setPen(theme.color("border_strong"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_message(self, painter: QPainter, area: QRect) -> None:
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area.adjusted(16, 0, -16, 0), int(wrap), self._message)


def _with_ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
