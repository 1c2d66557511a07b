"""What the loopback writes, the dialects read back: any sequence of books and prints, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.book.sync import BookSync
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Channel, Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.loopback.frame import Frame, Outgoing
from engine.adapters.exchanges.loopback.houses import house_of
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import Request, Session, View
from engine.adapters.exchanges.wire.heard import BookHeard, Numbered, PrintHeard, TradesHeard, WireLevel
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


FORMATS = (
    Format("binance", BinanceDialect, "/stream"),
    Format("binance_usdm", lambda: BinanceDialect(is_perpetual=True), "/ws"),
    Format("coinbase_exchange", CoinbaseExchangeDialect, "/"),
    Format("coinbase_advanced", CoinbaseAdvancedDialect, "/"),
    Format("kraken", lambda: KrakenDialect(10), "/v2", 10),
)


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
        self.format = each
        self.frames: list[str] = []
        """What was written since it began."""
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

    def tell(self, told: Told) -> None:
        """Have it written, and read it."""
        items = list(self.session.tell(told))
        self.frames += [item.text for item in items if isinstance(item, Frame)]
        self.read(items)

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


@given(steps=STEPS)
def test_the_book_that_is_read_is_the_book_that_was_written_in_every_format(steps: list[object]) -> None:
    rows = story(steps)
    stage = Stage(PlayedSource(rows, [LISTING]))
    shown = stage.market.pairs[SYMBOL]
    twins = [Twin(each, stage) for each in FORMATS]
    for twin in twins:
        stage.listen(twin.tell)

    for row in rows[1:]:
        stage.play(row.at)
        for twin in twins:
            assert twin.sync.state is FeedState.SYNCED, twin.format.venue
            for side in Side:
                count = twin.format.depth or 100
                assert twin.sync.book.top(side, count) == shown.book.top(side, count), twin.format.venue

    written = [each for row in rows if isinstance(row.what, TradesHeard) for each in row.what.prints]
    for twin in twins:
        assert (twin.sync.gaps, twin.sync.checksums_bad) == (0, 0)
        assert twin.numbers == list(range(len(twin.numbers)))
        assert twin.prints == written


def test_of_what_is_beyond_krakens_depth_nothing_is_said() -> None:
    bids = [(price_text(99 - number), "0.001") for number in range(12)]
    removed, added = [(bids[11][0], "0.000")], [("49.7", "0.002")]
    rows = [Told(Nanos(BEGIN), BookHeard(SYMBOL, True, bids, [("60.0", "0.001")], last=7, at=Nanos(BEGIN)))]
    for number, change in enumerate((removed, added), 1):
        at = Nanos(BEGIN + number * MS)
        rows.append(Told(at, BookHeard(SYMBOL, False, change, [], 7 + number, 7 + number, 6 + number, None, at)))
    stage = Stage(PlayedSource(rows, [LISTING]))
    twin = Twin(FORMATS[-1], stage)
    stage.listen(twin.tell)

    stage.play(rows[1].at)
    assert twin.frames == []  # the twelfth level went
    stage.play(rows[2].at)
    [frame] = twin.frames
    [update] = json.loads(frame)["data"]
    assert update["bids"] == [{"price": 49.7, "qty": 0.002}]  # what fell out of ten is not said
