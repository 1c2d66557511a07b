"""Structured logs: one JSON object per line, redacted, in files that rotate, the newest lines in memory too.

Events are logged, not prose: `log.info("order sent", extra={"order_id": …})`. Memory fills from the start of
a program; files come later, when nobody waits for the disk.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import NamedTuple

from engine.observe.redact import redacted, redacted_text

FILE_BYTES = 2_000_000
FILES_KEPT = 5
LINES_KEPT = 2_000
"""In memory, for the log pane and for reports."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; anything else came through `extra`."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redacted_text(record.getMessage()),
            **_extras(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = redacted_text("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(fields, ensure_ascii=False)


class Line(NamedTuple):
    """One line of the log, free of secrets."""

    number: int
    """Counts the lines of this program, from 1."""
    created: float
    """Seconds since 1970, UTC."""
    levelno: int
    text: str
    """For people: the event, its figures, and the error in a few words."""
    json: str
    """For machines: as in the files."""


class Tail(logging.Handler):
    """Keeps the newest lines in memory; `count` tells a reader that there are new ones."""

    def __init__(self, length: int = LINES_KEPT) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[Line] = deque(maxlen=length)
        self.count = 0
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record's line."""
        self.count += 1
        self.lines.append(Line(self.count, record.created, record.levelno, _words(record), self.format(record)))


TAIL = Tail()
"""The newest lines of this program."""


class ProgramLog:
    """The logging of one program run: a tail in memory at once, files when asked; `close` undoes it."""

    def __init__(self, tail: Tail = TAIL, level: int = logging.INFO) -> None:
        self.tail = tail
        self.problem = ""
        """Why there are no files; empty when all is well."""
        self._root = logging.getLogger()
        self._level_before = self._root.level
        self._root.addHandler(tail)  # once, however often it is added
        self._root.setLevel(level)
        self._files: logging.Handler | None = None

    def write_to(self, directory: Path, name: str) -> None:
        """Write to a file in a directory from now on; one that cannot be written costs the file, never the program."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
            files = _QuietFiles(directory / name, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
        except OSError as error:
            self.problem = f"Logs cannot be written to {directory}: {error.strerror}."
            logging.getLogger(__name__).warning(self.problem)
            return
        files.setFormatter(JsonFormatter())
        self._files = files
        self._root.addHandler(files)

    def close_files(self) -> None:
        """Write to no file any more."""
        if self._files is not None:
            self._root.removeHandler(self._files)
            self._files.close()
            self._files = None

    def close(self) -> None:
        """Take the handlers away again."""
        self.close_files()
        self._root.removeHandler(self.tail)
        self._root.setLevel(self._level_before)


class _QuietFiles(RotatingFileHandler):
    """Files on a full disk drop lines instead of complaining about each."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Drop the line."""

    def close(self) -> None:
        """Drop what the disk still refuses."""
        with suppress(OSError):
            super().close()


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {name: redacted(value, name) for name, value in vars(record).items() if name not in _OWN}


def _words(record: logging.LogRecord) -> str:
    text = redacted_text(record.getMessage())
    figures = ", ".join(f"{name} {value}" for name, value in _extras(record).items())
    if figures:
        text = f"{text} ({figures})"
    error = record.exc_info[1] if record.exc_info else None
    return text if error is None else redacted_text(f"{text}: {type(error).__name__}: {error}")
