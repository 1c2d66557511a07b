"""A feed and our orders in a few words, to drive a shadow book by hand."""

from __future__ import annotations

from collections.abc import Iterable

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.matching.ladder import Resting
from engine.matching.shadow import Due, ShadowBook

S = "B/Q"
LATER = 1_000_000_000
"""Nanoseconds between two events, if nothing else is said: no print is late."""


def levels(*pairs: tuple[int, int]) -> tuple[Level, ...]:
    return tuple(Level(Ticks(price), Lots(qty)) for price, qty in pairs)


class Feeder:
    """Tells a shadow book what happens, carries out what is due, and keeps count."""

    def __init__(self, bids: Iterable[tuple[int, int]] = (), asks: Iterable[tuple[int, int]] = ()) -> None:
        self.book = ShadowBook()
        self.now = 0
        self.orders: dict[str, Resting] = {}
        self._names: dict[int, str] = {}
        self.snapshot(bids, asks)

    def snapshot(self, bids: Iterable[tuple[int, int]] = (), asks: Iterable[tuple[int, int]] = ()) -> list[str]:
        self.now += LATER
        return self._done(self.book.apply_snapshot(BookSnapshot(S, levels(*bids), levels(*asks), 1, Nanos(self.now))))

    def diff(
        self, bids: Iterable[tuple[int, int]] = (), asks: Iterable[tuple[int, int]] = (), *, after: int = LATER
    ) -> list[str]:
        self.now += after
        return self._done(self.book.apply_diff(BookDiff(S, levels(*bids), levels(*asks), 1, 1, Nanos(self.now))))

    def sold(self, price: int, qty: int, *, after: int = LATER) -> list[str]:
        return self._print(price, qty, Side.SELL, after)

    def bought(self, price: int, qty: int, *, after: int = LATER) -> list[str]:
        return self._print(price, qty, Side.BUY, after)

    def _print(self, price: int, qty: int, side: Side, after: int) -> list[str]:
        self.now += after
        return self._done(self.book.print_fills(TradeTick(S, Ticks(price), Lots(qty), side, Nanos(self.now), 1)))

    def order(self, name: str, is_buy: bool, price: int, qty: int, display: int = 0) -> list[str]:
        """Let an order arrive, take what it can and rest."""
        number = len(self._names) + 1
        order = Resting(self, number, is_buy, price, qty)
        order.display = display
        self.orders[name], self._names[number] = order, name
        taken = []
        while order.left and (maker := self.book.front(is_buy, price)) is not None:
            qty = min(maker.left, order.left)
            self.book.take(maker, qty)
            order.left -= qty
            taken.append(f"{name} {qty}@{maker.price}")
        if order.left:
            order.hidden = max(0, order.left - display) if display else 0
            self.book.rest(order)
        return taken

    def buy(self, name: str, price: int, qty: int, display: int = 0) -> list[str]:
        return self.order(name, True, price, qty, display)

    def sell(self, name: str, price: int, qty: int, display: int = 0) -> list[str]:
        return self.order(name, False, price, qty, display)

    def ahead(self, name: str) -> int | None:
        return self.book.ahead(self.orders[name])

    def _done(self, due: Iterable[Due]) -> list[str]:
        done = []
        for order, qty, rule in due:
            assert 0 < qty <= order.left - order.hidden
            self.book.take(order, qty)
            done.append(f"{self._names[order.key]} {qty}@{order.price} {rule}")
        return done
