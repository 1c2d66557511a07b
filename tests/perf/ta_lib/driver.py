"""TA-Lib over whole columns, through its Python binding; parameters are those that ours has by default."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np
import talib
from numpy.typing import NDArray

from tests.perf.columns import Way, read, serve

Column = NDArray[np.float64]
Work = Callable[[], Column | tuple[Column, ...]]

CLOSE: dict[str, tuple[Any, ...]] = {
    "sma": (20,),
    "ema": (20,),
    "wma": (20,),
    "dema": (20,),
    "tema": (20,),
    "trima": (20,),
    "kama": (10,),
    "t3": (5, 0.7),
    "rsi": (14,),
    "macd": (12, 26, 9),
    "stochrsi": (14, 5, 3),
    "mom": (10,),
    "roc": (10,),
    "cmo": (14,),
    "trix": (15,),
    "ppo": (12, 26),
    "apo": (12, 26),
    "bbands": (20, 2.0, 2.0),
    "stddev": (20,),
    "var": (20,),
    "linearreg": (14,),
    "linearreg_slope": (14,),
}
HIGH_LOW: dict[str, tuple[Any, ...]] = {"aroon": (14,), "aroonosc": (14,), "sar": (0.02, 0.2)}
HIGH_LOW_CLOSE: dict[str, tuple[Any, ...]] = {
    "stoch": (14, 3, 0, 3, 0),
    "stochf": (14, 3),
    "willr": (14,),
    "cci": (20,),
    "ultosc": (7, 14, 28),
    "trange": (),
    "atr": (14,),
    "natr": (14,),
    "plus_di": (14,),
    "minus_di": (14,),
    "dx": (14,),
    "adx": (14,),
    "adxr": (14,),
}
HIGH_LOW_CLOSE_VOLUME: dict[str, tuple[Any, ...]] = {"ad": (), "adosc": (3, 10), "mfi": (14,)}


def main(path: Path) -> None:
    """Answer for the bars of a file."""
    opened, high, low, close, volume = (np.array(column) for column in read(path))
    ways = {
        **_ways(CLOSE, close),
        **_ways(HIGH_LOW, high, low),
        **_ways(HIGH_LOW_CLOSE, high, low, close),
        **_ways(HIGH_LOW_CLOSE_VOLUME, high, low, close, volume),
        **_ways({"bop": ()}, opened, high, low, close),
        **_ways({"obv": ()}, close, volume),
        "volume_sma": _way(partial(talib.SMA, volume, 20)),
    }
    serve("TA-Lib", ways)


def _ways(table: dict[str, tuple[Any, ...]], *columns: Column) -> dict[str, Way]:
    return {name: _way(partial(getattr(talib, name.upper()), *columns, *given)) for name, given in table.items()}


def _way(work: Work) -> Way:
    return Way(lambda: work, _columns, range(len(_columns(work()))))


def _columns(found: Column | tuple[Column, ...]) -> tuple[Column, ...]:
    return found if isinstance(found, tuple) else (found,)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
