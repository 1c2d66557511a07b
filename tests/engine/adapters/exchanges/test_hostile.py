"""A venue that means harm: numbers, names and stamps that would cost memory, hide a book or hold up the time."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.exchanges.binance.rule import SpotRule
from engine.adapters.exchanges.book import wirebook
from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.book.sync import MOST_OLD, BookSync, Outcome
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect, opened
from engine.adapters.exchanges.dialect import listing as listing_module
from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.listing import Lister, Row
from engine.adapters.exchanges.dialects import DIALECTS
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.printed import HELD, MOST_NUMBER, PairPrints
from engine.adapters.exchanges.kraken.listing import listing as kraken_listing
from engine.adapters.exchanges.kraken.v2 import MOST_NAMES, KrakenDialect
from engine.adapters.exchanges.tickers import Tickers
from engine.adapters.exchanges.venue.connection import Connection
from engine.adapters.exchanges.venue.pastbars import SecondBars
from engine.adapters.exchanges.venues import spec_of
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TickerHeard, TradesHeard
from engine.adapters.exchanges.wire.instant import AHEAD, DAY, FIRST
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.errors import Garbled, VenueUnavailable
from engine.market.tape import ChunkBuilder, seal
from tests.engine.services.scripted_feed import BTC

INSTRUMENT = Instrument("plain", "BTCUSDT", replace(BTC, tick=Decimal(1), lot=Decimal(1)))
NOW = Nanos(1_750_000_000 * NANOS_PER_SECOND)
MB = 2**20

numbers = st.one_of(
    st.sampled_from(["1e999999999", "1e-99999999", "1E+999999", "-1e-400000", "0e999999999", "1e99", "9" * 5_000]),
    st.from_regex(r"-?[0-9]{1,50}(\.[0-9]{1,50})?([eE][+-]?[0-9]{1,9})?", fullmatch=True),
)


@contextmanager
def little(most: int = 8 * MB) -> Iterator[None]:
    """Lend a block that must do with so much memory."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@given(numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_a_number_of_a_few_letters_never_becomes_megabytes(one: str, other: str) -> None:
    frames = [
        f'{{"channel":"ticker","type":"update","data":[{{"symbol":"BTC/USD","last":{one},"change":{other}}}]}}',
        f'{{"channel":"book","type":"update","data":[{{"symbol":"A","bids":[{{"price":{one},"qty":{other}}}]}}]}}',
        f'{{"channel":"trade","type":"update","data":[{{"symbol":"A","side":"buy","price":{one},"qty":{other},'
        '"timestamp":"2024-01-01T00:00:00Z"}]}',
        f'{{"channel":"ticker","events":[{{"tickers":[{{"product_id":"A-USD","price":"{one}",'
        f'"price_percent_chg_24_h":"{other}"}}]}}]}}',
    ]
    with little():
        for dialect, frame in ((KrakenDialect(), frames[0]), (KrakenDialect(), frames[1]), (KrakenDialect(), frames[2]),
                               (CoinbaseAdvancedDialect(), frames[3])):  # fmt: skip
            try:
                heard = dialect.hear(frame)
            except Garbled:
                continue
            assert len(repr(heard)) < 2_000 + 12 * len(frame)


def test_the_price_of_yesterday_is_told_for_numbers_that_can_be() -> None:
    assert opened("64000.00", "-1.5") == "64974.62"
    assert opened("1E+99999", "5") == opened("1", "1E-99999999") == ""


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(
    "frame", ["[" * 200_000, '{"data":' * 100_000, '{"result":' + "[" * 100_000, "9" * 10_000, "\0"]
)
def test_what_is_nested_too_deep_or_no_frame_is_garbled(name: str, frame: str) -> None:
    for text in (frame, frame.encode()):
        with suppress(Garbled):
            assert not DIALECTS[name]().hear(text)


def test_answers_about_names_without_end_are_not_remembered() -> None:
    dialect = KrakenDialect()
    for number in range(MOST_NAMES + 50):
        dialect.hear(f'{{"method":"subscribe","result":{{"channel":"book","symbol":"S{number}","depth":10}}}}')
    dialect.hear(f'{{"method":"subscribe","result":{{"channel":"book","symbol":"{"x" * 1_000}","depth":10}}}}')
    assert len(dialect._depths) == MOST_NAMES


# -- lists ----------------------------------------------------------------------------------------


def lister() -> Lister:
    return Lister("binance", fee_schedule("binance"))


def row(**changed: str) -> Row:
    return replace(Row("AB", "A", "B", "0.1", "0.1"), **cast("Any", changed))


def test_a_list_of_a_million_is_cut_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "MOST", 100)
    made = lister()
    for number in range(250):
        made.add(row(native=f"X{number}", base=f"X{number}"))
    found = made.listing()
    assert len(found.instruments) == 100
    assert found.left_out == {"There are more than can be shown.": 150}


@pytest.mark.parametrize(
    "code", ["<b>X", "A&B", 'A"', "..\\x", "A\u202eB", "A\u200b", "A B", "A:B", "", "x" * 33, "A\x00"]
)
def test_a_name_that_is_markup_or_a_path_or_cannot_be_seen_is_left_out(code: str) -> None:
    made = lister()
    made.add(row(base=code))
    made.add(row(quote=code))
    assert made.listing().left_out == {"Its name cannot be shown.": 2}


@pytest.mark.parametrize("native", ["", "x" * 81, "AB\x1b[2J", "A\u202eB", "A\nB"])
def test_an_instrument_whose_own_name_cannot_be_shown_is_left_out(native: str) -> None:
    made = lister()
    made.add(row(native=native))
    assert made.listing().instruments == ()


@pytest.mark.parametrize(
    "text", ["1" + "0" * 5_000, "0." + "0" * 100 + "1", "0e999999999", "1e999999", "NaN", "-1", "1." + "1" * 99]
)
@pytest.mark.parametrize("field", ["tick", "lot", "min_qty", "min_notional"])
def test_an_instrument_with_an_absurd_number_is_left_out(field: str, text: str) -> None:
    made = lister()
    with little():
        made.add(row(**{field: text}))
    assert made.listing().instruments == ()
    assert made.listing().left_out.keys() == {"A number of it cannot be read."}


@pytest.mark.parametrize("fee", ["1e999999", '"NaN"', '"Infinity"', "1e-999999", "99"])
def test_one_absurd_fee_does_not_take_the_list_away(fee: str) -> None:
    pairs = ",".join(
        f'"X{name}":{{"wsname":"{name}/USD","pair_decimals":1,"lot_decimals":1,"fees":[[0,{each}]]}}'
        for name, each in (("A", "0.26"), ("B", fee))
    )
    with little():
        found = kraken_listing(f"{{{pairs}}}".encode()).instruments
    assert [each.symbol for each in found] == ["A/USD", "B/USD"]
    assert all(each.pair.taker_fee.decimal < Decimal("0.1") for each in found)


def tickers() -> Tickers:
    connection = SimpleNamespace(spec=replace(spec_of("binance"), tickers=None), by_native={"BTCUSDT": INSTRUMENT})
    return Tickers(Bus(), cast("Any", connection))


def test_tickers_of_what_is_not_listed_and_figures_without_end_are_not_kept() -> None:
    board = tickers()
    board._take([TickerHeard(f"X{number}", last="1") for number in range(1_000)])
    board._take([TickerHeard("BTCUSDT", last="9" * 100_000)])
    assert board._known == {}
    board._take([TickerHeard("BTCUSDT", last="9")])
    assert set(board._known) == {"BTCUSDT"}


def test_a_last_price_makes_bid_and_ask_no_younger() -> None:
    board = tickers()
    board._connection.now = Nanos(0)  # type: ignore[misc]
    board._take([TickerHeard("BTCUSDT", bid="1", ask="2")])
    board._quoted["BTCUSDT"] -= 14_000_000_000
    board._take([TickerHeard("BTCUSDT", last="3")])
    old = board._ticker("BTCUSDT")
    board._take([TickerHeard("BTCUSDT", bid="1", ask="3")])
    young = board._ticker("BTCUSDT")

    assert old is not None
    assert young is not None
    assert old.quote_age >= 14_000_000_000
    assert young.quote_age < 14_000_000_000


# -- numbers on the grid ---------------------------------------------------------------------------


@given(st.integers(0, 10**38), st.integers(0, 10**38))
@settings(max_examples=100)
def test_whatever_comes_of_a_grid_can_be_recorded(price: int, qty: int) -> None:
    grid = Grid(INSTRUMENT)
    builder = ChunkBuilder()
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), grid)
    pair.opened()
    _, diff = pair.hear(BookHeard("BTCUSDT", True, [(str(price or 1), str(qty))], []), NOW)
    if diff is not None:
        builder.diff(diff, NOW)
    made = PairPrints(grid, numbered=True, clock=lambda: NOW)
    for tick in made.hear(TradesHeard("BTCUSDT", [PrintHeard(str(price), str(qty), Side.BUY, Nanos(price), qty)])):
        builder.trade(tick, NOW)
    seal(builder.take())


def test_texts_without_end_are_not_remembered() -> None:
    grid = Grid(INSTRUMENT)
    for number in range(100):
        assert grid.tick_of(PrintHeard("9" * 100_000 + str(number), "1", Side.BUY, NOW, 1)) is None
    assert not grid.ticks


# -- time ------------------------------------------------------------------------------------------


def prints(clock: Callable[[], Nanos] = lambda: NOW) -> PairPrints:
    return PairPrints(Grid(INSTRUMENT), numbered=True, clock=clock)


def trade(number: int, at: int) -> TradesHeard:
    return TradesHeard("BTCUSDT", [PrintHeard("5", "5", Side.BUY, Nanos(at), number)])


@pytest.mark.parametrize("at", [0, -1, 10**40, NOW + 30 * 365 * DAY, NOW + AHEAD + 1, NOW - DAY - 1, FIRST - 1])
def test_a_stamp_that_cannot_be_holds_up_no_later_print(at: int) -> None:
    made = prints()
    assert [tick.at for tick in made.hear(trade(1, at))] == [NOW]
    assert [tick.at for tick in made.hear(trade(2, NOW + 5))] == [NOW + 5]


def test_fetched_prints_may_be_old_but_not_older_than_markets() -> None:
    made = prints()
    made.hold()
    old = [PrintHeard("5", "5", Side.BUY, Nanos(at), number) for number, at in ((1, NOW - 90 * DAY), (2, NOW - DAY))]
    assert [tick.at for tick in made.join(old).past] == [NOW - 90 * DAY, NOW - DAY]
    made = prints()
    made.hold()
    assert [tick.at for tick in made.join([old[0]._replace(at=Nanos(5))]).past] == [NOW]


@pytest.mark.parametrize("number", [-1, MOST_NUMBER + 1, 10**40])
def test_an_absurd_number_of_a_print_hides_no_later_one(number: int) -> None:
    made = prints()
    assert len(made.hear(trade(1, NOW))) == 1
    assert made.hear(trade(number, NOW)) == ()
    assert [tick.trade_id for tick in made.hear(trade(2, NOW))] == [2]


@pytest.mark.parametrize("at", [10**40, -5, NOW + 30 * 365 * DAY])
def test_a_book_is_never_of_a_time_that_cannot_be(at: int) -> None:
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT), AHEAD)
    pair.opened()
    pair.hear(BookHeard("BTCUSDT", True, [("5", "5")], [], at=Nanos(at)), NOW)
    assert pair.snapshot(5).at == NOW


def test_seconds_since_an_old_print_are_not_all_made() -> None:
    bars = SecondBars("BTC/USDT")
    made = prints()
    made.hold()
    old = PrintHeard("5", "5", Side.BUY, Nanos(NOW - 3_000 * DAY), 1)
    bars.add(made.join([old]).past)
    with little():
        found = bars.last(NOW, 100, NOW)
    assert len(found) == 100
    assert set(found.close.tolist()) == {5.0}
    assert int(found.start[-1]) == NOW - Timeframe.S1.nanos


# -- books -----------------------------------------------------------------------------------------


def test_a_book_that_is_filled_without_end_stays_bounded_where_it_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (wirebook, __import__("engine.adapters.exchanges.feed.followed", fromlist=["MOST"])):
        monkeypatch.setattr(module, "MOST", 50)
    pair = FollowedPair(INSTRUMENT, UnnumberedRule(), Grid(INSTRUMENT))
    pair.opened()
    pair.hear(BookHeard("BTCUSDT", True, [("1", "1")], [("1000000", "1")]), NOW)
    for price in range(2, 500):
        pair.hear(BookHeard("BTCUSDT", False, [(str(price), "1")], [(str(1_000_000 + price), "1")]), NOW)
    shown = pair.snapshot(10_000)
    assert [level.price for level in shown.bids] == list(range(499, 449, -1))
    assert [level.price for level in shown.asks] == [1_000_000, *range(1_000_002, 1_000_051)]


def test_a_frame_of_a_million_levels_is_garbled_and_changes_nothing() -> None:
    sync = BookSync(UnnumberedRule())
    sync.hear(BookHeard("A", True, [("1", "1")], [("2", "1")]))
    with pytest.raises(Garbled, match="no book has as many"):
        sync.hear(BookHeard("A", False, [("1", "2")] * (2 * wirebook.MOST + 1), []))
    assert sync.book.top(Side.BUY, 5) == [("1", "1")]
    assert sync.state is FeedState.GAP


def test_a_frame_of_a_million_prints_is_cut_to_the_newest() -> None:
    each = PrintHeard("5", "5", Side.BUY, NOW, 0)
    made = prints()
    assert len(made.hear(TradesHeard("BTCUSDT", [each] * 200_000))) == HELD


def test_a_book_that_nothing_changes_any_more_is_taken_anew() -> None:
    sync = BookSync(SpotRule())
    sync.hear(BookHeard("A", True, [("1", "1")], [("2", "1")], last=10))
    assert sync.state is FeedState.SYNCED
    sync.hear(BookHeard("A", False, [("1", "2")], [], 11, 10**30))
    outcomes = [sync.hear(BookHeard("A", False, [("1", "3")], [], n, n)) for n in range(12, 13 + MOST_OLD)]
    assert outcomes[0] is Outcome.OLD
    assert Outcome.GAP in outcomes
    sync.hear(BookHeard("A", True, [("1", "7")], [("2", "1")], last=12 + MOST_OLD))
    assert sync.state is FeedState.SYNCED
    assert sync.book.top(Side.BUY, 1) == [("1", "7")]


# -- clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("years", [-40, -1, 1, 40, 10**9])
async def test_a_clock_that_is_years_away_is_not_believed(years: int) -> None:
    told = time.time_ns() // 1_000_000 + years * 365 * 86_400_000

    def answer(_request: httpx.Request) -> httpx.Response:
        body = httpx.ByteStream(f'{{"serverTime":{told}}}'.encode())
        return httpx.Response(200, headers={"content-type": "application/json"}, stream=body)

    connection = Connection(spec_of("binance"), Bus(), transport=httpx.MockTransport(answer))
    try:
        with pytest.raises(VenueUnavailable, match="more than a day apart"):
            await connection.measure(1, 0.0)
        assert abs(connection.now - time.time_ns()) < DAY
    finally:
        await connection.close()


@given(st.lists(st.tuples(numbers, numbers), max_size=4), st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6))))
@settings(max_examples=100, deadline=None)
def test_a_book_holds_numbers_and_nothing_else(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    for levels in (one, other):
        sync = BookSync(UnnumberedRule())
        with little(), suppress(Garbled):
            sync.hear(BookHeard("A", True, levels, []))
        for price, qty in sync.book.top(Side.BUY, 9):
            assert Decimal(price) > 0
            assert Decimal(qty) > 0
            assert len(price) <= 40
            assert len(qty) <= 40
