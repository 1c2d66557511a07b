"""`crs indicator`: an indicator over a file of bars, one row out for each bar in."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.indicator_file import own_file
from engine.cli.table import table
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.indicators.spec import Floats, Indicator, Param

STDIN = "-"
ROWS = 20_000
"""Rows written at a time."""
TA_LIB = {
    "timeperiod": "period",
    "timeperiod1": "period1",
    "timeperiod2": "period2",
    "timeperiod3": "period3",
    "fastperiod": "fast",
    "slowperiod": "slow",
    "signalperiod": "signal",
    "fastk_period": "fastk",
    "fastd_period": "fastd",
    "slowk_period": "slowk",
    "slowd_period": "slowd",
    "nbdevup": "deviations",
}
"""What TA-Lib calls parameters that are shorter here: who comes from there need not learn them anew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = (
        "Print an indicator as CSV: the open time of each bar as given, and its outputs, empty while warming up."
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="which indicator, or an own one as FILE.py; --list names all"
    )
    parser.add_argument(
        "--param", metavar="K=V", nargs="+", action="extend", default=[], help="set parameters (default: the usual)"
    )
    parser.add_argument(
        "--bars", metavar="FILE", help="CSV with the columns open_time,open,high,low,close,volume; - is standard input"
    )
    parser.add_argument("--list", action="store_true", help="list all indicators with parameters and outputs, and exit")
    parser.add_argument("--json", action="store_true", help="with --list: print JSON, complete")


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    if args.list:
        print(_as_json() if args.json else _as_table())
        return 0
    if args.json:
        raise InvalidInput("--json goes with --list; values are printed as CSV.")
    if args.name is None or args.bars is None:
        raise InvalidInput("Give the NAME of an indicator and --bars FILE, or --list.")
    from engine.cli.bar_table import read_bars
    from engine.indicators.registry import find

    indicator = own_file(args.name) if args.name.endswith(".py") else find(args.name)
    given = indicator.values(_named(_pairs(args.param), indicator))
    bars = read_bars(*_text(args.bars))
    outputs = indicator.batch(bars.columns, **given)
    sys.stdout.write(",".join(("open_time", *(output.name for output in indicator.outputs))) + "\n")
    for lines in _lines(bars.times, outputs):
        sys.stdout.write(lines)
    return 0


def _pairs(words: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise InvalidInput(f"{word!r} is no parameter; write it like period=20.")
        if name in pairs:
            raise InvalidInput(f"{name} is given twice.")
        pairs[name] = value
    return pairs


def _named(given: dict[str, str], indicator: Indicator) -> dict[str, str]:
    """Return parameters by our names where TA-Lib's were given."""
    known = {param.name for param in indicator.params}
    return {name if name in known else TA_LIB.get(name, name): value for name, value in given.items()}


def _text(name: str) -> tuple[str, str]:
    """Return the text of a file, and what to call it."""
    shown = "standard input" if name == STDIN else name
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        return data.decode(), shown
    except OSError as error:
        raise InvalidInput(f"{shown} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"{shown}, line {line}: not UTF-8 text.") from error


def _lines(times: Sequence[str], outputs: Sequence[Floats]) -> Iterator[str]:
    for at in range(0, len(times), ROWS):
        cells = [["" if each != each else repr(each) for each in output[at : at + ROWS].tolist()] for output in outputs]
        yield "\n".join(map(",".join, zip(times[at : at + ROWS], *cells, strict=True))) + "\n"


def _all() -> list[Indicator]:
    from engine.indicators.registry import BUILT_IN

    return [BUILT_IN[name] for name in sorted(BUILT_IN)]


def _as_table() -> str:
    rows = [
        (
            each.name,
            " ".join(f"{param.name}={param.default}" for param in each.params),
            " ".join(output.name for output in each.outputs),
            each.title,
        )
        for each in _all()
    ]
    return table("Indicators", ("name", "parameters", "outputs", "title"), rows)


def _as_json() -> str:
    return json.dumps(
        [
            {
                "name": each.name,
                "title": each.title,
                "sentence": each.sentence,
                "params": [_param(param) for param in each.params],
                "outputs": [output.name for output in each.outputs],
                "overlay": each.overlay,
                "source": each.source,
            }
            for each in _all()
        ],
        ensure_ascii=False,
    )


def _param(param: Param) -> dict[str, object]:
    told: dict[str, object] = {"name": param.name, "default": param.default}
    for field in ("low", "high", "choices"):
        if hasattr(param, field):
            told[field] = getattr(param, field)
    return told
