"""`crs feed serve`: a venue on this machine, from a capture, a recording or the simulated market, with faults."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.domain.number import Nanos
from engine.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from engine.adapters.exchanges.loopback.server import Loopback
    from engine.adapters.exchanges.loopback.told import Source

NAME = "serve"
OK = 0
FASTEST = 1_000_000.0


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    serve = verbs.add_parser(NAME, help="be an exchange on this machine, for tests and development", allow_abbrev=False)
    serve.description = (
        "Serve a recording or the simulated market as an exchange does, on 127.0.0.1 only. It trades nothing."
    )
    serve.add_argument("files", metavar="FILE", nargs="*", type=Path, help="raw captures of one venue, or a recording")
    serve.add_argument("--market", choices=("demo",), help="serve the simulated market instead of files")
    serve.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the simulated market and of faults (default: 1)"
    )
    serve.add_argument(
        "--pair",
        action="append",
        default=[],
        metavar="PAIR",
        help="of the simulated market, again for more (default: all)",
    )
    serve.add_argument(
        "--venue",
        metavar="NAME",
        help="whose wire format, several with commas (default: the capture's own, else binance)",
    )
    serve.add_argument(
        "--captured-from", default="", metavar="NAME", help="whose frames the captures hold (default: told by looking)"
    )
    serve.add_argument(
        "--port", type=int, default=0, metavar="N", help="of the first venue, the others follow (default: free ones)"
    )
    serve.add_argument(
        "--speed", type=float, default=1.0, metavar="X", help="times as fast as it was; 0 stands still (default: 1)"
    )
    serve.add_argument(
        "--as-recorded", action="store_true", help="keep the instants of a recording instead of moving them to now"
    )
    serve.add_argument("--again", action="store_true", help="begin files again when they have ended")
    serve.add_argument(
        "--fault", action="append", default=[], metavar="F", help="such as drop=1%% or delay=250ms, again for more"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    if bool(args.files) == bool(args.market):
        raise InvalidInput("Name files to serve, or --market demo, not both.")
    if not 0 <= args.speed <= FASTEST:
        raise InvalidInput("--speed must be from 0 to 1000000.")
    if not 0 <= args.port <= 65_535:
        raise InvalidInput("--port must be from 0 to 65535.")
    return asyncio.run(_serve(args))


async def _serve(args: argparse.Namespace) -> int:
    from engine.adapters.exchanges.loopback.faults import Faults
    from engine.adapters.exchanges.loopback.server import Loopback
    from engine.adapters.exchanges.loopback.sources import usual_venue
    from engine.adapters.exchanges.loopback.stage import Stage

    stage = Stage(_source(args))
    venues = (args.venue or usual_venue(stage.source)).split(",")
    houses = [Loopback(stage, venue.strip(), faults=Faults(args.seed)) for venue in venues]
    for each in houses:
        for text in args.fault:
            each.faults.put_all(text)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    try:
        await _open(houses, args.port)
        stage.run(args.speed)
        await stopped.wait()
    finally:
        await stage.close()
        for each in houses:
            await each.close()
    return OK


async def _open(houses: list[Loopback], port: int) -> None:
    for number, each in enumerate(houses):
        try:
            await each.start(port + number if port else 0)
        except (OSError, OverflowError) as error:  # the latter beyond 65535
            why = getattr(error, "strerror", None) or error
            raise Unavailable(f"Port {port + number} cannot be used: {why}.") from error
        pairs = ", ".join(each.stage.market.pairs)
        print(f"{each.venue}: {each.rest_url} and {each.socket_url} ({pairs})", flush=True)


def _source(args: argparse.Namespace) -> Source:
    from engine.adapters.exchanges.loopback.sources import of_files, of_market

    now = Nanos(time.time_ns())
    if args.market:
        return of_market(args.seed, args.pair, now)
    return of_files(args.files, args.captured_from, None if args.as_recorded else now, again=args.again)
