"""Imported history on the disk: one compressed file per import, never merged with another.

A file is written whole under another name and then renamed, so a cancelled or killed import leaves
nothing behind that looks like history.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import CrsError, InvalidInput, StorageUnavailable
from engine.market.columns import head_of, pack, unpack
from engine.market.importers import Progress, RawBars, keep_going, read
from engine.market.noise import Ints
from engine.market.sanity import Report
from engine.ports.feed import BarArrays

MOST_VALUES = 400_000_000
"""Of an import: two years of bars of a second."""
KIND = "crs-history"
VERSION = 1
ENDING = ".bars"


class Imported(NamedTuple):
    """What is known of an import without reading its bars."""

    path: Path
    symbol: str
    timeframe: Timeframe
    tick: Decimal
    bars: int
    first: Nanos
    last: Nanos
    """Start of the last bar."""
    gaps: int
    missing: int
    """Bars in the gaps."""
    flags: int
    source: str
    """Name of the file it came from."""


class BarFiles:
    """The imports of one profile."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def save(self, symbol: str, timeframe: Timeframe, report: Report, source: str) -> Imported:
        """Keep checked bars; the same bars again replace themselves.

        Raises:
            InvalidInput: the report has errors.
            StorageUnavailable: the disk refuses.
        """
        bars = report.bars
        if bars is None:
            raise InvalidInput("Bars with errors are not kept.")
        prices = np.stack((bars.open, bars.high, bars.low, bars.close)).astype(np.int64)
        columns: dict[str, Ints] = {"start": bars.start}
        columns |= dict(zip(("open", "high", "low", "close"), prices, strict=True))
        columns["volume"] = bars.volume.view(np.int64)
        about = {
            "symbol": symbol,
            "timeframe": timeframe.value,
            "tick": str(report.tick),
            "bars": len(bars),
            "first": int(bars.start[0]),
            "last": int(bars.start[-1]),
            "gaps": [[gap.first, gap.until, gap.bars] for gap in report.gaps],
            "flags": [list(flag) for flag in report.flags],
            "source": source,
        }
        data = pack(KIND, VERSION, about, columns, preset=1)
        digest = hashlib.sha256(prices.tobytes() + bars.start.tobytes()).hexdigest()[:8]
        path = self.directory / f"{symbol.replace('/', '-')}_{timeframe}_{digest}{ENDING}"
        temporary = path.with_suffix(".part")
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.write_bytes(data)
            temporary.replace(path)
        except OSError as error:
            raise StorageUnavailable(f"The history cannot be kept in {self.directory}: {error.strerror}.") from error
        finally:
            with suppress(OSError):
                temporary.unlink()
        return _described(path, about)

    def list(self) -> tuple[list[Imported], list[CrsError]]:
        """Return all imports by symbol, timeframe and date, and what could not be read."""
        found: list[Imported] = []
        damaged: list[CrsError] = []
        for path in sorted(self.directory.glob(f"*{ENDING}")):
            try:
                with path.open("rb") as file:
                    found.append(_described(path, head_of(file.readline(), KIND, VERSION)))
            except (InvalidInput, KeyError) as error:
                damaged.append(InvalidInput(f"{path.name}: {error}"))
            except OSError as error:
                damaged.append(StorageUnavailable(f"{path.name} cannot be read: {error.strerror}."))
        found.sort(key=lambda each: (each.symbol, each.timeframe.seconds, each.first))
        return found, damaged

    def load(self, path: Path) -> tuple[Imported, BarArrays]:
        """Return an import with its bars: prices in its ticks, volume in base units.

        Raises:
            InvalidInput: the file is damaged.
            StorageUnavailable: it cannot be read.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StorageUnavailable(f"{path.name} cannot be read: {error.strerror}.") from error
        head, columns = unpack(data, KIND, VERSION, most=MOST_VALUES)
        open_, high, low, close = (columns[name].astype(np.float64) for name in ("open", "high", "low", "close"))
        volume = columns["volume"].view(np.float64)
        return _described(path, head), BarArrays(columns["start"], open_, high, low, close, volume)


def _described(path: Path, head: dict[str, Any]) -> Imported:
    return Imported(
        path,
        head["symbol"],
        Timeframe.parse(head["timeframe"]),
        Decimal(head["tick"]),
        head["bars"],
        Nanos(head["first"]),
        Nanos(head["last"]),
        len(head["gaps"]),
        sum(gap[2] for gap in head["gaps"]),
        len(head["flags"]),
        head["source"],
    )


def read_file(path: Path, progress: Progress = keep_going) -> RawBars:
    """Read bars that others wrote.

    Raises:
        InvalidInput: there is no such file, or it is of no known kind.
        ImportCancelled: `progress` said so.
    """
    try:
        with path.open("rb") as file:
            return read(file, path.name, path.stat().st_size, progress)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from error
