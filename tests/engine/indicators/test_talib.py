"""Our batch forms beside TA-Lib's, row by row, the rows without a value included."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.indicators.column import part
from engine.indicators.registry import find
from engine.indicators.spec import Columns, Value
from tests.engine.indicators.bars import assert_same, markets, still, walk

talib = pytest.importorskip("talib")
Given = dict[str, Value]

MARKETS = {**markets(300), "odd": still(90, 0.1), "more": walk(700, 11, 42_000.0)}


def of_close(function: str, *args: float) -> Callable[[Columns], Any]:
    return lambda bars: getattr(talib, function)(bars.close, *args)


def of_bar(function: str, fields: str, *args: float) -> Callable[[Columns], Any]:
    return lambda bars: getattr(talib, function)(*(getattr(bars, name) for name in fields.split()), *args)


def periods(name: str, *lengths: int, fields: str = "close") -> list[tuple[str, Given, Callable[[Columns], Any]]]:
    return [(name, {"period": each}, of_bar(name.upper(), fields, each)) for each in lengths]


CASES: list[tuple[str, Given, Callable[[Columns], Any]]] = [
    *periods("sma", 1, 2, 3, 20, 64, 65, 200),
    *periods("ema", 1, 2, 20, 200),
    *periods("wma", 1, 2, 20, 64, 65, 200),
    *periods("dema", 1, 2, 20, 90),
    *periods("tema", 1, 2, 20, 90),
    *periods("trima", 1, 2, 3, 20, 21),
    *periods("kama", 2, 3, 10, 30),
    ("t3", {}, of_close("T3", 5, 0.7)),
    ("t3", {"period": 12, "vfactor": 0.4}, of_close("T3", 12, 0.4)),
    *periods("midpoint", 2, 14),
    *periods("rsi", 2, 14, 70),
    *periods("cmo", 2, 14, 70),
    *periods("mom", 1, 10),
    *periods("roc", 1, 10),
    *periods("trix", 1, 2, 15),
    ("macd", {}, of_close("MACD", 12, 26, 9)),
    ("macd", {"fast": 20, "slow": 5, "signal": 1}, of_close("MACD", 20, 5, 1)),
    ("macd", {"fast": 2, "slow": 3, "signal": 4}, of_close("MACD", 2, 3, 4)),
    ("ppo", {}, of_close("PPO", 12, 26)),
    ("ppo", {"matype": "sma"}, of_close("PPO", 12, 26, 0)),
    ("ppo", {"fast": 9, "slow": 3}, of_close("PPO", 9, 3, 1)),
    ("apo", {}, of_close("APO", 12, 26)),
    ("apo", {"matype": "sma"}, of_close("APO", 12, 26, 0)),
    ("stoch", {}, of_bar("STOCH", "high low close", 14, 3, 0, 3, 0)),
    ("stoch", {"fastk": 5, "slowk": 1, "slowd": 4}, of_bar("STOCH", "high low close", 5, 1, 0, 4, 0)),
    ("stochf", {}, of_bar("STOCHF", "high low close", 14, 3, 0)),
    ("stochf", {"fastk": 1, "fastd": 1}, of_bar("STOCHF", "high low close", 1, 1, 0)),
    ("stochrsi", {}, of_close("STOCHRSI", 14, 5, 3, 0)),
    *periods("willr", 2, 14, fields="high low close"),
    *periods("cci", 2, 20, fields="high low close"),
    ("ultosc", {}, of_bar("ULTOSC", "high low close", 7, 14, 28)),
    ("ultosc", {"period1": 9, "period2": 1, "period3": 4}, of_bar("ULTOSC", "high low close", 9, 1, 4)),
    *periods("aroon", 2, 14, 30, fields="high low"),
    *periods("aroonosc", 2, 14, fields="high low"),
    *periods("imi", 2, 14, fields="open close"),
    *periods("midprice", 2, 14, fields="high low"),
    ("bop", {}, of_bar("BOP", "open high low close")),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("name", "given", "reference"), CASES, ids=[f"{name}-{given}" for name, given, _ in CASES])
def test_every_row_is_talibs(name: str, given: Given, reference: Callable[[Columns], Any]) -> None:
    for market, columns in MARKETS.items():
        theirs = reference(columns)
        theirs = theirs if isinstance(theirs, tuple) else (theirs,)
        price = max(float(columns.close.max()), 100.0 if name in PERCENT else 0.0)

        assert_same(find(name).compute(columns, given), theirs, price, f"{name} {given} {market}")


PERCENT = {"ppo", "trix", "roc", "tsi"}
"""Rounding is a part of 100 in these, not of the price."""


@pytest.mark.parametrize(("name", "given", "reference"), CASES, ids=[f"{name}-{given}" for name, given, _ in CASES])
def test_short_columns_are_talibs(name: str, given: Given, reference: Callable[[Columns], Any]) -> None:
    for length in (1, 2, 9, 14, 15, 27, 28, 29, 33, 34, 57, 58, 59):
        columns = part(MARKETS["walk"], slice(length))
        theirs = reference(columns)
        theirs = theirs if isinstance(theirs, tuple) else (theirs,)

        assert_same(find(name).compute(columns, given), theirs, 100.0, f"{name} {length}")


@pytest.mark.parametrize("name", sorted({name for name, _, _ in CASES}))
def test_no_bars_give_no_rows(name: str) -> None:
    assert all(len(column) == 0 for column in find(name).compute(part(MARKETS["walk"], slice(0))))


def test_a_long_column_loses_no_digits() -> None:
    columns = walk(300_000, seed=8, scale=1e6)

    mean = find("sma").compute(columns)[0]

    exact = columns.close[-20:].astype(np.longdouble).sum() / 20
    assert abs(mean[-1] / float(exact) - 1) < 1e-15
