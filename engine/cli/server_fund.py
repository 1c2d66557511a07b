"""`crs server fund`: give a user's account money; while the server runs or not."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.server.ops.fund import Funding, Funds
    from engine.server.settings import ServerSettings

NAME = "fund"


def add_arguments(verbs: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Declare the verb."""
    fund = verbs.add_parser(NAME, help="give a user's account money", allow_abbrev=False)
    fund.add_argument("--data-dir", metavar="DIR", required=True, help="where the server keeps its data")
    fund.add_argument("--email", metavar="E", required=True, help="the user's address")
    fund.add_argument("--asset", metavar="CODE", required=True, help="what to give, such as USDT")
    fund.add_argument("--amount", metavar="N", required=True, help="how much, a decimal such as 100000")
    fund.add_argument("--account", metavar="ID", help="which of the user's accounts (default: the first)")
    fund.add_argument(
        "--venue", metavar="NAME", default="", help="in which upstream market (default: the server's own)"
    )
    fund.add_argument("--database", metavar="URL", help="its PostgreSQL database, if it is not in server.toml")
    fund.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Credit the account and print what it has now; 1 if there is no such user or asset."""
    from engine.errors import InvalidInput

    try:
        return _fund(args)
    except InvalidInput as error:  # well asked, but nobody has that address, or nothing is called that
        print(f"crs: {error}", file=sys.stderr)
        return 1


def _fund(args: argparse.Namespace) -> int:
    import msgspec

    from engine.errors import InvalidInput
    from engine.server.auth.parts import open_parts
    from engine.server.auth.staff import Staff
    from engine.server.ops.fund import Funding
    from engine.server.settings import load_settings

    settings = load_settings(args.data_dir, database=args.database)
    parts = open_parts(settings)
    try:
        staff = Staff(parts)
        account = staff.account_of(args.email, args.account).account
        try:
            funding = msgspec.convert(
                {"account": account, "asset": args.asset, "amount": args.amount, "venue": args.venue}, Funding
            )
        except msgspec.ValidationError:
            raise InvalidInput(f"The amount must be a decimal such as 100000 or 0.5, not {args.amount!r}.") from None
        funds = _credit(settings, funding)
        staff.funded(args.email, account, funds.asset, args.amount, args.venue)
    finally:
        parts.close()
    print(json.dumps(msgspec.to_builtins(funds)) if args.json else _sentence(funds))
    return 0


def _credit(settings: ServerSettings, funding: Funding) -> Funds:
    """Credit through the server that runs, else open the exchange for a moment."""
    import msgspec

    from engine.server.control import ask, find
    from engine.server.ops.fund import Funds

    running = find(settings.control_file)
    if running is None:
        return asyncio.run(_credit_alone(settings, funding))
    return msgspec.convert(ask(running, "POST", "/control/fund", msgspec.to_builtins(funding)), Funds)


async def _credit_alone(settings: ServerSettings, funding: Funding) -> Funds:
    from engine.adapters.sql.address import store_at
    from engine.adapters.sql.pool import pooled
    from engine.bootstrap.exchange import open_exchange
    from engine.errors import InvalidInput
    from engine.profile import Profile
    from engine.server.core.local import LocalCore
    from engine.server.ops.fund import fund

    if funding.venue:
        return await _credit_hall(settings, funding)
    if settings.market == "none":
        raise InvalidInput("This server has upstream markets only; name one with --venue.")
    database = pooled(settings.exchange_url)
    try:
        store = store_at(settings.exchange_url, shard=settings.shard)
        engine = await open_exchange(Profile(settings.data_dir), seed=settings.seed, store=store, database=database)
        try:
            return await fund(LocalCore(engine), database, funding)
        finally:
            await engine.close()
    finally:
        database.dispose()


async def _credit_hall(settings: ServerSettings, funding: Funding) -> Funds:
    from engine.adapters.sql.pool import pooled
    from engine.errors import InvalidInput
    from engine.profile import Profile
    from engine.server.core.hall import HallCore
    from engine.server.hall.assembly import opened
    from engine.server.hall.database import hall_url
    from engine.server.ops.fund import fund

    if not settings.database and funding.venue not in Profile(settings.data_dir).venues():
        raise InvalidInput(f"There is no upstream market {funding.venue[:40]!r} yet; run the server with --upstream.")
    engine = await opened(settings, funding.venue)
    try:
        database = pooled(hall_url(settings, funding.venue))
        try:
            return await fund(HallCore(engine), database, funding)
        finally:
            database.dispose()
    finally:
        await engine.close()


def _sentence(funds: Funds) -> str:
    return f"{funds.account} has {funds.free} {funds.asset} free and {funds.locked} locked."
