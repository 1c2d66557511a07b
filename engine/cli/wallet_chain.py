"""`crs wallet chain`: the chains that there are, the nodes by which they are reached, and chains of one's own."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.wallet_ask import alone
from engine.cli.wallet_open import with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine

NAME = "chain"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="chains and the nodes by which they are reached")
    acts = verb.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", help="the chains, and the hosts of their nodes")
    nodes = acts.add_parser("nodes", help="say by which nodes a chain is reached; they replace those before")
    nodes.add_argument("chain", metavar="NAME")
    text = (
        "one address a line, the first is asked first; none: no node (they may carry a key, so no argument takes them)"
    )
    nodes.add_argument("--file", type=Path, metavar="FILE", help=f"{text}; default: standard input")
    add = acts.add_parser("add", help="add a chain, or change one, by its description as JSON")
    add.add_argument("file", type=Path, metavar="FILE")
    remove = acts.add_parser("remove", help="forget what was added or changed")
    remove.add_argument("chain", metavar="NAME")
    for each in (listed, nodes, add, remove):
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do what was asked for and return the exit status."""

    async def work(wallet: WalletEngine) -> list[dict[str, Any]]:
        if args.act == "nodes":
            await wallet.chains.set_endpoints(args.chain, _lines(args.file))
        elif args.act == "add":
            await wallet.chains.keep_chain(_text(args.file))
        elif args.act == "remove":
            await wallet.chains.remove_chain(args.chain)
        return _plain(wallet)

    with alone(args):
        rows = with_wallet(args, work)
    if args.json:
        print(json.dumps(rows, indent=2))
    else:
        cells = [(each["name"], each["title"], str(each["chain_id"]), ", ".join(each["nodes"])) for each in rows]
        print(table("Chains", ("name", "title", "number", "nodes"), cells))
    return 0


def _plain(wallet: WalletEngine) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "title": each.title,
            "chain_id": each.chain_id,
            "nodes": [kept.host for kept in wallet.chains.listed(each.name)],
            "is_own": wallet.chains.is_own(each.name),
        }
        for each in wallet.chains.specs
    ]


def _lines(file: Path | None) -> list[str]:
    text = sys.stdin.read() if file is None else _text(file)
    return [each.strip() for each in text.splitlines() if each.strip()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
