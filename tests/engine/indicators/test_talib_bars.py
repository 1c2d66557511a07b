"""Volatility, volume and trend against TA-Lib: the same values on every row, and not known on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
import talib

from engine.indicators.registry import find
from engine.indicators.spec import Columns, Floats, Values
from tests.engine.indicators.markets import awkward, constant, walk

Unit = Callable[[Columns], float]


def _no_unit(bars: Columns) -> float:
    return 0.0


def _price(bars: Columns) -> float:
    return float(bars.close.max(initial=0.0))


def _volume(bars: Columns) -> float:
    return float(bars.volume.sum())


def _percent(bars: Columns) -> float:
    return 100.0


class Case(NamedTuple):
    """One indicator; `unit` is what TA-Lib's rounding is measured in where it leaves a residue of zero."""

    name: str
    given: Values
    theirs: Callable[..., Floats | tuple[Floats, ...]]
    unit: Unit = _no_unit


CASES = [
    Case("trange", {}, lambda b: talib.TRANGE(b.high, b.low, b.close)),
    *(Case("atr", {"period": n}, lambda b, n: talib.ATR(b.high, b.low, b.close, n)) for n in (1, 2, 14)),
    *(Case("natr", {"period": n}, lambda b, n: talib.NATR(b.high, b.low, b.close, n)) for n in (2, 14)),
    *(Case("var", {"period": n}, lambda b, n: talib.VAR(b.close, n)) for n in (1, 2, 20)),
    *(Case("stddev", {"period": n}, lambda b, n: talib.STDDEV(b.close, n)) for n in (2, 5, 20)),
    *(
        Case("bbands", {"period": n, "deviations": d}, lambda b, n, d: talib.BBANDS(b.close, n, d, d))
        for n, d in ((2, 1.0), (20, 2.0))
    ),
    *(Case("linearreg", {"period": n}, lambda b, n: talib.LINEARREG(b.close, n)) for n in (2, 14, 33)),
    *(
        Case("linearreg_slope", {"period": n}, lambda b, n: talib.LINEARREG_SLOPE(b.close, n), _price)
        for n in (2, 14, 33)
    ),
    Case("obv", {}, lambda b: talib.OBV(b.close, b.volume)),
    Case("ad", {}, lambda b: talib.AD(b.high, b.low, b.close, b.volume)),
    *(
        Case(
            "adosc",
            {"fast": f, "slow": s},
            lambda b, f, s: talib.ADOSC(b.high, b.low, b.close, b.volume, f, s),
            _volume,
        )
        for f, s in ((3, 10), (10, 3), (2, 2))
    ),
    *(
        Case("mfi", {"period": n}, lambda b, n: talib.MFI(b.high, b.low, b.close, b.volume, n), _percent)
        for n in (2, 14)
    ),
    Case("volume_sma", {"period": 20}, lambda b, n: talib.SMA(b.volume, n), _volume),
    *(Case("plus_di", {"period": n}, lambda b, n: talib.PLUS_DI(b.high, b.low, b.close, n)) for n in (2, 14)),
    *(Case("minus_di", {"period": n}, lambda b, n: talib.MINUS_DI(b.high, b.low, b.close, n)) for n in (2, 14)),
    *(Case("dx", {"period": n}, lambda b, n: talib.DX(b.high, b.low, b.close, n)) for n in (2, 14)),
    *(Case("adx", {"period": n}, lambda b, n: talib.ADX(b.high, b.low, b.close, n)) for n in (2, 14)),
    *(Case("adxr", {"period": n}, lambda b, n: talib.ADXR(b.high, b.low, b.close, n)) for n in (2, 14)),
    Case("dmi", {}, lambda b: tuple(f(b.high, b.low, b.close) for f in (talib.PLUS_DI, talib.MINUS_DI, talib.ADX))),
    *(
        Case("sar", {"acceleration": a, "maximum": m}, lambda b, a, m: talib.SAR(b.high, b.low, a, m))
        for a, m in ((0.02, 0.2), (0.3, 0.1), (0.0, 0.0))
    ),
]
MARKETS = {
    **{f"walk at {scale:g}": walk(700, scale, seed) for scale, seed in ((100.0, 1), (1e-8, 2), (1e9, 3))},
    **{f"awkward at {scale:g}": awkward(600, scale) for scale in (100.0, 1e-8, 1e9)},
    "constant": constant(100),
    "first still, then moving": Columns(*(np.concatenate(e) for e in zip(constant(60, 100.0), walk(60), strict=True))),
    **{f"{length} bars": walk(length) for length in (0, 1, 2, 3, 10, 14, 15, 20, 27, 28, 29, 41)},
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.given}")
def test_every_row_is_as_talib_has_it(case: Case) -> None:
    for market, bars in MARKETS.items():
        found, theirs = find(case.name).compute(bars, case.given), case.theirs(bars, *case.given.values())

        for ours, wanted in zip(found, theirs if isinstance(theirs, tuple) else (theirs,), strict=True):
            np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-13 * case.unit(bars), err_msg=market)


def test_names_and_defaults_are_those_that_were_promised() -> None:
    promised = {
        "atr": (14,),
        "natr": (14,),
        "adx": (14,),
        "plus_di": (14,),
        "minus_di": (14,),
        "dx": (14,),
        "mfi": (14,),
        "adosc": (3, 10),
        "bbands": (20, 2.0),
        "sar": (0.02, 0.2),
        "stddev": (20,),
        "linearreg_slope": (14,),
        "ichimoku": (9, 26, 52),
        "donchian": (20,),
        "keltner": (20, 10, 2.0),
        "supertrend": (10, 3.0),
        "obv": (),
        "ad": (),
    }

    assert {name: tuple(find(name).values().values()) for name in promised} == promised
