"""`crs wallet list`: the accounts of the wallet, without asking for its password."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.terminal import harmless
from engine.cli.wallet_open import with_wallet

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.wallet.accounts import WalletAccount

NAME = "list"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="the accounts of the wallet")
    verb.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the accounts and return the exit status."""

    async def work(wallet: WalletEngine) -> tuple[list[WalletAccount], WalletAccount | None, list[str]]:
        problems = [*wallet.keys.damaged, wallet.accounts.problem, wallet.book.problem]
        if wallet.accounts.unconfirmed:
            problems.append("A phrase was never confirmed as written down: do it with `crs wallet phrase`.")
        return list(wallet.accounts.all), wallet.accounts.current, [each for each in problems if each]

    found, current, problems = with_wallet(args, work)
    for each in problems:
        print(f"crs: {harmless(each)}", file=sys.stderr)
    if args.json:
        print(json.dumps([plain(each) | {"current": each == current} for each in found], indent=2))
        return 0
    rows = [("*" if each == current else "", each.label, each.address, kind_of(each)) for each in found]
    print(table("Accounts", ("", "name", "address", "kind"), rows))
    return 0


def kind_of(account: WalletAccount) -> str:
    """Return what an account is, for people."""
    kind = {"derived": account.path, "imported": "imported key", "watch": "watched"}[account.kind]
    return kind if account.is_confirmed else f"{kind}, phrase not confirmed"


def plain(account: WalletAccount) -> dict[str, Any]:
    """Return an account for scripts."""
    return {
        "address": account.address,
        "label": account.label,
        "kind": account.kind,
        "path": account.path,
        "is_confirmed": account.is_confirmed,
    }
