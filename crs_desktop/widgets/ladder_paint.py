"""How a ladder looks: bars and figures of the rows, the touch, the last trade, our orders.

Bars grow from the prices outwards. A column of figures is written with one call from the digit atlas; only rows that
hold something are touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen, QPolygon

from crs_desktop import theme
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.ladder_rows import Counts, LadderPicture, Own
from crs_desktop.widgets.ladder_columns import EDGE, Column, Columns
from engine.domain.order import Side

SIDES = ((Side.BUY, "up", Column.BID, Column.OWN_BUY), (Side.SELL, "down", Column.ASK, Column.OWN_SELL))


@dataclass(slots=True)
class LadderPainter:
    """One frame: where things are, and with what they are painted."""

    painter: QPainter
    ratio: float
    picture: LadderPicture
    columns: Columns
    figures: Figures
    head: int
    height: int
    """Of a row, px."""
    digits: int
    """How many characters a size may have."""
    synced: bool
    rows: NDArray[np.bool_] | None = None
    """Which rows are painted, None for all; the painter is clipped to them."""

    def paint(self) -> None:
        """Paint everything that is in rows."""
        picture = self.picture
        self._paint_profile()
        deepest = picture.deepest
        for side, tone, column, _ in SIDES:
            self._paint_bars(picture.bids if side is Side.BUY else picture.asks, tone, column, deepest)
        self._paint_touch()
        for side, _, column, _ in SIDES:
            self._write_sizes(picture.bids if side is Side.BUY else picture.asks, side, column)
        self._write_prices()
        for side, _, column, own in SIDES:
            self._paint_own(side, column, own, deepest)

    def top(self, row: int) -> int:
        """Return the upper edge of a row."""
        return self.head + row * self.height

    def tops(self, rows: Sequence[int]) -> list[int]:
        """Return the upper edges of rows."""
        return [self.head + row * self.height for row in rows]

    def _held(self, lots: Counts) -> NDArray[np.intp]:
        """Return the rows to be painted that hold something."""
        return np.flatnonzero(lots if self.rows is None else lots * self.rows)

    # -- rows ---------------------------------------------------------------------------------------

    def _paint_bars(self, lots: Counts, tone: str, column: Column, deepest: int) -> None:
        held = self._held(lots)
        if not len(held):
            return
        cell = self.columns.rect(column, 0, self.height)
        lengths = np.maximum(np.rint(lots[held] * (cell.width() / deepest)), 1).astype(int).tolist()
        grows_left, high = column is Column.BID, self.height - 1
        right = cell.right() + 1
        ink = theme.color(tone if self.synced else "text_faint", 52)
        rects = [
            QRect(right - length if grows_left else cell.left(), self.head + row * self.height, length, high)
            for row, length in zip(held.tolist(), lengths, strict=True)
        ]
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(ink)
        self.painter.drawRects(rects)

    def _paint_profile(self) -> None:
        """Draw what traded at each price behind the prices: bought, then sold."""
        picture = self.picture
        total, most = picture.bought + picture.sold, picture.most
        rows = self._held(total)
        if not len(rows):
            return
        cell = self.columns.rect(Column.PRICE, 0, self.height)
        scale = (cell.width() - 2) / most
        ends = np.rint(total[rows] * scale).astype(int).tolist()
        parts = np.rint(picture.bought[rows] * scale).astype(int).tolist()
        left, high = cell.left() + 1, self.height - 3
        tops = [self.head + row * self.height + 1 for row in rows.tolist()]
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(theme.color("up", 40))
        self.painter.drawRects([QRect(left, t, p, high) for t, p in zip(tops, parts, strict=True) if p])
        self.painter.setBrush(theme.color("down", 40))
        self.painter.drawRects(
            [QRect(left + p, t, e - p, high) for t, p, e in zip(tops, parts, ends, strict=True) if e > p]
        )

    def _paint_touch(self) -> None:
        """Mark the best bid and ask, and the row that traded last."""
        picture, painter = self.picture, self.painter
        for row, tone, column in ((picture.bid_row, "up", Column.BID), (picture.ask_row, "down", Column.ASK)):
            if row is not None and self.synced:
                cell = self.columns.rect(column, self.top(row), self.height - 1)
                painter.setPen(theme.color(tone, 170))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(cell.adjusted(0, 0, -1, -1))
        if picture.last_row is not None:
            tone = "up_fill" if picture.last_is_buy else "down_fill"
            cell = self.columns.rect(Column.PRICE, self.top(picture.last_row), self.height - 1)
            painter.fillRect(cell, theme.color(tone))
            edge, middle = (cell.left(), 1) if picture.last_is_buy else (cell.right() + 1, -1)
            y = cell.center().y()
            painter.setBrush(theme.color("on_fill"))
            painter.setPen(Qt.PenStyle.NoPen)
            tip = [QPoint(edge, y - 4), QPoint(edge + 4 * middle, y), QPoint(edge, y + 4)]
            painter.drawPolygon(QPolygon(tip))

    def _write_sizes(self, lots: Counts, side: Side, column: Column) -> None:
        rows = self._held(lots).tolist()
        if not rows:
            return
        texts = self.figures.quantities(lots[rows].tolist(), self.digits)
        cell = self.columns.rect(column, 0, self.height)
        right = side is Side.BUY
        edge = cell.right() + 1 - EDGE if right else cell.left() + EDGE
        self._write("text" if self.synced else "text_faint", edge, rows, texts, right=right)

    def _write_prices(self) -> None:
        """Write asks, what is between, bids and the last trade, each in its colour."""
        picture = self.picture
        count, last = len(picture.prices), picture.last_row
        shown = range(count) if self.rows is None else np.flatnonzero(self.rows).tolist()
        texts = dict(zip(shown, self.figures.prices(picture.prices[list(shown)].tolist()), strict=True))
        edge = self.columns.rect(Column.PRICE, 0, self.height).right() + 1 - EDGE
        ask_end = picture.ask_row + 1 if picture.ask_row is not None else 0
        bid_begin = picture.bid_row if picture.bid_row is not None else count
        if not self.synced:
            ask_end, bid_begin = 0, count
        parts = (("down_text", 0, ask_end), ("text_muted", ask_end, bid_begin), ("up_text", bid_begin, count))
        for tone, begin, end in parts:
            rows = [row for row in shown if begin <= row < end and row != last]
            if rows:
                self._write(tone, edge, rows, [texts[row] for row in rows], right=True)
        if last is not None and last in texts:
            self._write_on_fill(self.columns.rect(Column.PRICE, self.top(last), self.height - 1), texts[last])

    # -- our orders ---------------------------------------------------------------------------------

    def _paint_own(self, side: Side, column: Column, own_column: Column, deepest: int) -> None:
        by_row: dict[int, list[Own]] = {}
        for each in self.picture.own:
            row = self.picture.row_of(each.price, side) if each.side is side else None
            if row is not None:
                by_row.setdefault(row, []).append(each)
            if each.side is side and each.moving_to is not None:
                self.paint_ghost(own_column, self.picture.row_of(each.moving_to, side))
        for row, orders in by_row.items():
            cell = self.columns.rect(own_column, self.top(row), self.height - 1).adjusted(2, 1, -2, 0)
            fades = any(each.moving_to is not None for each in orders)
            self.painter.fillRect(cell, theme.color("accent_fill", 110 if fades else 255))
            self._paint_queue(row, side, column, orders, deepest)
            whole = self.columns.rect(own_column, self.top(row), self.height - 1)
            self._write_on_fill(whole, self._own_text(orders, whole.width()))

    def _own_text(self, orders: list[Own], room: int) -> str:
        """Return quantity and, where there is room, how much is ahead of all that stands at the price."""
        place, figures = orders[0].place, self.figures
        characters = (room - 2 * EDGE) // max(1, theme.digit_width("number"))
        mark = "" if place is not None else "▶"
        text = mark + figures.short(sum(each.left for each in orders), min(characters, self.digits) - len(mark))
        if place is None or place.ahead is None:
            return text
        longer = f"{text} {figures.short(place.ahead, self.digits)}/{figures.short(place.level_qty, self.digits)}"
        fits = QFontMetrics(theme.font("number")).horizontalAdvance(longer) + 2 * EDGE <= room
        return longer if fits else text

    def _paint_queue(self, row: int, side: Side, column: Column, orders: list[Own], deepest: int) -> None:
        """Mark in the bar of the level how far our first order has come: what is ahead lies at the prices."""
        place = orders[0].place
        if place is None or place.ahead is None or not place.level_qty:
            return
        cell = self.columns.rect(column, self.top(row), self.height - 1)
        lots = self.picture.bids if side is Side.BUY else self.picture.asks
        length = max(12.0, cell.width() * int(lots[row]) / deepest)
        at = round(length * min(1.0, place.ahead / place.level_qty))
        x = cell.right() - at - 1 if side is Side.BUY else cell.left() + at
        self.painter.fillRect(QRect(x, cell.top(), 2, cell.height()), theme.color("accent"))
        track = QRect(x, cell.bottom() - 1, at, 2) if side is Side.BUY else QRect(cell.left(), cell.bottom() - 1, at, 2)
        self.painter.fillRect(track, theme.color("accent", 130))

    def paint_ghost(self, column: Column, row: int | None) -> None:
        """Outline where an order will stand."""
        if row is None:
            return
        cell = self.columns.rect(column, self.top(row), self.height - 1).adjusted(2, 1, -3, -1)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setPen(QPen(theme.color("accent"), 1, Qt.PenStyle.DashLine))
        self.painter.drawRect(cell)

    def hatch(self, area: QRect) -> None:
        """Say that nothing here is known for sure."""
        self.painter.fillRect(area, QBrush(QColor(theme.color("gap")), Qt.BrushStyle.BDiagPattern))

    def _write_on_fill(self, cell: QRect, text: str) -> None:
        """Write on a filled cell: few of them, and their ground is not that of the atlas."""
        self.painter.setFont(theme.font("number"))
        self.painter.setPen(theme.color("on_fill"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self.painter.drawText(cell.adjusted(0, 0, -EDGE, 0), int(right), text)

    def _write(self, tone: str, edge: int, rows: Sequence[int], texts: Sequence[str], *, right: bool) -> None:
        ink = theme.color(tone)
        theme.letter_column(
            self.painter, "number", ink, self.ratio, edge, self.height - 1, self.tops(rows), texts, right=right
        )
