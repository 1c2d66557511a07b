"""`crs defi positions`: what an account has in pools, what it earned, and how it did against holding."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.wallet_open import account_of, add_wallet, on_chain, with_wallet

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.dex.positions import LpPosition

NAME = "positions"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="the liquidity of an account, its fees, its loss against holding")
    add_wallet(verb)


def run(args: argparse.Namespace) -> int:
    """Print the positions and return the exit status."""

    async def work(wallet: WalletEngine) -> list[LpPosition]:
        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        stakes = await desk.farms.find(account.address)
        return await desk.positions.of(account.address, stakes, desk.spec.tokens)

    found = with_wallet(args, work)
    print(json.dumps([_plain(each) for each in found], indent=2) if args.json else _table(found))
    return 0


def _table(positions: list[LpPosition]) -> str:
    headings = ("exchange", "pool", "position", "holds", "fees", "against holding", "state")
    rows = []
    for each in positions:
        fees = " + ".join(map(str, each.fees)) if each.fees_known else "not known"
        rows.append((
            each.dex.title,
            f"{each.first.symbol}/{each.second.symbol}",
            "pair" if each.token_id is None else f"#{each.token_id}",
            " + ".join(map(str, each.amounts)),
            fees,
            _loss(each),
            "staked" if each.staked else "in range" if each.in_range else "out of range",
        ))  # fmt: skip
    return table("Liquidity", headings, rows)


def _loss(position: LpPosition) -> str:
    result = position.result
    return position.note or "not known" if result is None else f"{result.against_holding * 100:+.3f} %"


def _plain(position: LpPosition) -> dict[str, Any]:
    result = position.result
    return {
        "exchange": position.dex.name,
        "pool": position.pool,
        "token_id": position.token_id,
        "liquidity": str(position.liquidity),
        "amounts": {each.token.symbol: each.text for each in position.amounts},
        "fees": {each.token.symbol: each.text for each in position.fees} if position.fees_known else None,
        "in_range": position.in_range,
        "impermanent_loss": None if result is None else result.loss,
        "against_holding": None if result is None else result.against_holding,
        "note": position.note,
        "block": position.block,
    }
