"""Real captures served as every venue: whoever reads them ends with the book of the capture."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.loopback.capture import of_captures, venue_of
from engine.adapters.exchanges.loopback.sources import of_files
from engine.adapters.exchanges.loopback.stage import Stage
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from tests.engine.adapters.exchanges.loopback import BTC_CAPTURE, END, loopback
from tests.engine.adapters.exchanges.reader import Reader, reading, until

CAPTURES = {
    "binance": (BTC_CAPTURE,),
    "kraken_v2": ("kraken_v2_book_DERIVED_5pairs.txt.gz",),
    "kraken": ("kraken_v1_book1000_2021-04-17_5pairs_raw.txt.gz", "kraken_v1_trade_2021-04-17_raw.txt.gz"),
    "coinbase_exchange": ("coinbase_exchange_level2_ticker_matches_2021-04-17_5products_raw.txt.gz",),
    "bitstamp": ("bitstamp_ws_diff_book_trades_2022-01-05_raw.txt.gz", "bitstamp_rest_order_book_2022-01-05.txt.gz"),
    "binance_usdm": ("binance_usdm_ethusdt_20240808T235414_raw.txt.gz",),
}
VENUES: dict[str, Callable[[], Dialect]] = {
    "binance": BinanceDialect,
    "coinbase_exchange": CoinbaseExchangeDialect,
    "coinbase_advanced": CoinbaseAdvancedDialect,
    "kraken": lambda: KrakenDialect(1000),
}
SHORT = {
    ("binance", "binance"),
    ("kraken_v2", "binance"),
    ("coinbase_exchange", "kraken"),
    ("bitstamp", "coinbase_advanced"),
}
CASES = [
    pytest.param(captured, venue, marks=[] if (captured, venue) in SHORT else [pytest.mark.soak])
    for captured in CAPTURES
    for venue in VENUES
    if captured != "binance_usdm" or venue == "binance"
]


def paths(shared_data: Path, captured: str) -> list[Path]:
    """The files of a capture."""
    return [shared_data / "books" / name for name in CAPTURES[captured]]


@pytest.mark.parametrize("captured", CAPTURES)
def test_whose_frames_they_are_is_told_by_looking(shared_data: Path, captured: str) -> None:
    assert venue_of(paths(shared_data, captured)) == captured


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "nothing.txt"
    file.write_text("1 {}\n")
    with pytest.raises(InvalidInput, match="no frames"):
        of_files([file])
    with pytest.raises(InvalidInput, match="cannot be read"):
        of_files([tmp_path / "missing.rec"])


@pytest.mark.parametrize(("captured", "venue_name"), CASES)
async def test_a_capture_ends_with_its_book_whoever_serves_it(
    shared_data: Path, captured: str, venue_name: str
) -> None:
    most = 1_200 if (captured, venue_name) in SHORT else None
    source = of_captures(paths(shared_data, captured), most=most)
    async with loopback(source, venue_name) as venue:
        market, stage = venue.stage.market, venue.stage
        symbols = [symbol.partition(":")[0] for symbol in market.pairs]
        while not all(shown.last for shown in market.pairs.values()):
            stage.play(Nanos(market.now + 100_000_000))
        async with reading(venue, VENUES[venue_name](), *symbols) as reader:
            assert await until(lambda: venue.clients == 1)

            def are_equal() -> bool:
                return all(
                    reader.is_synced(symbol.partition(":")[0]) and reader.top(symbol.partition(":")[0]) == shown.top(20)
                    for symbol, shown in market.pairs.items()
                )

            while not stage.ended:
                await venue.play(Nanos(market.now + 2_000_000_000))
            assert await until(are_equal)

    assert trouble(reader) == {}


def trouble(reader: Reader) -> dict[str, object]:
    """What went wrong; nothing if nothing was missed, and every checksum was right."""
    books = reader.books.values()
    found = {
        "gaps": sum(book.gaps for book in books),
        "checksums": sum(book.checksums_bad for book in books),
        "crossed": reader.crossed,
        "garbled": reader.garbled,
        "connections": reader.connections - 1,
        "errors": reader.errors,
    }
    return {what: said for what, said in found.items() if said}


async def test_a_capture_of_a_venue_is_served_as_it_was_recorded(shared_data: Path) -> None:
    [file] = paths(shared_data, "binance")
    wanted = []
    with gzip.open(file, "rt") as lines:
        for _, line in zip(range(3_000), lines, strict=False):
            wanted.append(line.partition(" ")[2].strip())

    stage = Stage(of_captures([file], most=3_000))
    told = [each.recorded for each in stage.source.until(END) if each.recorded]

    last = wanted[-len(told) :]
    streams = [json.loads(frame)["stream"] for frame in last]
    assert [f'{{"stream":"{name}","data":{text}}}' for name, text in zip(streams, told, strict=True)] == last
    assert len(told) > 2_900


@pytest.mark.soak
async def test_the_btc_capture_is_right_at_every_point(shared_data: Path) -> None:
    with gzip.open(shared_data / "books" / "binance_spot_btcusdt_expected_top20.json.gz") as file:
        expected = json.load(file)
    stage = Stage(of_captures(paths(shared_data, "binance")))
    shown = stage.market.pairs["BTC/USDT"]
    checked = 0
    for point in expected:
        while shown.last < point["u"]:
            following = stage.source.next_at(stage.market.now)
            assert following is not None
            stage.play(following)
        assert [list(level) for level in shown.book.top(Side.BUY, 20)] == point["bids"]
        assert [list(level) for level in shown.book.top(Side.SELL, 20)] == point["asks"]
        checked += 1
    assert checked == len(expected) > 10
