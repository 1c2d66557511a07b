"""A journal with trades in it, for tests: an exchange whose every command is journaled."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from engine.adapters.sql.books import Books
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.domain.command import Deposit, ListPair, SubmitOrder
from engine.domain.event import TradeExecuted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.exchange.kernel import Exchange
from engine.ports.journal import StorageStateChanged
from tests.engine.adapters.small_market import PAIR, SYMBOL

ME = AccountId("PAPER-1")
RICH = Units(10**24)


class Book:
    """An exchange whose every command is journaled."""

    def __init__(self, where: Path | Store) -> None:
        self.store = store_of(where)
        self.states: list[StorageStateChanged] = []
        self.journal = SqlJournal(self.store, on_state=self.states.append)
        self.journal.begin(Books())
        self.exchange = Exchange()
        self.now = 0

    @property
    def path(self) -> Path:
        """The file, of a book in one."""
        assert self.store.path is not None
        return self.store.path

    def do(self, *commands: object) -> Future[int]:
        self.now += 1
        records: list[object] = []
        for command in commands:
            events = self.exchange.handle(command, Nanos(self.now))  # type: ignore[arg-type]
            records += [command, *(each for each in events if not isinstance(each, TradeExecuted))]
        return self.journal.append(records, Nanos(self.now))

    def open(self) -> Future[int]:
        return self.do(ListPair(PAIR), Deposit(ME, "USDT", RICH), Deposit(ME, "BTC", RICH))

    def order(self, name: str, side: Side, price: int, qty: int = 500) -> Future[int]:
        return self.do(
            SubmitOrder(
                account=ME,
                order_id=OrderId(name),
                symbol=SYMBOL,
                side=side,
                order_type=OrderType.LIMIT,
                qty=Lots(qty),
                price=Ticks(price),
            )
        )


def trade(book: Book, orders: int, first: int = 0) -> None:
    """Send orders of which some meet, and wait until they are durable."""
    done = None
    for i in range(first, first + orders):
        side = Side.BUY if i % 2 else Side.SELL
        done = book.order(f"o{i}", side, 6_000_000 + (i * 7) % 11 - 5, 100 + i)
    if done is not None:
        done.result()
