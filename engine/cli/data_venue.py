"""`crs data download|verify|export`: bars of public exchanges, fetched once and kept."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.meter import Meter
from engine.cli.table import instant, table
from engine.cli.terminal import harmless
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError, InvalidInput
from engine.profile import Profile

if TYPE_CHECKING:
    from engine.adapters.history.store import Series

SHOWN = 20
"""Gaps that are printed; the rest are counted."""
FOREVER = Nanos(2**62)


def add_arguments(verbs: Any) -> list[argparse.ArgumentParser]:  # noqa: ANN401 - argparse keeps its type to itself
    """Declare the verbs and return their parsers."""
    download = verbs.add_parser("download", help="fetch bars of a public exchange and keep them", allow_abbrev=False)
    _which(download, required=True)
    download.add_argument("--from", dest="since", required=True, metavar="DATE", help="2024-01-31 or 2024-01-31T12:00")
    download.add_argument("--to", dest="until", metavar="DATE", help="before which to end (default: now)")
    download.add_argument("--url", metavar="URL", help="another address of the venue, e.g. a loopback exchange")
    check = verbs.add_parser("verify", help="read every kept bar and tell the gaps", allow_abbrev=False)
    _which(check, required=False)
    export = verbs.add_parser("export", help="write kept bars as CSV", allow_abbrev=False)
    _which(export, required=True)
    export.add_argument("--from", dest="since", metavar="DATE", help="(default: the first kept bar)")
    export.add_argument("--to", dest="until", metavar="DATE", help="before which to end (default: the last kept bar)")
    export.add_argument("--out", required=True, type=Path, metavar="FILE.csv", help="a new file")
    return [download, check, export]


def _which(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--venue", required=required, metavar="NAME", help="for example binance, coinbase, kraken")
    parser.add_argument("--pair", required=required, metavar="PAIR", help="for example BTC/USDT")
    parser.add_argument("--timeframe", required=required, metavar="LENGTH", help="1s 1m 5m 15m 1h 4h 1d")


def run(args: argparse.Namespace) -> int:
    """Run the verb and return its exit status."""
    profile = Profile.at(args.profile_dir)
    if args.verb == "download":
        return _download(args, profile)
    return _verify(args, profile) if args.verb == "verify" else _export(args, profile)


def list_kept(profile: Profile) -> int:
    """Print what is kept, and what of it cannot be read; return the exit status."""
    found, damaged = _store(profile).series()
    rows = [
        (each.venue, each.symbol, each.timeframe.value, f"{each.bars:,}", instant(each.first), instant(each.until),
         f"{each.missing:,}", f"{each.bytes / max(1, each.bars):.1f}")
        for each in found
    ]  # fmt: skip
    headings = ("venue", "pair", "bars of", "bars", "from", "until", "missing", "bytes per bar")
    print(table("Bars of exchanges", headings, rows))
    return _complain(damaged)


def _complain(errors: list[CrsError]) -> int:
    for error in errors:
        print(f"crs: {harmless(str(error))}", file=sys.stderr)
    return 1 if errors else 0


def _store(profile: Profile) -> Any:  # noqa: ANN401 - imported where it is needed
    from engine.adapters.history.store import BarStore

    return BarStore(profile.bars_dir)


# Fetching


def _download(args: argparse.Namespace, profile: Profile) -> int:
    timeframe = Timeframe.parse(args.timeframe)
    since, until = _instant(args.since, "--from"), FOREVER if args.until is None else _instant(args.until, "--to")
    if since >= until:
        raise InvalidInput("--to must be after --from.")
    meter, have = Meter(f"fetching {args.pair} {timeframe} from {args.venue}"), 0

    def told(here: int, whole: int) -> None:
        nonlocal have
        have = here
        meter(here / max(1, whole))

    try:
        kept = asyncio.run(_fetch(args, profile, timeframe, (since, until), told))
    except (KeyboardInterrupt, asyncio.CancelledError):
        meter.close()
        print(f"Stopped. {have:,} bars are kept; the same command goes on from there.", file=sys.stderr)
        raise KeyboardInterrupt from None
    finally:
        meter.close()
    print(kept)
    return 0


async def _fetch(
    args: argparse.Namespace,
    profile: Profile,
    timeframe: Timeframe,
    span: tuple[Nanos, Nanos],
    told: Any,  # noqa: ANN401
) -> str:
    from engine.adapters.exchanges.venues import open_feed, spec_of
    from engine.adapters.history.kept import KeptBars
    from engine.bus import Bus

    spec = spec_of(args.venue)
    if args.url is not None:
        spec = spec.at(args.url, args.url.replace("http", "ws", 1))
    feed, symbol = await open_feed(args.venue, Bus(), spec=spec), args.pair.upper()
    try:
        found = next((each for each in feed.instruments() if each.symbol == symbol), None)
        if found is None:
            raise InvalidInput(f"{spec.title} does not list {symbol}; `crs data download` takes pairs like BTC/USDT.")
        known = feed.source.timeframes(found)
        if timeframe not in known:
            raise InvalidInput(f"{spec.title} has no bars of {timeframe}; choose one of {', '.join(known)}.")
        kept = KeptBars(feed.source, _store(profile))
        bars = await kept.fetch(found, timeframe, start=span[0], end=span[1], told=told)
    finally:
        await feed.close()
    if not len(bars):
        return f"{args.venue} has no {timeframe} bars of {symbol} in that time."
    first, last = instant(int(bars.start[0])), instant(int(bars.start[-1]))
    return f"{len(bars):,} {timeframe} bars of {symbol} of {args.venue} are here, {first} to {last}."


# What is kept


def _verify(args: argparse.Namespace, profile: Profile) -> int:
    from engine.adapters.history.checking import verify

    store, status = _store(profile), 0
    series, damaged = store.series()
    chosen = [each for each in series if _is_meant(each, args)]
    if not chosen and not damaged:
        raise InvalidInput("No such bars are kept; `crs data list` shows what is.")
    for each in chosen:
        with Meter(f"reading {each.venue} {each.symbol} {each.timeframe}") as meter:
            found = verify(store, each, meter)
        name = f"{each.venue} {each.symbol} {each.timeframe}"
        print(f"{name}: {found.bars:,} bars, {len(found.gaps)} gaps, {len(found.unknown)} stretches never fetched, "
              f"{len(found.jumps)} jumps beyond 20 %{'' if found.errors else '; sound'}")  # fmt: skip
        lines = [f"gap: {instant(a)} to {instant(b)}, the venue has no bar" for a, b in found.gaps]
        lines += [f"never fetched: {instant(a)} to {instant(b)}" for a, b in found.unknown]
        lines += [f"jump at {instant(at)}" for at in found.jumps]
        print("".join(f"  {line}\n" for line in lines[:SHOWN]), end="")
        if len(lines) > SHOWN:
            print(f"  … and {len(lines) - SHOWN:,} more")
        for error in found.errors:
            print(f"crs: {name}: {harmless(error)}", file=sys.stderr)
            status = 1
    return max(status, _complain(damaged))


def _export(args: argparse.Namespace, profile: Profile) -> int:
    from engine.adapters.history.csvfile import export

    store, out = _store(profile), args.out.expanduser().absolute()
    found = next((each for each in store.series()[0] if _is_meant(each, args)), None)
    if found is None:
        raise InvalidInput(
            f"No {args.timeframe} bars of {args.pair} of {args.venue} are kept; fetch them with `crs data download`."
        )
    first = Nanos(found.first) if args.since is None else _instant(args.since, "--from")
    until = Nanos(found.until) if args.until is None else _instant(args.until, "--to")
    with Meter(f"writing {out.name}") as meter:
        count = export(store, found, first, until, out, meter)
    print(f"Wrote {out}: {count:,} bars.")
    return 0


def _is_meant(series: Series, args: argparse.Namespace) -> bool:
    asked = (args.venue, args.pair and args.pair.upper(), args.timeframe)
    told = (series.venue, series.symbol, series.timeframe.value)
    return all(wanted is None or wanted == is_ for wanted, is_ in zip(asked, told, strict=True))


def _instant(text: str, option: str) -> Nanos:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} is {text!r}; expected a date such as {date(2024, 1, 31)}.") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return Nanos(max(0, int(at.timestamp())) * NANOS_PER_SECOND)  # no venue has bars of before 1970
