"""The rates of farms are their rewards over what is staked, and the calculator is the contract's formula."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from engine.defi.token import Token
from engine.defi.yields.staking import RewardStream, staking_returns
from engine.errors import InvalidInput
from engine.services.dex.farms import Farms
from engine.services.dex.staking import FarmView, Staking
from engine.services.wallet.worth import Worth
from tests.dexdesk import ACCOUNT, COIN, Desk

DOLLARS = {"WETH": 3300, "USDT": 1, "FARM": 2, "GIFT": 1}


class Fixed:
    """Prices that are given, of a market of which little is known."""

    def __init__(self, depth: Decimal | None) -> None:
        self._depth = depth

    async def worths(self, tokens: Iterable[Token]) -> dict[Token, Worth]:
        return {each: Worth(Decimal(DOLLARS[each.symbol]), self._depth) for each in tokens if each.symbol in DOLLARS}


async def staked_views(desk: Desk, whole: int, depth: Decimal | None = None) -> tuple[Staking, list[FarmView]]:
    farms = Farms(desk.chain, desk.spec)
    empty = next(each for each in await farms.find(ACCOUNT) if each.farm.staked.symbol == "FARM")
    await desk.set_up(await farms.stake(empty, whole * COIN))
    staking = Staking(desk.chain, desk.spec, Fixed(depth))
    return staking, await staking.views(await farms.find(ACCOUNT))


async def test_rates_calculator_and_risks(desk: Desk) -> None:
    staking, views = await staked_views(desk, 150_000, Decimal(1_000))
    view = next(each for each in views if each.farm.staked.symbol == "FARM")
    farm = view.farm

    assert view.tvl == farm.staked.units(farm.total).exact * 2
    assert view.apr == pytest.approx(float(farm.yearly().exact) / float(view.tvl))
    assert view.compounding is not None
    assert view.compounding.net_apy <= (view.daily_apy or 0) * 1.001 or view.compounding.interval_years < 1 / 365
    assert any("thin pool" in each for each in view.risks)
    assert any("stops paying" in each for each in view.risks)

    units, days = 500 * COIN, 30
    plan = await staking.plan(view, units, days)
    stream = RewardStream(int(farm.rate), farm.ends_at or 0, farm.total, farm.at)
    by_contract = staking_returns(stream, units, farm.at, days * 86_400, 1.0, 2.0)
    assert plan.reward == pytest.approx(by_contract.reward, rel=1e-12)
    assert plan.share == pytest.approx(by_contract.share)
    assert plan.apr == pytest.approx(by_contract.apr)
    assert plan.runs_out is by_contract.runs_out
    with pytest.raises(InvalidInput):
        await staking.plan(view, 0, days)

    pairs = [each for each in views if each.farm.pair]
    assert pairs
    for each in pairs:
        if each.tvl is not None and each.farm.total:
            assert any("less than both kept" in risk for risk in each.risks)


async def test_a_rate_beyond_all_measure_is_told_and_not_compounded(desk: Desk) -> None:
    staking, views = await staked_views(desk, 1)
    view = next(each for each in views if each.farm.staked.symbol == "FARM")

    assert view.apr is not None
    assert view.apr > 50
    assert view.compounding is None
    assert view.daily_apy is None
    assert any("rarely lasts" in each for each in view.risks)
    assert (await staking.plan(view, 1, 30)).compounding is None
