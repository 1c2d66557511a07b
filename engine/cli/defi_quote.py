"""`crs defi quote`: what every exchange of a chain gives for an amount, side by side."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.wallet_open import add_wallet, on_chain, token_of, with_wallet

if TYPE_CHECKING:
    from engine.bootstrap.chaindesk import ChainDesk
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.dex.quoterow import DexQuotes, QuoteRow
    from engine.services.dex.verify import Compared

NAME = "quote"


def add_swap(verb: argparse.ArgumentParser) -> None:
    """Declare what is swapped."""
    verb.add_argument("sell", metavar="SELL", help="symbol or address of the token that is given")
    verb.add_argument("buy", metavar="BUY", help="of the token that is wanted")
    verb.add_argument("amount", metavar="AMOUNT", help="in whole tokens of SELL, e.g. 1.5")
    verb.add_argument("--exact-out", action="store_true", help="AMOUNT is of BUY: exactly so much is to come out")
    verb.add_argument("--hops", type=int, default=3, choices=(1, 2, 3, 4), help="pools on a path at most (default: 3)")


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="what the exchanges of a chain give for an amount")
    add_swap(verb)
    text = "ask the exchanges' own quoters for the best row as well, at the same block; it fails if they differ"
    verb.add_argument("--verify", action="store_true", help=text)
    add_wallet(verb)


def run(args: argparse.Namespace) -> int:
    """Print the quotes and return the exit status."""

    async def work(wallet: WalletEngine) -> tuple[DexQuotes, list[Compared]]:
        from engine.services.dex.verify import verify

        desk = await on_chain(wallet, args)
        quotes = await quotes_of(desk, args)
        best = quotes.best if args.verify else None
        return quotes, [] if best is None else await verify(desk.client, desk.spec, best)

    quotes, compared = with_wallet(args, work)
    if args.json:
        asked = {"verified": [_verified(each) for each in compared]} if args.verify else {}
        print(json.dumps(as_json(quotes) | asked, indent=2))
    else:
        print("\n".join([told(quotes), *map(_said, compared)]))
    return 0 if quotes.rows and all(each.is_equal for each in compared) else 1


async def quotes_of(desk: ChainDesk, args: argparse.Namespace) -> DexQuotes:
    """Return the quotes that were asked for."""
    sell, buy = await token_of(desk, args.sell), await token_of(desk, args.buy)
    amount = (buy if args.exact_out else sell).of(args.amount)
    return await desk.quotes.best(sell, buy, amount.units, not args.exact_out, hops=args.hops)


def told(quotes: DexQuotes) -> str:
    """Return the quotes as a table, the best first, with what was left out and why."""
    other = quotes.token_out if quotes.is_exact_in else quotes.token_in
    headings = ("#", "way", f"{other.symbol}", "after gas", "impact", "fee", "gas", "note")
    rows = [_cells(number, row, quotes.is_exact_in) for number, row in enumerate(quotes.rows, 1)]
    what = f"{quotes.amount} {'for' if quotes.is_exact_in else 'from'} {other.symbol}, block {quotes.block}"
    lines = [table(what, headings, rows)]
    for number, row in enumerate(quotes.rows, 1):
        lines += [f"  {number}: {line}" for line in row.lines]
    lines += [f"  {name}: {why}" for name, why in quotes.refusals.items()]
    return "\n".join([*lines, *(f"  {note}" for note in quotes.notes)])


def _cells(number: int, row: QuoteRow, is_exact_in: bool) -> tuple[str, ...]:
    amount = row.amount_out if is_exact_in else row.amount_in
    return (
        str(number), row.title, amount.text, row.net.text, f"{row.impact_bps / 100:.2f} %",
        f"{row.fee_bps / 100:.2f} %", str(row.gas), row.problem,
    )  # fmt: skip


def _said(compared: Compared) -> str:
    if compared.is_equal:
        return f"  Its own contracts say the same to the unit: {compared.line}"
    theirs = compared.reason if compared.theirs is None else f"{compared.theirs} units, here {compared.ours}"
    return f"  Its own contracts say something else: {compared.line}: {theirs}"


def _verified(compared: Compared) -> dict[str, Any]:
    theirs = None if compared.theirs is None else str(compared.theirs)
    return {"route": compared.line, "ours": str(compared.ours), "theirs": theirs, "reason": compared.reason}


def as_json(quotes: DexQuotes) -> dict[str, Any]:
    """Return what scripts want to know."""
    return {
        "block": quotes.block,
        "amount": quotes.amount.text,
        "exact_in": quotes.is_exact_in,
        "gas_price_wei": str(quotes.gas_price),
        "rows": [
            {
                "kind": row.kind.value,
                "title": row.title,
                "exchanges": list(row.dexes),
                "route": list(row.lines),
                "amount_in": row.amount_in.text,
                "amount_out": row.amount_out.text,
                "net": row.net.text,
                "impact_bps": row.impact_bps,
                "gas": row.gas,
                "transactions": row.transactions,
                "problem": row.problem,
            }
            for row in quotes.rows
        ],
        "refusals": dict(quotes.refusals),
    }
