"""Pages of bars: exact, small, and no worse for being damaged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.history.store import BarStore
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.market.barpage import ROWS, decode, encode, holes, merged_spans
from engine.ports.feed import BarArrays
from tests.engine.adapters.history.test_kept import MINUTE, PAIR, START, same, some_bars


def put(store: BarStore, first: int, until: int) -> None:
    span = Nanos(START + first * MINUTE), Nanos(START + until * MINUTE)
    store.put("binance", PAIR, Timeframe.M1, *span, some_bars(range(first, until)))


def read(store: BarStore, first: int, until: int) -> BarArrays:
    return store.read("binance", PAIR, Timeframe.M1, Nanos(START + first * MINUTE), Nanos(START + until * MINUTE)).bars


def test_bars_come_back_over_page_ends_and_in_any_order(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    for first in (8_000, 0, 4_000):
        put(store, first, first + 4_000)

    assert same(read(BarStore(tmp_path), 0, 12_000), some_bars(range(12_000)))
    assert len(list(tmp_path.glob("binance/BTC-USDT/1m/*.page"))) in (3, 4)


def test_a_damaged_page_is_set_aside_and_asked_for_again(tmp_path: Path) -> None:
    put(BarStore(tmp_path), 0, 2 * ROWS)
    victim = sorted(tmp_path.glob("binance/BTC-USDT/1m/*.page"))[1]
    victim.write_bytes(victim.read_bytes()[:-40])

    stored = BarStore(tmp_path).read("binance", PAIR, Timeframe.M1, Nanos(START), Nanos(START + 2 * ROWS * MINUTE))

    number = int(victim.stem)
    assert stored.holes == [(number * ROWS * MINUTE, (number + 1) * ROWS * MINUTE)]
    assert victim.with_suffix(".damaged").exists()
    assert len(stored.bars) == ROWS


def test_a_finer_grid_tells_the_same_prices_a_coarser_one_asks_again(tmp_path: Path) -> None:
    put(BarStore(tmp_path), 0, 100)
    span = Nanos(START), Nanos(START + 100 * MINUTE)
    finer, coarser = replace(PAIR, tick=PAIR.tick / 10), replace(PAIR, tick=PAIR.tick * 10)

    told = BarStore(tmp_path).read("binance", finer, Timeframe.M1, *span)
    unknown = BarStore(tmp_path).read("binance", coarser, Timeframe.M1, *span)

    assert np.array_equal(told.bars.open, some_bars(range(100)).open * 10)
    assert unknown.holes == [span]


def test_a_page_of_real_minutes_takes_about_eight_bytes_a_bar(shared_data: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pair = replace(PAIR, lot=Decimal("0.001"))
    for name, most in (
        ("binance_usdm_BTCUSDT_1m_2022-01_2023-06", 8.5),
        ("binance_spot_ETHUSDT_1m_2021-04-20_2021-05-20", 9.0),
    ):
        table = parquet.read_table(shared_data / "ohlcv" / f"{name}.parquet")
        scaled = "usdm" in name
        prices = [
            table[each].to_numpy().astype(np.float64) if scaled else np.rint(table[each].to_numpy() * 100)
            for each in ("open", "high", "low", "close")
        ]
        volume = table["volume"].to_numpy().astype(np.float64) if scaled else np.rint(table["volume"].to_numpy() * 1e5)
        first = int(table["open_time"].to_numpy()[0]) * 1_000_000
        at = np.arange(5 * ROWS, dtype=np.int64)
        size, rows = 0, 5 * ROWS
        for begin in range(0, rows, ROWS):
            cut = slice(begin, begin + ROWS)
            columns = [each[cut] for each in (*prices, volume)]
            bars = BarArrays(first + at[cut] * MINUTE, *columns)
            from engine.market.barpage import BarPage

            page = BarPage(at[cut] - begin, bars, ((0, ROWS),))
            data = encode(page, pair, Timeframe.M1)
            size += len(data)
            back = decode(data, pair, Timeframe.M1, Nanos(first + begin * MINUTE))
            assert same(back.bars, bars)
            assert back.known == page.known
        assert size / rows < most


def test_spans_join_and_leave_holes() -> None:
    known = merged_spans([(5, 9), (0, 2), (2, 4), (7, 12), (3, 3)])

    assert known == ((0, 4), (5, 12))
    assert holes(known, 0, 14) == [(4, 5), (12, 14)]
    assert holes(known, 6, 11) == []
    assert holes((), 1, 3) == [(1, 3)]
