"""`crs wallet practise`: give an account something to begin with on the practice chain. It is worth nothing."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.wallet_open import PRACTICE, account_of, on_chain, with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine

NAME = "practise"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="give an account coins and tokens on the practice chain")
    verb.add_argument("--account", metavar="ADDRESS", help="address or label (default: the one in use)")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(chain=PRACTICE)


def run(args: argparse.Namespace) -> int:
    """Give, say what, and return the exit status."""

    async def work(wallet: WalletEngine) -> tuple[str, dict[str, str]]:
        from engine.bootstrap.practice import gift

        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        if not desk.spec.is_practice:
            raise InvalidInput("Only the practice chain gives anything away.")
        given = gift(desk.spec)
        await wallet.practice.give(account.address, given)
        return account.address, {each.token.symbol: each.text for each in given}

    address, given = with_wallet(args, work)
    told = ", ".join(f"{amount} {symbol}" for symbol, amount in given.items())
    print(json.dumps({"account": address, "given": given}, indent=2) if args.json else f"{address} was given {told}.")
    return 0
