"""The sound records of a damaged database that came after a backup, added to a copy of that backup.

Each record carries the hash of the one before, so what continues the backup's last record and fits its own hash is
what was written then. The first one that does not, and everything after it, is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from engine.adapters.paper.past import read_past
from engine.adapters.sql.chain import Tip
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.journal import MAX_BATCH, SqlJournal
from engine.adapters.sql.reader import Reader
from engine.domain.number import Nanos
from engine.errors import CrsError, StorageCorrupt
from engine.ports.journal import JournalEntry


def sound_after(damaged: Path, tip: Tip) -> Iterator[tuple[JournalEntry, Any]]:
    """Yield the records of a damaged database that continue a journal ending with `tip`, up to the first bad one."""
    try:
        with Reader(damaged, older=True) as reader:
            if reader.hash_of(tip.seq) == tip.hash:
                yield from reader.records(tip.seq)
    except CrsError:
        return


def last_sound(damaged: Path, tip: Tip) -> int:
    """Return the number of the last record that can be added to a journal which ends with `tip`."""
    last = tip.seq
    for entry, _ in sound_after(damaged, tip):
        last = entry.seq
    return last


def add_sound(damaged: Path, copy: Path) -> Tip:
    """Add the sound records of a damaged database to a copy of a backup, tables included; return where it ends then.

    Raises:
        StorageUnavailable: the disk refuses.
        StorageCorrupt: the copy did not come out as the records say.
    """
    with Reader(copy) as reader:
        past, tip = read_past(reader), reader.tip()
    journal = SqlJournal(copy)
    try:
        journal.ready.result()
        journal.begin(past)
        done: Future[int] | None = None
        for count, (entries, records) in enumerate(_together(sound_after(damaged, tip)), 1):
            done = journal.append(records, Nanos(entries[0].ts_ns))
            tip = Tip(entries[-1].seq, entries[-1].hash)
            if count % MAX_BATCH == 0:
                done.result()
        if done is not None:
            done.result()
    finally:
        journal.close()
    with Reader(copy) as reader:
        if reader.tip() != tip:
            raise StorageCorrupt(f"The records of {damaged} could not be added to the backup. Restore it without them.")
    return tip


def _together(found: Iterator[tuple[JournalEntry, Any]]) -> Iterator[tuple[list[JournalEntry], list[Any]]]:
    """Yield a command or change of course with the facts that came of it, as they were written together."""
    entries, records = list[JournalEntry](), list[Any]()
    for entry, record in found:
        if entries and not isinstance(record, FACTS):
            yield entries, records
            entries, records = [], []
        entries.append(entry)
        records.append(record)
    if entries:
        yield entries, records
