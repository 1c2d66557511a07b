"""What a position is said to have earned and lost is what the contracts pay, and what the closed form says."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from time import time

import pytest

from engine.defi.liquidity.span import price_of_root
from engine.defi.liquidity.v3 import V3Addition
from engine.defi.token import Token
from engine.defi.yields.loss import pair_loss
from engine.services.dex.analytics import Analytics, PoolAsked
from engine.services.dex.farms import Farms
from engine.services.dex.liquidity import Liquidity, RangeWish, Wish
from engine.services.dex.positions import LpPosition, Positions
from engine.services.wallet.worth import Worth
from tests.dexdesk import ACCOUNT, COIN, Desk
from tests.pairmarket import swap_of
from tests.practice import Node


def liquidity(desk: Desk) -> Liquidity:
    return Liquidity(desk.chain, desk.spec, lambda: int(time()))


async def position(desk: Desk, dex: str) -> LpPosition:
    stakes = await Farms(desk.chain, desk.spec).find(ACCOUNT)
    found = await Positions(desk.chain, desk.spec).of(ACCOUNT, stakes)
    (mine,) = [each for each in found if each.dex.name == dex]
    return mine


async def test_the_loss_of_a_pair_is_the_closed_form_and_its_fees_are_its_part(desk: Desk, practice: Node) -> None:
    weth, usdt = desk.token("WETH"), desk.token("USDT")
    wish = Wish(ACCOUNT, desk.dex("uniswap-v2"))
    await desk.set_up((await liquidity(desk).add_pair(wish, desk.of("90 WETH"), desk.of("400000 USDT"))).intents)
    then = await position(desk, "uniswap-v2")
    assert then.result is not None
    assert then.result.loss == pytest.approx(0, abs=1e-9)
    sold = 2_000_000 * 10**6
    practice.give(ACCOUNT, sold, "USDT")

    await desk.set_up(await swap_of(desk, wish.dex, usdt, weth, sold))

    now = await position(desk, "uniswap-v2")
    assert now.result is not None
    ratio = float(now.price / then.price)
    assert abs(ratio - 1) > 0.5, "the price moved far"
    assert now.result.loss == pytest.approx(pair_loss(ratio), abs=1e-6)
    place = 0 if now.first == usdt else 1
    price = float(now.price)
    in_usdt = (1.0, 1 / price) if place == 0 else (price, 1.0)
    fees = sum(each.units * rate for each, rate in zip(now.fees, in_usdt, strict=True))
    assert fees == pytest.approx(sold * 0.003 * float(now.part), rel=0.02)
    parts = now.result.price_part + now.result.loss_part + now.result.fees
    assert parts == now.result.total


@pytest.mark.soak
async def test_shares_in_a_farm_are_still_a_position(desk: Desk) -> None:
    wish = Wish(ACCOUNT, desk.dex("sushiswap"))
    added = await liquidity(desk).add_pair(wish, desk.of("2 WETH"), desk.of("50000 USDT"))
    await desk.set_up(added.intents)
    farms = Farms(desk.chain, desk.spec)
    chef = next(each for each in await farms.find(ACCOUNT) if each.farm.number == 0)
    shares = await desk.balance(chef.farm.staked)
    await desk.set_up(await farms.stake(chef, shares // 2))

    found = await position(desk, "sushiswap")

    assert found.liquidity == shares
    assert found.staked == ((chef.farm.spec.title, shares // 2),)
    assert found.free == shares - shares // 2
    assert found.result is not None


async def test_the_fees_of_a_range_are_what_collecting_pays(desk: Desk) -> None:
    weth, usdc = desk.token("WETH"), desk.token("USDC")
    wish = Wish(ACCOUNT, desk.dex("uniswap-v3"))
    where = RangeWish(weth, usdc, 500, Decimal(2800), Decimal(3800))
    await desk.set_up(
        (await liquidity(desk).add_range(wish, where, desk.of("20 WETH"), desk.of("200000 USDC"))).intents
    )
    opened = await position(desk, "uniswap-v3")
    assert opened.in_range
    assert opened.prices(weth, usdc) is not None
    await desk.set_up(await swap_of(desk, wish.dex, weth, usdc, 30 * COIN, fee=500))
    await desk.set_up(await swap_of(desk, wish.dex, usdc, weth, 50_000 * 10**6, fee=500))

    found = await position(desk, "uniswap-v3")
    assert found.result is not None
    assert found.token_id is not None
    fees = {each.token: each.units for each in found.fees}
    assert fees[weth] > 0 < fees[usdc]
    before = await desk.balance(weth), await desk.balance(usdc)
    await desk.act((await liquidity(desk).collect(wish, found.token_id, (weth, usdc))).intents)

    got = await desk.balance(weth) - before[0], await desk.balance(usdc) - before[1]
    assert got == (fees[weth], fees[usdc])
    after = await position(desk, "uniswap-v3")
    assert all(each.units == 0 for each in after.fees)
    assert after.earned == found.fees, "what was collected counts as earned"
    assert after.result is not None
    assert after.result.fees == found.result.fees


@pytest.mark.soak
async def test_a_range_that_the_price_left_holds_one_token_and_works_no_more(desk: Desk, practice: Node) -> None:
    weth, usdc = desk.token("WETH"), desk.token("USDC")
    wish = Wish(ACCOUNT, desk.dex("uniswap-v3"))
    pool = practice.manifest.pool("uniswap-v3", "WETH", "USDC", 500)
    (root,) = await desk.ask(pool, "slot0()", "(uint160)")
    price = price_of_root(root, weth, usdc)
    where = RangeWish(weth, usdc, 500, price * Decimal("0.995"), price * Decimal("1.005"))  # less than the slippage
    await desk.set_up((await liquidity(desk).add_range(wish, where, desk.of("5 WETH"), desk.of("50000 USDC"))).intents)

    await desk.set_up(await swap_of(desk, wish.dex, usdc, weth, 300_000 * 10**6, fee=500))

    found = await position(desk, "uniswap-v3")
    assert not found.in_range
    held = {each.token: each.units for each in found.amounts}
    assert held[weth] == 0 < held[usdc]
    assert found.result is not None
    assert found.result.loss < 0
    assert found.token_id is not None
    await desk.act((await liquidity(desk).remove_range(wish, found.token_id, (weth, usdc))).intents)
    assert await Positions(desk.chain, desk.spec).of(ACCOUNT) == []


class Fixed:
    """Prices that are given."""

    def __init__(self, desk: Desk) -> None:
        self._worths = {desk.token("USDT"): Worth(Decimal(1), None), desk.token("WETH"): Worth(Decimal(3300), None)}

    async def worths(self, tokens: Iterable[Token]) -> dict[Token, Worth]:
        return dict(self._worths)


async def test_a_pools_figures_are_those_of_its_swaps(desk: Desk, practice: Node) -> None:
    weth, usdt = desk.token("WETH"), desk.token("USDT")
    dex = desk.dex("uniswap-v2")
    pool = practice.manifest.pool("uniswap-v2", "WETH", "USDT")
    first, second = (weth, usdt) if int(weth.address, 16) < int(usdt.address, 16) else (usdt, weth)
    began = await desk.chain.block_number()
    await desk.set_up(await swap_of(desk, dex, weth, usdt, 3 * COIN))
    practice.rpc("practice_increaseTime", 3_600)
    practice.rpc("practice_mine")
    await desk.set_up(await swap_of(desk, dex, usdt, weth, 5_000 * 10**6))
    window = await desk.chain.block_number() - began

    (report,) = await Analytics(desk.chain, desk.spec, Fixed(desk)).report(
        [PoolAsked(dex, pool, first, second)], window
    )

    assert report.flow.swaps == 2
    assert {report.flow.in0, report.flow.in1} == {3 * COIN, 5_000 * 10**6}
    assert report.figures is not None
    assert report.figures.volume == 3 * 3300 + 5_000
    assert report.figures.fees == report.figures.volume * Decimal("0.003")
    assert report.seconds >= 3_600
    year = report.figures.fee_apr * float(report.figures.tvl) * report.seconds / 31_536_000
    assert year == pytest.approx(float(report.figures.fees))
    assert "Only 2 swaps" in report.note


async def test_months_without_blocks_are_no_part_of_a_pools_window(desk: Desk, practice: Node) -> None:
    weth, usdt = desk.token("WETH"), desk.token("USDT")
    dex = desk.dex("uniswap-v2")
    pool = practice.manifest.pool("uniswap-v2", "WETH", "USDT")
    first, second = (weth, usdt) if int(weth.address, 16) < int(usdt.address, 16) else (usdt, weth)
    practice.rpc("practice_increaseTime", 400 * 86_400)
    practice.rpc("practice_mine")
    began = await desk.chain.block()
    await desk.set_up(await swap_of(desk, dex, weth, usdt, 3 * COIN))
    ended = await desk.chain.block()

    (report,) = await Analytics(desk.chain, desk.spec, Fixed(desk)).report([PoolAsked(dex, pool, first, second)])

    assert began is not None
    assert ended is not None
    assert report.first_block <= began.number
    assert report.seconds <= ended.at - began.at
    assert report.flow.swaps == 1


@pytest.mark.soak
async def test_a_range_narrower_than_the_slippage_comes_out_while_the_price_is_in_it(desk: Desk) -> None:
    weth, usdc = desk.token("WETH"), desk.token("USDC")
    wish = Wish(ACCOUNT, desk.dex("uniswap-v3"), slippage_bps=300)
    offer = await liquidity(desk).add_range(
        wish, RangeWish(weth, usdc, 500, Decimal(1), Decimal(10**6)), desk.of("1 WETH"), desk.of("10000 USDC")
    )
    assert isinstance(offer.fitted, V3Addition)
    price = price_of_root(offer.fitted.pool.root, weth, usdc)
    where = RangeWish(weth, usdc, 500, price * Decimal("0.998"), price * Decimal("1.002"))
    plan = await liquidity(desk).add_range(wish, where, desk.of("1 WETH"), desk.of("10000 USDC"))
    assert isinstance(plan.fitted, V3Addition)
    assert plan.fitted.slippage_bps < 20
    assert any(plan.fitted.least)
    await desk.set_up(plan.intents)
    (held,) = await Positions(desk.chain, desk.spec).of(ACCOUNT)
    assert held.token_id is not None

    await desk.act((await liquidity(desk).remove_range(wish, held.token_id, (weth, usdc))).intents)

    assert await Positions(desk.chain, desk.spec).of(ACCOUNT) == []
