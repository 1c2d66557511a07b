"""The door to the append-only record that holds the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.domain.number import Nanos


class JournalEntry(NamedTuple):
    """One record. `kind` names the command or event class; `payload` is its canonical JSON text."""

    seq: int
    ts_ns: Nanos
    kind: str
    account: str
    payload: str
    schema_version: int
    hash: str
    """SHA-256 over the previous record's hash and this record's content."""


class Recorded(NamedTuple):
    """Event: a record is durable under this number; published before what follows from it."""

    seq: int
    record: object
    at: Nanos | None = None
    """The instant that the journal has for it; None where nobody knows."""


@dataclass(frozen=True, slots=True)
class StorageStateChanged:
    """Event: the disk began to refuse what must be durable (`ok` is false), or takes it again; `text` is for people."""

    ok: bool
    text: str
    at: Nanos


class Journal(Protocol):
    """Append-only, ordered, durable, hash-chained."""

    def append(self, records: Sequence[object], at: Nanos) -> Future[int]:
        """Queue commands and facts as one transaction with their projections; never blocks.

        The future resolves to the last sequence number once everything is on the disk, in order of
        calls, or raises StorageUnavailable.
        """
        ...

    def entries(self, after: int = 0) -> Iterator[JournalEntry]:
        """Yield committed records in order, those with `seq` > `after`."""
        ...
