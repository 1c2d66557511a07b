"""Orders that still work or wait: cancel one, a list or all, change quantity and prices."""

from __future__ import annotations

import time
from dataclasses import dataclass

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.amend import Amend, editor, read_changes, send_changes
from crs_desktop.viewmodels.columns import Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.order_groups import KEY, Group, consequence, groups
from crs_desktop.viewmodels.order_rows import OrderRows
from crs_desktop.viewmodels.queue import POLL_S
from crs_desktop.viewmodels.table import VENUE, TableModel
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.event import (
    BalanceChanged,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.number import Lots
from engine.domain.order import OrderId, OrderStatus, OrderType, Side
from engine.errors import CrsError
from engine.ports.feed import TradesPrinted
from engine.ports.venue import AccountSelected
from engine.services.orders import OrderRecord

MOVE_S = 0.5
"""How often what moves with the market (a trailing stop, a countdown) is shown anew, at most."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cancel that would take more with it than was asked for."""

    order_id: OrderId
    text: Sentence


class OrdersModel(TableModel):
    """Open orders of all pairs, oldest first, lists as groups; `only_asset` keeps those that lock one asset."""

    columns = (
        Column("Time", "time", "left", spare=5),
        Column("Pair", "pair", "left"),
        Column("Side", "side", "left"),
        Column("Type", "type", "left"),
        Column("Price", "price"),
        Column("Stop", "stop"),
        Column("Trails by", "trail", spare=3, sparse=True),
        Column("Amount", "qty"),
        Column("Shows", "display", spare=4, sparse=True),
        Column("Filled", "filled", spare=2),
        Column("Value", "value", spare=7),
        Column("Locked", "locked", spare=6),
        Column("Expires", "expires", "left", spare=4, sparse=True),
        Column("Queue, status", "status", "left", spare=1, explained=True),
        VENUE,
        Column("", "amend", "left", action=True),
        Column("", "cancel", "left", action=True),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "open orders")
        self.only_asset = ""
        self.amending: Amend | None = None
        self.doubt: Doubt | None = None
        """What is asked before a cancel."""
        self._rows = OrderRows(desk)
        self._moved = float("-inf")
        for kind in (
            OrderAccepted, OrderFilled, OrderCancelled, OrderAmended, OrderTriggered, OrderExpired, LegStarted,
            BalanceChanged,
        ):  # fmt: skip
            self._listen(kind, self.touch)
        for ending in (OrderFilled, OrderCancelled, OrderExpired):
            self._listen(ending, lambda _event: self._forget_ended())
        self._listen(TradesPrinted, self._on_trades)
        self._keep(desk.on_asset(self.filter))

    def groups(self) -> list[Group]:
        """Return the groups that are shown."""
        found = groups(self.desk.orders.records())
        if not self.only_asset:
            return found
        return [group for group in found if any(self._locks(each) for each in group.records)]

    def rows(self) -> list[Row]:
        """Return a row per order; the orders of a list come together below a row of its own."""
        shown = self.groups()
        works = any(each.status is OrderStatus.WORKING for group in shown for each in group.records)
        self.poll = POLL_S if works else 0.0
        return self._rows.rows(shown)

    def ask_why(self, key: str) -> None:
        """Ask why an order has not filled; of a list, the first of its orders."""
        group, record = self._find(key)
        if group is not None:
            self.desk.ask_why((record or group.records[0]).order.order_id)

    @property
    def empty(self) -> Empty:
        """No orders at all, or none that lock the asset."""
        if self.only_asset and self.desk.orders.records():
            return Empty(say("No open order locks {asset}.", asset=self.only_asset), say("Show all orders"))
        return Empty(say("No open orders. Press B, then J to bid with a limit order."), say("New limit order"))

    def empty_action(self) -> None:
        """Show all orders again, or start a limit buy at the best bid."""
        if self.only_asset:
            self.filter("")
        else:
            price = self.desk.book(self.desk.symbol).best_bid
            if price is not None:
                self.desk.pick_price(price)
                self.desk.pick_side(Side.BUY)

    def filter(self, asset: str) -> None:
        """Show only the orders that lock this asset; an empty name shows all."""
        self.only_asset = asset
        self.hurry()

    # -- cancel -------------------------------------------------------------------------------------

    def cancel(self, key: str) -> None:
        """Take an order or a whole list out; ask first if more would go than was asked for."""
        group, record = self._find(key)
        self.doubt = None
        if group is not None and record is not None and group.list_id is not None:
            text = self._consequence(group, record)
            if text is not None:
                self.doubt = Doubt(record.order.order_id, text)
                self.hurry()
                return
        self.tasks.start(self._cancel(OrderId(key.removeprefix(KEY))))

    @property
    def question(self) -> Sentence | None:
        """What to ask before more is cancelled than was asked for."""
        return self.doubt.text if self.doubt is not None else None

    def confirm(self) -> None:
        """Cancel what was asked about."""
        doubt, self.doubt = self.doubt, None
        self.hurry()
        if doubt is not None:
            self.tasks.start(self._cancel(doubt.order_id))

    def dismiss(self) -> None:
        """Keep what was asked about."""
        self.doubt = None
        self.hurry()

    def cancel_last(self) -> None:
        """Take the newest order out, with the rest of its list (hotkey X)."""
        records = self.desk.orders.records()
        if records:
            newest = max(records, key=lambda each: each.number)
            self.tasks.start(self._cancel(newest.list_id or newest.order.order_id))

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

    def _consequence(self, group: Group, record: OrderRecord) -> Sentence | None:
        position = self.desk.portfolio.position(record.order.symbol)
        held = position.qty if position is not None else Lots(0)
        pair = self.desk.pairs[record.order.symbol]
        return consequence(group, record, held, fmt.quantity(pair, min(held, record.order.qty)), pair.base.code)

    # -- amend --------------------------------------------------------------------------------------

    def begin_amend(self, key: str) -> None:
        """Open the editor for an order, or for the whole list that it is part of."""
        group, _ = self._find(key)
        if group is None:
            return
        amend = editor(self.desk.pairs[group.records[0].order.symbol], group)
        if not amend.fields:
            self.warn("Nothing of this order can be changed. Cancel it and send another.")
            return
        self.amending = amend
        self.hurry()

    def step_amend(self, key: str, steps: int) -> None:
        """Move a field of the editor by lots or ticks."""
        if self.amending is not None:
            self.amending.step(key, steps)
            self.hurry()

    def end_amend(self) -> None:
        """Close the editor without a change."""
        self.amending = None
        self.hurry()

    def apply_amend(self) -> None:
        """Send what the editor says; it stays open, with the reason, if it cannot be."""
        amend = self.amending
        if amend is None or amend.sending:
            return
        changes = read_changes(amend)
        self.hurry()
        if changes is not None:
            amend.sending = True
            self.tasks.start(self._amend(amend, changes))

    async def _amend(self, amend: Amend, changes: list[tuple[OrderRecord, dict[str, int]]]) -> None:
        done = await send_changes(amend, changes, self.desk.orders)
        amend.sending = False
        if done and self.amending is amend:
            self.amending = None
        self.hurry()

    # -- inside -------------------------------------------------------------------------------------

    def _account_selected(self, event: AccountSelected) -> None:
        """Neither ask about nor change orders of the account before."""
        self.doubt = self.amending = None
        super()._account_selected(event)

    def _forget_ended(self) -> None:
        """Neither ask about nor change what has ended by itself."""
        there = {record.order.order_id for record in self.desk.orders.records()}
        if self.doubt is not None and self.doubt.order_id not in there:
            self.doubt = None
        amend = self.amending
        if amend is None or amend.sending:
            return
        if all(each.order.order_id not in there for each in amend.group.records):
            self.amending = None
            self.warn("What you were changing has ended.")

    def _find(self, key: str) -> tuple[Group | None, OrderRecord | None]:
        """Return the group of a key, and its order if the key is one's."""
        for group in self.groups():
            if key == group.key and group.list_id is not None:
                return group, None
            record = group.record(key)
            if record is not None:
                return group, record
        return None, None

    def _locks(self, record: OrderRecord) -> bool:
        pair = self.desk.pairs[record.order.symbol]
        return self.only_asset == (pair.quote.code if record.order.side is Side.BUY else pair.base.code)

    def _on_trades(self, _event: TradesPrinted) -> None:
        now = time.monotonic()
        if now - self._moved >= MOVE_S and any(_moves(each) for each in self.desk.orders.records()):
            self._moved = now
            self.touch()


def _moves(record: OrderRecord) -> bool:
    """Whether what is shown of it changes with the market or with time."""
    return record.order.expire_ts is not None or record.order.order_type is OrderType.TRAILING_STOP
