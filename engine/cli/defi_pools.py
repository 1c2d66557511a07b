"""`crs defi pools`: the pools of a chain: what they hold, how much goes through them, what they pay."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.wallet_open import on_chain, token_of, with_wallet
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.wallet import WalletEngine
    from engine.services.dex.analytics import PoolReport

NAME = "pools"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="what pools hold, trade and pay")
    verb.add_argument("tokens", metavar="TOKEN", nargs="*", help="symbols or addresses (default: all that are known)")
    verb.add_argument("--blocks", type=int, default=7_200, metavar="N", help="the window (default: 7200 blocks)")
    verb.add_argument("--chain", default="practice", metavar="NAME", help="default: the practice chain")
    verb.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Print the pools and return the exit status."""

    async def work(wallet: WalletEngine) -> list[PoolReport]:
        from engine.services.dex.listed import listed_pools

        desk = await on_chain(wallet, args)
        tokens = [await token_of(desk, each) for each in args.tokens] or list(desk.spec.tokens)
        if len(tokens) < 2:
            raise InvalidInput("A pool is of two tokens: name at least two, or none for all that are known.")
        return await desk.analytics.report(await listed_pools(desk.pools, desk.spec, tokens), args.blocks)

    reports = with_wallet(args, work)
    reports.sort(key=lambda each: -(each.figures.tvl if each.figures is not None else 0))
    print(json.dumps([_plain(each) for each in reports], indent=2) if args.json else _table(reports))
    return 0


def _table(reports: list[PoolReport]) -> str:
    headings = ("exchange", "pool", "fee", "holds", "worth", "volume", "fee APR", "swaps", "note")
    return table("Pools", headings, [_cells(each) for each in reports])


def _cells(report: PoolReport) -> tuple[str, ...]:
    pool, figures = report.pool, report.figures
    holds = f"{pool.first.units(report.holds[0])} + {pool.second.units(report.holds[1])}"
    return (
        pool.dex.title,
        f"{pool.first.symbol}/{pool.second.symbol}",
        f"{float(pool.part) * 100:.2f} %",
        holds,
        "not known" if figures is None else f"{figures.tvl:,.0f}",
        "not known" if figures is None else f"{figures.volume:,.0f}",
        "not known" if figures is None else f"{figures.fee_apr * 100:.2f} %",
        str(report.flow.swaps),
        report.note,
    )


def _plain(report: PoolReport) -> dict[str, Any]:
    pool, figures = report.pool, report.figures
    return {
        "exchange": pool.dex.name,
        "pool": pool.address,
        "tokens": [pool.first.symbol, pool.second.symbol],
        "fee": float(pool.part),
        "holds": [pool.first.units(report.holds[0]).text, pool.second.units(report.holds[1]).text],
        "tvl": None if figures is None else str(figures.tvl),
        "volume": None if figures is None else str(figures.volume),
        "fee_apr": None if figures is None else figures.fee_apr,
        "fee_apy": report.fee_apy,
        "swaps": report.flow.swaps,
        "blocks": [report.first_block, report.last_block],
        "note": report.note,
    }
