"""The rows of the open orders: one per order, and one above the legs of each list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.order_groups import LIST_NAMES, Group, group_status, role, status
from crs_desktop.viewmodels.queue import queue_cell
from crs_desktop.viewmodels.server.venue import venue_of
from crs_desktop.viewmodels.table import MISSING, POST_ONLY, SIDE_CELLS
from crs_desktop.viewmodels.ticket_expiry import left_text
from crs_desktop.viewmodels.ticket_kind import KINDS, Kind
from crs_desktop.viewmodels.timeline import trail_text
from crs_desktop.viewmodels.trailing import fires_at as trigger_now
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Ticks
from engine.domain.order import OrderId, OrderStatus, OrderType, Side
from engine.domain.pair import TradingPair
from engine.services.orders import OrderRecord

LEGS = {
    "entry": say("\u2514 Entry"),
    "target": say("\u2514 Target"),
    "stop": say("\u2514 Stop"),
    "then": say("\u2514 Then"),
}
STARTS = say("Starts when the entry fills, with what it fills; until then it sets nothing aside")
NOTHING = Cell("", raw="")
AMEND, CANCEL = Cell(say("Amend"), "accent"), Cell(say("Cancel"), "accent")


class OrderRows:
    """Makes rows of groups, with what the venue and the portfolio know of each order now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._venue = Cell(venue_of(desk).place, "muted")

    def rows(self, groups: Sequence[Group]) -> list[Row]:
        """Return the rows, in the order of the columns of `OrdersModel`."""
        locked = {each.order_id: each.locked for each in self._desk.portfolio.orders()}
        rows: list[Row] = []
        for group in groups:
            if group.list_id is not None:
                rows.append(self._head(group, locked))
            rows += [self._row(each, locked.get(each.order.order_id, 0)) for each in group.records]
        return rows

    def _head(self, group: Group, locked: Mapping[OrderId, int]) -> Row:
        first = group.records[0]
        pair = self._desk.pairs[first.order.symbol]
        total = sum(locked.get(each.order.order_id, 0) for each in group.records)
        return Row(
            group.key,
            (
                _time(first),
                Cell(first.order.symbol),
                SIDE_CELLS[first.order.side],
                Cell(LIST_NAMES[first.list_kind] if first.list_kind is not None else "", tip=group_status(group)),
                NOTHING,
                NOTHING,
                NOTHING,
                Cell(fmt.quantity(pair, first.order.qty), raw=pair.qty_text(first.order.qty)),
                NOTHING,
                NOTHING,
                NOTHING,
                self._locked(pair, first.order.side, total),
                NOTHING,
                Cell(group_status(group), "muted"),
                self._venue,
                Cell(say("Amend"), "accent", tip=say("Change all prices of this list together")),
                Cell(say("Cancel"), "accent", tip=say("Cancel every order of this list")),
            ),
        )

    def _row(self, record: OrderRecord, locked: int) -> Row:
        order, part = record.order, role(record)
        pair = self._desk.pairs[order.symbol]
        fires_at = trigger_now(self._desk, record.shown())
        reference = order.price or order.stop_price or fires_at
        value = pair.notional(reference, record.left) if reference is not None else 0
        filled = f" ({record.filled * 100 // order.qty}%)" if record.filled else ""
        kind = POST_ONLY if order.post_only else KINDS[Kind(order.order_type.value)].short
        return Row(
            order.order_id,
            (
                NOTHING if part else _time(record),
                NOTHING if part else Cell(order.symbol),
                SIDE_CELLS[order.side],
                Cell(LEGS[part], tip=kind) if part else Cell(kind, tip=_flags(record)),
                _price(pair, order.price),
                self._stop(pair, record, fires_at),
                _trail(pair, record),
                Cell(fmt.quantity(pair, order.qty), raw=pair.qty_text(order.qty)),
                _display(pair, record),
                Cell(fmt.quantity(pair, record.filled) + filled, raw=pair.qty_text(record.filled)),
                Cell(fmt.money(pair.quote, value, 2), raw=pair.quote.shown(value)),
                self._locked(pair, order.side, locked),
                self._expires(record),
                self._standing(pair, record),
                NOTHING if part else self._venue,
                NOTHING if part else AMEND,
                CANCEL,
            ),
        )

    def _standing(self, pair: TradingPair, record: OrderRecord) -> Cell:
        """Return the place of a working order in its queue, and what any other one waits for."""
        place = self._desk.venue.place_in_queue(record.order.order_id)
        if place is not None:
            return queue_cell(pair, place, record.filled * 100 // record.order.qty)
        return Cell(status(record), "muted", tip=STARTS if record.status is OrderStatus.PENDING else "")

    def _stop(self, pair: TradingPair, record: OrderRecord, fires_at: Ticks | None) -> Cell:
        if fires_at is None:
            return _price(pair, record.order.stop_price)
        tip = say("Fires here now; it follows the best price, never back")
        return Cell(fmt.price(pair, fires_at), raw=pair.price_text(fires_at), tip=tip)

    def _locked(self, pair: TradingPair, side: Side, locked: int) -> Cell:
        buys = side is Side.BUY
        asset = pair.quote if buys else pair.base
        return Cell(f"{fmt.money(asset, locked, 2 if buys else None)} {asset.code}", "muted", asset.shown(locked))

    def _expires(self, record: OrderRecord) -> Cell:
        at = record.order.expire_ts
        if at is None:
            return NOTHING
        date = fmt.date_clock(at)
        return Cell(say("in {left}", left=left_text(at - self._desk.feed.now)), "muted", date, f"{date} UTC")


def _time(record: OrderRecord) -> Cell:
    date = fmt.date_clock(record.accepted_at)
    return Cell(fmt.clock(record.accepted_at), "muted", date, f"{date} UTC")


def _price(pair: TradingPair, ticks: int | None) -> Cell:
    return MISSING if ticks is None else Cell(fmt.price(pair, ticks), raw=pair.price_text(ticks))


def _trail(pair: TradingPair, record: OrderRecord) -> Cell:
    order = record.order
    if order.order_type is not OrderType.TRAILING_STOP:
        return NOTHING
    return Cell(trail_text(pair, order.trail, order.trail_bps))


def _display(pair: TradingPair, record: OrderRecord) -> Cell:
    qty = record.order.display_qty
    return NOTHING if qty is None else Cell(fmt.quantity(pair, qty), raw=pair.qty_text(qty))


def _flags(record: OrderRecord) -> Sentence:
    order = record.order
    return say("{tif}, reduce-only", tif=order.tif.value) if order.reduce_only else say("{tif}", tif=order.tif.value)
