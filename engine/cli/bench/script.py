"""Seeded scripts of orders for benchmarks, and their text for programs that are not ours.

55 % of the acts add a resting order, 35 % cancel one that rests, 10 % are marketable. Prices lie in a band of a
hundred ticks on either side of a middle. Orders are numbered from 1 as they come, so every program can count along.
The text has one act a line: `buy,ORDER,TICKS,LOTS`, `sell,ORDER,TICKS,LOTS` or `cancel,ORDER`; a first line
`market,BID,ASK` says between which two levels of endless depth the script trades.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from engine.cli.bench.reference import Fill, Reference

MIDDLE = 6_000_000
BAND = 100
REACH = BAND // 4
"""How far beyond the middle a marketable order may pay."""

HALF_SPREAD = 50
"""Distance of the deep levels from the middle."""

ADDS, CANCELS = 0.55, 0.35
SMALLEST, LARGEST = 100, 2_000


class Act(NamedTuple):
    """An order, or (if `is_buy` is None) the cancel of one; price in ticks, quantity in lots."""

    order: int
    is_buy: bool | None
    price: int
    qty: int


class Script(NamedTuple):
    """What is to be done, and the trades that must come of it."""

    acts: list[Act]
    fills: list[Fill]
    market: tuple[int, int] | None
    """Best bid and ask of a deep book beside the script's own orders; None = there is none."""

    def write(self, path: Path) -> None:
        """Write the text that every side of a comparison reads."""
        path.write_text("".join(f"{line}\n" for line in self._lines()), encoding="ascii")

    @classmethod
    def read(cls, path: Path) -> Script:
        """Return the script that a text means, without the trades that must come of it."""
        acts, market = list[Act](), None
        for line in path.read_text(encoding="ascii").splitlines():
            word, *numbers = line.split(",")
            first, second, third = (*map(int, numbers), 0, 0)[:3]
            if word == "market":
                market = (first, second)
            else:
                acts.append(Act(first, None if word == "cancel" else word == "buy", second, third))
        return cls(acts, [], market)

    def _lines(self) -> Iterator[str]:
        if self.market is not None:
            yield f"market,{self.market[0]},{self.market[1]}"
        for order, is_buy, price, qty in self.acts:
            yield f"cancel,{order}" if is_buy is None else f"{'buy' if is_buy else 'sell'},{order},{price},{qty}"


def crossing(count: int, *, seed: int = 1, most: int | None = None) -> Script:
    """Return acts of many in one book; with `most`, no more than so many orders rest at once."""
    return _script(count, Random(seed), None, most)  # noqa: S311 - a repeatable script, not a secret


def beside_a_market(count: int, *, seed: int = 1, most: int = 100) -> Script:
    """Return acts of one account beside two levels of endless depth, which take whatever crosses.

    No more than `most` orders rest at once, for some peers grow slow with their number.
    """
    market = (MIDDLE - HALF_SPREAD, MIDDLE + HALF_SPREAD)
    return _script(count, Random(seed), market, most)  # noqa: S311 - a repeatable script, not a secret


def _script(count: int, random: Random, market: tuple[int, int] | None, most: int | None) -> Script:
    book, acts, live = Reference(market), list[Act](), list[int]()
    near = 0 if market is None else HALF_SPREAD
    orders = 0
    while len(acts) < count:
        draw = random.random()
        if ADDS <= draw < ADDS + CANCELS or (draw < ADDS and most is not None and len(live) >= most):
            order = _open_order(live, book, random)
            if order is not None:
                book.cancel(order)
                acts.append(Act(order, None, 0, 0))
            continue
        orders += 1
        is_buy, adds = random.random() < 0.5, draw < ADDS
        away = near + random.randrange(1, BAND) if adds else -near - random.randrange(REACH)
        act = Act(orders, is_buy, MIDDLE - away if is_buy else MIDDLE + away, random.randrange(SMALLEST, LARGEST))
        acts.append(act)
        if book.submit(orders, is_buy, act.price, act.qty):
            live.append(orders)
    return Script(acts, book.fills, market)


def _open_order(live: list[int], book: Reference, random: Random) -> int | None:
    """Take out one of the orders that rest, forgetting those that have traded; None if none rests."""
    while live:
        place = random.randrange(len(live))
        live[place], live[-1] = live[-1], live[place]
        order = live.pop()
        if book.rests(order):
            return order
    return None
