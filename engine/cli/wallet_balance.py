"""`crs wallet balance`: what an account has on a chain, of the coin and of all tokens that are followed there."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.table import table
from engine.cli.wallet_open import account_of, add_wallet, on_chain, with_wallet

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.balances import Held

NAME = "balance"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="what an account has on a chain")
    verb.add_argument("--all", action="store_true", help="tokens of which there is nothing, too")
    add_wallet(verb)


def run(args: argparse.Namespace) -> int:
    """Print the balances and return the exit status."""

    async def work(wallet: WalletEngine) -> tuple[Held, str]:
        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        held = await desk.balances.read(account.address, wallet.tokens.followed(desk.spec))
        return held, f"{account.label} on {desk.spec.title}"

    held, title = with_wallet(args, work)
    shown = [each for each in held.amounts.values() if each.units or args.all or each.token.is_native]
    if args.json:
        rows = [
            {"token": each.token.symbol, "address": each.token.address, "amount": each.text, "units": str(each.units)}
            for each in shown
        ]
        unread = [each.address for each in held.unread]
        print(json.dumps({"account": held.address, "block": held.block, "balances": rows, "unread": unread}, indent=2))
        return 0
    print(table(f"{title}, block {held.block}", ("token", "amount"), [(e.token.symbol, e.text) for e in shown]))
    if held.unread:
        print("Not answered: " + ", ".join(each.symbol for each in held.unread))
    return 0
