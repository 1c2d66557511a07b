"""The shadow matcher and its naive twin, driven by the same acts: (name, arguments…)."""

from __future__ import annotations

from collections import Counter

from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.matching.ladder import Resting
from engine.matching.shadow import ShadowBook
from tests.engine.matching import naive_shadow
from tests.engine.matching.shadowing import S, levels

Fill = tuple[int, int, int]


class Matcher:
    """The shadow book, driven by acts; checks what must hold after every one of them."""

    def __init__(self, display: int = 0) -> None:
        self.book = ShadowBook()
        self.now = 0
        self.open: dict[int, Resting] = {}
        self.count = 0
        self.display = display
        self.shown: dict[bool, dict[int, int]] = {True: {}, False: {}}
        """Bids (True) and asks as the feed displays them."""
        self.offered: Counter[tuple[bool, int]] = Counter()
        """All size that ever came to stand on a side at a price."""
        self.got: Counter[tuple[bool, int]] = Counter()
        """All that we took of it."""

    def act(self, act: tuple) -> list[Fill]:  # type: ignore[type-arg]
        before = {key: self.book.ahead(order) for key, order in self.open.items()}
        fills = getattr(self, act[0])(*act[1:])
        self.check(before)
        return fills  # type: ignore[no-any-return]

    def diff(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]], wait: int) -> list[Fill]:
        self.now += wait
        for is_bid, changes in ((True, bids), (False, asks)):
            for price, qty in changes:
                self._display(is_bid, price, qty)
        return self._done(self.book.apply_diff(BookDiff(S, levels(*bids), levels(*asks), 1, 1, Nanos(self.now))))

    def snapshot(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]], wait: int) -> list[Fill]:
        self.now += wait
        sides = [{price: qty for price, qty in side if qty} for side in (bids, asks)]
        for is_bid, new in zip((True, False), sides, strict=True):
            for price in [*self.shown[is_bid], *new]:
                self._display(is_bid, price, new.get(price, 0))
        new_bids, new_asks = (levels(*side.items()) for side in sides)
        return self._done(self.book.apply_snapshot(BookSnapshot(S, new_bids, new_asks, 1, Nanos(self.now))))

    def print(self, price: int, qty: int, sold: bool, wait: int) -> list[Fill]:
        self.now += wait
        side = Side.SELL if sold else Side.BUY
        fills = self._done(self.book.print_fills(TradeTick(S, Ticks(price), Lots(qty), side, Nanos(self.now), 1)))
        assert sum(part for _, part, _ in fills) <= qty
        for _, _, at in fills:
            assert at >= price if sold else at <= price
        return fills

    def order(self, price: int, qty: int, is_buy: bool) -> list[Fill]:
        self.count += 1
        order = Resting(self, self.count, is_buy, price, qty)
        fills = []
        while order.left and (maker := self.book.front(is_buy, price)) is not None:
            assert maker.price <= price if is_buy else maker.price >= price
            part = min(maker.left, order.left)
            self.book.take(maker, part)
            self.got[not is_buy, maker.price] += part
            order.left -= part
            fills.append((order.key, part, maker.price))
        if order.left:
            order.display = self.display
            order.hidden = max(0, order.left - self.display) if self.display else 0
            self.book.rest(order)
            self.open[order.key] = order
        return fills

    def cancel(self, key: int) -> list[Fill]:
        if key in self.open:
            self.book.remove(self.open.pop(key))
        return []

    def check(self, before: dict[int, int | None]) -> None:
        for is_bid in (True, False):
            for price in range(98, 104):
                displayed, taken = self.book.displayed(is_bid, price)
                assert displayed == self.shown[is_bid].get(price, 0)
                assert 0 <= taken <= displayed
                assert self.got[is_bid, price] <= self.offered[is_bid, price]
            for level in self.book.side_of(is_bid):
                line = [self.book.ahead(order) for order in level]
                assert line == sorted(line, key=lambda ahead: -1 if ahead is None else ahead) or None in line
        if not self.display:
            for key, ahead in before.items():
                now = self.book.ahead(self.open[key]) if key in self.open else None
                assert ahead is None or now is None or now <= ahead

    def _display(self, is_bid: bool, price: int, qty: int) -> None:
        before = self.shown[is_bid].pop(price, 0)
        self.offered[is_bid, price] += max(0, qty - before)
        if qty:
            self.shown[is_bid][price] = qty

    def _done(self, due: object) -> list[Fill]:
        fills = []
        for order, qty, rule in due:  # type: ignore[attr-defined]
            assert 0 < qty <= order.left - order.hidden
            if rule == "displayed":
                (side,) = [each for each in (True, False) if each is not order.is_buy]
                assert any(price <= order.price if order.is_buy else price >= order.price for price in self.shown[side])
            self.book.take(order, qty)
            fills.append((order.key, qty, order.price))
            if not order.left:
                del self.open[order.key]
        return fills


class Twin:
    """The naive matcher on both sides, asks with negative prices."""

    def __init__(self) -> None:
        self.bids, self.asks = naive_shadow.Side(), naive_shadow.Side()
        self.now = 0
        self.count = 0

    def act(self, act: tuple) -> list[Fill]:  # type: ignore[type-arg]
        return getattr(self, act[0])(*act[1:])  # type: ignore[no-any-return]

    def diff(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]], wait: int) -> list[Fill]:
        self.now += wait
        self.bids.updates = self.asks.updates = self.bids.updates + 1
        for ours, theirs, sign, changes in (
            (self.bids, self.asks, 1, bids),
            (self.asks, self.bids, -1, asks),
        ):
            for price, qty in changes:
                ours.change(price * sign, qty, self.now)
                theirs.change_against(price * -sign, qty)
            ours.look()
        return [*self.bids.crossed(), *self._turned(self.asks.crossed())]

    def snapshot(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]], wait: int) -> list[Fill]:
        new_bids, new_asks = ({price: qty for price, qty in side if qty} for side in (bids, asks))
        gone_bids = [(price, 0) for price in self.bids.shown if price not in new_bids]
        gone_asks = [(-price, 0) for price in self.asks.shown if -price not in new_asks]
        fills = self.diff([*gone_bids, *new_bids.items()], [*gone_asks, *new_asks.items()], wait)
        self.bids.blind_below, self.asks.blind_below = (
            min(new_bids, default=None),
            min((-price for price in new_asks), default=None),
        )
        return fills

    def print(self, price: int, qty: int, sold: bool, wait: int) -> list[Fill]:
        self.now += wait
        return self.bids.sold(price, qty, self.now) if sold else self._turned(self.asks.sold(-price, qty, self.now))

    def order(self, price: int, qty: int, is_buy: bool) -> list[Fill]:
        self.count += 1
        if is_buy:
            return self.bids.arrive(self.count, price, qty)
        return self._turned(self.asks.arrive(self.count, -price, qty))

    def cancel(self, key: int) -> list[Fill]:
        for side in (self.bids, self.asks):
            for order in [order for order in side.orders if order.name == key]:
                side.cancel(order)
        return []

    @staticmethod
    def _turned(fills: list[Fill]) -> list[Fill]:
        return [(name, qty, -price) for name, qty, price in fills]


def merged(fills: list[Fill]) -> list[Fill]:
    """Fills of one order in a row as one: the twin meets lot by lot."""
    found: list[Fill] = []
    for name, qty, price in fills:
        if found and found[-1][0] == name and found[-1][2] == price:
            found[-1] = (name, found[-1][1] + qty, price)
        else:
            found.append((name, qty, price))
    return found
