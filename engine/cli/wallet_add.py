"""`crs wallet add`: the next account of the phrase, or an address that is only watched."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.wallet_ask import add_password, alone
from engine.cli.wallet_list import plain
from engine.cli.wallet_open import unlock, with_wallet

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.accounts import WalletAccount

NAME = "add"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="the next account of the phrase, or an address to watch")
    verb.add_argument("--watch", metavar="ADDRESS", help="an address without its key, instead of the next account")
    verb.add_argument("--label", default="", help="what the account is called")
    verb.add_argument("--json", action="store_true", help="print JSON")
    add_password(verb)


def run(args: argparse.Namespace) -> int:
    """Add it and return the exit status."""

    async def work(wallet: WalletEngine) -> WalletAccount:
        if args.watch:
            return await wallet.accounts.watch(args.watch, args.label)
        await unlock(wallet, args)
        made = await wallet.keys.add_account()
        if args.label:
            await wallet.accounts.rename(made.address, args.label)
        return next(each for each in wallet.accounts.all if each.address == made.address)

    with alone(args):
        account = with_wallet(args, work)
    print(json.dumps(plain(account), indent=2) if args.json else f"{account.label}  {account.address}")
    return 0
