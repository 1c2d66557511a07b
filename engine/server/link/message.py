"""What travels between the processes of a server, as bytes.

Facts and commands travel in the journal's own canonical text, so that integers of any size stay exact; what is on
the path of market data is msgpack. Decoding checks every type: Redis is ours, but no reason to trust bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import Raw, Struct

from engine.adapters.sql.canonical import encode as canonical
from engine.adapters.sql.codec import decode as decode_record
from engine.domain.event import BalanceChanged, PositionChanged
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Lots, Nanos, Units
from engine.domain.order import AccountId
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.ports.journal import Recorded, StorageStateChanged
from engine.server.core.port import Answer

T = TypeVar("T")


class Clock(NamedTuple):
    """The market's time, told now and then so that silence means something."""

    now: Nanos


class Request(Struct, array_like=True):
    """What a gateway asks of the writer."""

    id: str
    gateway: str
    kind: str
    payload: bytes
    until_ms: int
    """After this instant nobody waits for the answer any more, and it must not be carried out."""


class Reply(Struct, array_like=True):
    """What the writer answers; `error` names the class of a refusal, `text` is its sentence."""

    id: str
    payload: bytes = b""
    error: str = ""
    text: str = ""


class Batch(Struct, array_like=True):
    """Events in the order of happening; `number` counts the batches of one epoch from 1."""

    epoch: int
    number: int
    events: list[tuple[str, Raw]]


class Hello(Struct, array_like=True):
    """Where a gateway begins: the events after `after` follow batch `number`."""

    epoch: int
    number: int
    after: str
    pairs: list[str]
    now: int
    state: str
    text: str


class Asked(Struct, array_like=True):
    """A question about the market."""

    symbol: str
    timeframe: str = ""
    end: int = 0
    count: int = 0


class Told(Struct, array_like=True):
    """What came of a command: records by kind and canonical text."""

    facts: list[tuple[str, str]]
    repeated: bool = False
    last: int = 0


class Columns(Struct, array_like=True):
    """Bars, column by column as little-endian bytes."""

    start: bytes
    values: list[bytes]


_pack = msgspec.msgpack.encode
_BATCH = msgspec.msgpack.Decoder(Batch)
_RECORD = msgspec.msgpack.Decoder(tuple[int, str, str, int | None])
_BALANCE = msgspec.msgpack.Decoder(tuple[str, str, str, str, int])
_POSITION = msgspec.msgpack.Decoder(tuple[str, str, int, str, str, int])
_TRADES = msgspec.msgpack.Decoder(tuple[str, list[TradeTick]])
_DIFF = msgspec.msgpack.Decoder(BookDiff)
_FEED = msgspec.msgpack.Decoder(FeedStateChanged)
_STORAGE = msgspec.msgpack.Decoder(StorageStateChanged)
_CLOCK = msgspec.msgpack.Decoder(int)


def _packed_record(event: Recorded) -> bytes:
    return _pack((event.seq, type(event.record).__name__, canonical(event.record), event.at))


def _read_record(data: Raw) -> Recorded:
    seq, kind, text, at = _RECORD.decode(data)
    return Recorded(seq, decode_record(kind, text), None if at is None else Nanos(at))


def _packed_balance(event: BalanceChanged) -> bytes:
    return _pack((event.account, event.asset, str(event.free), str(event.locked), event.at))


def _read_balance(data: Raw) -> BalanceChanged:
    account, asset, free, locked, at = _BALANCE.decode(data)
    return BalanceChanged(AccountId(account), asset, Units(int(free)), Units(int(locked)), Nanos(at))


def _packed_position(event: PositionChanged) -> bytes:
    return _pack((event.account, event.symbol, event.qty, str(event.cost), str(event.realised), event.at))


def _read_position(data: Raw) -> PositionChanged:
    account, symbol, qty, cost, realised, at = _POSITION.decode(data)
    return PositionChanged(
        AccountId(account), symbol, Lots(qty), Units(int(cost)), Units(int(realised)), Nanos(at)
    )  # fmt: skip


def _read_trades(data: Raw) -> TradesPrinted:
    symbol, ticks = _TRADES.decode(data)
    return TradesPrinted(symbol, tuple(ticks))


class _Kind(NamedTuple):
    name: str
    pack: Callable[[Any], bytes]
    read: Callable[[Raw], object]


KINDS: dict[type, _Kind] = {
    BookDiff: _Kind("diff", _pack, _DIFF.decode),
    TradesPrinted: _Kind("trades", _pack, _read_trades),
    FeedStateChanged: _Kind("feed", _pack, _FEED.decode),
    StorageStateChanged: _Kind("storage", _pack, _STORAGE.decode),
    Recorded: _Kind("record", _packed_record, _read_record),
    BalanceChanged: _Kind("balance", _packed_balance, _read_balance),
    PositionChanged: _Kind("position", _packed_position, _read_position),
    Clock: _Kind("clock", lambda event: _pack(event.now), lambda data: Clock(Nanos(_CLOCK.decode(data)))),
}
"""Every type of event that leaves the writer's process."""

_BY_NAME = {kind.name: kind for kind in KINDS.values()}


def pack_event(event: object) -> tuple[str, Raw]:
    """Return an event of one of `KINDS` as it travels."""
    kind = KINDS[type(event)]
    return kind.name, Raw(kind.pack(event))


def pack_batch(epoch: int, number: int, events: Sequence[tuple[str, Raw]]) -> bytes:
    """Return a batch as bytes."""
    return _pack(Batch(epoch, number, list(events)))


def read_batch(data: bytes) -> tuple[int, int, list[object]]:
    """Return epoch, number and events of a batch; kinds of a newer writer are left out.

    Raises:
        msgspec.DecodeError: the bytes are no batch.
        StorageTooNew, StorageCorrupt: a record that this program cannot read.
    """
    batch = _BATCH.decode(data)
    return batch.epoch, batch.number, [_BY_NAME[name].read(data) for name, data in batch.events if name in _BY_NAME]


def pack(value: Struct | BookSnapshot) -> bytes:
    """Return one of the structs here, or a book, as bytes."""
    return _pack(value)


def read(data: bytes, kind: type[T]) -> T:
    """Return what `pack` packed."""
    return msgspec.msgpack.decode(data, type=kind)


def pack_command(command: object) -> bytes:
    """Return a command as bytes."""
    return _pack((type(command).__name__, canonical(command)))


def read_command(data: bytes) -> Any:  # noqa: ANN401 - any kind of command
    """Return the command."""
    kind, text = msgspec.msgpack.decode(data, type=tuple[str, str])
    return decode_record(kind, text)


def pack_answer(answer: Answer) -> bytes:
    """Return an answer as bytes."""
    return _pack(Told([(type(each).__name__, canonical(each)) for each in answer.facts], answer.repeated, answer.last))


def read_answer(data: bytes) -> Answer:
    """Return the answer."""
    told = msgspec.msgpack.decode(data, type=Told)
    return Answer(tuple(decode_record(kind, text) for kind, text in told.facts), told.repeated, told.last)


def pack_prints(ticks: Iterable[TradeTick]) -> bytes:
    """Return prints as bytes."""
    return _pack(list(ticks))


def read_prints(data: bytes) -> tuple[TradeTick, ...]:
    """Return the prints."""
    return tuple(msgspec.msgpack.decode(data, type=list[TradeTick]))


def pack_bars(bars: BarArrays) -> bytes:
    """Return bars as bytes."""
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return _pack(Columns(bars.start.astype("<i8").tobytes(), [each.astype("<f8").tobytes() for each in columns]))


def read_bars(data: bytes) -> BarArrays:
    """Return the bars."""
    told = msgspec.msgpack.decode(data, type=Columns)
    values = [np.frombuffer(each, "<f8").astype(np.float64) for each in told.values]
    return BarArrays(np.frombuffer(told.start, "<i8").astype(np.int64), *values)
