"""Figures of many instruments in columns: to sort, to filter and to count, as fast as thousands of rows need.

Texts on the screen come from the exact prices of the board (`board.row`); what is here is floating, for order and
limits only. What is not known is NaN, which sorts last in either direction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from engine.domain.instrument import Instrument, InstrumentKind, Ticker
    from engine.services.board import MarketBoard

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

DOLLARS = ("USD", "USDT", "USDC", "FDUSD", "TUSD", "DAI", "PYUSD", "USDP", "BUSD")
"""Assets that stand for about one US dollar, when volumes are compared; prices of them are never mixed."""
NAN = float("nan")
SORTED = ("venue", "pair", "kind", "last", "change", "bid", "ask", "spread", "volume", "age")
"""What rows can be sorted by."""


class Listed(NamedTuple):
    """One instrument of one venue."""

    venue: str
    title: str
    instrument: Instrument

    @property
    def symbol(self) -> str:
        """The pair's symbol."""
        return self.instrument.symbol


class Figures:
    """Columns over everything that is on a board; `number` of a row is its place in the order of the board."""

    def __init__(self, board: MarketBoard) -> None:
        self._board = board
        self.listed: list[Listed] = []
        self.number: dict[tuple[str, str], int] = {}
        self.columns: dict[str, Floats] = {}
        self._scales: list[tuple[float, float]] = []
        self._turnover = self._quotes = np.empty(0)
        self._quote_codes: list[str] = []
        self.quotes: Counter[str] = Counter()
        """How many instruments have which quote asset."""
        self.kinds: set[InstrumentKind] = set()
        self.reload()

    def reload(self) -> None:
        """Take everything that is listed now, with its latest figures."""
        board = self._board
        self.listed = [Listed(row.venue, board.title(row.venue), row.instrument) for row in board.rows()]
        self.number = {(each.venue, each.symbol): at for at, each in enumerate(self.listed)}
        pairs = [each.instrument.pair for each in self.listed]
        self._scales = [(float(pair.tick), float(pair.tick) * float(pair.lot)) for pair in pairs]
        self.quotes = Counter(pair.quote.code for pair in pairs)
        self.kinds = {each.instrument.kind for each in self.listed}
        size = len(self.listed)
        self.columns = {name: np.full(size, NAN) for name in SORTED}
        self._turnover = np.full(size, NAN)
        codes = {code: at for at, code in enumerate(sorted({pair.quote.code for pair in pairs}))}
        self._quote_codes = list(codes)
        self._quotes = np.array([codes[pair.quote.code] for pair in pairs], dtype=np.int64)
        self.columns["venue"] = _ranks([each.title for each in self.listed])
        self.columns["pair"] = _ranks([each.symbol for each in self.listed])
        self.columns["kind"] = _ranks([each.instrument.kind.value for each in self.listed])
        self.update(self.number)
        self.value()

    def update(self, changed: Iterable[tuple[str, str]]) -> list[int]:
        """Take the newest figures of some instruments; return the numbers of those that are listed."""
        columns, turnover, scales, numbers = self.columns, self._turnover, self._scales, []
        last, change, bid, ask = columns["last"], columns["change"], columns["bid"], columns["ask"]
        spread, age = columns["spread"], columns["age"]
        ticker_of = self._board.ticker
        for key in changed:
            at = self.number.get(key)
            found = None if at is None else ticker_of(*key)
            if at is None or found is None:
                continue
            ticker, seen = found
            tick, unit = scales[at]
            numbers.append(at)
            last[at] = NAN if ticker.last is None else ticker.last * tick
            change[at] = change_of(ticker)
            bid[at] = NAN if ticker.bid is None else ticker.bid * tick
            ask[at] = NAN if ticker.ask is None else ticker.ask * tick
            spread[at] = spread_of(ticker)
            age[at] = -seen
            turnover[at] = NAN if ticker.volume is None or ticker.last is None else ticker.last * ticker.volume * unit
        return numbers

    def value(self) -> None:
        """Value the volumes in US dollars, roughly: to sort pairs of several quote assets by what is traded."""
        rates = np.array([self._dollars(code) for code in self._quote_codes] or [NAN])
        if len(self.listed):
            self.columns["volume"] = self._turnover * rates[self._quotes]

    def _dollars(self, code: str) -> float:
        """Return what one of an asset is worth in dollars, by the board's own last prices; NaN if they do not say."""
        if code in DOLLARS:
            return 1.0
        for symbol, inverted in [(f"{code}/{each}", False) for each in DOLLARS] + [
            (f"{each}/{code}", True) for each in DOLLARS
        ]:
            for venue in self._board.listing(symbol):
                at = self.number.get((venue, symbol))
                price = NAN if at is None else self.columns["last"][at]
                if price > 0:
                    return float(1 / price if inverted else price)
        return NAN


def change_of(ticker: Ticker) -> float:
    """Return the change of 24 hours as a fraction, NaN if it is not known."""
    return NAN if ticker.last is None or not ticker.open else (ticker.last - ticker.open) / ticker.open


def spread_of(ticker: Ticker) -> float:
    """Return the spread in basis points of the middle, NaN if a side is missing."""
    if ticker.bid is None or ticker.ask is None or ticker.bid + ticker.ask <= 0:
        return NAN
    return (ticker.ask - ticker.bid) * 20_000 / (ticker.ask + ticker.bid)


def order(values: Floats, among: Numbers, *, descending: bool) -> Numbers:
    """Return row numbers sorted by their values: what is equal stays in its order, what is NaN comes last."""
    keys = values[among]
    return among[np.argsort(-keys if descending else keys, kind="stable")]


def _ranks(texts: list[str]) -> Floats:
    places = {text: at for at, text in enumerate(sorted(set(texts)))}
    return np.array([places[text] for text in texts], dtype=np.float64)
