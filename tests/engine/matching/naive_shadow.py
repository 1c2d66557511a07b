"""The rules of the shadow matcher once more, slowly: no ladder, no sorted prices, every order for itself.

Written from docs/explanation/shadow-matcher.md, not from the matcher. Bids only are thought of; asks are the same
with negative prices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

LATE = 250_000_000


@dataclass
class Order:
    name: int
    price: int
    left: int
    ahead: int | None
    arrived: int
    """Counts updates of the book."""


@dataclass
class Loss:
    """What a level lost at its last change, as far as no print has explained it."""

    shown: int
    lots: int
    at: int
    number: int


@dataclass
class Side:
    """Our bids and the feed's bids; and the feed's asks as far as we took them."""

    shown: dict[int, int] = field(default_factory=dict)
    against: dict[int, int] = field(default_factory=dict)
    """The other side's levels…"""
    taken: dict[int, int] = field(default_factory=dict)
    """…and what we took of them."""
    blind_below: int | None = None
    orders: list[Order] = field(default_factory=list)
    """In the order of arrival."""
    losses: dict[int, Loss] = field(default_factory=dict)
    printed: dict[int, int] = field(default_factory=dict)
    updates: int = 0

    def at_price(self, price: int) -> list[Order]:
        return [order for order in self.orders if order.price == price]

    def believed(self, order: Order) -> int | None:
        loss = self.losses.get(order.price)
        if order.ahead is not None and loss is not None and loss.shown and order.arrived < loss.number:
            return min(order.ahead, loss.shown)
        return order.ahead

    def free(self, price: int) -> int:
        return self.against.get(price, 0) - self.taken.get(price, 0)

    def arrive(self, name: int, price: int, qty: int) -> list[tuple[int, int, int]]:
        fills = []
        for ask in sorted(self.against):
            if ask <= price and qty and self.free(ask):
                part = min(qty, self.free(ask))
                self.taken[ask] = self.taken.get(ask, 0) + part
                qty -= part
                fills.append((name, part, ask))
        if qty:
            ahead: int | None = self.shown.get(price, 0)
            if not ahead and self.blind_below is not None and price < self.blind_below:
                ahead = None
            for other in self.at_price(price):
                theirs = self.believed(other)
                ahead = None if ahead is None or theirs is None else max(ahead, theirs)
            self.orders.append(Order(name, price, qty, ahead, self.updates))
        return fills

    def cancel(self, order: Order) -> None:
        self.orders.remove(order)
        if not self.at_price(order.price):
            self.losses.pop(order.price, None)
            self.printed.pop(order.price, None)

    def look(self) -> None:
        """Take note that nobody stands above the best bid."""
        if self.blind_below is not None and self.shown:
            self.blind_below = min(self.blind_below, max(self.shown))

    def change(self, price: int, qty: int, at: int) -> None:
        """Take over a level of our side."""
        before = self.shown.pop(price, 0)
        if qty:
            self.shown[price] = qty
        here = self.at_price(price)
        if not here:
            return
        for order in here:
            order.ahead = self.believed(order)
            if order.ahead is None:
                order.ahead = qty
        self.losses[price] = Loss(qty, max(0, before - qty - self.printed.pop(price, 0)), at, self.updates)

    def change_against(self, price: int, qty: int) -> None:
        """Take over a level of the other side."""
        self.against.pop(price, None)
        if qty:
            self.against[price] = qty
        if price in self.taken:
            self.taken[price] = min(self.taken[price], qty)

    def crossed(self) -> list[tuple[int, int, int]]:
        """What the other side's levels fill of ours."""
        if self.shown and self.against and max(self.shown) >= min(self.against):
            return []
        fills: list[tuple[int, int, int]] = []
        while True:
            asks = [price for price in self.against if self.free(price)]
            met = [order for order in self.orders if asks and order.price >= min(asks)]
            if not met:
                return fills
            price = max(order.price for order in met)
            for order in self.at_price(price):
                order.ahead = 0
            order, ask = self.at_price(price)[0], min(asks)
            part = min(order.left, self.free(ask))
            self.taken[ask] = self.taken.get(ask, 0) + part
            fills.append(self.fill(order, part))

    def fill(self, order: Order, qty: int) -> tuple[int, int, int]:
        order.left -= qty
        if not order.left:
            self.cancel(order)
        return order.name, qty, order.price

    def sold(self, price: int, size: int, at: int) -> list[tuple[int, int, int]]:
        fills: list[tuple[int, int, int]] = []
        left = size
        better = sorted({order.price for order in self.orders if order.price > price}, reverse=True)
        for each in better:
            for order in self.at_price(each):
                order.ahead = 0
        for each in better:
            for order in self.at_price(each):
                if left:
                    part = min(order.left, left)
                    left -= part
                    fills.append(self.fill(order, part))
        here = self.at_price(price)
        if not here:
            return fills
        loss = self.losses.get(price)
        late = min(size, loss.lots) if loss is not None and at <= loss.at + LATE else 0
        if loss is not None:
            loss.lots -= late
        self.printed[price] = self.printed.get(price, 0) + size - late
        late = min(late, left)
        if late and loss is not None:
            fills += self.hit([order for order in here if order.arrived < loss.number], late)
        if left > late:
            for order in self.at_price(price):
                order.ahead = self.believed(order)
            self.losses.pop(price, None)
            fills += self.hit(self.at_price(price), left - late)
        return fills

    def hit(self, line: list[Order], qty: int) -> list[tuple[int, int, int]]:
        """Let `qty` lots meet a line of ours, lot by lot."""
        fills: dict[int, tuple[Order, int]] = {}
        for _ in range(qty):
            first = next((order for order in line if order.left), None)
            if first is None or first.ahead is None:
                break
            if first.ahead:
                for order in line:
                    if order.ahead:
                        order.ahead -= 1
                continue
            first.left -= 1
            fills[first.name] = (first, fills.get(first.name, (first, 0))[1] + 1)
        for order, _ in fills.values():
            if not order.left:
                self.cancel(order)
        return [(name, part, order.price) for name, (order, part) in fills.items()]
