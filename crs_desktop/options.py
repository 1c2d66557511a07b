"""The command line of `crs-desktop`. No Qt here: `--help` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for at start; None leaves it to the settings."""

    profile_dir: Path | None = None
    seed: int | None = None
    market: str | None = None
    speed: float | None = None
    smoke: float | None = None
    """Seconds of the proof by machine, None for a normal run."""
    report: Path | None = None
    screenshot: Path | None = None
    venue: str = ""
    """The public exchange to open, by its name; it is connected to at once."""
    venue_url: str | None = None
    """Where that exchange is, instead of its own address."""
    venue_urls: tuple[tuple[str, str], ...] = ()
    """Where other exchanges are, by name, instead of their own addresses."""

    def url_of(self, venue: str) -> str | None:
        """Return where an exchange is; None for its own address."""
        named = dict(self.venue_urls).get(venue)
        return self.venue_url if named is None and venue == self.venue else named


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the arguments; answers `--help` and `--version` and refuses what it does not know by exiting."""
    parser = build_parser()
    found = parser.parse_args(arguments)
    if found.smoke is None and (found.report or found.screenshot):
        parser.error("--report and --screenshot belong to --smoke SECONDS")
    plain = [url for name, url in found.venue_url if not name]
    if plain and not found.venue:
        parser.error("--venue-url URL belongs to --venue NAME; NAME=URL says where any exchange is")
    if len(plain) > 1:
        parser.error("--venue-url URL can be given once; NAME=URL says where other exchanges are")
    if found.venue and (found.market or found.seed is not None):
        parser.error("--venue and an offline market (--market, --seed) exclude each other")
    return Options(
        profile_dir=found.profile_dir,
        seed=found.seed,
        market=found.market,
        speed=found.speed,
        venue=found.venue or "",
        venue_url=plain[0] if plain else None,
        venue_urls=tuple(each for each in found.venue_url if each[0]),
        smoke=found.smoke,
        report=found.report,
        screenshot=found.screenshot,
    )


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; the reference pages are made from it too."""
    parser = argparse.ArgumentParser(
        prog="crs-desktop",
        description="Trade on a paper exchange, offline and online. Without options it opens your own profile.",
    )
    parser.add_argument("--version", action=_Version)
    parser.add_argument("--profile-dir", metavar="DIR", type=Path, help="where data lives; made if missing")
    parser.add_argument("--market", choices=("simulated", "replay"), help="the offline market to open")
    parser.add_argument("--seed", metavar="N", type=_seed, help="seed of the simulated market")
    parser.add_argument("--speed", metavar="X", type=_speed, help="speed of market time, 1 to 1000")
    live = parser.add_argument_group("live prices of a public exchange; orders stay on this computer")
    names = "binance, coinbase, kraken, binance_usdm or coinbase_exchange"
    live.add_argument("--venue", metavar="NAME", help=f"connect at once: {names}")
    live.add_argument(
        "--venue-url",
        metavar="[NAME=]URL",
        type=_venue_url,
        action="append",
        default=[],
        help="where that exchange, or the one named, is, e.g. a loopback exchange; can be repeated",
    )
    proof = parser.add_argument_group("proof by machine")
    proof.add_argument("--smoke", metavar="SECONDS", type=_seconds, help="trade by key presses, measure, close")
    proof.add_argument("--report", metavar="FILE", type=Path, help="write what was measured as JSON")
    proof.add_argument("--screenshot", metavar="FILE", type=Path, help="write a picture of the window as PNG")
    return parser


class _Version(argparse.Action):
    """Looks the version up only when asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"crs-desktop {version()}")
        parser.exit()


def version() -> str:
    """Return the version of the installed package."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("crs-desktop")
    except PackageNotFoundError:
        return "unknown"


def _venue_url(text: str) -> tuple[str, str]:
    """Return the exchange that an address is for ("" for the one of `--venue`), and the address."""
    name, equals, url = text.partition("=")
    return (name, url) if equals and name.isidentifier() else ("", text)


def _seed(text: str) -> int:
    value = int(text)
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 2^63 - 1")
    return value


def _speed(text: str) -> float:
    value = float(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be from 1 to 1000")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("must be more than 0 and at most a day")
    return value
