"""Our executions, newest first."""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import SIDE_CELLS, VENUE, KeptRows, TableModel
from crs_desktop.viewmodels.words import say
from engine.domain.event import OrderFilled
from engine.domain.order import Liquidity, OrderId, Side

_ROLES = {Liquidity.MAKER: say("Maker"), Liquidity.TAKER: say("Taker")}


class FillsModel(TableModel):
    """One row per execution, of all pairs."""

    columns = (
        Column("Time", "time", "left"),
        Column("Trade", "id", spare=1),
        Column("Pair", "pair", "left"),
        Column("Side", "side", "left"),
        Column("Price", "price"),
        Column("Amount", "qty"),
        Column("Value", "value"),
        Column("Fee", "fee"),
        Column("Role", "liquidity", "left"),
        Column("Order", "order", "left", spare=2),
        VENUE,
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "fills")
        self._rows = KeptRows(lambda fill: f"{fill.trade_id}/{fill.order_id}", self._row)
        self._listen(OrderFilled, self.touch)

    def rows(self) -> list[Row]:
        """Return a row per execution, newest first; of a long past some at a time."""
        rows = self._rows.of(self.desk.orders.fills())
        self.complete = self._rows.complete
        return rows

    @property
    def empty(self) -> Empty:
        """Nothing traded yet."""
        refused = self.desk.refuses(self.desk.symbol)
        if refused is not None:  # nothing can be bought in the pair that is shown
            return Empty(refused)
        return Empty(say("No fills. Press B to buy at the best ask."), say("Buy"))

    def empty_action(self) -> None:
        """Start buying."""
        self.desk.pick_side(Side.BUY)

    def ask_why(self, key: str) -> None:
        """Ask why an execution happened."""
        trade_id, _, order_id = key.partition("/")
        self.desk.ask_why(OrderId(order_id), int(trade_id))

    def _row(self, key: str, fill: OrderFilled) -> Row:
        pair = self.desk.pairs[fill.symbol]
        value = pair.notional(fill.price, fill.qty)
        exact_fee = f"{pair.quote.text(fill.fee)} {pair.quote.code}"
        at = fmt.date_clock(fill.at)
        return Row(
            key,
            (
                Cell(fmt.clock(fill.at, millis=True), "muted", at, f"{at} UTC"),
                Cell(str(fill.trade_id), "muted"),
                Cell(fill.symbol),
                SIDE_CELLS[fill.side],
                Cell(fmt.price(pair, fill.price), raw=pair.price_text(fill.price)),
                Cell(fmt.quantity(pair, fill.qty), raw=pair.qty_text(fill.qty)),
                Cell(fmt.money(pair.quote, value, 2), raw=pair.quote.text(value)),
                Cell(fmt.money(pair.quote, fill.fee, 6), raw=pair.quote.text(fill.fee), tip=exact_fee),
                Cell(
                    say("Maker") if fill.liquidity is Liquidity.MAKER else say("Taker"), "muted", fill.liquidity.value
                ),
                Cell(fill.order_id, "muted"),
                self.venue,
            ),
        )
