"""`crs feed replay` of a recording of our own: the same lines as for a raw capture, on the grid of its pair."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from engine.domain.market import FeedState, Level
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.market.recording import Recording
from engine.market.recording_pair import pair_of
from engine.market.tape import FORMAT

BEGIN = json.dumps({"format": FORMAT})[:-1].encode()
OK, FAILED = 0, 1
LARGEST = 2 * 2**30
"""Bytes of a recording; one that is written here ends at half of it at the latest."""


def is_tape(path: Path) -> bool:
    """Whether a file begins as a recording of our own.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(len(BEGIN)) == BEGIN
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error


def play(args: argparse.Namespace, symbol: str | None) -> int:
    """Play a recording and print its book after every so many diffs; 1 if its end is torn.

    Raises:
        InvalidInput: it is damaged, or of another venue or pair than asked for.
    """
    path = Path(args.file)
    if path.stat().st_size > LARGEST:
        raise InvalidInput(f"{path} is larger than can be read here.")
    recording = Recording(path.read_bytes())
    venue = recording.about.get("venue", "")
    if args.venue is not None and args.venue != venue:
        raise InvalidInput(f"{args.file} was recorded of {venue}, not of {args.venue}.")
    if symbol is not None and symbol != recording.symbol:
        raise InvalidInput(f"{symbol} is not in {args.file}; it holds {recording.symbol}.")
    _Tape(recording, args.book_every, args.depth).play()
    if recording.torn:
        print(
            f"crs: The last {recording.torn:,} bytes are no whole chunk: the recording was interrupted there.",
            file=sys.stderr,
        )
        return FAILED
    return OK


class _Tape:
    """What is printed of a recording."""

    def __init__(self, recording: Recording, every: int, depth: int) -> None:
        self._recording, self._every, self._depth = recording, every, depth
        self._pair, self._book = pair_of(recording), L2Book(recording.symbol)
        self._is_trusted = True
        self._gaps = self._resyncs = self._count = 0

    def play(self) -> None:
        """Apply every diff, with the marks between them at their instants."""
        recording, marks = self._recording, list(self._recording.marks)
        self._book.apply_snapshot(recording.snapshot())
        if marks:
            self._is_trusted = marks.pop(0)[1]
        times = recording.diff_times.tolist()
        for number in range(recording.first_diff, recording.diffs):
            while marks and marks[0][0] < times[number]:
                self._mark(marks.pop(0)[1])
            self._book.apply_diff(recording.diff(number))
            self._count += 1
            if self._count % self._every == 0:
                self._print_book()
        for _, trusted in marks:
            self._mark(trusted)
        self._print(
            {
                "end": True, "diffs": self._count, "trades": len(recording.trades), "gaps": self._gaps,
                "resyncs": self._resyncs, "checksums_ok": 0, "checksums_bad": 0,
            }
        )  # fmt: skip

    def _mark(self, trusted: bool) -> None:
        self._gaps += self._is_trusted and not trusted
        self._resyncs += trusted and not self._is_trusted
        self._is_trusted = trusted

    def _print_book(self) -> None:
        state = FeedState.SYNCED if self._is_trusted else FeedState.GAP
        self._print(
            {
                "n": self._count, "state": state.value, "gaps": self._gaps, "resyncs": self._resyncs,
                "bids": self._texts(self._book.top(Side.BUY, self._depth)),
                "asks": self._texts(self._book.top(Side.SELL, self._depth)),
            }
        )  # fmt: skip

    def _texts(self, levels: list[Level]) -> list[list[str]]:
        return [[self._pair.price_text(level.price), self._pair.qty_text(level.qty)] for level in levels]

    def _print(self, values: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(values, separators=(",", ":")) + "\n")
