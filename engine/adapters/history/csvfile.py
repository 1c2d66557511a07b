"""Kept bars as a CSV file in the columns of Binance's public files, so that others read it, and `crs data import`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.adapters.history.store import BarStore, Series
from engine.errors import InvalidInput, StorageUnavailable

HEAD = "open_time,open,high,low,close,volume,close_time\n"
"""Times in milliseconds (UTC); prices and volumes exact, on the venue's grid."""

MILLI = 1_000_000


def export(store: BarStore, series: Series, first: int, until: int, out: Path, told: Callable[[float], object]) -> int:
    """Write a stretch of a series to a new file and return how many bars; the file is there whole or not at all.

    Raises:
        InvalidInput: the file exists already, or no bar of the stretch is kept.
        StorageUnavailable: the disk refuses.
    """
    if out.exists():
        raise InvalidInput(f"{out} exists already. Choose another name with --out.")
    partial, count = out.with_name(out.name + ".part"), 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="ascii", newline="") as file:
            file.write(HEAD)
            for bars in store.stretch(series, first, until):
                columns = np.stack((bars.open, bars.high, bars.low, bars.close, bars.volume)).astype(np.int64)
                file.writelines(_rows(series, bars.start.tolist(), columns.T.tolist()))
                count += len(bars)
                told((int(bars.start[-1]) - max(first, series.first)) / max(1, until - first))
        if not count:
            raise InvalidInput(f"No bar of {series.symbol} {series.timeframe} is kept in that stretch.")
        partial.replace(out)
    except OSError as error:
        raise StorageUnavailable(f"{out} could not be written: {error.strerror}. Nothing was left.") from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _rows(series: Series, starts: list[int], columns: list[list[int]]) -> list[str]:
    price, qty, length = series.pair.price_text, series.pair.qty_text, series.timeframe.nanos
    return [
        f"{start // MILLI},{price(o)},{price(h)},{price(low)},{price(c)},{qty(v)},{(start + length) // MILLI - 1}\n"
        for start, (o, h, low, c, v) in zip(starts, columns, strict=True)
    ]
