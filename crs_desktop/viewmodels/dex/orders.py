"""The orders that this program carries out on decentralised exchanges, with their states and what each waits for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.adding import shown_number
from crs_desktop.viewmodels.dex.form import span_text
from crs_desktop.viewmodels.dex.order_form import CLOSED
from crs_desktop.viewmodels.wallet.dexes import OrdersFront
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, exact, plain, symbol
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.defi.orders.order import DexOrder, LimitTerms, OrderState, SeriesTerms, SlotOutcome
from engine.defi.token import TokenAmount
from engine.errors import CrsError
from engine.services.wallet.events import OrdersChanged

COLUMNS = (
    Column("Order", "order", "left"),
    Column("Sells", "sells", "left"),
    Column("Buys", "buys", "left"),
    Column("State", "state", "left"),
    Column("Done", "done", "left", spare=1),
    Column("Signs", "signs", "left", spare=2),
    Column("", "pause", "left", action=True),
    Column("", "edit", "left", action=True),
    Column("", "cancel", "left", action=True),
    Column("Why", "why", "left"),
)
STATES = {
    OrderState.WAITING: (say("waiting"), "text"),
    OrderState.PAUSED: (say("paused"), "warn"),
    OrderState.DUE: (say("due"), "accent"),
    OrderState.SENDING: (say("being sent"), "accent"),
    OrderState.DONE: (say("done"), "up"),
    OrderState.FAILED: (say("failed"), "error"),
    OrderState.EXPIRED: (say("expired"), "muted"),
    OrderState.CANCELLED: (say("cancelled"), "muted"),
}
DIGITS = 8


class DexOrdersModel(WalletTable):
    """Enter changes an order, Delete cancels it, or takes one that is over out of the list."""

    columns = COLUMNS
    old_s = 5.0
    poll = 2.0

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        super().__init__(desk, door, "orders of the desk")
        self._keep(self.front.bus.subscribe(OrdersChanged, lambda _event: self.hurry()))

    @property
    def orders(self) -> OrdersFront | None:
        """The orders of the chain in use."""
        return self.front.dex.orders if self.front.dex is not None else None

    async def read(self) -> None:
        """Nothing has to be read: orders are here."""

    def rows(self) -> list[Row]:
        """Return the orders of the account in use, those that are alive first, then the newest."""
        dex = self.front.dex
        if dex is None:
            return []
        mine = [each for each in dex.orders.all() if each.account == dex.account]
        mine.sort(key=lambda each: (each.state.is_over, -each.created))
        return [self._row(each) for each in mine]

    @property
    def nothing(self) -> Empty:
        """What orders are, and what happens while the program is closed."""
        return Empty(say("No orders. Make a limit order or a series of purchases under Swap. {closed}", closed=CLOSED))

    @property
    def said(self) -> Sentence:
        """What is wrong with the chain, or what happens while the program is closed."""
        orders = self.orders
        if orders is not None and orders.problem:
            return verbatim(plain(orders.problem))
        return CLOSED

    def open(self, key: str) -> None:
        """Change an order."""
        order = self._of(key)
        if order is not None and not order.state.is_over:
            self.door.doing.dex.edit_order(order)

    def remove(self, key: str) -> None:
        """Cancel an order, or forget one that is over."""
        orders, order = self.orders, self._of(key)
        if orders is not None and order is not None:
            self._do(orders.remove if order.state.is_over else orders.cancel, key)

    def act(self, key: str, field: str) -> None:
        """Do what was clicked in a row."""
        orders, order = self.orders, self._of(key)
        if orders is None or order is None:
            return
        if field == "pause":
            self._do(orders.resume if order.state is OrderState.PAUSED else orders.pause, key)
        elif field == "edit":
            self.open(key)
        else:
            self.remove(key)

    def _do(self, act: Callable[[str], Awaitable[object]], key: str) -> None:
        async def done() -> None:
            try:
                await act(key)
            except CrsError as error:
                self.failed(error)
            self.hurry()

        self.tasks.start(done())

    def _of(self, key: str) -> DexOrder | None:
        orders = self.orders
        return next((each for each in orders.all() if each.id == key), None) if orders is not None else None

    def _row(self, each: DexOrder) -> Row:
        words, tone = STATES[each.state]
        over, paused = each.state.is_over, each.state is OrderState.PAUSED
        sells = TokenAmount(each.sell, each.amount)
        pauses = say("Resume") if paused else say("Pause")
        cells = (
            Cell(say("Series") if each.is_series else say("Limit")),
            Cell(f"{brief(sells, DIGITS)} {symbol(sells)}", "text", sells.text, exact(sells)),
            Cell(_buys(each)),
            Cell(words, tone),
            Cell(_done(each), "muted"),
            Cell(say("asks you") if each.limits.asks else say("within limits"), "muted"),
            Cell("") if over else Cell(pauses, "accent"),
            Cell("") if over else Cell(say("Change…"), "accent"),
            Cell(say("Forget") if over else say("Cancel"), "accent"),
            Cell(plain(_why(each), 200), "muted", tip=plain(_why(each), 300)),
        )
        return Row(each.id, cells)


def _buys(order: DexOrder) -> Sentence:
    terms, token = order.terms, plain(order.buy.symbol, 20)
    if isinstance(terms, SeriesTerms):
        return say(
            "{token}, {count} times every {every}", token=token, count=terms.count, every=span_text(terms.every_s)
        )
    price = shown_number(order.price(terms.least))
    return say("{token} at {price} or better", token=token, price=price)


def _done(order: DexOrder) -> str:
    if not order.slots:
        return _expires(order)
    bought = f"{brief(order.bought, DIGITS)} {symbol(order.bought)}"
    if not isinstance(order.terms, SeriesTerms):
        return bought
    done = sum(each.outcome is SlotOutcome.DONE for each in order.slots)
    return f"{done}/{order.terms.count}: {bought}"


def _expires(order: DexOrder) -> str:
    terms = order.terms
    if isinstance(terms, LimitTerms) and terms.expires is not None:
        return datetime.fromtimestamp(terms.expires, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return ""


def _why(order: DexOrder) -> str:
    if order.why:
        return order.why
    return next((each.why for each in reversed(order.slots) if each.why), "")
