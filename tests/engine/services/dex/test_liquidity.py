"""Liquidity on real contracts: what was shown is what was taken, and what comes back is what was promised."""

from __future__ import annotations

from decimal import Decimal
from time import time

import pytest

from engine.defi.liquidity.v2 import V2Addition, V2Removal
from engine.defi.liquidity.v3 import V3Addition, V3Removal
from engine.errors import InvalidInput
from engine.services.dex.liquidity import Liquidity, RangeWish, Wish
from engine.services.dex.nft import held_by
from tests.dexdesk import Desk


def liquidity(desk: Desk) -> Liquidity:
    return Liquidity(desk.chain, desk.spec, lambda: int(time()))


async def test_a_pair_takes_and_gives_to_the_unit_what_was_shown(desk: Desk) -> None:
    wish = Wish(desk.account, desk.dex("uniswap-v2"))
    weth, usdt = desk.token("WETH"), desk.token("USDT")
    before = await desk.balance(weth), await desk.balance(usdt)
    plan = await liquidity(desk).add_pair(wish, desk.of("2 WETH"), desk.of("50000 USDT"))
    fitted = plan.fitted
    assert isinstance(fitted, V2Addition)

    await desk.act(plan.intents)

    after = await desk.balance(weth), await desk.balance(usdt)
    assert [a - b for a, b in zip(before, after, strict=True)] == [fitted.first.units, fitted.second.units]
    shares = await desk.balance(fitted.shares.token)
    assert shares == fitted.shares.units

    out = await liquidity(desk).remove_pair(wish, desk.spec.native, usdt, shares)
    assert isinstance(out.fitted, V2Removal)
    assert len(out.intents) == 2, "the shares need an allowance of their own"
    had = await desk.balance(usdt)
    await desk.act(out.intents)
    assert await desk.balance(usdt) - had == out.fitted.second.units
    assert await desk.balance(fitted.shares.token) == 0


@pytest.mark.soak
async def test_the_coin_goes_in_as_itself(desk: Desk) -> None:
    wish = Wish(desk.account, desk.dex("sushiswap"))
    plan = await liquidity(desk).add_pair(wish, desk.of("3000 USDT"), desk.spec.native.of(10))
    assert isinstance(plan.fitted, V2Addition)
    assert plan.intents[-1].value == plan.fitted.second.units < 2 * 10**18

    await desk.act(plan.intents)

    assert await desk.balance(plan.fitted.shares.token) == plan.fitted.shares.units


async def test_a_position_opens_grows_and_closes(desk: Desk) -> None:
    desk_of = liquidity(desk)
    wish = Wish(desk.account, desk.dex("uniswap-v3"))
    weth, usdc = desk.token("WETH"), desk.token("USDC")
    where = RangeWish(weth, usdc, 500, Decimal(2500), Decimal(4200))
    plan = await desk_of.add_range(wish, where, desk.of("1 WETH"), desk.of("9000 USDC"))
    fitted = plan.fitted
    assert isinstance(fitted, V3Addition)
    before = await desk.balance(weth), await desk.balance(usdc)

    await desk.act(plan.intents)

    (held,) = await held_by(desk.chain, wish.dex, desk.account)
    assert held.span == fitted.span
    assert held.liquidity == fitted.liquidity
    spent = {each.token: each.units for each in (fitted.first, fitted.second)}
    after = await desk.balance(weth), await desk.balance(usdc)
    assert abs(before[0] - after[0] - spent[weth]) <= 1
    assert abs(before[1] - after[1] - spent[usdc]) <= 1

    more = await desk_of.grow_range(wish, held.token_id, desk.spec.native.of("0.5"), desk.of("9000 USDC"))
    await desk.act(more.intents)
    (grown,) = await held_by(desk.chain, wish.dex, desk.account)
    assert isinstance(more.fitted, V3Addition)
    assert grown.liquidity == held.liquidity + more.fitted.liquidity

    half = await desk_of.remove_range(wish, held.token_id, (weth, usdc), 5_000)
    had = await desk.balance(usdc)
    await desk.act(half.intents)
    assert isinstance(half.fitted, V3Removal)
    out = {each.token: each.units for each in (half.fitted.first, half.fitted.second)}
    assert await desk.balance(usdc) - had == out[usdc]

    rest = await desk_of.remove_range(wish, held.token_id, (desk.spec.native, usdc))
    assert len(rest.intents) == 1
    await desk.act(rest.intents)
    assert await held_by(desk.chain, wish.dex, desk.account) == []


@pytest.mark.soak
async def test_a_range_beside_the_price_takes_one_token(desk: Desk) -> None:
    wish = Wish(desk.account, desk.dex("uniswap-v3"))
    weth, usdc = desk.token("WETH"), desk.token("USDC")
    above = RangeWish(weth, usdc, 500, Decimal(5000), Decimal(6000))
    with pytest.raises(InvalidInput, match="only"):
        await liquidity(desk).add_range(wish, above, desk.of("0 WETH"), desk.of("1000 USDC"))
    plan = await liquidity(desk).add_range(wish, above, desk.of("1 WETH"), desk.of("1000 USDC"))
    assert isinstance(plan.fitted, V3Addition)
    assert plan.fitted.is_one_sided
    await desk.act(plan.intents)
