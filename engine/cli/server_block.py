"""`crs server block`: who is blocked, blocking an address, letting one in again; of a server on this machine."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

NAME = "block"


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    block = verbs.add_parser(NAME, help="list, make and lift blocks of addresses", allow_abbrev=False)
    acts = block.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", help="who is blocked now")
    added = acts.add_parser("add", help="block an address, or an IPv6 /64")
    lifted = acts.add_parser("lift", help="let an address in again")
    for each in (listed, added, lifted):
        each.add_argument("--data-dir", metavar="DIR", required=True, help="of the server, which must run")
        each.add_argument("--json", action="store_true", help="print JSON")
    for each in (added, lifted):
        each.add_argument("--address", metavar="IP", required=True)
    added.add_argument("--minutes", metavar="N", type=int, default=60, help="how long (default: 60)")
    added.add_argument("--reason", metavar="TEXT", default="by an operator", help="for whoever lists it later")


def run(args: argparse.Namespace) -> int:
    """Do it through the running server; 1 if it refuses or none runs."""
    from engine.errors import InvalidInput, VenueUnavailable
    from engine.server.control import ask, find
    from engine.server.settings import load_settings

    control = find(load_settings(args.data_dir).control_file)
    if control is None:
        print(f"crs: No server runs in {args.data_dir}.", file=sys.stderr)
        return 1
    try:
        if args.act == "list":
            told = ask(control, "GET", "/control/blocks")
        elif args.act == "add":
            wanted = {"address": args.address, "minutes": args.minutes, "reason": args.reason}
            told = {"blocks": [ask(control, "POST", "/control/blocks/add", wanted)]}
        else:
            told = ask(control, "POST", "/control/blocks/lift", {"address": args.address})
    except (InvalidInput, VenueUnavailable) as error:
        print(f"crs: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told) if args.json else _table(told["blocks"]))
    return 0


def _table(blocks: list[dict[str, Any]]) -> str:
    from engine.cli.server_screen import printable

    if not blocks:
        return "Nobody is blocked."
    rows = ((each["address"], _instant(each["until_ms"]), each["reason"]) for each in blocks)
    return "\n".join(printable(f"{address:<26}until {until} UTC  {reason}") for address, until, reason in rows)


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
