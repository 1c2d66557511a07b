"""`crs server top`: how a server is doing, live in the terminal."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NAME = "top"

HOME, CLEAR_LINE, CLEAR_REST = "\x1b[H", "\x1b[K", "\x1b[J"
ALTERNATE, PRIMARY = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    top = verbs.add_parser(NAME, help="show how a server is doing; q ends, s sorts", allow_abbrev=False)
    where = top.add_mutually_exclusive_group(required=True)
    where.add_argument("--data-dir", metavar="DIR", help="of a server that runs on this machine")
    where.add_argument("--url", metavar="URL", help="of any server; needs --email of an admin")
    top.add_argument("--email", metavar="E", help="who signs in, with --url")
    top.add_argument("--password-stdin", action="store_true", help="the password is the first line of standard input")
    top.add_argument("--every", metavar="S", type=float, default=2.0, help="seconds between two looks (default: 2)")
    top.add_argument("--once", action="store_true", help="print it once and end")
    top.add_argument("--json", action="store_true", help="print it once as JSON")


def run(args: argparse.Namespace) -> int:
    """Show the figures until the user has seen enough; 1 if the server cannot be asked."""
    from engine.errors import InvalidInput, VenueUnavailable

    if not 0.2 <= args.every <= 3_600:
        raise InvalidInput("--every must be between 0.2 and 3600 seconds.")
    try:
        with _asking(args) as ask:
            if args.json:
                print(ask().decode())
            elif args.once or not sys.stdout.isatty():
                print("\n".join(_lines(ask(), _first_sort(), shutil.get_terminal_size((110, 40)).columns)))
            else:
                _live(ask, args.every)
    except VenueUnavailable as error:
        print(f"crs: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _asking(args: argparse.Namespace) -> Iterator[Callable[[], bytes]]:
    """Lend a function that returns the figures as JSON."""
    from engine.errors import InvalidInput, VenueUnavailable

    if args.url:
        if not args.email:
            raise InvalidInput("--url needs --email of an admin.")
        from engine.cli.server_signin import signed_in

        with signed_in(args.url, args.email, password_stdin=args.password_stdin) as session:
            yield lambda: session.get("/v1/metrics")
        return
    import json

    from engine.server.control import ask, find
    from engine.server.settings import load_settings

    control = find(load_settings(args.data_dir).control_file)
    if control is None:
        raise VenueUnavailable(f"No server runs in {args.data_dir}.")
    yield lambda: json.dumps(ask(control, "GET", "/control/metrics")).encode()


def _first_sort() -> Any:  # noqa: ANN401 - imported late, as everything that commands need
    from engine.cli.server_screen import Sort

    return Sort.REQUESTS


def _lines(body: bytes, sort: Any, width: int, height: int | None = None) -> list[str]:  # noqa: ANN401 - as above
    import msgspec

    from engine.cli.server_screen import lines_of
    from engine.errors import VenueUnavailable
    from engine.wire.metrics import Metrics

    try:
        return lines_of(msgspec.json.decode(body, type=Metrics), sort, width=width, height=height)
    except msgspec.DecodeError as error:
        raise VenueUnavailable(f"The server is of another version: {error}.") from None


def _live(ask: Callable[[], bytes], every_s: float) -> None:
    """Draw until q; a server that does not answer is said so and asked again."""
    from engine.errors import VenueUnavailable

    sort = _first_sort()
    with _keys() as key:
        while True:
            size = shutil.get_terminal_size((110, 40))
            try:
                lines = _lines(ask(), sort, size.columns, size.lines - 1)
            except VenueUnavailable as error:
                lines = [str(error)]
            lines.append(f"sorted by {sort}   s: sort otherwise   q: end")
            sys.stdout.write(HOME + "".join(f"{line}{CLEAR_LINE}\r\n" for line in lines[:-1]))
            sys.stdout.write(lines[-1] + CLEAR_LINE + CLEAR_REST)
            sys.stdout.flush()
            pressed = key(every_s)
            if pressed in ("q", "Q", "\x03"):
                return
            if pressed in ("s", "S"):
                sort = sort.after()


@contextmanager
def _keys() -> Iterator[Callable[[float], str]]:
    """Lend a function that waits so long for a key and returns it, or nothing; the terminal is put back after."""
    sys.stdout.write(ALTERNATE)
    try:
        if sys.platform == "win32":
            yield _windows_key
        else:
            with _raw() as key:
                yield key
    finally:
        sys.stdout.write(PRIMARY)
        sys.stdout.flush()


@contextmanager
def _raw() -> Iterator[Callable[[float], str]]:
    import os
    import select
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    if not os.isatty(descriptor):
        yield _no_key
        return
    before = termios.tcgetattr(descriptor)

    def key(wait_s: float) -> str:
        ready, _, _ = select.select([descriptor], [], [], wait_s)
        return os.read(descriptor, 1).decode("latin-1") if ready else ""

    try:
        tty.setcbreak(descriptor)
        yield key
    except KeyboardInterrupt:
        pass
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _no_key(wait_s: float) -> str:
    time.sleep(wait_s)
    return ""


def _windows_key(wait_s: float) -> str:
    import importlib

    console: Any = importlib.import_module("msvcrt")
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        if console.kbhit():
            return str(console.getwch())
        time.sleep(0.05)
    return ""
