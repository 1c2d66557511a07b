"""What the loopback writes, the dialects read back: any sequence of books and prints, in every format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect import Channel, Dialect
from engine.adapters.exchanges.heard import BookHeard, Numbered, PrintHeard, TradesHeard, WireLevel
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.loopback.frame import Frame, Outgoing
from engine.adapters.exchanges.loopback.houses import house_of
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import Request, Session, View
from engine.adapters.exchanges.sync import BookSync
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.domain.order import Side

SYMBOL = "BTC/USDT"
LISTING = Listing(SYMBOL, "BTC", "USDT", "0.5", "0.001", "5")
MS = 1_000_000
BEGIN = 1_700_000_000_000 * MS


class Format(NamedTuple):
    """One way to serve and to read."""

    venue: str
    dialect: Callable[[], Dialect]
    path: str
    depth: int | None = None


FORMATS = {
    "binance": Format("binance", BinanceDialect, "/stream"),
    "binance_usdm": Format("binance_usdm", lambda: BinanceDialect(is_perpetual=True), "/ws"),
    "coinbase_exchange": Format("coinbase_exchange", CoinbaseExchangeDialect, "/"),
    "coinbase_advanced": Format("coinbase_advanced", CoinbaseAdvancedDialect, "/"),
    "kraken": Format("kraken", lambda: KrakenDialect(10), "/v2", 10),
}


def price_text(half: int) -> str:
    """A price on the grid, as a venue writes it: always one decimal."""
    return f"{half // 2}.{half % 2 * 5}"


def sides(lowest: int, highest: int) -> st.SearchStrategy[list[WireLevel]]:
    """Levels of one side, each price once; a quantity of zero removes."""
    qty = st.integers(0, 4).map(lambda lots: f"0.00{lots}")
    levels = st.dictionaries(st.integers(lowest, highest).map(price_text), qty, max_size=12)
    return levels.map(lambda found: list(found.items()))


PRINTS = st.lists(
    st.tuples(
        st.integers(60, 160).map(price_text), st.integers(1, 9).map(lambda lots: f"0.00{lots}"), st.sampled_from(Side)
    ),
    min_size=1,
    max_size=3,
)
STEPS = st.lists(st.one_of(st.tuples(sides(60, 99), sides(100, 140)), PRINTS), max_size=25)


def story(steps: Iterable[object]) -> list[Told]:
    """Steps as a source tells them, after a first picture."""
    first = BookHeard(
        SYMBOL, True, [("40.0", "0.002"), ("39.5", "0.001")], [("60.0", "0.001")], last=7, at=Nanos(BEGIN)
    )
    told, last, trade_id = [Told(Nanos(BEGIN), first)], 7, 0
    for number, step in enumerate(steps, 1):
        at = Nanos(BEGIN + number * 100 * MS)
        if isinstance(step, tuple):
            bids, asks = step
            told.append(Told(at, BookHeard(SYMBOL, False, bids, asks, last + 1, last + 3, last, None, at)))
            last += 3
        else:
            assert isinstance(step, list)
            prints = []
            for price, qty, side in step:
                trade_id += 1
                prints.append(PrintHeard(price, qty, side, at, trade_id))
            told.append(Told(at, TradesHeard(SYMBOL, prints)))
    return told


class Twin:
    """Reads what a session writes."""

    def __init__(self, each: Format, stage: Stage) -> None:
        view = View(stage.market, lambda: stage.market.now, lambda shown: shown.picture())
        self.house = house_of(each.venue, view, "")
        session = self.house.session(each.path, {})
        assert session is not None
        self.session: Session = session
        self.dialect = each.dialect()
        self.native = self.dialect.native(SYMBOL)
        self.sync = BookSync(self.dialect.rule())
        self.prints: list[PrintHeard] = []
        self.numbers: list[int] = []
        for channel in (Channel.BOOK, Channel.TRADES):
            for message in self.dialect.subscribe(channel, [self.native]):
                self.read(self.session.hear(message))
        if self.dialect.rule().asks_snapshot:
            path = "/fapi/v1/depth" if each.venue == "binance_usdm" else "/api/v3/depth"
            answer = self.house.rest.answer(Request.of(f"{path}?symbol={self.native}&limit=5000"))
            self.sync.hear(self.dialect.snapshot(self.native, answer.body))  # type: ignore[attr-defined]

    def read(self, items: Iterable[Outgoing]) -> None:
        """Take in what was written."""
        for item in items:
            assert isinstance(item, Frame)
            for heard in self.dialect.hear(item.text):
                if isinstance(heard, BookHeard):
                    self.sync.hear(heard)
                elif isinstance(heard, TradesHeard) and not heard.is_past:
                    self.prints.extend(heard.prints)
                elif isinstance(heard, Numbered):
                    self.numbers.append(heard.number)


@pytest.mark.parametrize("name", FORMATS)
@given(steps=STEPS)
def test_the_book_that_is_read_is_the_book_that_was_written(name: str, steps: list[object]) -> None:
    each, rows = FORMATS[name], story(steps)
    stage = Stage(PlayedSource(rows, [LISTING]))
    twin = Twin(each, stage)
    stage.listen(lambda told: twin.read(twin.session.tell(told)))

    for row in rows[1:]:
        stage.play(row.at)
        shown = stage.market.pairs[SYMBOL]
        assert twin.sync.state is FeedState.SYNCED
        for side in Side:
            assert twin.sync.book.top(side, each.depth or 100) == shown.book.top(side, each.depth or 100)

    assert (twin.sync.gaps, twin.sync.checksums_bad) == (0, 0)
    assert twin.numbers == list(range(len(twin.numbers)))
    written = [each for row in rows if isinstance(row.what, TradesHeard) for each in row.what.prints]
    assert twin.prints == written
