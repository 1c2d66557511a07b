"""`crs defi swap`: swaps at the best quote, or at one of the others, through the one send pipeline."""

from __future__ import annotations

import argparse
import asyncio
import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from engine.cli.defi_quote import add_swap, quotes_of
from engine.cli.wallet_open import account_of, add_signing, add_wallet, on_chain, with_wallet
from engine.cli.wallet_sign import as_json, carry_out, told
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.sent import SentTransaction

NAME = "swap"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="swap tokens at the best quote, or at another")
    add_swap(verb)
    verb.add_argument("--row", type=int, default=0, metavar="N", help="the row of `crs defi quote` (default: the best)")
    text = "how many percent less than quoted are still taken (default: the setting wallet.slippage_bps, 1 at first)"
    verb.add_argument("--slippage", type=basis_points, metavar="PERCENT", help=text)
    add_wallet(verb)
    add_signing(verb)


def basis_points(text: str) -> int:
    """Return hundredths of a percent from a figure in percent."""
    try:
        points = Decimal(text.rstrip("%").strip()) * 100
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of percent") from None
    if points != points.to_integral_value() or not 0 <= points < 10_000:
        raise argparse.ArgumentTypeError(f"{text!r}: 0 to 99.99 percent in steps of 0.01 are possible")
    return int(points)


def run(args: argparse.Namespace) -> int:
    """Swap and return the exit status."""

    async def work(wallet: WalletEngine) -> list[SentTransaction]:
        from engine.services.dex.swap import Ticket
        from engine.settings import load

        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        quotes = await quotes_of(desk, args)
        rows = quotes.rows if args.row else [each for each in quotes.rows if not each.problem]
        if not rows:
            reasons = [each.problem for each in quotes.rows] or list(quotes.refusals.values())
            raise InvalidInput(reasons[0] if reasons else "No exchange of this chain knows a way.")
        if not 0 <= args.row <= len(rows):
            raise InvalidInput(f"There is no row {args.row}: there are {len(rows)}.")
        row = rows[max(args.row - 1, 0)]
        settings = await asyncio.to_thread(load, wallet.profile.settings_file)
        slippage = settings.wallet.slippage_bps if args.slippage is None else args.slippage
        intents = await desk.swaps.intents(row, Ticket(account.address, slippage))
        return await carry_out(wallet, desk, intents, args)

    sent = with_wallet(args, work)
    print(json.dumps([as_json(each) for each in sent], indent=2) if args.json else told(sent))
    return 0
