"""`crs server`: the backend, its users and its databases."""

from __future__ import annotations

import argparse
import os
from typing import Any

from engine.cli import server_audit, server_block, server_db, server_fund, server_top, server_user
from engine.errors import InvalidInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Run the CRS backend and look after it."
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    run_parser = verbs.add_parser("run", help="run a server until it is asked to stop")
    _add_run(run_parser)
    server_user.add_arguments(verbs)
    server_audit.add_arguments(verbs)
    server_db.add_arguments(verbs)
    server_fund.add_arguments(verbs)
    server_top.add_arguments(verbs)
    server_block.add_arguments(verbs)


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    try:
        import starlette  # noqa: F401 - only to say in a sentence that the extra is missing
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise InvalidInput(
            f"The server is not installed ({error.name} is missing). Install it with: pip install crs-desktop[server]"
        ) from error
    os.umask(0o077)  # databases, keys, logs and backups are for their owner's eyes
    if args.verb in server_user.NAMES:
        return server_user.run(args)
    if args.verb == server_fund.NAME:
        return server_fund.run(args)
    if args.verb == server_top.NAME:
        return server_top.run(args)
    if args.verb == server_block.NAME:
        return server_block.run(args)
    if args.verb == server_audit.NAME:
        return server_audit.run(args)
    if args.verb == server_db.NAME:
        return server_db.run(args)
    from engine.server.run import serve
    from engine.server.settings import load_settings

    settings = load_settings(
        args.data_dir, host=args.host, port=args.port, market=args.market, seed=args.seed, role=args.role,
        database=args.database, redis=args.redis, **_upstream(args),
    )  # fmt: skip
    return serve(settings)


def _upstream(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of upstream markets that were told; None where nothing was."""
    from engine.errors import InvalidInput

    urls = dict[str, str]()
    for each in args.upstream_url or ():
        name, mark, url = each.partition("=")
        if not mark:
            raise InvalidInput(f"--upstream-url is written NAME=URL, not {each[:80]!r}.")
        urls[name.strip()] = url.strip()
    return {
        "upstream": _names(args.upstream),
        "upstream_pairs": _names(args.upstream_pairs),
        "upstream_urls": urls or None,
    }


def _names(text: str | None) -> tuple[str, ...] | None:
    """Return what a list with commas names."""
    return None if text is None else tuple(each.strip() for each in text.split(",") if each.strip())


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data-dir", metavar="DIR", required=True, help="where the server keeps its data")
    parser.add_argument("--host", metavar="ADDRESS", help="what to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", metavar="N", type=int, help="REST, streams, facade and health (default: 8080)")
    parser.add_argument("--market", metavar="NAME", help="demo: own books with simulated flow; none: upstream only")
    parser.add_argument("--seed", metavar="N", type=int, help="of the demo market")
    parser.add_argument("--role", metavar="ROLE", help="all, core, api or ws; all but all need --redis")
    parser.add_argument("--database", metavar="URL", help="a PostgreSQL database instead of SQLite files")
    parser.add_argument(
        "--upstream", metavar="NAME[,NAME]", help="public exchanges whose markets are distributed, such as binance"
    )
    parser.add_argument(
        "--upstream-pairs", metavar="PAIR[,PAIR]", help="what is followed of them (default: a short list for each)"
    )
    parser.add_argument(
        "--upstream-url", metavar="NAME=URL", action="append", help="another address of one; for tests and development"
    )
    parser.add_argument("--redis", metavar="URL", help="limits, sessions and events for several processes")
