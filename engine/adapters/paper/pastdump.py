"""The form of a snapshot of the accounts: one JSON text and the packed answers of every account, joined.

A snapshot of another version is not read; the journal has everything, and folding it whole takes longer, nothing else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import read_plain
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.course import Breach, MarketOpened, TradingState
from engine.domain.day import DayHigh, DayOpened
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.errors import StorageCorrupt, StorageTooNew
from engine.portfolio.folddump import FoldDump

VERSION = 1
"""Raised whenever something is remembered in another way, digests of orders included."""

_LENGTH = 8
"""Bytes of the length before each part."""


@dataclass(frozen=True, slots=True)
class PaceDump:
    """From record `since` on the market advanced in coarse steps, or in full flow."""

    since: int
    coarse: bool


@dataclass(frozen=True, slots=True)
class PastDump:
    """Everything that follows from the journal up to record `records`, but for the answers."""

    records: int
    last_hash: str
    fold: FoldDump
    market: MarketOpened | None
    paces: tuple[PaceDump, ...]
    last_at: Nanos
    trading: TradingState
    lists: tuple[SubmitList, ...]
    sent_orders: tuple[SubmitOrder, ...] = ()
    """Commands that were sent and not answered yet."""
    sent_lists: tuple[SubmitList, ...] = ()
    days: tuple[DayOpened, ...] = ()
    highs: tuple[DayHigh, ...] = ()
    breaches: tuple[Breach, ...] = ()


def dumped(dump: PastDump, answers: Mapping[AccountId, Sequence[bytes]]) -> bytes:
    """Return a snapshot as bytes."""
    counts = {account: len(parts) for account, parts in answers.items()}
    head = f'{{"version":{VERSION},"answers":{json.dumps(counts)},"past":{encode(dump)}}}'
    parts = [zlib.compress(head.encode(), 1), *(part for parts in answers.values() for part in parts)]
    return b"".join(len(part).to_bytes(_LENGTH, "big") + part for part in parts)


def loaded(data: bytes) -> tuple[PastDump, dict[AccountId, list[bytes]]]:
    """Return what was dumped.

    Raises:
        StorageTooNew: it has another version.
        StorageCorrupt: it is no snapshot.
    """
    try:
        parts = _parts(data)
        head = msgspec.json.decode(zlib.decompress(parts[0]))
        if head["version"] != VERSION:
            raise StorageTooNew(f"The snapshot of the accounts has version {head['version']}, not {VERSION}.")
        answers, at = dict[AccountId, list[bytes]](), 1
        for account, count in head["answers"].items():
            answers[AccountId(account)] = parts[at : at + count]
            at += count
        return read_plain(PastDump, head["past"]), answers
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, AttributeError, zlib.error) as error:
        raise StorageCorrupt(f"The snapshot of the accounts cannot be read: {error}.") from error


def _parts(data: bytes) -> list[bytes]:
    parts, at = list[bytes](), 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH], "big")
        parts.append(data[at + _LENGTH : end])
        at = end
    return parts
