"""`crs wallet new`: make a phrase and its first account."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from engine.cli.wallet_ask import add_password, alone, wallet_password
from engine.cli.wallet_list import plain
from engine.cli.wallet_open import with_wallet
from engine.cli.wallet_phrase import at_terminal, confirmed, show

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.accounts import WalletAccount

NAME = "new"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="make a phrase and its first account")
    verb.add_argument("--words", type=int, choices=(12, 24), default=12, help="how many it has (default: 12)")
    verb.add_argument("--label", default="", help="what the account is called")
    verb.add_argument("--json", action="store_true", help="print JSON")
    add_password(verb)


def run(args: argparse.Namespace) -> int:
    """Make it and return the exit status."""

    async def work(wallet: WalletEngine) -> WalletAccount:
        made = await wallet.keys.create(words=args.words, password=await wallet_password(wallet, args))
        address = made.account.address
        await wallet.accounts.use(address)
        if args.label:
            await wallet.accounts.rename(address, args.label)
        if at_terminal():
            await show(made.words)
            await confirmed(wallet, made.account.source)
        else:
            print(
                "crs: Nobody is there to read the phrase, so it was not shown. Write it down with `crs wallet phrase` "
                "before anything of worth is on the account.",
                file=sys.stderr,
            )
        return next(each for each in wallet.accounts.all if each.address == address)

    with alone(args):
        account = with_wallet(args, work)
    print(json.dumps(plain(account), indent=2) if args.json else f"{account.label}  {account.address}")
    return 0
