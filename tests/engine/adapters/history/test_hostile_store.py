"""Bars of a venue that names its pairs after paths, and pages that somebody else wrote."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.adapters.history import store as store_module
from engine.adapters.history.store import BarStore
from engine.domain.asset import Asset
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from tests.engine.adapters.history.test_kept import MINUTE, PAIR, START, same, some_bars

SPAN = Nanos(START), Nanos(START + 50 * MINUTE)


def named(base: str, quote: str) -> TradingPair:
    return replace(PAIR, symbol=f"{base}/{quote}", base=Asset(base), quote=Asset(quote))


def put(store: BarStore, pair: TradingPair) -> None:
    store.put("binance", pair, Timeframe.M1, *SPAN, some_bars(range(50)))


@pytest.mark.parametrize(
    ("base", "quote"),
    [
        ("..", ".."),
        ("..\\..\\x", "USD"),
        ("CON", "USD"),
        ("币安人生", "USDT"),
        ("x" * 32, "y" * 32),
        ("$", "%"),
    ],
)
def test_bars_of_any_name_are_kept_in_their_place_and_found_again(tmp_path: Path, base: str, quote: str) -> None:
    pair = named(base, quote)
    put(BarStore(tmp_path), pair)
    stored = BarStore(tmp_path).read("binance", pair, Timeframe.M1, *SPAN)
    assert same(stored.bars, some_bars(range(50)))
    assert all(path.is_relative_to(tmp_path / "binance") for path in tmp_path.rglob("*.page"))
    (series,), damaged = BarStore(tmp_path).series()
    assert (series.symbol, damaged) == (pair.symbol, [])


def test_pairs_whose_names_look_alike_keep_their_own_bars(tmp_path: Path) -> None:
    one, other = named("A-B", "C"), named("A", "B-C")
    put(BarStore(tmp_path), one)
    assert not len(BarStore(tmp_path).read("binance", other, Timeframe.M1, *SPAN).bars)
    assert len(BarStore(tmp_path).read("binance", one, Timeframe.M1, *SPAN).bars) == 50


def test_a_page_of_another_pair_is_set_aside(tmp_path: Path) -> None:
    put(BarStore(tmp_path), PAIR)
    other = named("ETH", "USDT")
    put(BarStore(tmp_path), other)
    mine, theirs = (next(tmp_path.glob(f"binance/{name}/1m/*.page")) for name in ("BTC-USDT", "ETH-USDT"))
    mine.write_bytes(theirs.read_bytes())
    assert BarStore(tmp_path).read("binance", PAIR, Timeframe.M1, *SPAN).holes == [SPAN]


@pytest.mark.parametrize(
    "head",
    [b"[" * 90_000, b"{}", b"[]", b'{"format":"crs-bars","version":1,"known":5,"bars":1}', b"\xff",
     b'{"format":"crs-bars","version":1,"known":[[0,1]],"bars":"x"}',
     b'{"format":"crs-bars","version":1,"known":[[0,1]],"bars":1,"symbol":"A/B","tick":"x","lot":"1"}',
     b'{"format":"crs-bars","version":1,"known":[[0,1]],"bars":1,"symbol":"A/B","tick":"1e900000","lot":"1"}',
     b'{"format":"crs-bars","version":1,"known":[[0,1]],"bars":1,"symbol":"A/\x1b[2J","tick":"1","lot":"1"}',
     b'{"format":"crs-bars","version":1,"known":[[0,99999]],"bars":1,"symbol":"A/B","tick":"1","lot":"1"}',
     b'{"format":"crs-bars","version":1,"known":[[0,1]],"bars":1,"symbol":5,"tick":"1","lot":"1"}'],
)  # fmt: skip
def test_one_page_that_says_nothing_hides_no_other_series(tmp_path: Path, head: bytes) -> None:
    put(BarStore(tmp_path), PAIR)
    folder = tmp_path / "binance" / "ETH-USDT" / "1m"
    folder.mkdir(parents=True)
    (folder / "000000.page").write_bytes(head + b"\n")
    series, damaged = BarStore(tmp_path).series()
    assert [each.symbol for each in series] == ["BTC/USDT"]
    assert len(damaged) == 1


def test_a_page_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(BarStore(tmp_path), PAIR)
    monkeypatch.setattr(store_module, "LARGEST", 100)
    assert BarStore(tmp_path).read("binance", PAIR, Timeframe.M1, *SPAN).holes == [SPAN]
    assert np.array_equal([path.suffix for path in tmp_path.rglob("*.damaged")], [".damaged"])


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_nobody_else_can_look_at_what_was_watched(tmp_path: Path) -> None:
    put(BarStore(tmp_path / "bars"), PAIR)
    folders = [path for path in (tmp_path / "bars", *(tmp_path / "bars").rglob("*")) if path.is_dir()]
    assert len(folders) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
