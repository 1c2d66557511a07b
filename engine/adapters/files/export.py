"""Everything a profile holds, in forms that other programs read: JSON lines, CSV, JSON.

The same profile gives the same bytes, whenever and wherever it is exported. All of the database is read in one
transaction, so that the desktop may run meanwhile, and row by row, so that memory stays flat. Secrets are kept
elsewhere; what looks like one in the settings is masked. The snapshots follow from the journal and are only listed.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from engine.adapters.files.bars import BarFiles
from engine.adapters.files.target import Counting, Target, whole_target
from engine.adapters.sql.codec import entry_line
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Row
from engine.observe.redact import redacted
from engine.profile import Profile

FORMAT = "crs-export-1"

TABLES = {
    "trading_pair": "symbol",
    "order": "seq",
    "trade": "seq",
    "fill_why": "seq",
    "transaction": "seq, line",
    "portfolio_balance": "account, asset",
    "portfolio_position": "account, symbol",
    "account_setting": "account, key",
    "audit_log": "seq",
    "market_snapshot": "id",
    "account_snapshot": "id",
}
"""Every table but the journal, and the order of its rows."""

LEFT_OUT = frozenset({"data"})
"""Columns of bytes that only this program reads."""

EMBEDDED = frozenset({"payload", "prices"})
"""Columns that hold JSON; in a JSON file they are values, not texts."""

ABOUT = """What was exported from a profile of CRS Desktop.

journal.jsonl     every record ever, oldest first, each with the hash of its text and the one before
tables/*.csv      what follows from the journal, one file per table, with a line of column names
tables/*.json     the same, with true, false, null and nested values
settings.json     the settings, without anything that looks like a secret
layout.json       how the window was arranged
history.json      which market history was imported, with the hash of each file
manifest.json     size, SHA-256 and rows of every file here

Amounts, prices and quantities are exact decimals. Instants that end in _ns are nanoseconds UTC. In CSV a text that
a spreadsheet would take for a formula has an apostrophe before it.
"""

FREE = frozenset({"account", "order_id", "list_id", "starts_after", "subject", "text"})
"""Columns with texts that somebody chose."""

PIECE = 1 << 16
"""Characters of CSV that are written together."""

STEP = 1_000
"""Rows between looks at the progress."""

Progress = Callable[[float], object]


class Exported(NamedTuple):
    """What was written."""

    files: int
    records: int
    last_hash: str


def export(profile: Profile, out: Path, progress: Progress) -> Exported:
    """Write everything to a new directory, or to a new zip file if `out` ends so; whole or not at all.

    Raises:
        InvalidInput: `out` exists.
        StorageUnavailable: the disk refuses, or there is nothing to export.
        StorageCorrupt: the journal is damaged; names the record.
    """
    with Reader(profile.database) as reader, whole_target(out) as target:
        _write(profile, reader, target, _Counter(reader, progress))
        tip = reader.tip()
    return Exported(len(target.files), tip.seq, tip.hash)


def _write(profile: Profile, reader: Reader, target: Target, counter: _Counter) -> None:
    with target.file("README.txt") as file:
        file.write(ABOUT.encode())
    with target.file("journal.jsonl") as file:
        for entry in counter.through("journal", reader.entries()):
            file.write(entry_line(entry).encode())
    for name in TABLES:
        columns = _columns(reader, name)
        with target.file(f"tables/{name}.csv") as file:
            _write_csv(file, list(columns), counter.through(name, _rows(reader, name, columns.values())))
        with target.file(f"tables/{name}.json") as file:
            texts = _rows(reader, name, [f"json_object({_pairs(reader, name)})"])
            _write_json(file, counter.through(name, texts))
    for name, value in (("settings.json", _settings(profile)), ("history.json", _history(profile))):
        with target.file(name) as file:
            file.write(json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n")
    if profile.layout_file.is_file():
        with target.file("layout.json") as file:
            file.write(profile.layout_file.read_bytes())
    tip = reader.tip()
    manifest = {
        "format": FORMAT,
        "revision": reader.revision,
        "records": tip.seq,
        "last_hash": tip.hash,
        "files": {
            name: {"bytes": each.size, "sha256": each.sha256, **_rows_of(name, counter)}
            for name, each in sorted(target.files.items())
        },
    }
    with target.file("manifest.json") as file:
        file.write(json.dumps(manifest, indent=2).encode() + b"\n")


def _rows_of(name: str, counter: _Counter) -> dict[str, int]:
    table = Path(name).stem
    return {"rows": counter.rows[table]} if table in counter.rows else {}


class _Counter:
    """Counts rows and says how far the export is."""

    def __init__(self, reader: Reader, progress: Progress) -> None:
        self._progress = progress
        self.rows = {name: _count(reader, name) for name in ("journal", *TABLES)}
        self._all = max(1, 2 * sum(self.rows.values()) - self.rows["journal"])
        self._done = 0

    def through(self, name: str, rows: Iterator[Any]) -> Iterator[Any]:
        """Yield the rows of a table."""
        for count, row in enumerate(rows, 1):
            if count % STEP == 0:
                self._progress((self._done + count) / self._all)
            yield row
        self._done += self.rows[name]


def _count(reader: Reader, name: str) -> int:
    [found] = next(iter(reader.rows(f'SELECT count(*) FROM "{name}"')))  # noqa: S608 - names come from `TABLES`
    return int(found)


def _kinds(reader: Reader, name: str) -> dict[str, str]:
    """Return the columns that are exported, and the type of each."""
    found = {row["name"]: row["type"] for row in reader.rows(f'PRAGMA table_info("{name}")')}
    return {column: kind for column, kind in found.items() if column not in LEFT_OUT}


def _columns(reader: Reader, name: str) -> dict[str, str]:
    """Return the columns that are exported, and what selects each for a line of CSV."""
    return {column: _selected(column, kind, "'true'", "'false'") for column, kind in _kinds(reader, name).items()}


def _pairs(reader: Reader, name: str) -> str:
    """Return names and values of the columns as SQLite's JSON takes them, which is many times faster than ours."""
    kinds = _kinds(reader, name).items()
    values = {column: _selected(column, kind, "json('true')", "json('false')") for column, kind in kinds}
    return ", ".join(
        f"'{column}', " + (f"json({value})" if column in EMBEDDED else value) for column, value in values.items()
    )


def _selected(column: str, kind: str, true: str, false: str) -> str:
    return f'CASE "{column}" WHEN 0 THEN {false} ELSE {true} END' if kind == "BOOLEAN" else f'"{column}"'


def _rows(reader: Reader, name: str, selected: Iterable[str]) -> Iterator[Row]:
    return reader.rows(f'SELECT {", ".join(selected)} FROM "{name}" ORDER BY {TABLES[name]}')  # noqa: S608


def _write_csv(file: Counting, columns: list[str], rows: Iterator[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    free = [place for place, column in enumerate(columns) if column in FREE]
    for row in rows:
        cells = list(row)
        for place in free:
            cells[place] = _cell(cells[place])
        writer.writerow(cells)
        if text.tell() > PIECE:
            _flush(text, file)
    _flush(text, file)


def _flush(text: io.StringIO, file: Counting) -> None:
    file.write(text.getvalue().encode())
    text.seek(0)
    text.truncate()


def _cell(value: str | None) -> str | None:
    return f"'{value}" if value and value[0] in "=+-@\t\r" else value


def _write_json(file: Counting, rows: Iterator[Row]) -> None:
    file.write(b"[")
    for count, (text,) in enumerate(rows):
        file.write((",\n" if count else "\n").encode() + text.encode())
    file.write(b"\n]\n")


def _settings(profile: Profile) -> object:
    """Return the settings file as values, masked; a file that cannot be read is said to be so."""
    try:
        text = profile.settings_file.read_text(encoding="utf-8")
        return redacted(tomllib.loads(text, parse_float=Decimal))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        return {"unreadable": str(error)}


def _history(profile: Profile) -> object:
    files = BarFiles(profile.history_dir)
    found, damaged = files.list() if profile.history_dir.is_dir() else ([], [])
    return {
        "imported": [
            {
                "file": each.path.name,
                "sha256": _digest(each.path),
                "symbol": each.symbol,
                "timeframe": each.timeframe.value,
                "tick": str(each.tick),
                "bars": each.bars,
                "first_ns": each.first,
                "last_ns": each.last,
                "missing": each.missing,
                "flags": each.flags,
                "source": each.source,
            }
            for each in found
        ],
        "damaged": [str(each) for each in damaged],
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
