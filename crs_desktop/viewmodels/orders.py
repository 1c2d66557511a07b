"""Orders that still work or wait: cancel one or all, change quantity and price."""

from __future__ import annotations

from dataclasses import dataclass

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING, POST_ONLY, SIDE_CELLS, TYPE_WORDS, TableModel
from crs_desktop.viewmodels.ticket_price import read_price
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.account import OpenOrder
from engine.domain.event import (
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderStatus, Side
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput


@dataclass(slots=True)
class Amend:
    """An order that is being changed: texts as typed."""

    order: OpenOrder
    qty_text: str
    price_text: str
    stop_text: str
    problem: Sentence | None = None


class OrdersModel(TableModel):
    """Open orders of all pairs, oldest first; `only_asset` keeps those that lock one asset."""

    columns = (
        Column("Time", "time", "left", spare=2),
        Column("Pair", "pair", "left"),
        Column("Side", "side", "left"),
        Column("Type", "type", "left"),
        Column("Price", "price"),
        Column("Stop", "stop"),
        Column("Amount", "qty"),
        Column("Filled", "filled"),
        Column("Value", "value", spare=3),
        Column("Locked", "locked", spare=1),
        Column("Status", "status", "left", spare=4),
        Column("", "amend", "left", action=True),
        Column("", "cancel", "left", action=True),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "open orders")
        self.only_asset = ""
        self.amending: Amend | None = None
        for kind in (OrderAccepted, OrderFilled, OrderCancelled, OrderAmended, OrderTriggered, OrderExpired):
            self._listen(kind, self.touch)
        self._keep(desk.on_asset(self.filter))

    def orders(self) -> list[OpenOrder]:
        """Return the orders that are shown."""
        orders = self.desk.orders.open()
        if not self.only_asset:
            return orders
        return [each for each in orders if self._locked_asset(each) == self.only_asset]

    def rows(self) -> list[Row]:
        """Return a row per order."""
        locked = {each.order_id: each.locked for each in self.desk.portfolio.orders()}
        return [self._row(each, locked.get(each.order_id, 0)) for each in self.orders()]

    @property
    def empty(self) -> Empty:
        """No orders at all, or none that lock the asset."""
        if self.only_asset and self.desk.orders.open():
            return Empty(say("No open order locks {asset}.", asset=self.only_asset), say("Show all orders"))
        return Empty(say("No open orders. Press B, then J to bid with a limit order."), say("New limit order"))

    def empty_action(self) -> None:
        """Show all orders again, or start a limit buy at the best bid."""
        if self.only_asset:
            self.filter("")
        else:
            price = self.desk.market_data.book(self.desk.symbol).best_bid
            if price is not None:
                self.desk.pick_price(price)
                self.desk.pick_side(Side.BUY)

    def filter(self, asset: str) -> None:
        """Show only the orders that lock this asset; an empty name shows all."""
        self.only_asset = asset
        self.hurry()

    # -- cancel -------------------------------------------------------------------------------------

    def cancel(self, key: str) -> None:
        """Take one order out."""
        self.tasks.start(self._cancel(OrderId(key)))

    def cancel_last(self) -> None:
        """Take the newest order out (hotkey X)."""
        orders = self.desk.orders.open()
        if orders:
            self.cancel(max(orders, key=lambda each: each.number).order_id)

    def cancel_all(self, symbol: str | None = None) -> None:
        """Take out every order, or those of one pair."""
        self.tasks.start(self._cancel_all(symbol))

    def cancel_symbol(self) -> None:
        """Take out every order of the desk's pair (hotkey Ctrl+X)."""
        self.cancel_all(self.desk.symbol)

    async def _cancel(self, order_id: OrderId) -> None:
        self.warn(None)
        try:
            answer = await self.desk.orders.cancel(order_id)
        except CrsError as error:
            self.failed(error)
        else:
            if isinstance(answer, OrderRejected):
                self.warn(answer.text)

    async def _cancel_all(self, symbol: str | None) -> None:
        self.warn(None)
        try:
            await self.desk.orders.cancel_all(symbol)
        except CrsError as error:
            self.failed(error)

    # -- amend --------------------------------------------------------------------------------------

    def begin_amend(self, key: str) -> None:
        """Open the editor for an order."""
        order = next((each for each in self.orders() if each.order_id == key), None)
        if order is None:
            return
        pair = self.desk.pairs[order.symbol]
        price = pair.price_text(order.price) if order.price is not None else ""
        stop = pair.price_text(order.stop_price) if order.stop_price is not None else ""
        self.amending = Amend(order, pair.qty_text(order.qty), price, stop)
        self.hurry()

    def step_amend(self, field: str, steps: int) -> None:
        """Move a field of the editor by lots or ticks."""
        amend = self.amending
        if amend is None:
            return
        pair = self.desk.pairs[amend.order.symbol]
        text = getattr(amend, f"{field}_text")
        try:
            value = fmt.parse(text)
        except InvalidInput:
            return
        grid = pair.lots(value) if field == "qty" else pair.ticks(value)
        if grid is None:
            return
        moved = max(1, grid + steps)
        setattr(amend, f"{field}_text", pair.qty_text(moved) if field == "qty" else pair.price_text(moved))
        self.hurry()

    def end_amend(self) -> None:
        """Close the editor without a change."""
        self.amending = None
        self.hurry()

    def apply_amend(self) -> None:
        """Send what the editor says; it stays open, with the reason, if it cannot be."""
        amend = self.amending
        if amend is None:
            return
        command = self._read(amend)
        self.hurry()
        if command is not None:
            self.tasks.start(self._amend(amend, *command))

    def _read(self, amend: Amend) -> tuple[Lots, Ticks | None, Ticks | None] | None:
        order, pair = amend.order, self.desk.pairs[amend.order.symbol]
        price, stop, problem = order.price, order.stop_price, None
        if order.price is not None:
            price, problem = read_price(pair, amend.price_text, say("Enter a limit price."))
        if order.stop_price is not None and problem is None:
            stop, problem = read_price(pair, amend.stop_text, say("Enter a stop price."))
        lots: Lots | None = None
        try:
            lots = pair.lots(fmt.parse(amend.qty_text))
        except InvalidInput as error:
            problem = problem or verbatim(str(error))
        if lots is None:
            problem = problem or say("Amount must be a multiple of {lot}.", lot=fmt.decimal_text(pair.lot))
        amend.problem = problem
        return None if problem is not None or lots is None else (lots, price, stop)

    async def _amend(self, amend: Amend, qty: Lots, price: Ticks | None, stop: Ticks | None) -> None:
        try:
            answer = await self.desk.orders.amend(amend.order.order_id, qty=qty, price=price, stop_price=stop)
        except CrsError as error:
            amend.problem = verbatim(str(error))
        else:
            if isinstance(answer, OrderRejected):
                amend.problem = verbatim(answer.text)
            elif self.amending is amend:
                self.amending = None
        self.hurry()

    # -- rows ---------------------------------------------------------------------------------------

    def _locked_asset(self, order: OpenOrder) -> str:
        pair = self.desk.pairs[order.symbol]
        return pair.quote.code if order.side is Side.BUY else pair.base.code

    def _row(self, order: OpenOrder, locked: int) -> Row:
        pair = self.desk.pairs[order.symbol]
        asset = pair.quote if order.side is Side.BUY else pair.base
        reference = order.price if order.price is not None else order.stop_price
        value = pair.notional(reference, order.left) if reference is not None else 0
        filled = f" ({order.filled * 100 // order.qty}%)" if order.filled else ""
        waiting = order.status is OrderStatus.WAITING
        return Row(
            order.order_id,
            (
                Cell(fmt.clock(order.at), "muted", fmt.date_clock(order.at), f"{fmt.date_clock(order.at)} UTC"),
                Cell(order.symbol),
                SIDE_CELLS[order.side],
                Cell(POST_ONLY if order.post_only else TYPE_WORDS[order.order_type], tip=order.tif.value),
                _price(pair, order.price),
                _price(pair, order.stop_price),
                Cell(fmt.quantity(pair, order.qty), raw=pair.qty_text(order.qty)),
                Cell(fmt.quantity(pair, order.filled) + filled, raw=pair.qty_text(order.filled)),
                Cell(fmt.money(pair.quote, value, 2), raw=pair.quote.shown(value)),
                Cell(f"{fmt.money(asset, locked, 2 if order.side is Side.BUY else None)} {asset.code}", "muted",
                     asset.shown(locked)),
                Cell(say("Waits for its trigger") if waiting else say("Working"), "muted"),
                Cell(say("Amend"), "accent"),
                Cell(say("Cancel"), "accent"),
            ),
        )  # fmt: skip


def _price(pair: TradingPair, ticks: int | None) -> Cell:
    return MISSING if ticks is None else Cell(fmt.price(pair, ticks), raw=pair.price_text(ticks))
