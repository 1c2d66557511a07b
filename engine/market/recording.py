"""A recorded market in few bytes: snapshot, depth diffs and trades as columns of integers.

Prices in ticks, quantities in hundred-millionths (some that rested in the recorded book were off the
lot), instants in the recording machine's clock (ns). What is played is in whole lots, rounded down:
never more than was there. A recording is made by `encode` from a raw capture (`<local ns> <Binance spot
JSON>` per line) and read by `Recording`; `engine.market.columns` says what the bytes are.

What the program records itself is a tape (`engine.market.tape`), which is read here as well: it is on the pair's lots
already.

The capture starts a little before its REST snapshot arrives; playing begins when it does, with the
diffs that straddle it, as the exchange's documentation says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, scaled_to_int
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.market.columns import pack, unpack
from engine.market.noise import Ints
from engine.market.tape import FORMAT, TapeRead

KIND = "crs-recording"
VERSION = 1
QTY_DECIMALS = 8
_CACHED = ("first_diff", "trades", "venue_times")
"""What is made of the columns when it is first asked for."""
LONGEST_SYMBOL = 80
LARGEST = 2**62
"""No price, quantity, instant or number is larger."""
_TAPE = json.dumps({"format": FORMAT})[:-1].encode()


class _Table(NamedTuple):
    """Rows under construction, column by column."""

    columns: dict[str, list[int]]

    @classmethod
    def of(cls, *names: str) -> _Table:
        """Return a table without rows."""
        return cls({name: [] for name in names})

    def add(self, **row: int) -> None:
        """Append one row."""
        for name, value in row.items():
            self.columns[name].append(value)


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
    snapshot = _Table.of("at", "last", "bids", "asks", "price", "qty")
    diffs = _Table.of("at", "venue_ms", "first", "last", "bids", "asks")
    levels = _Table.of("price", "qty")
    trades = _Table.of("at", "venue_ms", "trade_id", "price", "qty", "sold")
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
            sizes = {"bids": len(frame["b"]), "asks": len(frame["a"])}
            diffs.add(at=at, venue_ms=frame["E"], first=frame["U"], last=frame["u"], **sizes)
            for price, qty in (*frame["b"], *frame["a"]):
                levels.add(price=_ticks(pair, price), qty=_exact(qty))
        elif "lastUpdateId" in frame:
            snapshot.add(at=at, last=frame["lastUpdateId"], bids=len(frame["bids"]), asks=len(frame["asks"]))
            for price, qty in (*frame["bids"], *frame["asks"]):
                snapshot.add(price=_ticks(pair, price), qty=_exact(qty))
    if not snapshot.columns["at"]:
        raise InvalidInput("The capture has no snapshot of the book.")
    tables = {"snapshot": snapshot, "diffs": diffs, "levels": levels, "trades": trades}
    columns = {
        f"{name}.{column}": np.array(rows, dtype=np.int64)
        for name, table in tables.items()
        for column, rows in table.columns.items()
    }
    head = {"symbol": pair.symbol, "tick": str(pair.tick), "lot": str(pair.lot), **about}
    return pack(KIND, VERSION, head, columns)


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


class Recording:
    """A capture or a tape, ready to be played from the instant of its snapshot.

    Raises:
        InvalidInput: the bytes are no recording of this version, or hold no snapshot.
    """

    def __init__(self, data: bytes) -> None:
        self.about: dict[str, Any]
        self.torn = 0
        """Bytes at the end of a tape that were lost when its writer died."""
        if data.startswith(_TAPE):
            tape = TapeRead(data)
            self.about, self._columns, self.torn = tape.about, tape.columns, tape.torn
        else:
            self.about, self._columns = unpack(data, KIND, VERSION)
            self._to_lots()
        if not len(self._columns["snapshot.at"]):
            raise InvalidInput("The recording has no picture of the book, so it cannot be played.")
        try:
            check(self._columns)
            self.symbol = _symbol(self.about)
        except (KeyError, ValueError) as error:
            raise InvalidInput(f"The recording is damaged: {error.args[0]}.") from error
        self._first_level: list[int]
        self._count_levels()

    def is_followed_by(self, other: Recording) -> bool:
        """Whether another one goes on where this one ends: the same pair on the same grid, and no diff is missing."""
        if any(self.about.get(name) != other.about.get(name) for name in ("venue", "symbol", "tick", "lot")):
            return False
        return bool(self._last_seq == other._columns["snapshot.last"][0] and self.end <= other.start)

    def joined(self, other: Recording) -> Recording:
        """Return this recording and the one that follows it as one."""
        made = copy(self)
        made._columns = {
            name: rows if name.startswith("snapshot.") else np.concatenate((rows, other._columns[name]))
            for name, rows in self._columns.items()
        }
        made.torn = other.torn
        for name in _CACHED:
            made.__dict__.pop(name, None)
        made._count_levels()
        return made

    @property
    def _last_seq(self) -> int:
        diffs = self._columns["diffs.last"]
        return int(diffs[-1] if len(diffs) else self._columns["snapshot.last"][0])

    def _count_levels(self) -> None:
        counts = self._columns["diffs.bids"] + self._columns["diffs.asks"]
        self._first_level = np.concatenate(([0], np.cumsum(counts))).tolist()

    def _to_lots(self) -> None:
        """Put the quantities of a capture on the pair's lots, rounded down."""
        try:
            per_lot = int(Decimal(self.about["lot"]).scaleb(QTY_DECIMALS))
            if not 0 < per_lot < 2**63:
                raise ValueError
            for name in ("snapshot", "levels", "trades"):
                self._columns[f"{name}.qty"] //= per_lot
            self._columns["snapshot.at"]
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise InvalidInput("The recording does not say of which lots it is.") from error

    @property
    def start(self) -> Nanos:
        """When the snapshot arrived: the first instant with a book."""
        return Nanos(int(self._columns["snapshot.at"][0]))

    @property
    def end(self) -> Nanos:
        """The last frame's arrival."""
        last = (self._columns[name] for name in ("snapshot.at", "diffs.at", "trades.at"))
        return Nanos(max(int(column[-1]) for column in last if len(column)))

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
    def since(self) -> Nanos:
        """Prints that the venue stamped before this are in the first book already; 0 where that is not known."""
        columns = self._columns
        return Nanos(int(columns["snapshot.since"][0])) if "snapshot.since" in columns else Nanos(0)

    @cached_property
    def venue_times(self) -> tuple[Ints, Ints] | None:
        """With which instants the venue stamped each diff and each of `trades`; None where only arrivals are known."""
        columns = self._columns
        if "trades.venue_at" not in columns:
            return None
        first = int(np.searchsorted(columns["trades.at"], self.start))
        return columns["diffs.venue_at"], columns["trades.venue_at"][first:]

    @property
    def marks(self) -> list[tuple[Nanos, bool]]:
        """When the book began to be trusted, or no longer was; empty if it always could be."""
        columns = self._columns
        if "marks.at" not in columns:
            return []
        rows = zip(columns["marks.at"].tolist(), columns["marks.trusted"].tolist(), strict=True)
        return [(Nanos(at), bool(trusted)) for at, trusted in rows]

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


def _symbol(about: Mapping[str, Any]) -> str:
    symbol = about["symbol"]
    if not isinstance(symbol, str) or not 0 < len(symbol) <= LONGEST_SYMBOL or not symbol.isprintable():
        raise ValueError("it does not say what pair it is of")
    return symbol


def check(columns: Mapping[str, Ints]) -> None:
    """Refuse columns that no market can have had.

    Raises:
        KeyError: a column is missing.
        ValueError: tables are not of one length, a count or a number is negative or absurd.
    """
    tables = {"snapshot": ("at", "last", "bids", "asks"), "diffs": ("at", "first", "last", "bids", "asks"),
              "trades": ("at", "trade_id", "price", "qty", "sold"), "levels": ("price", "qty")}  # fmt: skip
    for table, names in tables.items():
        if len({len(columns[f"{table}.{name}"]) for name in names}) != 1:
            raise ValueError(f"its table of {table} has holes")
    for name, rows in columns.items():
        if len(rows) and not 0 <= rows.min() <= rows.max() <= LARGEST:
            raise ValueError(f"{name} holds numbers that cannot be")
    for table in (*tables, "marks"):
        if (np.diff(columns.get(f"{table}.at", ())) < 0).any():
            raise ValueError(f"its table of {table} is out of order")
    for table, of in (("snapshot", "snapshot"), ("diffs", "levels")):
        counts = columns[f"{table}.bids"], columns[f"{table}.asks"]
        if any(len(each) and int(each.max()) > len(columns[f"{of}.price"]) for each in counts):
            raise ValueError("it counts levels that are not there")
        if not int(sum(each.sum() for each in counts)) == len(columns[f"{of}.price"]) == len(columns[f"{of}.qty"]):
            raise ValueError("it counts levels that are not there")


Recordings = Callable[[str], Recording]
"""Finds a recording by its name; raises InvalidInput if there is none."""


def shipped() -> Recording:
    """Return the recording that comes with the program: 650 s of Binance spot BTC/USDT."""
    from importlib.resources import files

    return Recording((files("resources") / "market" / SHIPPED).read_bytes())


SHIPPED = "binance_spot_btcusdt_20240808.rec"
