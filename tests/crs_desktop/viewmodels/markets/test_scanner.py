"""The scanner sorts and filters as a plain search does, in bounded steps, and lets nothing jump under the mouse."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.markets.figures import SORTED, order
from crs_desktop.viewmodels.markets.scanner import AT_ONCE, RESORT_S, ScannerModel
from crs_desktop.viewmodels.markets.sieve import Sieve
from crs_desktop.viewmodels.watch_lists import Item
from engine.domain.market import FeedState
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.markets.stage import Hand, Venue, instrument, ticker

NUMBERS = st.one_of(st.just(math.nan), st.integers(-3, 3).map(float))
PRICES = st.one_of(st.none(), st.integers(1, 50))
TICKERS = st.tuples(PRICES, PRICES, PRICES, PRICES, st.one_of(st.none(), st.integers(0, 9)))
NAMES = (
    ("binance", "BTC/USDT"), ("binance", "ETH/USDT"), ("binance", "ETH/BTC"), ("binance", "BNB/BTC"),
    ("kraken", "BTC/USDT"), ("kraken", "BTC/USD"), ("kraken", "ETH/EUR"), ("kraken", "EUR/USD"),
)  # fmt: skip


@cache
def desk() -> Desk:
    return Floor().desk()


def scanned() -> tuple[ScannerModel, Hand, dict[str, Venue]]:
    hand, venues = Hand(), {}
    for name in ("binance", "kraken"):
        venues[name] = Venue(desk(), name, *(instrument(name, symbol) for venue, symbol in NAMES if venue == name))
    return ScannerModel(desk(), hand), hand, venues


def plainly(values: list[float], among: list[int], *, descending: bool) -> list[int]:
    known = [at for at in among if not math.isnan(values[at])]
    ordered = sorted(known, key=lambda at: -values[at] if descending else values[at])
    return [*ordered, *(at for at in among if math.isnan(values[at]))]


@given(st.lists(NUMBERS, max_size=30), st.booleans())
def test_an_order_is_stable_and_what_is_not_known_comes_last(values: list[float], descending: bool) -> None:
    plain = plainly(values, list(range(len(values))), descending=descending)

    found = order(np.array(values), np.arange(len(values)), descending=descending)

    assert found.tolist() == plain


@given(
    st.lists(TICKERS, min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(["", "btc", "eth kraken", "b usdt", "kraken", "x"]),
    st.sampled_from(["", "USDT", "BTC"]),
    st.sampled_from(["", "kraken"]),
    st.one_of(st.none(), st.sampled_from([0.0, 0.001, 0.05])),
    st.one_of(st.none(), st.sampled_from([-0.5, 0.0])),
    st.one_of(st.none(), st.sampled_from([0.0, 2.0])),
    st.sampled_from(SORTED),
    st.booleans(),
)
def test_what_is_shown_is_a_plain_filter_in_a_plain_order(
    figures: list[tuple[int | None, ...]],
    text: str,
    quote: str,
    venue: str,
    least: float | None,
    low: float | None,
    high: float | None,
    column: str,
    descending: bool,
) -> None:
    model, _, venues = scanned()
    for (name, symbol), told in zip(NAMES, figures, strict=True):
        venues[name].tell(ticker(symbol, *told))
    model.sift(Sieve(text, quote, venue, "", least, low, high))
    model.sort(column, descending=descending)
    model.advance()

    def passes(at: int) -> bool:
        row, (_, _, last, opened, _) = model.figures.listed[at], figures[at]
        known = [row.symbol, *row.symbol.split("/"), row.venue.upper(), row.title.upper()]
        if not all(any(each.startswith(word) for each in known) for word in text.upper().split()):
            return False
        if (quote and not row.symbol.endswith(f"/{quote}")) or (venue and row.venue != venue):
            return False
        change = None if last is None or opened is None else (last - opened) / opened
        volume = model.figures.columns["volume"][at]
        return all((
            least is None or volume >= least,
            low is None or (change is not None and change >= low),
            high is None or (change is not None and change <= high),
        ))  # fmt: skip

    values = model.figures.columns[column].tolist()
    assert model.shown.tolist() == plainly(
        values, [at for at in range(len(NAMES)) if passes(at)], descending=descending
    )
    model.close()


def test_volumes_of_several_quote_assets_are_valued_by_prices_of_the_board() -> None:
    model, _, venues = scanned()
    venues["binance"].tell(ticker("BTC/USDT", last=200, volume=1), ticker("ETH/BTC", last=50, volume=4_000))
    venues["kraken"].tell(ticker("ETH/EUR", last=100, volume=3_000), ticker("EUR/USD", last=110, volume=1))
    model.sort("volume")
    model.sort_now()
    model.advance()

    volume = dict(zip(NAMES, model.figures.columns["volume"].tolist(), strict=True))
    assert volume["binance", "ETH/BTC"] == pytest.approx(0.5 * 4 * 2.0)  # 2 BTC at 2 dollars
    assert volume["kraken", "ETH/EUR"] == pytest.approx(1.0 * 3 * 1.1)
    assert math.isnan(volume["binance", "BNB/BTC"])
    model.close()


def test_rows_keep_their_places_while_somebody_points_at_them() -> None:
    model, hand, venues = scanned()
    model.sort("last", descending=True)
    venues["binance"].tell(ticker("BTC/USDT", last=10), ticker("ETH/USDT", last=5))
    hand.at += RESORT_S
    model.advance()
    before = model.shown.tolist()
    model.held = True

    venues["binance"].tell(ticker("ETH/USDT", last=50))
    hand.at += 10 * RESORT_S
    step = model.advance()
    assert (step.ordered, model.shown.tolist(), model.pending) == (False, before, True)
    assert step.changed == {model.figures.number["binance", "ETH/USDT"]}
    assert str(model.cells(min(step.changed))[3].text) == "0.50"  # figures go on

    model.held = False
    assert model.advance().ordered
    assert model.key(int(model.shown[0])) == Item("binance", "ETH/USDT")
    venues["binance"].tell(ticker("BTC/USDT", last=99))
    assert not model.advance().ordered  # not twice in a second
    model.sort_now()
    assert model.advance().ordered
    assert not model.pending
    model.close()


def test_much_that_is_new_is_taken_in_steps_and_nothing_is_lost() -> None:
    count = 3 * AT_ONCE + 1
    names = [f"C{number}/USDT" for number in range(count)]
    venue = Venue(desk(), "binance", *(instrument("binance", name) for name in names))
    model = ScannerModel(desk(), Hand())
    venue.tell(*(ticker(name, last=number + 1) for number, name in enumerate(names)))

    steps = 0
    while not model.complete:
        assert len(model.advance().changed) <= AT_ONCE
        steps += 1
    assert steps == 4
    lasts = [model.figures.columns["last"][model.figures.number["binance", name]] for name in names]
    assert lasts == pytest.approx([0.01 * (number + 1) for number in range(count)])
    model.close()


def test_a_venue_that_is_not_in_step_is_said_and_one_that_left_is_gone() -> None:
    model, _, venues = scanned()
    venues["kraken"].tell(ticker("BTC/USD", bid=10, ask=11, last=10))
    venues["kraken"].state(FeedState.STALE, "Kraken is silent.")
    model.advance()
    number = model.figures.number["kraken", "BTC/USD"]

    assert model.is_stale(number)
    assert str(model.cells(number)[0].text) == "Kraken · stale"
    assert model.cells(number)[3].tone == "faint"
    venues["kraken"].state(FeedState.ENDED)
    assert model.advance().ordered
    assert {each.venue for each in model.figures.listed} == {"binance"}
    model.close()


def test_the_desks_own_pair_opens_and_another_venues_is_offered() -> None:
    own = Floor().desk()
    Venue(own, "simulated", *(instrument("simulated", symbol) for symbol in ("BTC/USDT", "ETH/USDT")))
    Venue(own, "kraken", instrument("kraken", "ETH/EUR"))
    model = ScannerModel(own, Hand())
    offered: list[str] = []
    own.connected.go_to = lambda row: offered.append(f"{row.venue} {row.symbol}")

    model.open(model.figures.number["simulated", "ETH/USDT"])
    model.open(model.figures.number["kraken", "ETH/EUR"])
    assert (own.symbol, offered) == ("ETH/USDT", ["kraken ETH/EUR"])
    assert model.is_current(model.figures.number["simulated", "ETH/USDT"])
    assert model.watch(model.figures.number["kraken", "ETH/EUR"]) == "Watchlist"
    assert model.watch(model.figures.number["kraken", "ETH/EUR"]) is None
    model.close()
