"""`crs feed replay`: a raw capture of a public exchange, played through its book as a socket would feed it.

A recording of our own is told apart by its beginning, and played by `feed_tape`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from engine.adapters.exchanges.captures.lines import LONGEST, CaptureLine, CutOff, Kind, by_time, lines
from engine.adapters.exchanges.captures.names import ours, symbol_of
from engine.adapters.exchanges.captures.player import Complaint, Player
from engine.adapters.exchanges.dialects import DIALECTS, dialect_of
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.cli.feed_tape import is_tape, play
from engine.cli.terminal import harmless
from engine.domain.order import Side
from engine.errors import InvalidInput

NAME = "replay"

BOOK_EVERY, DEPTH = 500, 20

COMPLAINTS = 20
"""Lines that are complained of one by one; of the rest only the number is told."""

OK, FAILED = 0, 1


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    replay = verbs.add_parser(NAME, help="play a recording or capture, print its book as JSON", allow_abbrev=False)
    replay.description = (
        "Play a recording or a raw capture; print the book after every so many diffs, and the counts at the end."
    )
    replay.add_argument(
        "file", metavar="FILE", help="a recording, or a raw capture, plain or gzip; see docs/reference/feed-replay.md"
    )
    replay.add_argument("--venue", metavar="NAME", help=f"whose frames a raw capture holds: {', '.join(DIALECTS)}")
    replay.add_argument("--pair", metavar="PAIR", help="whose book to keep of a raw capture, e.g. ETH/USDT")
    replay.add_argument("--snapshot", metavar="FILE", help="answers to requests for the book, if FILE holds none")
    replay.add_argument(
        "--book-every", type=int, default=BOOK_EVERY, metavar="N", help=f"diffs per line (default: {BOOK_EVERY})"
    )
    replay.add_argument("--depth", type=int, default=DEPTH, metavar="N", help=f"levels per side (default: {DEPTH})")


def run(args: argparse.Namespace) -> int:
    """Play a recording or a capture; 1 if its end is torn or damaged, after everything before that."""
    if args.book_every < 1 or args.depth < 1:
        raise InvalidInput("--book-every and --depth must be at least 1.")
    if is_tape(Path(args.file)):
        return play(args, symbol_of(args.pair) if args.pair is not None else None)
    if args.venue is None or args.pair is None:
        raise InvalidInput(f"{args.file} is no recording of ours; a raw capture needs --venue and --pair.")
    return _play_capture(args)


def _play_capture(args: argparse.Namespace) -> int:
    symbol, dialect = symbol_of(args.pair), dialect_of(args.venue)
    replay = _Replay(args)
    snapshots, loose = _snapshots(args.snapshot)
    player = Player(dialect, dialect.native(symbol), replay.on_applied, replay.on_complaint, loose)
    replay.player = player
    status = OK
    try:
        player.play(by_time(snapshots, lines(Path(args.file))))
    except CutOff as error:
        replay.say(str(error))
        status = FAILED
    replay.sum_up_complaints()
    if player.native not in player.pairs:
        raise InvalidInput(_missing(symbol, args, player))
    replay.end()
    return status


class _Replay:
    """What is printed."""

    player: Player

    def __init__(self, args: argparse.Namespace) -> None:
        self._every, self._depth = args.book_every, args.depth
        self._complaints = 0

    def on_applied(self) -> None:
        """Print the book, if it is its turn."""
        sync = self.player.sync
        if sync.diffs % self._every:
            return
        bids, asks = (sync.book.top(side, self._depth) for side in (Side.BUY, Side.SELL))
        _print(
            {
                "n": sync.diffs,
                "state": sync.state.value,
                "gaps": sync.gaps,
                "resyncs": sync.resyncs,
                "bids": bids,
                "asks": asks,
            }
        )

    def on_complaint(self, complaint: Complaint) -> None:
        """Tell of a line that could not be used."""
        self._complaints += 1
        if self._complaints <= COMPLAINTS:
            lost = "a diff of the pair may be lost" if complaint.is_lost else "no diff of the pair was in it"
            self.say(f"Line {complaint.line} was left out ({lost}): {complaint.text}")

    def sum_up_complaints(self) -> None:
        """Tell of how many lines nothing was said."""
        if (more := self._complaints - COMPLAINTS) > 0:
            self.say(f"{more:,} more lines were left out.")

    def say(self, text: str) -> None:
        """Complain."""
        print(f"crs: {harmless(text)}", file=sys.stderr)

    def end(self) -> None:
        """Print the counts."""
        sync = self.player.sync
        if sync.last is None:
            self.say("No snapshot of the pair was found that its diffs join, so there was no book.")
        _print(
            {
                "end": True,
                "diffs": sync.diffs,
                "trades": self.player.trades,
                "gaps": sync.gaps,
                "resyncs": sync.resyncs,
                "checksums_ok": sync.checksums_ok,
                "checksums_bad": sync.checksums_bad,
            }
        )


def _print(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values, separators=(",", ":")) + "\n")


def _snapshots(file: str | None) -> tuple[Iterator[CaptureLine], list[bytes]]:
    """Return the answers of a file that have times, and those that have none."""
    if file is None:
        return iter(()), []
    path = Path(file)
    first = next(lines(path), None)
    if first is None:
        raise InvalidInput(f"{path} is empty; it should hold a snapshot.")
    if first.kind is not Kind.BARE:
        return lines(path), []
    return iter(()), _bare(path)


def _bare(path: Path) -> list[bytes]:
    """Return the answers of a file without times: one that may have many lines, or one per line."""
    texts, size = list[bytes](), 0
    for line in lines(path):
        size += len(line.text) + 1
        if size > LONGEST:
            raise InvalidInput(f"{path} is too large for a file of answers; it may hold {LONGEST >> 20} MB.")
        texts.append(line.text)
    whole = b"\n".join(texts)
    try:
        msgspec.json.decode(whole, type=msgspec.Raw)
    except UNREADABLE:
        return texts
    return [whole]


def _missing(symbol: str, args: argparse.Namespace, player: Player) -> str:
    found = sorted(ours(native) for native in player.pairs)
    if not found:
        return f"{args.file} holds no frame of {args.venue} about any pair."
    some = ", ".join(found[:20]) + (f" and {len(found) - 20:,} more" if len(found) > 20 else "")
    return f"{symbol} is not in {args.file}; it holds {some}."
