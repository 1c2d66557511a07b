"""The depth of the book: cumulative size away from the touch, what moving the market costs, what a size fills at.

Prices in ticks, quantities in lots, money in quote units; all sums are exact. Fees are left out: the ticket tells
those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.figures import Figures
from crs_desktop.viewmodels.ticket_price import read_lots
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import BookDiff
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.market.l2 import L2Book
from engine.ports.feed import FeedStateChanged

Column = NDArray[np.int64]

SPANS_BPS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000)
"""How far from the middle the picture reaches on each side."""
MOVES = 3
"""So many moves within the picture have their cost told."""


class Fill(NamedTuple):
    """What taking from one side gives."""

    lots: int
    """What is there; less than asked for if the side is exhausted."""
    tick_lots: int
    """Sum of price x quantity."""
    worst: int
    """The last price it reaches."""

    @property
    def average(self) -> float | None:
        """The average price in ticks."""
        return self.tick_lots / self.lots if self.lots else None


@dataclass(frozen=True, slots=True)
class SideDepth:
    """One side from the touch outwards, columns of one number per level."""

    prices: Column
    lots: Column
    """Cumulative, this level included."""
    tick_lots: Column
    """Cumulative price x quantity."""

    def __len__(self) -> int:
        return len(self.prices)

    def up_to(self, price: int, side: Side) -> Fill:
        """Return what it takes to trade through a price: all levels as good or better."""
        better = self.prices >= price if side is Side.BUY else self.prices <= price
        count = int(np.count_nonzero(better))
        if not count:
            return Fill(0, 0, 0)
        return Fill(int(self.lots[count - 1]), int(self.tick_lots[count - 1]), int(self.prices[count - 1]))

    def fill(self, lots: int) -> Fill:
        """Return what a market order of a size gets."""
        if not len(self) or lots <= 0:
            return Fill(0, 0, 0)
        at = min(int(np.searchsorted(self.lots, lots)), len(self) - 1)
        lots = min(lots, int(self.lots[at]))
        before = int(self.lots[at - 1]) if at else 0
        paid = int(self.tick_lots[at - 1]) if at else 0
        price = int(self.prices[at])
        return Fill(lots, paid + (lots - before) * price, price)


def depth_of(book: L2Book, side: Side) -> SideDepth:
    """Return a side of a book, best level first."""
    prices, lots = book.columns(side)
    order = np.argsort(-prices if side is Side.BUY else prices, kind="stable")
    prices, lots = prices[order], lots[order]
    return SideDepth(prices, np.cumsum(lots), np.cumsum(prices * lots))


class DepthModel(ViewModel):
    """The depth of the desk's pair."""

    pace = 0.15
    ages = True

    def __init__(self, desk: Desk) -> None:
        self.bids = self.asks = SideDepth(*(np.zeros(0, np.int64) for _ in range(3)))
        self.span_bps: int | None = None
        self.size_text = ""
        super().__init__(desk)
        self.figures = Figures(desk.pair)
        self._symbol = desk.symbol
        self._listen(BookDiff, self._on_diff)
        self._listen(FeedStateChanged, self.touch)

    def update(self) -> None:
        """Read the book as it is now."""
        book = self.desk.book(self.desk.symbol)
        self.bids, self.asks = depth_of(book, Side.BUY), depth_of(book, Side.SELL)
        if self.span_bps is None and (middle := self.middle) is not None:
            reach = max(middle - float(self.bids.prices[-1]), float(self.asks.prices[-1]) - middle)
            wanted = reach / middle * 10_000
            self.span_bps = next((each for each in SPANS_BPS if each >= wanted * 0.8), SPANS_BPS[-1])

    @property
    def middle(self) -> float | None:
        """The price between best bid and ask, in ticks; None while a side is empty."""
        if not len(self.bids) or not len(self.asks):
            return None
        return (int(self.bids.prices[0]) + int(self.asks.prices[0])) / 2

    @property
    def is_synced(self) -> bool:
        """Whether the book can be trusted; if not it is hatched."""
        return self.desk.is_synced

    @property
    def state(self) -> Sentence | None:
        """Why it is hatched or empty, None while all is well."""
        if not self.is_synced:
            return self.desk.trust.told(self.desk.symbol)
        if self.middle is not None:
            return None
        return say("A side of the book is empty, so there is no middle to draw around.")

    def side(self, side: Side) -> SideDepth:
        """Return a side of the book."""
        return self.bids if side is Side.BUY else self.asks

    def zoom(self, steps: int) -> None:
        """Reach less far from the middle (steps > 0), or farther."""
        if self.span_bps is not None:
            at = SPANS_BPS.index(self.span_bps) - steps
            self.span_bps = SPANS_BPS[min(max(at, 0), len(SPANS_BPS) - 1)]
            self.hurry()

    def told(self, price: float) -> list[Sentence]:
        """Return what it takes to move the market to a price, and what that fills at on average."""
        middle, pair = self.middle, self.desk.pair
        if middle is None:
            return []
        side = Side.BUY if price < middle else Side.SELL
        through = self.side(side).up_to(int(price) if side is Side.SELL else -int(-price // 1), side)
        away = f"{abs(price - middle) / middle * 100:.3f}%"
        head = say("{sign}{away} from the middle", sign="\u2212" if side is Side.BUY else "+", away=away)
        if through.average is None:
            return [head, say("Nothing rests before that.")]
        values = {"qty": fmt.quantity(pair, through.lots), "base": pair.base.code}
        total = say("{qty} {base} rest up to there", **values)
        money = fmt.money(pair.quote, pair.notional(1, through.tick_lots), 2)
        average = fmt.price(pair, round(through.average))
        cost = (
            say("{money} {quote} sold moves it there, at {average} on average", money=money, quote=pair.quote.code,
                average=average)
            if side is Side.BUY
            else say("{money} {quote} bought moves it there, at {average} on average", money=money,
                     quote=pair.quote.code, average=average)
        )  # fmt: skip
        return [head, total, cost]

    def pick(self, price: float) -> None:
        """Send a price to the ticket."""
        if price >= 1:
            self.desk.pick_price(Ticks(round(price)))

    # -- cost of a move, fill of a size -------------------------------------------------------------

    def moves(self) -> list[tuple[str, str, str]]:
        """Return moves in percent with the money that sells, and buys, the market there."""
        middle, pair = self.middle, self.desk.pair
        if middle is None or self.span_bps is None:
            return []
        found = []
        for bps in [each for each in SPANS_BPS if each <= self.span_bps][-MOVES:]:
            away = middle * bps / 10_000
            texts = []
            for side, price in ((Side.BUY, -int(-(middle - away) // 1)), (Side.SELL, int(middle + away))):
                through, levels = self.side(side).up_to(price, side), self.side(side)
                beyond = len(levels) and (levels.prices[-1] > price if side is Side.BUY else levels.prices[-1] < price)
                money = fmt.compact(float(pair.quote.amount(pair.notional(1, through.tick_lots))))
                texts.append(f">{money}" if beyond else money)
            found.append((fmt.share(bps), texts[0], texts[1]))
        return found

    def set_size(self, text: str) -> None:
        """Take a size as typed."""
        self.size_text = text
        self.hurry()

    def fills(self) -> tuple[Sentence, Sentence] | Sentence | None:
        """Return what the typed size fills at when it sells and when it buys; why the text is none; None if empty."""
        if not self.size_text.strip():
            return None
        lots, wrong = read_lots(self.desk.pair, self.size_text, say("Enter an amount."))
        if lots is None:
            return wrong
        return self._fill(Side.BUY, lots), self._fill(Side.SELL, lots)

    def _fill(self, side: Side, lots: Lots) -> Sentence:
        pair, levels = self.desk.pair, self.side(side)
        got = levels.fill(lots)
        sells = side is Side.BUY
        if got.average is None:
            return say("Nobody buys now.") if sells else say("Nobody sells now.")
        if got.lots < lots:
            there = fmt.quantity(pair, got.lots)
            return say("Only {qty} bid", qty=there) if sells else say("Only {qty} offered", qty=there)
        best = int(levels.prices[0])
        slip = fmt.basis_points(abs(got.tick_lots - best * got.lots), best * got.lots, 2)
        values = {"average": fmt.price(pair, round(got.average)), "bps": slip}
        return say("Sell {average} ({bps} bps)", **values) if sells else say("Buy {average} ({bps} bps)", **values)

    # -- inside -------------------------------------------------------------------------------------

    def _on_diff(self, diff: BookDiff) -> None:
        if diff.symbol == self.desk.symbol:
            self._touched = True

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol != self._symbol:
            self._symbol, self.figures, self.span_bps, self.size_text = desk.symbol, Figures(desk.pair), None, ""
        super()._desk_changed(desk)
