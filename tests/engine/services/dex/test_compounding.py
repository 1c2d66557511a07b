"""Rewards put to work again on real contracts: the stake grows by what was claimed, step by step, once."""

from __future__ import annotations

from dataclasses import replace
from time import time

import pytest

from engine.defi.farming.farm import Stake
from engine.defi.intents.allow import exact_allowance
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.orders.plan import PlanState, Step
from engine.errors import InvalidInput
from engine.services.dex.compounding import Compounding, Tools
from engine.services.dex.farms import Farms
from engine.services.dex.liquidity import Liquidity, Wish
from engine.services.dex.market import Market
from engine.services.dex.pools import PoolBook
from engine.services.dex.quotes import Quotes
from engine.services.dex.routemarket import RouteMarket
from engine.services.dex.swap import Swaps
from tests.dexdesk import ACCOUNT, COIN, Desk
from tests.pairmarket import PairMarket
from tests.practice import Node

ALONE = Limits(Confirmation.WITHIN_LIMITS, max_slippage_bps=200, max_gas_cost=COIN // 10, per_day=3)


def compounding(desk: Desk, market: Market | None = None) -> Compounding:
    tools = Tools(
        Farms(desk.chain, desk.spec),
        Liquidity(desk.chain, desk.spec, lambda: int(time())),
        market or PairMarket(desk),
        desk.carrier,
    )
    return Compounding(desk.chain, desk.spec, desk.store, tools, desk.bus, rest_s=0.0)


async def staked_pair(desk: Desk, farm: int, other: str) -> Stake:
    """Give liquidity and stake its shares in a pool of the MasterChef."""
    farms = Farms(desk.chain, desk.spec)
    wish = Wish(ACCOUNT, desk.dex("sushiswap"))
    added = await Liquidity(desk.chain, desk.spec, lambda: int(time())).add_pair(
        wish, desk.of("10 WETH"), desk.of(other)
    )
    await desk.set_up(added.intents)
    chef = next(each for each in await farms.find(ACCOUNT) if each.farm.number == farm)
    await desk.set_up(await farms.stake(chef, await desk.balance(chef.farm.staked)))
    await desk.settle()
    return await farms.one(chef.farm.spec.name, farm, ACCOUNT)


async def allowed(desk: Desk, stake: Stake, *symbols: str) -> None:
    """Let router and farm take more than a round needs, so that its approvals are not the test's time."""
    router = desk.dex("sushiswap").router
    given = [exact_allowance(desk.spec, ACCOUNT, desk.token(each).units(10**30), router) for each in symbols]
    shares = stake.farm.staked.units(10**30)
    await desk.set_up([*given, exact_allowance(desk.spec, ACCOUNT, shares, stake.farm.spec.address)])


async def until_round_ends(desk: Desk, plans: Compounding, id: str) -> list[Step]:
    """Look and follow until the round is over; return the steps in the order in which they were next."""
    seen: list[Step] = []
    for _ in range(25):
        await plans.look()
        await desk.settle()
        plan = plans.get(id)
        if plan.step is not None and plan.step not in seen:
            seen.append(plan.step)
        if plan.past:
            return seen
        assert plan.state is not PlanState.PAUSED, plan.why
    raise AssertionError(plans.get(id).why or plans.problem)


async def test_a_round_claims_swaps_adds_and_stakes_what_it_claimed(desk: Desk, practice: Node) -> None:
    before = await staked_pair(desk, 1, "100000 FARM")
    await allowed(desk, before, "FARM", "WETH")
    practice.rpc("practice_mine", 60)
    plans = compounding(desk)
    plan = await plans.add(before, ALONE)

    seen = await until_round_ends(desk, plans, plan.id)

    after = plans.get(plan.id)
    stake = await Farms(desk.chain, desk.spec).one(plan.farm, plan.number, ACCOUNT)
    assert seen == list(plan.steps())
    assert len(seen) == 4, "the reward is one of the pair's tokens: one swap is enough"
    (past,) = after.past
    assert past.claimed > 0
    assert past.why == ""
    assert stake.amount == before.amount + past.staked > before.amount
    sent = [each for each in await desk.ledger.page(None, None) if each.kept_ns > after.created * 10**9]
    assert past.gas_cost == sum((each.gas_used or 0) * (each.gas_price or 0) for each in sent)

    practice.rpc("practice_mine")
    await plans.edit(plan.id, replace(ALONE, min_gain=50 * COIN))
    await plans.look()
    await plans.look()
    assert "a round costs about" in plans.get(plan.id).why
    assert [each for each in await desk.ledger.page(None, None) if each.kept_ns > after.created * 10**9] == sent


@pytest.mark.soak
async def test_a_round_that_cannot_go_on_says_what_is_at_hand_and_goes_on_after_a_start(
    desk: Desk, practice: Node
) -> None:
    farms = Farms(desk.chain, desk.spec)
    empty = next(each for each in await farms.find(ACCOUNT) if each.farm.staked.symbol == "FARM")
    await desk.set_up(await farms.stake(empty, 20_000 * COIN))
    await desk.settle()
    practice.rpc("practice_increaseTime", 3_600)
    practice.rpc("practice_mine")
    stake = await farms.one(empty.farm.spec.name, None, ACCOUNT)
    plans = compounding(desk)
    plan = await plans.add(stake, ALONE)
    await plans.look()
    await desk.settle()
    await plans.look()
    assert plans.get(plan.id).step is Step.SWAP_FIRST

    await plans.edit(plan.id, replace(ALONE, max_gas_cost=1))
    await plans.look()
    assert "Gas could cost" in plans.get(plan.id).why

    await plans.edit(plan.id, ALONE)
    again = compounding(desk)
    await again.open()
    seen = await until_round_ends(desk, again, plan.id)
    (past,) = again.get(plan.id).past
    assert seen[-1] is Step.STAKE
    after = await farms.one(plan.farm, None, ACCOUNT)
    assert after.amount == stake.amount + past.staked > stake.amount


@pytest.mark.soak
async def test_a_round_takes_the_best_routes_of_all_exchanges(desk: Desk, practice: Node) -> None:
    before = await staked_pair(desk, 0, "50000 USDT")
    practice.rpc("practice_mine", 100)
    quotes = Quotes(desk.chain, desk.spec, PoolBook(desk.chain, desk.spec))
    plans = compounding(desk, RouteMarket(quotes, Swaps(desk.chain, desk.spec)))
    plan = await plans.add(before, ALONE)

    seen = await until_round_ends(desk, plans, plan.id)

    assert seen == [Step.CLAIM, Step.SWAP_FIRST, Step.SWAP_SECOND, Step.ADD, Step.STAKE]
    stake = await Farms(desk.chain, desk.spec).one(plan.farm, plan.number, ACCOUNT)
    assert stake.amount == before.amount + plans.get(plan.id).past[0].staked > before.amount


@pytest.mark.parametrize("limits", [Limits(Confirmation.WITHIN_LIMITS), Limits(max_slippage_bps=5_000)])
def test_limits_that_are_none_are_refused(limits: Limits) -> None:
    with pytest.raises(InvalidInput):
        limits.check()
