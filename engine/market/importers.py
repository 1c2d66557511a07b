"""Reading history that others wrote: Binance-format CSV, zip archives of it, and Parquet.

Nothing is judged here beyond whether a cell is a number; `engine.market.sanity` judges. Every row keeps
the name of where it stood (`line 12`, `BTCUSDT-1m-2025-01.csv line 3`), so that a finding can be found.
Prices become integers of `PRICE_UNIT`, exactly; instants become ns, whatever unit they came in.

CSV columns are those of Binance's kline dumps: open time, open, high, low, close, volume, and more that
are not read. A first line that does not begin with a number is a header.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import IO, BinaryIO, NamedTuple

import numpy as np

from engine.errors import CrsError, InvalidInput
from engine.market.noise import Floats, Ints

PRICE_DECIMALS = 10
PRICE_UNIT = Decimal(1).scaleb(-PRICE_DECIMALS)
"""Fine enough for every listed tick, coarse enough for a price of 900 million."""
MOST_ROWS = 20_000_000
"""Thirty-eight years of minutes."""
_EVERY = 20_000
"""Rows between two reports of progress."""
_LARGEST = 2**63 // 10**PRICE_DECIMALS

Progress = Callable[[float], bool]
"""Told the fraction done; returns False to cancel."""


class ImportCancelled(CrsError):  # noqa: N818 - named as the tree in engine.errors is
    """The user cancelled the import; nothing was kept."""


class Unreadable(NamedTuple):
    """A row that could not even be read."""

    where: str
    text: str


class RawBars(NamedTuple):
    """Rows as they were written, arrays of shape (n,)."""

    where: list[str]
    """Names the row of each bar."""
    start: Ints
    """Open time in ns."""
    prices: Ints
    """Open, high, low, close in price units, shape (4, n); not finite or too large = -1."""
    volume: Floats
    unreadable: list[Unreadable]


def keep_going(_: float) -> bool:
    """Report progress to nobody."""
    return True


def read(stream: BinaryIO, name: str, size: int, progress: Progress = keep_going) -> RawBars:
    """Return the rows of a file, by the ending of its name.

    Args:
        stream: the file, seekable.
        name: its name, for the kind (`.csv`, `.zip`, `.parquet`).
        size: its length in bytes, for the progress.
        progress: called now and then.

    Raises:
        InvalidInput: the file is of no known kind, or damaged, or pyarrow is missing.
        ImportCancelled: `progress` said so.
    """
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        return _collect(_csv_rows(stream, "", size, progress))
    if ending == "zip":
        return _collect(_zip_rows(stream, progress))
    if ending in ("parquet", "pq"):
        return _read_parquet(stream, progress)
    raise InvalidInput(f"{name}: only .csv, .zip and .parquet files of bars can be imported.")


_Row = tuple[str, list[str]]
"""Where it stood, and its first six cells."""


def _zip_rows(stream: BinaryIO, progress: Progress) -> Iterator[_Row]:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = sorted((each for each in archive.infolist() if each.filename.lower().endswith(".csv")),
                             key=lambda each: each.filename)  # fmt: skip
            if not members:
                raise InvalidInput("The archive holds no .csv file.")
            total, before = sum(each.file_size for each in members) or 1, 0
            for member in members:
                share, done = member.file_size / total, before / total

                def part(fraction: float, share: float = share, done: float = done) -> bool:
                    return progress(done + fraction * share)

                with archive.open(member) as inner:
                    name = f"{member.filename} " if len(members) > 1 else ""
                    yield from _csv_rows(inner, name, member.file_size, part)
                before += member.file_size
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError) as error:
        raise InvalidInput(f"The archive is damaged or encrypted: {error}.") from error


def _csv_rows(stream: IO[bytes], name: str, size: int, progress: Progress) -> Iterator[_Row]:
    done = 0
    for number, line in enumerate(stream, start=1):
        done += len(line)
        if number % _EVERY == 0 and not progress(min(done / max(size, 1), 1.0)):
            raise ImportCancelled("The import was cancelled; nothing was kept.")
        cells = line.decode("utf-8", "replace").lstrip("\ufeff").strip().split(",")
        if cells == [""] or (number == 1 and not cells[0].strip().lstrip("-").isdigit()):
            continue
        yield f"{name}line {number}", [cell.strip().strip('"') for cell in cells[:6]]


def _collect(rows: Iterator[_Row]) -> RawBars:
    where: list[str] = []
    columns: tuple[list[int], ...] = ([], [], [], [], [])
    volume: list[float] = []
    unreadable: list[Unreadable] = []
    for name, cells in rows:
        try:
            start, prices, lots = _parsed(cells)
        except (ValueError, IndexError, InvalidOperation):
            unreadable.append(Unreadable(name, ",".join(cells)[:60]))
            continue
        where.append(name)
        for column, value in zip(columns, (start, *prices), strict=True):
            column.append(value)
        volume.append(lots)
        if len(where) > MOST_ROWS:
            raise InvalidInput(f"The file has more than {MOST_ROWS:,} bars; import it in parts.")
    start_column, *price_columns = (np.array(each, dtype=np.int64) for each in columns)
    return RawBars(where, start_column, np.stack(price_columns), np.array(volume, dtype=np.float64), unreadable)


def _parsed(cells: list[str]) -> tuple[int, list[int], float]:
    """Return open time in ns, four prices in units, volume.

    Raises:
        ValueError: a cell is no number, or a price is finer than a unit.
    """
    return instant_nanos(int(cells[0])), [_price_units(cell) for cell in cells[1:5]], float(cells[5])


def _price_units(text: str) -> int:
    whole, _, decimals = text.partition(".")
    if whole.isdigit() and decimals.isdigit() and len(decimals) <= PRICE_DECIMALS and len(whole) < 9:
        return int(whole + decimals.ljust(PRICE_DECIMALS, "0"))
    value = Decimal(text)
    if not value.is_finite() or abs(value) >= _LARGEST:
        return -1
    units = value.scaleb(PRICE_DECIMALS)
    if units != int(units):
        raise ValueError(text)
    return int(units)


def instant_nanos(stamp: int) -> int:
    """Return a stamp in seconds, ms, µs or ns since 1970 as ns; which it is shows in its size."""
    for limit, factor in ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3)):
        if stamp < limit:
            return stamp * factor
    return stamp


def _read_parquet(stream: BinaryIO, progress: Progress) -> RawBars:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InvalidInput(
            "Reading Parquet needs pyarrow, which is not installed: pip install 'crs-desktop[parquet]'."
        ) from error
    try:
        file = pyarrow.parquet.ParquetFile(stream)
        scales = {key.decode(): float(value) for key, value in (file.schema_arrow.metadata or {}).items()
                  if key in (b"price_scale", b"volume_scale")}  # fmt: skip
        batches, done = [], 0
        for batch in file.iter_batches(batch_size=1 << 16, columns=list(_PARQUET_COLUMNS)):
            batches.append([batch.column(name).to_numpy(zero_copy_only=False) for name in _PARQUET_COLUMNS])
            done += len(batch)
            if not progress(done / max(file.metadata.num_rows, 1)):
                raise ImportCancelled("The import was cancelled; nothing was kept.")
    except (pyarrow.ArrowException, KeyError, ValueError) as error:
        raise InvalidInput(f"The Parquet file cannot be read: {str(error).splitlines()[0]}.") from error
    if not batches:
        raise InvalidInput("The Parquet file has no row.")
    start, *prices, volume = (np.concatenate(each) for each in zip(*batches, strict=True))
    stamps = np.array([instant_nanos(int(stamp)) for stamp in start.astype(np.int64)], dtype=np.int64)
    units = np.stack([_units(column, scales.get("price_scale")) for column in prices])
    sizes = volume.astype(np.float64) * scales.get("volume_scale", 1.0)
    return RawBars([f"row {number}" for number in range(1, len(start) + 1)], stamps, units, sizes, [])


_PARQUET_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


def _units(column: np.ndarray[tuple[int], np.dtype[np.generic]], scale: float | None) -> Ints:
    """Return a Parquet price column in price units: scaled integers exactly, floats to the nearest unit."""
    if scale is not None and np.issubdtype(column.dtype, np.integer):
        exact: Ints = column.astype(np.int64) * round(scale * 10**PRICE_DECIMALS)
        return exact
    numbers = column.astype(np.float64)
    sound = np.isfinite(numbers) & (np.abs(numbers) < _LARGEST)
    # A float64 price has 15 digits: the shortest decimal that it prints as is the one that was meant.
    digits = np.where(sound, numbers, 0.0)
    fine = 9 if digits.max(initial=0.0) < 100 else 6 if digits.max(initial=0.0) < 1e8 else 2
    meant = np.rint(digits * 10**fine).astype(np.int64) * 10 ** (PRICE_DECIMALS - fine)
    return np.where(sound, meant, -1)
