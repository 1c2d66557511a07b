"""`crs defi stake`: farms of a chain: what they pay, putting in, taking out, rewards."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.cli.table import table
from engine.cli.wallet_open import account_of, add_signing, add_wallet, on_chain, with_wallet
from engine.cli.wallet_sign import as_json, carry_out, told
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.bootstrap.chaindesk import ChainDesk
    from engine.bootstrap.wallet import WalletEngine
    from engine.defi.farming.farm import Stake
    from engine.defi.intent import Intent
    from engine.services.dex.staking import FarmView

NAME = "stake"


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    verb = verbs.add_parser(NAME, help="farms and staking: list, put in, take out, claim")
    acts = verb.add_subparsers(dest="act", required=True, metavar="ACT")
    listed = acts.add_parser("list", help="where can be staked, what it pays, what the account has there")
    add_wallet(listed)
    for act, text in (("deposit", "stake"), ("withdraw", "take back"), ("claim", "take the rewards"),
                      ("exit", "take everything back with its rewards")):  # fmt: skip
        made = acts.add_parser(act, help=text)
        made.add_argument("farm", metavar="FARM", help="its name in `crs defi stake list`, e.g. master-chef/0")
        if act in ("deposit", "withdraw"):
            made.add_argument("amount", metavar="AMOUNT", help="in whole tokens, or: all")
        add_wallet(made)
        add_signing(made)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for and return the exit status."""
    if args.act == "list":
        found = with_wallet(args, lambda wallet: _listed(wallet, args))
        print(json.dumps([_plain(each) for each in found], indent=2) if args.json else _table(found))
        return 0

    async def work(wallet: WalletEngine) -> str:
        account = account_of(wallet, args)
        desk = await on_chain(wallet, args)
        name, _, number = args.farm.partition("/")
        if number and not number.isdecimal():
            raise InvalidInput(f"{args.farm!r}: after the farm's name and / comes the number of its pool.")
        stake = await desk.farms.one(name, int(number) if number else None, account.address)
        sent = await carry_out(wallet, desk, await _intents(desk, stake, args), args)
        return json.dumps([as_json(each) for each in sent], indent=2) if args.json else told(sent)

    print(with_wallet(args, work))
    return 0


async def _listed(wallet: WalletEngine, args: argparse.Namespace) -> list[FarmView]:
    account = account_of(wallet, args)
    desk = await on_chain(wallet, args)
    return await desk.staking.views(await desk.farms.find(account.address))


async def _intents(desk: ChainDesk, stake: Stake, args: argparse.Namespace) -> list[Intent]:
    if args.act == "claim":
        return desk.farms.claim(stake)
    if args.act == "exit":
        return desk.farms.leave(stake)
    token = stake.farm.staked
    if args.act == "withdraw":
        return desk.farms.unstake(stake, stake.amount if args.amount == "all" else token.of(args.amount).units)
    if args.amount != "all":
        return await desk.farms.stake(stake, token.of(args.amount).units)
    from engine.services.dex.reading import Ask, answers, known

    (told_balance,) = await answers(
        desk.client, [Ask(token.address, "balanceOf(address)", "(uint256)", (stake.account,))]
    )
    return await desk.farms.stake(stake, int(known(told_balance, token.symbol)[0]))


def _name(stake: Stake) -> str:
    farm = stake.farm
    return farm.spec.name if farm.number is None else f"{farm.spec.name}/{farm.number}"


def _table(views: list[FarmView]) -> str:
    headings = ("farm", "staked token", "yours", "to claim", "APR", "APY daily", "worth", "until")
    rows = [
        (
            _name(each.stake),
            each.farm.staked.symbol,
            each.farm.staked.units(each.stake.amount).text,
            str(each.farm.spec.reward.units(each.stake.pending)),
            _rate(each.apr),
            _rate(each.daily_apy),
            "not known" if each.tvl is None else f"{each.tvl:,.0f}",
            _day(each.farm.ends_at) if each.farm.pays else "nothing now",
        )
        for each in views
    ]
    risks = [f"  {_name(each.stake)}: {risk}" for each in views for risk in each.risks]
    return "\n".join([table("Farms", headings, rows), *risks])


def _rate(part: float | None) -> str:
    return "not known" if part is None else f"{part * 100:,.2f} %"


def _plain(view: FarmView) -> dict[str, Any]:
    farm, stake = view.farm, view.stake
    return {
        "farm": _name(stake),
        "title": farm.title,
        "staked_token": farm.staked.address,
        "staked": farm.staked.units(stake.amount).text,
        "pending": farm.spec.reward.units(stake.pending).text,
        "reward": farm.spec.reward.symbol,
        "yearly": farm.yearly().text,
        "pays": farm.pays,
        "ends_at": farm.ends_at,
        "apr": view.apr,
        "apy_daily": view.daily_apy,
        "tvl": None if view.tvl is None else str(view.tvl),
        "risks": list(view.risks),
    }


def _day(at: int | None) -> str:
    return "no end written" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
