"""talipp bar by bar: a fresh indicator is fed every bar by `add`; parameters are those that ours has by default."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Sequence
from math import nan
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from talipp import indicators as made
from talipp.ohlcv import OHLCV

from tests.perf.columns import Way, read, serve

Make = Callable[[], Any]
OF_CLOSE: dict[str, tuple[Make, tuple[str, ...]]] = {
    "sma": (lambda: made.SMA(20), ()),
    "ema": (lambda: made.EMA(20), ()),
    "wma": (lambda: made.WMA(20), ()),
    "dema": (lambda: made.DEMA(20), ()),
    "tema": (lambda: made.TEMA(20), ()),
    "hma": (lambda: made.HMA(16), ()),
    "kama": (lambda: made.KAMA(10, 2, 30), ()),
    "alma": (lambda: made.ALMA(9, 0.85, 6), ()),
    "t3": (lambda: made.T3(5, 0.7), ()),
    "rsi": (lambda: made.RSI(14), ()),
    "macd": (lambda: made.MACD(12, 26, 9), ("macd", "signal", "histogram")),
    "roc": (lambda: made.ROC(10), ()),
    "tsi": (lambda: made.TSI(13, 25), ()),
    "bbands": (lambda: made.BB(20, 2.0), ("ub", "cb", "lb")),
    "stddev": (lambda: made.StdDev(20), ()),
}
OF_BARS: dict[str, tuple[Make, tuple[str, ...]]] = {
    "vwma": (lambda: made.VWMA(20), ()),
    "stochf": (lambda: made.Stoch(14, 3), ("k", "d")),
    "cci": (lambda: made.CCI(20), ()),
    "willr": (lambda: made.Williams(14), ()),
    "aroon": (lambda: made.Aroon(14), ("down", "up")),
    "ultosc": (lambda: made.UO(7, 14, 28), ()),
    "ao": (lambda: made.AO(5, 34), ()),
    "bop": (lambda: made.BOP(), ()),
    "atr": (lambda: made.ATR(14), ()),
    "natr": (lambda: made.NATR(14), ()),
    "keltner": (lambda: made.KeltnerChannels(20, 10, 2, 2), ("ub", "cb", "lb")),
    "donchian": (lambda: made.DonchianChannels(20), ("ub", "cb", "lb")),
    "obv": (lambda: made.OBV(), ()),
    "ad": (lambda: made.AccuDist(), ()),
    "adosc": (lambda: made.ChaikinOsc(3, 10), ()),
    "vwap": (lambda: made.VWAP(), ()),
    "force_index": (lambda: made.ForceIndex(13), ()),
    "eom": (lambda: made.EMV(14, 10_000), ()),
    "adx": (lambda: made.ADX(14, 14), ("adx",)),
    "dmi": (lambda: made.ADX(14, 14), ("plus_di", "minus_di", "adx")),
    "sar": (lambda: made.ParabolicSAR(0.02, 0.02, 0.2), ("value",)),
    "supertrend": (lambda: made.SuperTrend(10, 3), ("value",)),
    "ichimoku": (lambda: made.Ichimoku(26, 9, 26, 52, 26), ("conversion_line", "base_line")),
    "vortex": (lambda: made.VTX(14), ("plus_vtx", "minus_vtx")),
    "choppiness": (lambda: made.CHOP(14), ()),
}


def main(path: Path) -> None:
    """Answer for the bars of a file."""
    opened, high, low, close, volume = read(path)
    bars = [OHLCV(*row) for row in zip(opened, high, low, close, volume, strict=True)]
    closes = close.tolist()
    serve(
        "talipp",
        {
            **{name: _way(make, closes, fields) for name, (make, fields) in OF_CLOSE.items()},
            **{name: _way(make, bars, fields) for name, (make, fields) in OF_BARS.items()},
            "volume_sma": _way(lambda: made.SMA(20), volume.tolist(), ()),
        },
    )


def _way(make: Make, inputs: Sequence[object], fields: tuple[str, ...]) -> Way:
    def prepare() -> Callable[[], Iterable[object]]:
        indicator = make()

        def work() -> Iterable[object]:
            add = indicator.add
            for each in inputs:
                add(each)
            found: Iterable[object] = indicator
            return found

        return work

    def columns(found: Iterable[object]) -> list[array[float]]:
        values = list(found)
        return [array("d", (_number(each, field) for each in values)) for field in fields or ("",)]

    return Way(prepare, columns, range(max(len(fields), 1)))


def _number(value: object, field: str) -> float:
    """Return a value, or the field of one; NaN where there is none yet."""
    found: Any = getattr(value, field, None) if field else value
    return nan if found is None else float(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
