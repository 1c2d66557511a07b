"""`crs feed record`: record pairs of a public exchange without a window, until a time or Ctrl+C."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from engine.cli.table import instant, table
from engine.errors import InvalidInput
from engine.profile import Profile

if TYPE_CHECKING:
    from engine.adapters.recordings.recorder import Recorder
    from engine.bus import Bus
    from engine.ports.exchange import ExchangeFeed
    from engine.ports.recording import RecordingChanged

NAME = "record"
LOOK_S = 1.0
LONGEST_S = 366 * 86_400.0
MB = 1_000_000
OK, FAILED = 0, 1


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    record = verbs.add_parser(NAME, help="record pairs of a public exchange", allow_abbrev=False)
    record.description = (
        "Record trades and the whole book of pairs until Ctrl+C or --for; nothing is lost when it ends. "
        "How large files grow and how much is kept is in the settings, under recordings."
    )
    record.add_argument("--venue", required=True, metavar="NAME", help="for example binance, coinbase, kraken")
    record.add_argument(
        "--pair", action="append", required=True, metavar="PAIR", help="for example BTC/USDT, again for more"
    )
    record.add_argument("--for", dest="seconds", type=float, metavar="SECONDS", help="for so long (default: no end)")
    record.add_argument("--url", metavar="URL", help="another address of the venue, e.g. a loopback exchange")
    record.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Record, and return 1 if the recording of a pair ended by itself."""
    if args.seconds is not None and not 0 < args.seconds <= LONGEST_S:
        raise InvalidInput("--for must be more than 0 s and at most a year.")
    return asyncio.run(_record(args))


async def _record(args: argparse.Namespace) -> int:
    from engine.adapters.exchanges.captures.names import symbol_of
    from engine.adapters.exchanges.venues import open_feed, spec_of
    from engine.adapters.recordings.library import Library
    from engine.adapters.recordings.recorder import Recorder, RecordingLimits
    from engine.bus import Bus
    from engine.settings import load

    profile, bus, spec = Profile.at(args.profile_dir), Bus(), spec_of(args.venue)
    symbols = list(dict.fromkeys(symbol_of(each) for each in args.pair))
    limits = RecordingLimits.of(load(profile.settings_file))
    if args.url is not None:
        spec = spec.at(args.url, args.url.replace("http", "ws", 1))
    feed = await open_feed(args.venue, bus, spec=spec)
    recorder = Recorder(bus, feed, Library(profile.recordings_dir), limits)
    try:
        return await _Watch(bus, recorder).run(feed, symbols, args.seconds)
    finally:
        await recorder.close()
        await feed.close()


class _Watch:
    """Begins the recordings, shows how they grow, and tells at the end what there is."""

    def __init__(self, bus: Bus, recorder: Recorder) -> None:
        from engine.ports.recording import RecordingChanged

        self._recorder = recorder
        self._over = asyncio.Event()
        self._failed = False
        self._on_screen = sys.stderr.isatty()
        self._shown = False
        bus.subscribe(RecordingChanged, self._changed)

    async def run(self, feed: ExchangeFeed, symbols: list[str], seconds: float | None) -> int:
        """Record until the time is over or a signal comes; everything is on the disk then."""
        begun = feed.now
        for symbol in symbols:
            await self._recorder.start(symbol)
        self._listen()
        print(f"Recording {', '.join(symbols)} of {feed.title}; Ctrl+C ends it.", file=sys.stderr)
        end = None if seconds is None else time.monotonic() + seconds
        while not self._over.is_set() and (end is None or time.monotonic() < end):
            left = LOOK_S if end is None else min(LOOK_S, max(0.0, end - time.monotonic()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), left)
            self._show()
        rows = {each.symbol: each.rows for each in self._recorder.now()}
        await self._recorder.close()
        self._clear()
        self._tell(feed.venue, begun, rows)
        return FAILED if self._failed else OK

    def _listen(self) -> None:
        if sys.platform != "win32":  # there Ctrl+C cancels, and what closes is the same
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._over.set)

    def _changed(self, event: RecordingChanged) -> None:
        if event.text:
            self._failed = True
            self._clear()
            print(f"crs: {event.symbol}: {event.text}", file=sys.stderr)
            if not self._recorder.now():
                self._over.set()

    def _show(self) -> None:
        if self._on_screen:
            now = self._recorder.now()
            parts = [f"{each.symbol} {each.rows:,} updates, {each.bytes / MB:.1f} MB" for each in now]
            self._shown = True
            print(f"\r\033[K{' · '.join(parts)}", end="", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._shown:
            self._shown = False
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _tell(self, venue: str, begun: int, rows: dict[str, int]) -> None:
        """Print the files of this run."""
        found = [
            each
            for each in self._recorder.library.found()[0]
            if each.venue == venue and each.started >= begun and each.symbol in rows
        ]
        told = [
            (each.symbol, instant(each.started), f"{each.bytes / MB:.2f}", each.name)
            for each in sorted(found, key=lambda each: (each.symbol, each.started))
        ]
        print(table("Recorded", ("pair", "from", "MB", "name"), told))
        for symbol, count in rows.items():
            print(f"{symbol}: {count:,} updates and trades")
