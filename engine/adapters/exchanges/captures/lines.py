"""The lines of a capture, plain or gzip, in any of the formats that are told apart by how each line begins.

    1723161253937085768 {"stream":…        local time in ns, a frame
    1618678133.87518 {"channel":…          in s, a frame
    1618678133.87518: [496,…               in s, a frame
    wss://…                                a connection made, or a message that was sent
    https://… -> 1633998512.32: {…         the answer to a request

Files are read as they are played: a line at a time, none longer than `LONGEST`.
"""

from __future__ import annotations

import gzip
import heapq
import re
import zlib
from collections.abc import Iterable, Iterator
from enum import Enum
from operator import attrgetter
from pathlib import Path
from typing import IO, NamedTuple, cast

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput

LONGEST = 64 * 1024 * 1024
"""Bytes of a line; the longest frame that a venue sends is a picture of a whole book, a twentieth of it."""

_GZIP = b"\x1f\x8b"
_TIMED = re.compile(rb"(\d{1,20})(?:\.(\d+))?(:?) +")
_ANSWER = re.compile(rb"(https?://\S+) -> (\d{1,20})(?:\.(\d+))?: *")
_SENT = re.compile(rb"wss?://(\S*) (<->|<-) ?(\d{1,20})?(?:\.(\d+))?")
_DIGITS_OF_SECONDS = 12
"""A time with fewer digits before its dot is in seconds; they suffice until the year 33658."""


class Kind(Enum):
    """What a line is."""

    FRAME = "frame"
    ANSWER = "answer"
    """To a request; `CaptureLine.url` is what was asked."""
    CONNECTED = "connected"
    SENT = "sent"
    BARE = "bare"
    """JSON without a time before it."""
    UNREADABLE = "unreadable"


class CaptureLine(NamedTuple):
    """One line of a file."""

    number: int
    """From 1."""
    at: Nanos
    """When it came, by the local clock of whoever recorded it; 0 where the line does not say."""
    kind: Kind
    text: bytes
    """The frame or answer; the whole line where it cannot be read."""
    url: str = ""


class CutOff(InvalidInput):
    """A compressed file ends within its data; every line before it was read."""


def lines(path: Path) -> Iterator[CaptureLine]:
    """Return what is in a capture, in the file's order; empty lines are left out.

    Raises:
        InvalidInput: the file cannot be opened or read.
        CutOff: its compressed data ends too early or is damaged.
    """
    try:
        with open(path, "rb") as raw:
            is_packed = raw.peek(2)[:2] == _GZIP
            yield from _lines(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed else raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CutOff(f"The compressed data of {path} is cut off or damaged ({error}).") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error


def by_time(*captures: Iterable[CaptureLine]) -> Iterator[CaptureLine]:
    """Return the lines of several captures by their times; of one capture always in its own order."""
    return heapq.merge(*captures, key=attrgetter("at"))


def _lines(file: IO[bytes]) -> Iterator[CaptureLine]:
    number = 0
    while line := file.readline(LONGEST):
        number += 1
        if stripped := line.strip():
            yield _line(number, stripped, is_whole=len(line) < LONGEST or line.endswith(b"\n"))


def _line(number: int, line: bytes, *, is_whole: bool) -> CaptureLine:
    if found := _TIMED.match(line):
        kind = Kind.FRAME if is_whole else Kind.UNREADABLE
        return CaptureLine(number, _nanos(found[1], found[2]), kind, line[found.end() :])
    if line[:1] in {b"{", b"["}:
        return CaptureLine(number, Nanos(0), Kind.BARE, line)
    if found := _ANSWER.match(line):
        return CaptureLine(
            number, _nanos(found[2], found[3]), Kind.ANSWER, line[found.end() :], found[1].decode("ascii", "replace")
        )
    if line.startswith((b"wss://", b"ws://")):
        found = _SENT.search(line)
        at = _nanos(found[3], found[4]) if found and found[3] else Nanos(0)
        is_start = found is not None and found[2] == b"<->"
        return CaptureLine(number, at, Kind.CONNECTED if is_start else Kind.SENT, line)
    return CaptureLine(number, Nanos(0), Kind.UNREADABLE, line)


def _nanos(whole: bytes, fraction: bytes | None) -> Nanos:
    """Return a time that is written in seconds with decimals, or in nanoseconds, exactly."""
    if len(whole) >= _DIGITS_OF_SECONDS:
        return Nanos(int(whole))
    return Nanos(int(whole) * NANOS_PER_SECOND + int(((fraction or b"") + b"000000000")[:9]))
