"""Structured logs: one JSON object per line, redacted, in files that rotate, the newest lines in memory too.

Events are logged, not prose: `log.info("order sent", extra={"order_id": …})`.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections import deque
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from engine.observe.redact import redacted, redacted_text

FILE_NAME = "crs.log"
FILE_BYTES = 2_000_000
FILES_KEPT = 5
LINES_KEPT = 500
"""In memory, for the log pane and the crash dialog."""

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
        }
        fields.update((name, redacted(value, name)) for name, value in vars(record).items() if name not in _OWN)
        if record.exc_info and record.exc_info[0] is not None:
            fields["error"] = redacted_text("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(fields, ensure_ascii=False)


class Tail(logging.Handler):
    """Keeps the newest lines in memory."""

    def __init__(self, length: int = LINES_KEPT) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=length)
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record's line."""
        self.lines.append(self.format(record))


class LogFiles:
    """The logging of one program run: files in a directory and a tail in memory; `close` undoes it.

    A directory that cannot be written costs the files, never the program: the tail still fills.
    """

    def __init__(self, directory: Path, level: int = logging.INFO) -> None:
        self.tail = Tail()
        self.problem = ""
        """Why there are no files; empty when all is well."""
        self._root = logging.getLogger()
        self._level_before = self._root.level
        self._handlers: list[logging.Handler] = [self.tail]
        try:
            directory.mkdir(parents=True, exist_ok=True)
            files = _QuietFiles(directory / FILE_NAME, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
            files.setFormatter(JsonFormatter())
            self._handlers.append(files)
        except OSError as error:
            self.problem = f"Logs cannot be written to {directory}: {error.strerror}."
        for handler in self._handlers:
            self._root.addHandler(handler)
        self._root.setLevel(level)

    def close(self) -> None:
        """Take the handlers away again."""
        for handler in self._handlers:
            self._root.removeHandler(handler)
            handler.close()
        self._root.setLevel(self._level_before)


class _QuietFiles(RotatingFileHandler):
    """Files on a full disk drop lines instead of complaining about each."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Drop the line."""
