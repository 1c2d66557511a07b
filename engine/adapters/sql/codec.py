"""Records of the journal, read back from their canonical text (`canonical.encode` writes it).

A record is a command, a fact or a change of the market's course: a frozen dataclass of the domain. The text of
one never changes, so its hash can be checked for ever; a later layout gets a higher `SCHEMA_VERSION` and an
entry in `_UPGRADES`, which turns old data into new while reading.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable
from dataclasses import is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from engine.adapters.sql.canonical import encode, field_names
from engine.domain.command import (
    AmendOrder,
    CancelOrder,
    Deposit,
    ListPair,
    SetFees,
    SetLotMethod,
    SubmitList,
    SubmitOrder,
)
from engine.domain.course import (
    LatencyChanged,
    MarketJumped,
    MarketOpened,
    MarketReopened,
    PaceChanged,
    TradingStateChanged,
)
from engine.domain.day import DayHigh, DayOpened
from engine.domain.event import (
    FundsDeposited,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.pair import FeeRate
from engine.domain.why import FillExplained
from engine.errors import StorageCorrupt, StorageTooNew
from engine.ports.journal import JournalEntry

T = TypeVar("T")

SCHEMA_VERSION = 1
"""Layout of payloads written by this version."""

COMMANDS = (Deposit, SubmitOrder, SubmitList, CancelOrder, AmendOrder, SetFees)
"""What somebody asked for, written before what came of it."""

FACTS = (
    FundsDeposited,
    OrderAccepted,
    OrderRejected,
    LegStarted,
    OrderTriggered,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    FillExplained,
)
"""What happened: the accounts are a fold over these, `ListPair` and `SetFees`."""

DAYS = (DayOpened, DayHigh)
"""What limits on the losses of a day count from."""

COURSE = (MarketOpened, PaceChanged, MarketJumped, MarketReopened, LatencyChanged, TradingStateChanged)

KINDS: dict[str, type] = {kind.__name__: kind for kind in (ListPair, SetLotMethod, *COMMANDS, *FACTS, *DAYS, *COURSE)}

_UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""How to turn the data of an older version of a kind into the next one's."""


def decode(kind: str, text: str, version: int = SCHEMA_VERSION) -> Any:  # noqa: ANN401 - any kind of record
    """Return the record that a text means.

    Raises:
        StorageTooNew: the version or kind is of a later program.
        StorageCorrupt: the text is no such record.
    """
    if version > SCHEMA_VERSION or kind not in KINDS:
        raise StorageTooNew(f"A record of kind {kind}, version {version}, was written by a newer CRS Desktop.")
    try:
        data = msgspec.json.decode(text)
        for old in range(version, SCHEMA_VERSION):
            data = _UPGRADES.get((kind, old), _same)(data)
        return _reader(cast(Hashable, KINDS[kind]))(data)
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise StorageCorrupt(f"A record of kind {kind} cannot be read: {error}.") from error


def entry_line(entry: JournalEntry) -> str:
    """Return a record as one line of JSON; its payload is the very text that its hash is of."""
    seq, ts_ns, kind, account, payload, version, digest = entry
    head = f'{{"seq":{seq},"ts_ns":{ts_ns},"kind":"{kind}","account":{encode(account)},"payload":{payload},'
    return f'{head}"schema_version":{version},"hash":"{digest}"}}\n'


def read_plain(kind: type[T], data: Any) -> T:  # noqa: ANN401 - parsed JSON
    """Return the dataclass of which these are the canonical text's JSON values.

    Raises:
        ValueError, TypeError, KeyError, ArithmeticError: the data is no such value.
    """
    found: T = _reader(cast(Hashable, kind))(data)
    return found


def _same(data: dict[str, Any]) -> dict[str, Any]:
    return data


Reader = Callable[[Any], Any]


@cache
def _reader(hint: Hashable) -> Reader:
    if isinstance(hint, NewType):
        return _reader(hint.__supertype__)
    if get_origin(hint) in (Union, types.UnionType):
        return _reader(next(each for each in get_args(hint) if each is not type(None)))
    if get_origin(hint) is tuple:
        one = _reader(get_args(hint)[0])
        return lambda data: tuple(one(each) for each in data)
    if hint is FeeRate:
        return lambda data: FeeRate.parse(Decimal(data))
    if is_dataclass(hint):
        return _dataclass_reader(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {member.value: member for member in hint}.__getitem__
    if hint is Decimal:
        return Decimal
    return _exactly(hint)


def _exactly(kind: Any) -> Reader:  # noqa: ANN401 - a type
    def read(data: Any) -> Any:  # noqa: ANN401 - checked right here
        if type(data) is not kind:
            raise TypeError(f"{data!r} is no {kind.__name__}")
        return data

    return read


def _supertype(hint: Any) -> Any:  # noqa: ANN401 - a type or something made of types
    """Return `str`, `int` or `bool` for a hint whose values are read as they are; None for any other."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not type(None))
    while isinstance(hint, NewType):
        hint = hint.__supertype__
    return hint if hint in (str, int, bool) else None


def _dataclass_reader(kind: Any) -> Reader:  # noqa: ANN401 - a dataclass type
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in field_names(kind)}
    exact = {name: _supertype(hint) for name, hint in hints.items()}
    absent: dict[str, Any] = {name: None for name in readers if type(None) in get_args(hints[name])}
    absent |= {name: () for name in readers if get_origin(hints[name]) is tuple}  # as `encode` leaves both out

    def read(data: Any) -> Any:  # noqa: ANN401 - parsed JSON
        if not isinstance(data, dict):
            raise TypeError(f"{data!r} is no object")
        values = dict(absent)
        for name, value in data.items():
            values[name] = value if type(value) is exact.get(name) else readers[name](value)
        return kind(**values)

    return read
