"""A recorded market in few bytes: snapshot, depth diffs and trades as columns of integers.

Prices in ticks, quantities in hundred-millionths (some that rested in the recorded book were off the
lot), instants in the recording machine's clock (ns). What is played is in whole lots, rounded down:
never more than was there. The file is one
line of JSON that names the columns, then all columns as differences, byte planes apart, in LZMA. It is
made by `encode` from a raw capture (`<local ns> <Binance spot JSON>` per line) and read by `Recording`.

The capture starts a little before its REST snapshot arrives; playing begins when it does, with the
diffs that straddle it, as the exchange's documentation says.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, scaled_to_int
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.noise import Ints

MAGIC = "crs-recording"
VERSION = 1
QTY_DECIMALS = 8
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


class _Table(NamedTuple):
    """Rows under construction, column by column."""

    columns: dict[str, list[int]]

    def add(self, **row: int) -> None:
        """Append one row."""
        for name, value in row.items():
            self.columns.setdefault(name, []).append(value)


def encode(lines: Iterable[str], pair: TradingPair, about: Mapping[str, str]) -> bytes:
    """Return a raw capture of one pair as a recording.

    Args:
        lines: `<local time in ns> <frame>` with Binance spot depth, trade and REST snapshot frames;
            book tickers are left out, as the book says the same.
        pair: the grid on which the prices are.
        about: what to say of the source, e.g. `source`, `licence`.

    Raises:
        InvalidInput: a price is off the pair's tick, a quantity too fine, or there is no snapshot.
    """
    snapshot, diffs, levels, trades = (_Table({}) for _ in range(4))
    for line in lines:
        stamp, _, text = line.partition(" ")
        frame: dict[str, Any] = json.loads(text)
        frame = frame.get("data", frame)
        at = int(stamp)
        kind = frame.get("e")
        if kind == "trade":
            trades.add(
                at=at,
                venue_ms=frame["T"],
                trade_id=frame["t"],
                price=_ticks(pair, frame["p"]),
                qty=_exact(frame["q"]),
                sold=int(frame["m"]),
            )
        elif kind == "depthUpdate":
            diffs.add(at=at, venue_ms=frame["E"], first=frame["U"], last=frame["u"])
            diffs.add(bids=len(frame["b"]), asks=len(frame["a"]))
            for price, qty in (*frame["b"], *frame["a"]):
                levels.add(price=_ticks(pair, price), qty=_exact(qty))
        elif "lastUpdateId" in frame:
            snapshot.add(at=at, last=frame["lastUpdateId"], bids=len(frame["bids"]), asks=len(frame["asks"]))
            for price, qty in (*frame["bids"], *frame["asks"]):
                snapshot.add(price=_ticks(pair, price), qty=_exact(qty))
    if not snapshot.columns:
        raise InvalidInput("The capture has no snapshot of the book.")
    tables = {"snapshot": snapshot, "diffs": diffs, "levels": levels, "trades": trades}
    columns = {f"{name}.{column}": rows for name, table in tables.items() for column, rows in table.columns.items()}
    body = b"".join(_packed(np.array(rows, dtype=np.int64)) for rows in columns.values())
    head = {
        "format": MAGIC,
        "version": VERSION,
        "symbol": pair.symbol,
        "tick": str(pair.tick),
        "lot": str(pair.lot),
        **about,
        "columns": {name: len(rows) for name, rows in columns.items()},
    }
    return json.dumps(head).encode() + b"\n" + lzma.compress(body, format=lzma.FORMAT_RAW, filters=_FILTERS)


def _ticks(pair: TradingPair, text: str) -> int:
    ticks = pair.ticks(Decimal(text))
    if ticks is None:
        raise InvalidInput(f"The recorded price {text} is not on the tick {pair.tick}.")
    return ticks


def _exact(text: str) -> int:
    qty = scaled_to_int(Decimal(text), QTY_DECIMALS)
    if qty is None:
        raise InvalidInput(f"The recorded quantity {text} has more than {QTY_DECIMALS} decimals.")
    return qty


def _packed(column: Ints) -> bytes:
    """Return differences, folded to be non-negative, one byte plane after the other."""
    steps = np.diff(column, prepend=np.int64(0))
    folded = ((steps << 1) ^ (steps >> 63)).astype("<u8")
    return folded.view(np.uint8).reshape(-1, 8).T.tobytes()


def _unpacked(planes: bytes, count: int) -> Ints:
    folded = np.frombuffer(planes, dtype=np.uint8).reshape(8, count).T.copy().view("<u8").reshape(-1)
    steps = (folded >> np.uint64(1)).astype(np.int64) ^ -(folded & np.uint64(1)).astype(np.int64)
    return np.cumsum(steps)


class Recording:
    """A capture, ready to be played from the instant of its snapshot.

    Raises:
        InvalidInput: the bytes are no recording of this version.
    """

    def __init__(self, data: bytes) -> None:
        line, _, body = data.partition(b"\n")
        try:
            head: dict[str, Any] = json.loads(line)
            if head["format"] != MAGIC or head["version"] != VERSION:
                raise InvalidInput(f"This recording has another format or version than {MAGIC} {VERSION}.")
            planes = lzma.decompress(body, format=lzma.FORMAT_RAW, filters=_FILTERS)
            self._columns: dict[str, Ints] = {}
            place = 0
            for name, count in head["columns"].items():
                self._columns[name] = _unpacked(planes[place : place + 8 * count], count)
                place += 8 * count
        except (ValueError, KeyError, TypeError, lzma.LZMAError) as error:
            raise InvalidInput("This file is no recording, or it is damaged.") from error
        self.about: dict[str, Any] = {key: value for key, value in head.items() if key != "columns"}
        self.symbol: str = head["symbol"]
        per_lot = int(Decimal(head["lot"]).scaleb(QTY_DECIMALS))
        for name in ("snapshot", "levels", "trades"):
            self._columns[f"{name}.qty"] //= per_lot
        self._first_level = np.concatenate(
            ([0], np.cumsum(self._columns["diffs.bids"] + self._columns["diffs.asks"]))
        ).tolist()

    @property
    def start(self) -> Nanos:
        """When the snapshot arrived: the first instant with a book."""
        return Nanos(int(self._columns["snapshot.at"][0]))

    @property
    def end(self) -> Nanos:
        """The last frame's arrival."""
        return Nanos(int(max(self._columns["diffs.at"][-1], self._columns["trades.at"][-1])))

    def snapshot(self) -> BookSnapshot:
        """Return the book as the exchange sent it."""
        columns = self._columns
        prices, sizes = columns["snapshot.price"].tolist(), columns["snapshot.qty"].tolist()
        bids = int(columns["snapshot.bids"][0])
        levels = [Level(Ticks(price), Lots(qty)) for price, qty in zip(prices, sizes, strict=True)]
        seq = int(columns["snapshot.last"][0])
        return BookSnapshot(self.symbol, tuple(levels[:bids]), tuple(levels[bids:]), seq, self.start)

    @cached_property
    def first_diff(self) -> int:
        """Number of the first diff that applies to the snapshot: it holds the update after it."""
        return int(np.searchsorted(self._columns["diffs.last"], self._columns["snapshot.last"][0], side="right"))

    @property
    def diff_times(self) -> Ints:
        """When each diff arrived, none before the snapshot did."""
        return np.maximum(self._columns["diffs.at"], self.start)

    def diff(self, number: int) -> BookDiff:
        """Return one diff as it was sent, at its arrival."""
        columns = self._columns
        first, last = self._first_level[number], self._first_level[number + 1]
        bids = int(columns["diffs.bids"][number])
        prices, sizes = columns["levels.price"][first:last].tolist(), columns["levels.qty"][first:last].tolist()
        levels = [Level(Ticks(price), Lots(qty)) for price, qty in zip(prices, sizes, strict=True)]
        seqs = int(columns["diffs.first"][number]), int(columns["diffs.last"][number])
        at = Nanos(max(int(columns["diffs.at"][number]), self.start))
        return BookDiff(self.symbol, tuple(levels[:bids]), tuple(levels[bids:]), *seqs, at)

    @property
    def diffs(self) -> int:
        """How many diffs there are, those older than the snapshot included."""
        return len(self._columns["diffs.at"])

    @cached_property
    def trades(self) -> list[TradeTick]:
        """All prints from the snapshot on, at their arrival, in order."""
        columns = self._columns
        first = int(np.searchsorted(columns["trades.at"], self.start))
        names = ("at", "price", "qty", "sold", "trade_id")
        rows = zip(*(columns[f"trades.{name}"][first:].tolist() for name in names), strict=True)
        return [
            TradeTick(self.symbol, Ticks(price), Lots(qty), Side.SELL if sold else Side.BUY, Nanos(at), trade_id)
            for at, price, qty, sold, trade_id in rows
        ]


def shipped() -> Recording:
    """Return the recording that comes with the program: 650 s of Binance spot BTC/USDT."""
    from importlib.resources import files

    return Recording((files("resources") / "market" / SHIPPED).read_bytes())


SHIPPED = "binance_spot_btcusdt_20240808.rec"
