"""`crs feed realism`: how far paper fills can be believed, on recordings and against the simulated market."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.exchange.realism import Realism, Told
    from engine.exchange.realism_truth import Truth

NAME = "realism"

EVERY_S = 1.0
TRUTH_S = 600
"""Of the simulated market, a quarter of a minute of work."""

LONGEST_S = 86_400


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    realism = verbs.add_parser(NAME, help="grade the fills of paper orders on recordings", allow_abbrev=False)
    realism.description = (
        "Let a small order join the touch every so often, and compare when the shadow matcher fills it with what the "
        "prints allow, or with what really happens in the simulated market. See docs/explanation/shadow-matcher.md."
    )
    realism.add_argument(
        "files", metavar="FILE", nargs="*", help="recordings or raw captures (default: the recording that is shipped)"
    )
    realism.add_argument("--venue", metavar="NAME", help="whose frames a raw capture holds")
    realism.add_argument("--pair", metavar="PAIR", help="which pair of a raw capture, e.g. BTC/USDT")
    realism.add_argument("--snapshot", metavar="FILE", help="answers with the book, if a raw capture holds none")
    realism.add_argument(
        "--every", type=float, default=EVERY_S, metavar="S", help=f"seconds between orders (default: {EVERY_S:g})"
    )
    realism.add_argument("--side", choices=("buy", "sell", "both"), default="both", help="which orders (default: both)")
    realism.add_argument(
        "--truth", type=int, nargs="?", const=TRUTH_S, metavar="S",
        help=f"compare with real orders in S seconds of the simulated market, too (default: {TRUTH_S})",
    )  # fmt: skip
    realism.add_argument("--seed", type=int, default=1, metavar="N", help="of the simulated market (default: 1)")
    realism.add_argument("--json", action="store_true", help="print one JSON object, complete")


def run(args: argparse.Namespace) -> int:
    """Run the verb and return its exit status."""
    from engine.exchange.realism import grade, probe_all
    from engine.exchange.realism_truth import truth_of

    if not 0.01 <= args.every <= LONGEST_S or not 1 <= (args.truth or 1) <= LONGEST_S:
        raise InvalidInput(f"--every must be from 0.01 to {LONGEST_S}, --truth from 1 to {LONGEST_S}.")
    every = Nanos(round(args.every * NANOS_PER_SECOND))
    sides = tuple(Side) if args.side == "both" else (Side(args.side),)
    graded = {name: grade(probe_all(_told(name, args), every, sides)) for name in args.files or [""]}
    truth = truth_of(args.truth, every, seed=args.seed, sides=sides) if args.truth else None
    if args.json:
        files = [{"file": name or "shipped", **asdict(each)} for name, each in graded.items()]
        print(json.dumps({"files": files, "truth": None if truth is None else _plain(truth)}))
        return 0
    parts = [_readable(name or "the recording that is shipped", each) for name, each in graded.items()]
    if truth is not None:
        parts.append(_true(truth, args.truth, args.seed))
    print("\n\n".join(parts))
    return 0


def _told(name: str, args: argparse.Namespace) -> Any:  # noqa: ANN401 - an iterator or a list
    from engine.exchange.realism import events_of
    from engine.market.recording import Recording, shipped

    if not name:
        return events_of(shipped())
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            begin = file.read(12)
        if begin.startswith(b'{"format"'):
            return events_of(Recording(path.read_bytes()))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error
    return _captured(path, args)


def _captured(path: Path, args: argparse.Namespace) -> list[Told]:
    from engine.adapters.exchanges.captures.names import symbol_of
    from engine.adapters.exchanges.captures.told import told_by

    if args.venue is None or args.pair is None:
        raise InvalidInput(f"{path} is no recording of ours; a raw capture needs --venue and --pair.")
    snapshot = Path(args.snapshot).expanduser() if args.snapshot is not None else None
    return told_by(path, args.venue, symbol_of(args.pair), snapshot)


def _readable(name: str, told: Realism) -> str:
    rules = ", ".join(f"{count} {rule}" for rule, count in told.rules.items()) or "none"
    lines = [
        f"{name}: {told.probes:,} orders at the touch, {told.filled:,} filled ({rules})",
        f"Within the bounds of the prints: {_share(told.inside, told.probes)}; "
        f"earlier {_share(told.early, told.probes)}, later {_share(told.late, told.probes)}",
        f"Median time to fill: predicted {_s(told.median_predicted_s)}, "
        f"possible from {_s(told.median_possible_s)}, certain by {_s(told.median_certain_s)}",
        f"Place between the bounds, 0 earliest, 1 latest: median {_number(told.median_place)}; "
        f"of the queue displayed, traded before the fill: median {_number(told.median_queue_share)}",
    ]
    rows = [
        (
            f"{each.seconds} s",
            f"{each.certain:,}", _share(each.certain_filled, each.certain),
            f"{each.open:,}", _share(each.open_filled, each.open),
            f"{each.impossible:,}", _share(each.impossible_filled, each.impossible),
        )
        for each in told.horizons
    ]  # fmt: skip
    titles = ("within", "certain", "of these filled", "open", "of these filled", "impossible", "of these filled")
    return "\n".join((*lines, table("By the prints", titles, rows)))


def _true(truth: Truth, seconds: int, seed: int) -> str:
    rows = [
        (
            f"{each.seconds} s", f"{each.both:,}", f"{each.neither:,}", f"{each.only_truth:,}", f"{each.only_shadow:,}",
            f"{each.agreed:.1%}",
        )
        for each in truth.horizons
    ]  # fmt: skip
    titles = ("within", "filled, predicted", "neither", "filled only", "predicted only", "right")
    said = (
        f"The simulated market, seed {seed}, {seconds:,} s: {truth.probes:,} orders at the touch, really placed in a "
        f"twin\nMedian time to fill: predicted {_s(truth.median_predicted_s)}, true {_s(truth.median_true_s)}; "
        f"predicted minus true: median {_s(truth.bias_median_s)}, "
        f"nine tenths from {_s(truth.bias_low_s)}, a tenth from {_s(truth.bias_high_s)}"
    )
    return f"{said}\n{table('Against the truth', titles, rows)}"


def _plain(truth: Truth) -> dict[str, Any]:
    told = asdict(truth)
    for row, each in zip(told["horizons"], truth.horizons, strict=True):
        row["agreed"] = each.agreed
    return told


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.3f} s"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
