"""`crs defi sandbox`: the practice chain for other programs, until it is told to stop."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.adapters.practice.manifest import Deployed

NAME = "sandbox"
OK = 0
LOOK_S = 0.5
"""How often it is looked at whether the worker still runs."""


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    parser = verbs.add_parser(NAME, help="run the practice chain of a profile until Ctrl+C", allow_abbrev=False)
    parser.description = (
        "Serve the practice chain as JSON-RPC on 127.0.0.1: a local EVM with real contracts of Uniswap and SushiSwap. "
        "What is on it is worth nothing. Whoever knows the address that is printed can use it."
    )
    parser.add_argument("--port", type=int, default=0, metavar="P", help="where it listens (default: a free one)")
    parser.add_argument("--reset", action="store_true", help="forget what happened on it and begin anew")
    parser.add_argument(
        "--block-time",
        type=float,
        default=3.0,
        metavar="S",
        help="seconds between blocks while somebody looks; 0: none by themselves (default: 3)",
    )
    parser.add_argument(
        "--hold", action="store_true", help="let transactions wait for the next block instead of making one at once"
    )
    parser.add_argument(
        "--anvil", metavar="FILE", nargs="?", const="anvil", help="serve the same on anvil, which is faster, not kept"
    )
    parser.add_argument("--json", action="store_true", help="print the address and all contracts as one line of JSON")


def run(args: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    if not 0 <= args.port <= 65_535:
        raise InvalidInput("--port must be from 0 to 65535.")
    if not 0 <= args.block_time <= 3_600:
        raise InvalidInput("--block-time must be from 0 to 3600 seconds.")
    stopped = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stopped.set())
    return _on_anvil(args, stopped) if args.anvil else _in_worker(args, stopped)


def _in_worker(args: argparse.Namespace, stopped: threading.Event) -> int:
    from engine.adapters.practice.process import PracticeChain
    from engine.profile import Profile

    chain = PracticeChain.of(Profile.at(args.profile_dir))
    try:
        url = chain.start(
            port=args.port,
            reset=args.reset,
            instant=not args.hold,
            interval_s=args.block_time,
            progress=_progress if sys.stderr.isatty() else lambda *_: None,
        )
        _tell(url, _manifest(url), args.json)
        while not stopped.wait(LOOK_S):
            if not chain.url:
                raise InvalidInput("The worker of the practice chain ended by itself; its log may say why.")
    finally:
        chain.close()
    return OK


def _on_anvil(args: argparse.Namespace, stopped: threading.Event) -> int:
    from engine.adapters.practice.anvil import Anvil
    from engine.adapters.practice.contracts import find

    with Anvil(args.anvil, port=args.port) as anvil:
        deployed = anvil.deploy(find())
        _tell(anvil.url, deployed, args.json)
        stopped.wait()
    return OK


def _manifest(url: str) -> Deployed:
    import httpx

    from engine.adapters.practice.manifest import read

    question = {"jsonrpc": "2.0", "id": 1, "method": "practice_manifest", "params": []}
    with httpx.Client(trust_env=False, timeout=60) as client:
        told = client.post(url, json=question).json()
    return read(json.dumps(told["result"]))


def _progress(share: float, what: str) -> None:
    print(f"\r{share:4.0%} {what:60}", end="" if share < 1 else "\n", file=sys.stderr, flush=True)


def _tell(url: str, deployed: Deployed, as_json: bool) -> None:
    import msgspec

    if as_json:
        print(json.dumps({"url": url, **msgspec.to_builtins(deployed)}), flush=True)
        return
    rows = [("address", url), ("chain id", str(deployed.chain_id)), ("multicall", deployed.multicall)]
    rows += [(each.symbol, each.address) for each in deployed.tokens]
    for dex in deployed.exchanges:
        rows += [(f"{dex.title}, factory", dex.factory), (f"{dex.title}, router", dex.router)]
        rows += [(f"{dex.title}, quoter", dex.quoter)] if dex.quoter else []
        rows += [(f"{dex.title}, positions", dex.position_manager)] if dex.position_manager else []
    rows += [(each.title, each.address) for each in deployed.farms]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")
    print("Ctrl+C ends it.", flush=True)
