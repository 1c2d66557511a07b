"""`crs data`: market history from files and from exchanges, and what markets look like beside real ones."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli import data_venue
from engine.cli.meter import Meter
from engine.cli.table import instant, table
from engine.domain.market import Timeframe
from engine.errors import CrsError, InvalidInput
from engine.profile import Profile

if TYPE_CHECKING:
    from engine.market.stats import Verdict

SHOWN = 20
"""Findings printed; the rest are counted."""
HOUR = 3_600
LOG_NAME = "crs.log"
"""Beside the desktop's own, which may be open meanwhile."""

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Fetch or import market history, list, check and export it; measure how real a market looks."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    importing = verbs.add_parser("import", help="check a file of bars and keep it", allow_abbrev=False)
    importing.add_argument("file", metavar="FILE", type=Path, help="Binance-format .csv or .zip, or .parquet")
    importing.add_argument("--symbol", required=True, metavar="PAIR", help="for example BTC/USDT")
    importing.add_argument("--timeframe", required=True, metavar="LENGTH", help="1s 1m 5m 15m 1h 4h 1d")
    importing.add_argument("--tick", metavar="PRICE", help="the tick of that date (default: the pair's, else as found)")
    listing = verbs.add_parser(
        "list", help="list what was imported, and what was fetched from exchanges", allow_abbrev=False
    )
    stats = verbs.add_parser("stats", help="print measures beside the bands of real markets", allow_abbrev=False)
    what = stats.add_mutually_exclusive_group()
    what.add_argument("--seed", type=int, default=1, metavar="N", help="the simulated market of this seed (default: 1)")
    what.add_argument("--file", type=Path, metavar="F", help="a file of 1-minute bars instead")
    stats.add_argument("--symbol", default="BTC/USDT", metavar="PAIR", help="whose bars to measure (default: BTC/USDT)")
    stats.add_argument(
        "--seconds", type=int, default=HOUR, metavar="S", help="length of the flow that is run (default: 3600)"
    )
    for verb in (importing, listing, stats, *data_venue.add_arguments(verbs)):  # after the verb, too
        verb.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    if args.verb == "import":
        return _logged_import(args)
    if args.verb == "list":
        return max(_list(Profile.at(args.profile_dir)), data_venue.list_kept(Profile.at(args.profile_dir)))
    if args.verb == "stats":
        return _stats(args)
    return data_venue.run(args)


def _logged_import(args: argparse.Namespace) -> int:
    """Import, and leave the outcome in the log of the profile, if there is one: whoever asks later finds it."""
    from engine.observe.log import ProgramLog

    program, profile, said = ProgramLog(), Profile.at(args.profile_dir), "stopped"
    try:
        status = _import(args)
        said = "done" if status == 0 else "refused: findings"
    except CrsError as error:
        said = f"refused: {error}"
        raise
    finally:
        if profile.data_dir.exists():
            program.write_to(profile.log_dir, LOG_NAME)
            what = {"file": args.file, "symbol": args.symbol, "timeframe": args.timeframe}
            log.info("import of history", extra={**what, "outcome": said})
        program.close()
    return status


def _import(args: argparse.Namespace) -> int:
    from engine.adapters.files.bars import BarFiles, read_file
    from engine.market.sanity import Kind, check
    from engine.ports.clock import SystemClock

    timeframe = Timeframe.parse(args.timeframe)
    symbol = _symbol(args.symbol)
    meter = Meter(f"reading {args.file.name}")
    try:
        raw = read_file(args.file, meter)
    finally:
        meter.close()
    report = check(raw, timeframe, tick=_tick(symbol, args.tick), now=SystemClock().wall())
    if report.errors:
        _print_findings("Not imported", [str(each) for each in report.errors])
        if any(each.kind is Kind.OFF_TICK for each in report.errors):
            print("The tick may have been finer at that date; give it with --tick.", file=sys.stderr)
        return 1
    _print_findings("Flagged", [str(each) for each in report.flags])
    kept = BarFiles(Profile.at(args.profile_dir).history_dir).save(symbol, timeframe, report, args.file.name)
    print(
        f"Imported {kept.bars:,} bars of {symbol} {timeframe}, {instant(kept.first)} to {instant(kept.last)}, "
        f"tick {kept.tick}; {kept.missing:,} missing in {kept.gaps} gaps, {kept.flags:,} flags."
    )
    return 0


def _symbol(text: str) -> str:
    base, slash, quote = text.upper().partition("/")
    if not (slash and base.isalnum() and quote.isalnum()):
        raise InvalidInput(f"{text!r} is no pair; write it like BTC/USDT.")
    return f"{base}/{quote}"


def _tick(symbol: str, given: str | None) -> Decimal | None:
    from engine.domain.number import parse_decimal
    from engine.market.catalogue import spec_of

    if given is None:
        spec = spec_of(symbol)
        return spec.pair.tick if spec is not None else None
    tick = parse_decimal(given)
    if tick <= 0:
        raise InvalidInput("The tick must be above 0.")
    return tick


def _print_findings(title: str, findings: Sequence[str]) -> None:
    if not findings:
        return
    print(f"{title}: {len(findings):,}", file=sys.stderr)
    for each in findings[:SHOWN]:
        print(f"  {each}", file=sys.stderr)
    if len(findings) > SHOWN:
        print(f"  … and {len(findings) - SHOWN:,} more", file=sys.stderr)


def _list(profile: Profile) -> int:
    from engine.adapters.files.bars import BarFiles

    found, damaged = BarFiles(profile.history_dir).list()
    rows = [
        (each.symbol, each.timeframe.value, f"{each.bars:,}", instant(each.first), instant(each.last),
         f"{each.gaps}", f"{each.flags:,}", each.source)
        for each in found
    ]  # fmt: skip
    print(table("Imported history", ("pair", "bars of", "bars", "first", "last", "gaps", "flags", "source"), rows))
    for error in damaged:
        print(f"crs: {error}", file=sys.stderr)
    return 1 if damaged else 0


def _stats(args: argparse.Namespace) -> int:
    if args.file is not None:
        verdicts = _file_verdicts(args.file)
    else:
        from engine.exchange.calibration import judge_bars, judge_flow
        from engine.market.catalogue import PAIRS, spec_of

        spec = spec_of(_symbol(args.symbol))
        if spec is None:
            names = ", ".join(each.symbol for each in PAIRS)
            raise InvalidInput(f"{args.symbol} is not simulated; choose one of {names}.")
        if args.seconds < 0:
            raise InvalidInput("--seconds must not be negative.")
        verdicts = judge_bars(args.seed, spec)
        if args.seconds:
            meter = Meter("running the flow")
            try:
                verdicts += judge_flow(args.seed, args.seconds, meter)
            finally:
                meter.close()
    rows = [
        (
            each.stretch,
            each.name,
            f"{each.value:.4g}",
            f"{each.low:g} to {each.high:g}",
            "ok" if each.holds else "OUTSIDE",
        )
        for each in verdicts
    ]
    print(table("Measured beside real markets", ("stretch", "measure", "value", "band", "verdict"), rows))
    return 0 if all(each.holds for each in verdicts) else 1


def _file_verdicts(path: Path) -> list[Verdict]:
    """Return the verdicts on a file of 1-minute bars, an import of this profile or anybody's."""
    from engine.adapters.files.bars import ENDING, BarFiles, read_file
    from engine.market.sanity import check
    from engine.market.stats import SHAPE_BANDS, judged, measure_bars
    from engine.ports.clock import SystemClock

    if path.suffix == ENDING:
        bars = BarFiles(path.parent).load(path)[1]
    else:
        report = check(read_file(path), Timeframe.M1, tick=None, now=SystemClock().wall())
        if report.bars is None:
            _print_findings("Not measured", [str(each) for each in report.errors])
            raise InvalidInput(f"{path.name} has errors.")
        bars = report.bars
    return judged("file", measure_bars(bars), SHAPE_BANDS)
