"""Orders that have ended, newest first, with the reason."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.order_groups import LIST_NAMES
from crs_desktop.viewmodels.table import MISSING, SIDE_CELLS, TYPE_WORDS, VENUE, KeptRows, TableModel
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.event import OrderCancelled, OrderExpired, OrderFilled
from engine.domain.order import CancelReason, OrderId, OrderStatus
from engine.services.orders import OrderRecord

_WHY = {
    CancelReason.USER: say("Cancelled by you"),
    CancelReason.IOC: say("Cancelled at once (IOC)"),
    CancelReason.NO_LIQUIDITY: say("Nobody to trade with"),
    CancelReason.STP: say("Would have met your own order"),
    CancelReason.OCO: say("Cancelled with its list"),
    CancelReason.INSUFFICIENT_FUNDS: say("Not enough funds when it fired"),
}
_WHY_REST = {
    CancelReason.USER: say("Partly filled, rest cancelled by you"),
    CancelReason.IOC: say("Partly filled, rest cancelled at once (IOC)"),
    CancelReason.NO_LIQUIDITY: say("Partly filled, nobody to trade the rest with"),
    CancelReason.STP: say("Partly filled, rest would have met your own order"),
    CancelReason.OCO: say("Partly filled, rest cancelled with its list"),
    CancelReason.INSUFFICIENT_FUNDS: say("Partly filled, not enough funds for the rest"),
}


class HistoryModel(TableModel):
    """One row per finished order."""

    columns = (
        Column("Ended", "ended", "left"),
        Column("Pair", "pair", "left"),
        Column("Side", "side", "left"),
        Column("Type", "type", "left", spare=1),
        Column("Price", "price"),
        Column("Average", "average"),
        Column("Amount", "qty"),
        Column("Filled", "filled"),
        Column("Outcome", "status", "left"),
        Column("Order", "order", "left", spare=2),
        VENUE,
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "history")
        self._rows = KeptRows(lambda record: str(record.order.order_id), self._row)
        for kind in (OrderFilled, OrderCancelled, OrderExpired):
            self._listen(kind, self.touch)

    def rows(self) -> list[Row]:
        """Return a row per order, newest first; of a long past some at a time."""
        rows = self._rows.of(self.desk.orders.history())
        self.complete = self._rows.complete
        return rows

    @property
    def empty(self) -> Empty:
        """Nothing has ended yet."""
        return Empty(say("No finished orders. Filled and cancelled orders are listed here."))

    def ask_why(self, key: str) -> None:
        """Ask why an order filled, or did not."""
        self.desk.ask_why(OrderId(key))

    def _row(self, _key: str, record: OrderRecord) -> Row:
        order = record.order
        pair = self.desk.pairs[order.symbol]
        at = record.ended_at if record.ended_at is not None else record.accepted_at
        reference = order.price if order.price is not None else order.stop_price
        price = MISSING
        if reference is not None:
            price = Cell(fmt.price(pair, reference), raw=pair.price_text(reference))
        average = MISSING
        if record.filled:
            ticks = (2 * record.paid_ticks + record.filled) // (2 * record.filled)
            average = Cell(fmt.price(pair, ticks), raw=pair.price_text(ticks))
        return Row(
            order.order_id,
            (
                Cell(fmt.clock(at), "muted", fmt.date_clock(at), f"{fmt.date_clock(at)} UTC"),
                Cell(order.symbol),
                SIDE_CELLS[order.side],
                Cell(TYPE_WORDS[order.order_type], tip=LIST_NAMES[record.list_kind] if record.list_kind else ""),
                price,
                average,
                Cell(fmt.quantity(pair, order.qty), raw=pair.qty_text(order.qty)),
                Cell(fmt.quantity(pair, record.filled), raw=pair.qty_text(record.filled)),
                Cell(outcome(record), "text" if record.status is OrderStatus.FILLED else "muted"),
                Cell(order.order_id, "muted"),
                self.venue,
            ),
        )


def outcome(record: OrderRecord) -> Sentence:
    """Return how an order ended, in words."""
    if record.status is OrderStatus.FILLED:
        return say("Filled")
    if record.status is OrderStatus.EXPIRED:
        return say("Partly filled, then expired") if record.filled else say("Expired")
    try:
        return (_WHY_REST if record.filled else _WHY)[CancelReason(record.note)]
    except ValueError:
        return say("Cancelled")
