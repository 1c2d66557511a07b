"""The balances of the account in use on the chain in use: token, amount, price, value, and how old the price is."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import age, brief, plain, symbol
from crs_desktop.viewmodels.wallet.front import Holding, Holdings
from crs_desktop.viewmodels.wallet.header import WalletModel, dollars
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say
from engine.defi.token import NATIVE
from engine.services.wallet.events import BalancesChanged

COLUMNS = (
    Column("Token", "token", "left"),
    Column("Amount", "amount"),
    Column("Price $", "price", spare=1),
    Column("Value $", "value"),
    Column("Price from", "source", "left", spare=3),
    Column("Price age", "age", spare=2),
    Column("Contract", "contract", "left", spare=4),
)
OLD_PRICE_S = 120
MOST_SOURCE = 40
THIN = Cell(
    say("too shallow to sell at"), "warn",
    tip=say("The pools that tell this price hold less than what you have would be worth at it."),
)  # fmt: skip


class BalancesModel(WalletTable):
    """Enter on a row sends of that token."""

    columns = COLUMNS
    old_s = 15.0
    reading_words = say("Reading balances…")
    poll = 1.0

    def __init__(
        self, desk: Desk, door: WalletDoor, head: WalletModel, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.found: Holdings | None = None
        super().__init__(desk, door, "wallet balances")
        self._head, self._clock = head, clock
        self._keep(self.front.bus.subscribe(BalancesChanged, self._balances_changed))

    async def read(self) -> None:
        """Read balances and prices."""
        self.found = await self.front.holdings()
        values = [each.value for each in self.found.rows if each.amount.units]
        self._head.total = sum((each for each in values if each is not None), Decimal(0))
        self._head.unpriced = sum(each is None for each in values)
        self._head.hurry()

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.found = None

    def rows(self) -> list[Row]:
        """Return a row for each token that there is something of, the most valuable first; the coin always."""
        if self.found is None:
            return []
        held = [each for each in self.found.rows if each.amount.units or each.amount.token.is_native]
        held.sort(key=lambda each: (each.value is None, -(each.value or 0), each.amount.token.symbol))
        return [self._row(each) for each in held]

    @property
    def nothing(self) -> Empty:
        """What balances are for."""
        return Empty(say("Nothing is on this account yet. Show its address to be paid."), say("Receive"))

    def nothing_action(self) -> None:
        """Show the address."""
        self.door.doing.receive()

    @property
    def said(self) -> Sentence:
        """As of when this is."""
        if self.found is None:
            return say("")
        span = age(self.found.at_ns, self._clock())
        if self.found.block is None:
            return say("As of {span} ago", span=span)
        return say("Block {block}, {span} ago", block=f"{self.found.block:,}", span=span)

    def _row(self, each: Holding) -> Row:
        token, now = each.amount.token, self._clock()
        key = NATIVE if token.is_native else token.address
        name = plain(token.name, MOST_SOURCE)
        aged, tone = MISSING.text, "faint"
        if each.priced_ns is not None:
            old = now - each.priced_ns > OLD_PRICE_S * 10**9
            aged, tone = age(each.priced_ns, now), "warn" if old else "muted"
        cells = (
            Cell(symbol(each.amount), "text", tip=name),
            Cell(brief(each.amount, 9), "text", each.amount.text, fmt.grouped(each.amount.text)),
            MISSING if each.price is None else Cell(_price(each.price), "muted", format(each.price, "f")),
            MISSING if each.value is None else Cell(dollars(each.value), "text", format(each.value, "f")),
            THIN if each.is_thin else Cell(plain(each.source, MOST_SOURCE), "muted"),
            Cell(aged, tone),
            Cell(say("the chain's coin"), "faint") if token.is_native else Cell(token.address, "faint"),
        )
        return Row(key, cells)

    def _balances_changed(self, event: BalancesChanged) -> None:
        account = self.front.current
        if account is not None and event.address == account.address:
            self.read_soon()


def _price(price: Decimal) -> str:
    """Return a price with two places, or with six figures if it is less than a dollar."""
    if price >= 1:
        return dollars(price)
    shown = format(price, "f")
    whole, _, places = shown.partition(".")
    zeros = len(places) - len(places.lstrip("0"))
    return fmt.narrow(f"{whole}.{places[: zeros + 6]}".rstrip("0").rstrip(".")) if places else shown
