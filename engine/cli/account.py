"""`crs account`: what an account of a profile holds, and what it did. Works while the desktop runs."""

from __future__ import annotations

import argparse
import json
from decimal import Decimal
from typing import Any

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import Row, Statement, read_statement
from engine.cli.account_explain import add_explain, add_lots, run_explain, run_lots
from engine.cli.account_statement import add_statement, run_statement
from engine.cli.table import instant, table
from engine.cli.where import add_venue, profile_of
from engine.domain.course import TradingStateChanged
from engine.domain.order import LotMethod, OrderStatus, OrderType
from engine.portfolio.explain import METHOD_WORDS
from engine.profile import Profile
from engine.services.offload import uncollected

RECENT = 20
"""Fills in the readable form; `--json` has all of them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    parser.description = "Show balances, positions, orders, fills and profit of a paper account."
    parser.add_argument("--json", action="store_true", help="print one JSON object, complete, amounts as strings")
    parser.add_argument("--account", metavar="ID", help="which account (default: the one in use)")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    explain = verbs.add_parser("explain", help="say which lots, prices, fees and formula a number comes from")
    lots = verbs.add_parser("lots", help="list the lots that are held, and what they cost")
    report = verbs.add_parser("statement", help="write the tax-lot report or the account statement of a year")
    add_explain(explain)
    add_lots(lots)
    add_statement(report)
    why = verbs.add_parser("why", help="say why an order filled, or why it did not")
    why.add_argument("order", metavar="ORDER_ID", help="which order; `crs account --json` lists all")
    add_venue(parser, explain, lots, report, why)
    for verb in (explain, lots, why):
        verb.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON, complete")
    for verb in (explain, lots, report, why):  # after the verb, too
        verb.add_argument("--account", metavar="ID", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        verb.add_argument("--profile-dir", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def _why(reader: Reader, args: argparse.Namespace, selected: str | None) -> int:
    from engine.cli.account_why import run_why  # needs the whole exchange, which takes a while to import

    return run_why(reader, args, selected)


VERBS = {"explain": run_explain, "lots": run_lots, "statement": run_statement, "why": _why}


def run(args: argparse.Namespace) -> int:
    """Run the subcommand and return its exit status."""
    profile = profile_of(args)
    with uncollected(), Reader(profile.database) as reader:  # a year of trading is a hundred thousand small values
        selected = args.account or _selected(profile, on_venue=args.accounts_on is not None)
        if args.verb is not None:
            return VERBS[args.verb](reader, args, selected)
        statement = read_statement(reader, selected)
    if args.json:
        print(json.dumps(_plain(statement)))
    else:
        print(_readable(statement))
    return 0


def _selected(profile: Profile, *, on_venue: bool) -> str | None:
    if on_venue:
        from engine.adapters.paper.live_file import VenueFile

        return VenueFile(profile.choices_file).load().account or None
    if not profile.settings_file.exists():
        return None
    from engine.settings import load

    return load(profile.settings_file).account.selected or None


def _plain(statement: Statement) -> dict[str, Any]:
    return {
        "balances": statement.balances,
        "positions": statement.positions,
        "orders": statement.orders,
        "fills": statement.fills,
        "pnl": statement.pnl,
    }


def _readable(statement: Statement) -> str:
    parts, rows = [f"Account {statement.account}\n{_trading(statement.trading)}"], list[tuple[str, ...]]()
    rows = [(asset, _money(each["free"]), _money(each["locked"])) for asset, each in statement.balances.items()]
    parts.append(table("Balances", ("asset", "free", "locked"), rows))
    rows = [
        (
            each["symbol"], _money(each["qty"]),
            *(_price(each[key], each["last"]) for key in ("average_price", "last")),
            _money(each["unrealised"]), _money(each["realised"]),
        )
        for each in statement.positions
    ]  # fmt: skip
    title = "Positions" if statement.method is LotMethod.AVERAGE else f"Positions, {METHOD_WORDS[statement.method]}"
    parts.append(table(title, ("pair", "quantity", "average", "last", "unrealised", "realised"), rows))
    rows = [_open(each) for each in statement.orders if OrderStatus(each["status"]).is_open]
    titles = ("id", "pair", "side", "type", "quantity", "filled", "price", "stop", "status")
    parts.append(table("Open orders", titles, rows))
    recent = statement.fills[-RECENT:]
    rows = [
        (
            instant(each["ts"]), each["symbol"], each["side"], _money(each["qty"]), each["price"], _money(each["fee"]),
            each["order_id"],
        )
        for each in recent
    ]  # fmt: skip
    title = f"Fills (last {len(recent)} of {len(statement.fills)})" if len(recent) < len(statement.fills) else "Fills"
    parts.append(table(title, ("time (UTC)", "pair", "side", "quantity", "price", "fee", "order"), rows))
    pnl = statement.pnl
    unknown = "" if pnl["unrealised"] is not None else " (no last prices yet)"
    parts.append(
        f"Profit in {pnl['currency']}: realised {_money(pnl['realised'])}, "
        f"unrealised {_money(pnl['unrealised'])}{unknown}; fees paid {_money(pnl['fees'])}"
    )
    return "\n\n".join(parts)


def _trading(change: TradingStateChanged | None) -> str:
    if change is None:
        return "Trading: active"
    why = f": {change.reason}" if change.reason else ""
    return f"Trading: {change.state}, since {instant(change.at)} UTC market time{why}"


def _open(order: Row) -> tuple[str, ...]:
    """Return an open order as a row; of a trailing stop how far it trails."""
    stop = order["stop_price"]
    if stop is None and order["order_type"] == OrderType.TRAILING_STOP:
        stop = f"by {order['trail'] or order['trail_bps'] + ' bps'}"
    keys = ("order_id", "symbol", "side", "order_type", "qty", "filled", "price")
    return (*(str(order[key] or "") for key in keys), stop or "", order["status"])


def _price(text: str | None, like: str | None) -> str:
    """Return a price with at most eight decimals, or as many as another one of its pair has."""
    return _money(text, max(8, len((like or "").partition(".")[2])))


def _money(text: str | None, places: int = 8) -> str:
    """Return an amount with at most so many decimals, cut towards zero; anything else as it is."""
    if text is None:
        return "-"
    whole, dot, fraction = text.partition(".")
    if not dot or not (whole.lstrip("-") + fraction).isdigit():
        return text
    return format(Decimal(f"{whole}.{fraction[:places]}"), "f")
