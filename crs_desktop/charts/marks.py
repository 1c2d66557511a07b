"""What is ours on the chart: working orders, fills, the average cost of the position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import LEFT, dodge
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.account import OpenOrder
from engine.domain.event import OrderFilled
from engine.domain.order import Liquidity, OrderId, OrderStatus, OrderType, Side
from engine.domain.pair import TradingPair

TAG_LEFT = 8.0
"""Where order tags stand: away from the newest candles."""
HALF = 5.0
"""Half the width of a fill's triangle, px."""
REACH = 8.0
"""How near the pointer must come to a mark, px."""
TYPES = {
    OrderType.MARKET: "Market",
    OrderType.LIMIT: "Limit",
    OrderType.STOP: "Stop",
    OrderType.STOP_LIMIT: "Stop limit",
    OrderType.TAKE_PROFIT: "Take-profit",
    OrderType.TAKE_PROFIT_LIMIT: "Take-profit limit",
    OrderType.TRAILING_STOP: "Trailing stop",
}


@dataclass(frozen=True, slots=True)
class OrderTag:
    """A painted gutter tag, to be hit."""

    order_id: OrderId
    rect: QRectF


@dataclass(frozen=True, slots=True)
class FillSpot:
    """A painted fill (the newest of those at its place), to be hit; `y` is the tip of the triangle."""

    x: float
    y: float
    fill: OrderFilled
    count: int


def order_level(order: OpenOrder) -> int | None:
    """Return the price at which an order waits: its stop while untriggered, else its limit."""
    untriggered = order.status in (OrderStatus.WAITING, OrderStatus.PENDING)
    return order.stop_price if order.stop_price is not None and untriggered else order.price


def order_text(order: OpenOrder, pair: TradingPair) -> str:
    """Return what the gutter tag says, e.g. `Buy Limit 0.50000`."""
    side = tr("Buy") if order.side is Side.BUY else tr("Sell")
    kind = tr(TYPES[order.order_type])
    text = f"{side} {kind} {fmt.quantity(pair, order.left)}"
    return tr("{order}, once the entry fills", order=text) if order.status is OrderStatus.PENDING else text


def fill_lines(fill: OrderFilled, pair: TradingPair, count: int) -> list[str]:
    """Return the details of a fill for its hover box."""
    verb = tr("Bought") if fill.side is Side.BUY else tr("Sold")
    role = tr("maker") if fill.liquidity is Liquidity.MAKER else tr("taker")
    lines = [
        f"{verb} {fmt.quantity(pair, fill.qty)} {pair.base.code} @ {fmt.price(pair, fill.price)}",
        tr("Fee {fee} {asset} ({role})", fee=fmt.money(pair.quote, fill.fee), asset=pair.quote.code, role=role),
        f"{fmt.date_clock(fill.at)} UTC",
        tr("Order {id}", id=str(fill.order_id)),
    ]
    if count > 1:
        lines.append(tr("and {count} more fills here", count=count - 1))
    return lines


def visible_fills(fills: Sequence[OrderFilled], series: BarSeries, view: Viewport) -> list[FillSpot]:
    """Return one spot per bar-column, side and price pixel for the fills on screen; `fills` is oldest first."""
    since, until = series.start(int(view.left) - 1), series.start(int(view.right) + 2)
    begin = bisect_left(fills, since, key=lambda fill: fill.at)
    end = bisect_left(fills, until, key=lambda fill: fill.at)
    spots: dict[tuple[int, int, Side], FillSpot] = {}
    for fill in fills[begin:end]:
        x = view.x(series.index_at(fill.at) + 0.5)
        y = view.y(fill.price)
        key = (round(x), round(y / 3), fill.side)
        before = spots.get(key)
        spots[key] = FillSpot(x, y, fill, 1 if before is None else before.count + 1)
    return list(spots.values())


def paint_fills(canvas: Canvas, spots: Sequence[FillSpot], height: float) -> None:
    """Draw triangles that point at the price: a buy from below, a sell from above."""
    edge = theme.color("surface")
    for spot in spots:
        if not -20 <= spot.y <= height + 20:
            continue
        buy = spot.fill.side is Side.BUY
        base = spot.y + (9.0 if buy else -9.0)
        points = [(spot.x, spot.y), (spot.x - HALF, base), (spot.x + HALF, base)]
        canvas.polygon(points, theme.color("up_text" if buy else "down_text"), edge)


def spot_at(spots: Sequence[FillSpot], x: float, y: float) -> FillSpot | None:
    """Return the fill under the pointer."""
    near = [spot for spot in spots if abs(spot.x - x) <= REACH and -REACH <= _inward(spot, y) <= REACH + 6]
    return min(near, key=lambda spot: abs(spot.x - x) + abs(spot.y - y), default=None)


def _inward(spot: FillSpot, y: float) -> float:
    return y - spot.y if spot.fill.side is Side.BUY else spot.y - y


def paint_orders(
    canvas: Canvas,
    top: float,
    orders: Sequence[OpenOrder],
    pair: TradingPair,
    frame: Frame,
    view: Viewport,
    selected: OrderId | None,
) -> list[OrderTag]:
    """Draw dashed lines with tags at the left, below `top`, that dodge each other.

    An order off screen keeps its tag at the edge, with an arrow and its price.
    """
    shown = [(order, level) for order in orders if (level := order_level(order)) is not None]
    metrics = canvas.painter.fontMetrics()
    line = float(metrics.height())
    height = line + 2.0
    tops = dodge([(view.y(level), height, 0) for _, level in shown], top, frame.price_height - 4)
    inks = [theme.color("up_text" if order.side is Side.BUY else "down_text") for order, _ in shown]
    for (_, level), ink in zip(shown, inks, strict=True):
        if 0 <= (y := view.y(level)) <= frame.price_height:
            canvas.dashed(0, y, frame.plot_width, y, ink)
    tags = []
    for (order, level), upper, ink in zip(shown, tops, inks, strict=True):
        y = view.y(level)
        text = order_text(order, pair)
        if not 0 <= y <= frame.price_height:
            text = f"{'↑' if y < 0 else '↓'} {text} @ {fmt.price(pair, level)}"
        width = float(metrics.horizontalAdvance(text)) + 12.0
        rect = QRectF(TAG_LEFT, upper, width, height)
        chosen = order.order_id == selected
        canvas.tag(rect, theme.color("selected" if chosen else "raised"), theme.color("focus") if chosen else ink)
        canvas.text(rect.x() + 6.0, upper + 1.0, width, line, text, ink, LEFT)
        tags.append(OrderTag(order.order_id, rect))
    return tags


def paint_average_cost(canvas: Canvas, average_cost: float, frame: Frame, view: Viewport) -> None:
    """Draw what a unit of the position cost, fees included, its tag near the axis; off screen, say where it is."""
    color = theme.color("accent")
    y = view.y(average_cost)
    text = tr("Cost")
    if y < 0:
        text, y = f"↑ {text}", 0.0
    elif y > frame.price_height:
        text, y = f"↓ {text}", frame.price_height
    else:
        canvas.horizontal(y, 0, frame.plot_width, color)
    metrics = canvas.painter.fontMetrics()
    line = float(metrics.height())
    width = float(metrics.horizontalAdvance(text)) + 12.0
    left = frame.plot_width - width - 8.0
    top = min(max(y - line / 2 - 1, 0.0), frame.price_height - line - 4)
    canvas.tag(QRectF(left, top, width, line + 2), theme.color("raised"), color)
    canvas.text(left + 6.0, top + 1, width, line, text, color, LEFT)
