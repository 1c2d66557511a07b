"""A recording that grows: chunks of half a minute, each whole in itself, behind one line that says what they are of.

    one line of JSON that says so, then any number of (length, checksum, chunk)

A chunk is a few tables packed as columns. What was being written when a machine died is an end that does not fit its
checksum, and is left out; everything before it is there. Prices in ticks, quantities in lots, instants in the venue's
time as it was estimated when a thing arrived (ns).
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import numpy as np

from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.columns import head_of, pack, unpack
from engine.market.noise import Ints

FORMAT, CHUNK = "crs-tape", "crs-chunk"
VERSION = 1

COLUMNS = (
    "snapshot.at", "snapshot.since", "snapshot.last", "snapshot.bids", "snapshot.asks",
    "snapshot.price", "snapshot.qty",
    "diffs.at", "diffs.venue_at", "diffs.first", "diffs.last", "diffs.bids", "diffs.asks",
    "levels.price", "levels.qty",
    "trades.at", "trades.venue_at", "trades.trade_id", "trades.price", "trades.qty", "trades.sold",
    "marks.at", "marks.trusted",
)  # fmt: skip
"""Every column of a chunk; those of a table are equally long, of `levels` and `snapshot.price` as the counts say."""

JUMPY = frozenset(name for name in COLUMNS if name.split(".")[1] in {"bids", "asks", "qty", "sold", "trusted"})
"""Columns whose values do not follow from the ones before; they are kept as they are, not as differences."""

MOST_VALUES = 200_000_000
"""Values of a whole tape; the largest files that are written here have a fraction of it."""

MOST_OF_CHUNK = 50_000_000
"""Values of a chunk."""

_FRAME = struct.Struct("<II")


def header(pair: TradingPair, about: Mapping[str, object]) -> bytes:
    """Return the first line of a tape.

    Args:
        pair: what is recorded, with the grid on which it is.
        about: what else to say: `venue`, `title`, `started` (ns), `source`, `licence`.
    """
    told = {
        "format": FORMAT, "version": VERSION, "symbol": pair.symbol, "tick": str(pair.tick), "lot": str(pair.lot),
        "min_notional": str(pair.quote.amount(pair.min_notional)), "maker_fee": str(pair.maker_fee.decimal),
        "taker_fee": str(pair.taker_fee.decimal),
        "shown_decimals": [pair.base.shown_decimals, pair.quote.shown_decimals], **about,
    }  # fmt: skip
    return json.dumps(told).encode() + b"\n"


class ChunkBuilder:
    """Rows that arrive, in order of arrival; `take` returns them as a chunk and begins anew."""

    def __init__(self) -> None:
        self.rows = 0
        self.first_at = 0
        """When the first of the rows arrived."""
        self._columns: dict[str, list[int]] = {name: [] for name in COLUMNS}

    def snapshot(self, snapshot: BookSnapshot, at: int, since: int) -> None:
        """Add the whole book; prints that the venue stamped before `since` had been in it when it was taken over."""
        self._row("snapshot", at, since=since, last=snapshot.seq, bids=len(snapshot.bids), asks=len(snapshot.asks))
        self._levels("snapshot", snapshot.bids, snapshot.asks)

    def diff(self, diff: BookDiff, at: int) -> None:
        """Add what changed in the book."""
        by_price = itemgetter(0)  # one that is there twice stays in its order: the last one counts
        bids, asks = sorted(diff.bids, key=by_price, reverse=True), sorted(diff.asks, key=by_price)
        self._row("diffs", at, venue_at=diff.at, first=diff.first_seq, last=diff.seq, bids=len(bids), asks=len(asks))
        self._levels("levels", bids, asks)

    def trade(self, tick: TradeTick, at: int) -> None:
        """Add a print."""
        sold = int(tick.side is Side.SELL)
        self._row("trades", at, venue_at=tick.at, trade_id=tick.trade_id, price=tick.price, qty=tick.qty, sold=sold)

    def mark(self, trusted: bool, at: int) -> None:
        """Add that the book can be trusted from now on, or cannot."""
        self._row("marks", at, trusted=int(trusted))

    def take(self) -> dict[str, list[int]]:
        """Return the rows by column and begin anew; `seal` makes a chunk of them."""
        taken, self._columns, self.rows = self._columns, {name: [] for name in COLUMNS}, 0
        return taken

    def _row(self, table: str, at: int, **values: int) -> None:
        if not self.rows:
            self.first_at = at
        self.rows += 1
        self._columns[f"{table}.at"].append(at)
        for name, value in values.items():
            self._columns[f"{table}.{name}"].append(value)

    def _levels(self, table: str, bids: Any, asks: Any) -> None:  # noqa: ANN401 - sequences of levels
        prices, sizes = self._columns[f"{table}.price"], self._columns[f"{table}.qty"]
        for level in (*bids, *asks):
            prices.append(level.price)
            sizes.append(level.qty)


def seal(columns: Mapping[str, list[int]]) -> bytes:
    """Return columns as a framed chunk; belongs off the loop."""
    arrays = {name: np.array(rows, dtype=np.int64) for name, rows in columns.items()}
    # `pack` keeps differences of rows; sums of what jumps make it keep the values themselves
    packed = {name: np.cumsum(rows) if name in JUMPY else rows for name, rows in arrays.items()}
    data = pack(CHUNK, VERSION, {}, packed, preset=1)
    return _FRAME.pack(len(data), zlib.crc32(data)) + data


class TapeRead:
    """The whole chunks of a tape's bytes, and what was not whole."""

    def __init__(self, data: bytes) -> None:
        """Read a tape.

        Raises:
            InvalidInput: it does not begin as one, or a chunk between others is damaged.
        """
        line, _, rest = data.partition(b"\n")
        self.about = head_of(line, FORMAT, VERSION)
        parts: dict[str, list[Ints]] = {name: [] for name in COLUMNS}
        left, place, self.torn = MOST_VALUES, 0, 0
        """Bytes at the end that no chunk was made of."""
        while place < len(rest):
            chunk = _framed(rest, place)
            if chunk is None:
                self.torn = len(rest) - place
                break
            for name, rows in _unsealed(chunk, left).items():
                parts[name].append(rows)
                left -= len(rows)
            place += _FRAME.size + len(chunk)
        self.columns = {
            name: np.concatenate(each) if each else np.empty(0, dtype=np.int64) for name, each in parts.items()
        }


def _framed(data: bytes, place: int) -> bytes | None:
    """Return the chunk at a place; None if the data ends within it, or it is the last and does not fit its checksum."""
    if place + _FRAME.size > len(data):
        return None
    length, checksum = _FRAME.unpack_from(data, place)
    end = place + _FRAME.size + length
    chunk = data[place + _FRAME.size : end]
    if len(chunk) == length and zlib.crc32(chunk) == checksum:
        return chunk
    if end >= len(data):
        return None
    raise InvalidInput("The recording is damaged in its middle.")


def _unsealed(chunk: bytes, most: int) -> dict[str, Ints]:
    _, columns = unpack(chunk, CHUNK, VERSION, most=min(most, MOST_OF_CHUNK))
    if columns.keys() != set(COLUMNS):
        raise InvalidInput("The recording has other tables than this version knows.")
    return {name: np.diff(rows, prepend=np.int64(0)) if name in JUMPY else rows for name, rows in columns.items()}
