"""The command `crs`.

A subcommand is a module with `add_arguments(parser)` and `run(args) -> int`; only the one that is asked
for is imported, so `crs --help` and short commands start at once. Results go to standard output,
complaints to standard error. Exit status: 0 done, 1 failed, 2 wrong use or wrong input.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from engine.errors import CrsError, InvalidInput

COMMANDS = (
    ("account", "show balances, positions, orders, fills and profit of a profile"),
    ("backup", "copy the database of a profile, list the copies, put one back"),
    ("bench", "measure matching, the paper exchange and the durability of orders on this machine"),
    ("data", "import, list and measure market history"),
    ("database", "show the version of a profile's tables, move it up or down"),
    ("defi", "trade on decentralised exchanges, practise it on a chain of your own"),
    ("doctor", "say what is installed, what is missing, and whether the data is sound"),
    ("export", "write everything a profile holds as JSON lines, CSV and JSON"),
    ("feed", "record public exchanges, play recordings and captures"),
    ("indicator", "print an indicator over a file of bars as CSV, list all indicators"),
    ("journal", "verify or export the journal of a profile"),
    ("server", "run the backend: the same exchange for many accounts, over the network"),
    ("simulate", "run commands from a file through a fresh exchange"),
    ("wallet", "make a wallet, take one in, look at balances, send coins and tokens"),
)
"""Name and purpose; the module is `engine.cli.<name>`."""

OK, FAILED, WRONG_USE = 0, 1, 2
INTERRUPTED = 130
"""What a shell reports for a program ended by Ctrl+C: 128 + SIGINT."""
BROKEN_PIPE = 141
"""What a shell reports for a program ended by a closed pipe: 128 + SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except CrsError as error:
        from engine.cli.terminal import harmless

        print(f"crs: {harmless(str(error))}", file=sys.stderr)
        return WRONG_USE if isinstance(error, InvalidInput) else FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads; do not complain at exit either
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(arguments: list[str]) -> int:
    chosen = _chosen(arguments)
    parser, subparsers = _parsers()
    module = import_module(f"engine.cli.{chosen}") if chosen in subparsers else None
    if module is not None and chosen is not None:
        module.add_arguments(subparsers[chosen])
        _add_profile(subparsers[chosen], default=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if module is None:
        parser.print_help(sys.stderr)
        return WRONG_USE
    _let_open_encrypted(args)
    status: int = module.run(args)
    sys.stdout.flush()
    return status


def _let_open_encrypted(args: argparse.Namespace) -> None:
    """Have the key asked for if the accounts of the profile are encrypted; a look at one file otherwise."""
    from engine.cli.where import profile_of

    if (profile_of(args).data_dir / "encryption.json").exists():
        from engine.cli.database_key import ask_when_needed

        ask_when_needed()


def _chosen(arguments: list[str]) -> str | None:
    """Return the first word that is neither an option nor the value of `--profile-dir`."""
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word == "--profile-dir":
            skip = True
        elif not word.startswith("-"):
            return word
    return None


def _parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    parser = argparse.ArgumentParser(
        prog="crs", description="The engine of CRS Desktop on the command line.", allow_abbrev=False
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    _add_profile(parser, default=None)
    found = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    return parser, {name: found.add_parser(name, help=purpose, allow_abbrev=False) for name, purpose in COMMANDS}


def _add_profile(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--profile-dir", metavar="DIR", default=default, help="where the data lives (default: the user's own profile)"
    )


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"crs {version('crs-desktop')}")
        parser.exit(OK)


if __name__ == "__main__":
    sys.exit(main())
