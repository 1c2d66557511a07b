"""`crs wallet token`: tokens that are added to a chain's own: by address, or from a token list in a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.terminal import harmless
from engine.cli.wallet_ask import alone
from engine.cli.wallet_open import PRACTICE, on_chain, with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.defi.chain import ChainSpec
    from engine.services.wallet.tokens import TokenEntry

NAME = "token"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="the tokens of a chain: list, add by address, read a token list")
    acts = verb.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", help="the tokens of a chain, and who says what they are")
    add = acts.add_parser("add", help="follow a token; its contract is asked what it is")
    add.add_argument("address", metavar="ADDRESS")
    remove = acts.add_parser("remove", help="follow an added token no longer")
    remove.add_argument("address", metavar="ADDRESS")
    read = acts.add_parser("read", help="read a token list (tokenlists.org) from a file; nothing in it is fetched")
    read.add_argument("file", type=Path, metavar="FILE")
    drop = acts.add_parser("drop", help="forget a token list")
    drop.add_argument("name", metavar="NAME")
    for each in (listed, add, remove):
        each.add_argument("--chain", default=PRACTICE, metavar="NAME", help="default: the practice chain")
    for each in (listed, add, remove, read, drop):
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do what was asked for and return the exit status."""
    work = {"list": _list, "add": _add, "remove": _remove, "read": _read, "drop": _drop}[args.act]
    with alone(args):
        rows = with_wallet(args, lambda wallet: work(wallet, args))
    if args.json:
        print(json.dumps(rows, indent=2))
    else:
        title = "Token lists" if args.act in ("read", "drop") else "Tokens"
        print(table(title, list(rows[0]) if rows else (), [list(map(str, each.values())) for each in rows]))
    return 0


async def _list(wallet: WalletEngine, args: argparse.Namespace) -> list[dict[str, Any]]:
    return [_plain(each) for each in wallet.tokens.entries(await _spec(wallet, args))]


async def _add(wallet: WalletEngine, args: argparse.Namespace) -> list[dict[str, Any]]:
    desk = await on_chain(wallet, args)
    entry = await wallet.tokens.look_up(desk.client, desk.spec, args.address)
    await wallet.tokens.keep(entry.token)
    return [_plain(wallet.tokens.entry(desk.spec, entry.token))]


async def _remove(wallet: WalletEngine, args: argparse.Namespace) -> list[dict[str, Any]]:
    from engine.defi.address import parsed_address
    from engine.services.wallet.tokens import Origin

    spec, address = await _spec(wallet, args), parsed_address(args.address)
    added = [each.token for each in wallet.tokens.entries(spec) if each.origin is Origin.IMPORTED]
    token = next((each for each in added if each.address == address), None)
    if token is None:
        raise InvalidInput(f"No token at {address} was added on {spec.title}.")
    await wallet.tokens.remove(token)
    return [_plain(each) for each in wallet.tokens.entries(spec)]


async def _read(wallet: WalletEngine, args: argparse.Namespace) -> list[dict[str, Any]]:
    found = await wallet.tokens.add_list(args.file)
    if found.left_out:
        print(f"crs: {found.left_out} of its tokens were left out.", file=sys.stderr)
    for each in found.problems:
        print(f"crs: {harmless(each)}", file=sys.stderr)
    return _lists(wallet)


async def _drop(wallet: WalletEngine, args: argparse.Namespace) -> list[dict[str, Any]]:
    names = [each.name for each in wallet.tokens.lists]
    if args.name not in names:
        raise InvalidInput(f"No token list is called {args.name[:60]!r}; there are: {', '.join(names) or 'none'}.")
    await wallet.tokens.remove_list(args.name)
    return _lists(wallet)


async def _spec(wallet: WalletEngine, args: argparse.Namespace) -> ChainSpec:
    """Return the chain; only the practice chain, which describes itself, has to be asked."""
    return (await on_chain(wallet, args)).spec if args.chain == PRACTICE else wallet.chains.spec(args.chain)


def _plain(entry: TokenEntry) -> dict[str, Any]:
    token = entry.token
    return {
        "symbol": token.symbol,
        "address": token.address,
        "decimals": token.decimals,
        "name": token.name,
        "said_by": entry.source,
        "warning": entry.warning,
    }


def _lists(wallet: WalletEngine) -> list[dict[str, Any]]:
    return [{"name": each.name, "version": each.version, "tokens": each.count} for each in wallet.tokens.lists]
