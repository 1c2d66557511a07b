"""Farms on real contracts: what is found, what is earned by the clock, what comes back."""

from __future__ import annotations

from time import time

import pytest

from engine.defi.chain import FarmKind
from engine.defi.farming.farm import DAY_S, Stake
from engine.errors import InvalidInput
from engine.services.dex.farms import Farms
from engine.services.dex.liquidity import Liquidity, Wish
from tests.dexdesk import COIN, Desk
from tests.practice import Node


async def of_farm(desk: Desk) -> Stake:
    """The contract that takes FARM itself."""
    found = await Farms(desk.chain, desk.spec).find(desk.account)
    return next(each for each in found if each.farm.staked.symbol == "FARM")


async def test_every_place_to_stake_is_found(desk: Desk) -> None:
    found = await Farms(desk.chain, desk.spec).find(desk.account)

    kinds = [each.farm.spec.kind for each in found]
    assert kinds.count(FarmKind.STAKING_REWARDS) == 2
    assert kinds.count(FarmKind.MASTER_CHEF) == 2
    chef = [each.farm for each in found if each.farm.spec.kind is FarmKind.MASTER_CHEF]
    assert [each.weight * 100 for each in chef] == [60, 40]
    assert all(each.pair for each in chef)
    assert all(each.amount == each.pending == 0 for each in found)


@pytest.mark.soak  # in short: tests/engine/bootstrap/test_defi_scenario.py
async def test_staking_earns_its_part_of_the_rate_by_the_second(desk: Desk, practice: Node) -> None:
    farms = Farms(desk.chain, desk.spec)
    empty = await of_farm(desk)
    plan = await farms.stake(empty, 1_000 * COIN)
    assert len(plan) == 2
    await desk.act(plan)
    began = await desk.now()
    staked = await of_farm(desk)
    assert staked.amount == 1_000 * COIN

    practice.rpc("practice_increaseTime", DAY_S)
    practice.rpc("practice_mine")

    later = await of_farm(desk)
    seconds = await desk.now() - began
    assert later.pending == staked.farm.share_of(staked.amount, seconds).units or (
        abs(later.pending - staked.farm.share_of(staked.amount, seconds).units) <= 1_000
    ), "the contract rounds its reward per token down"
    reward = later.farm.spec.reward
    had = await desk.balance(reward), await desk.balance(later.farm.staked)
    await desk.act(farms.leave(later))
    got = await desk.balance(reward) - had[0], await desk.balance(later.farm.staked) - had[1]
    assert got[0] >= later.pending
    assert got[1] == 1_000 * COIN
    with pytest.raises(InvalidInput, match="nothing in"):
        farms.leave(await of_farm(desk))


@pytest.mark.soak  # in short: tests/engine/bootstrap/test_defi_scenario.py
async def test_a_chef_pays_by_block_and_gives_shares_back(desk: Desk, practice: Node) -> None:
    farms = Farms(desk.chain, desk.spec)
    wish = Wish(desk.account, desk.dex("sushiswap"))
    added = await Liquidity(desk.chain, desk.spec, lambda: int(time())).add_pair(
        wish, desk.of("2 WETH"), desk.of("50000 USDT")
    )
    await desk.set_up(added.intents)
    chef = next(each for each in await farms.find(desk.account) if each.farm.number == 0)
    shares = await desk.balance(chef.farm.staked)
    await desk.set_up(await farms.stake(chef, shares))
    begun = await farms.one(chef.farm.spec.name, 0, desk.account)
    assert (begun.amount, begun.pending) == (shares, 0)

    for _ in range(5):
        practice.rpc("practice_mine")

    later = await farms.one(chef.farm.spec.name, 0, desk.account)
    blocks = later.farm.block - begun.farm.block
    by_formula = begun.farm.share_of(shares, blocks * int(desk.spec.block_s)).units
    assert abs(later.pending - by_formula) <= by_formula // 10**6 + 10**9
    reward = later.farm.spec.reward
    had = await desk.balance(reward)
    await desk.act(farms.claim(later))
    assert await desk.balance(reward) - had >= later.pending
    await desk.act(farms.unstake(await farms.one(chef.farm.spec.name, 0, desk.account), shares))
    assert await desk.balance(chef.farm.staked) == shares
