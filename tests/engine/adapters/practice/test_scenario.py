"""The reference's scenario, step by step with signed transactions: pools, swaps, shares, farms, a position's life."""

from __future__ import annotations

import pytest

from engine.adapters.practice.manifest import Exchange
from engine.defi.abi import decode
from tests.engine.adapters.practice.person import FOREVER, Person
from tests.practice import Node, Refused

WHOLE = 10**18
MOST = 2**128 - 1
MINT = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"


@pytest.fixture
def person(practice: Node) -> Person:
    person = Person(practice, ether=1_000)
    for symbol in ("GIFT", "DAI"):
        practice.give(person.address, 10**6 * WHOLE, symbol)
    return person


def allow(person: Person, token: str, spender: str, amount: int) -> None:
    person.does(token, "approve(address,uint256)", spender, amount)
    assert person.asks(token, "allowance(address,address)", person.address, spender) == amount


@pytest.mark.parametrize("name", ["uniswap-v2", "sushiswap", "pancakeswap"])
def test_a_v2_exchange_from_a_new_pool_to_its_last_share(person: Person, name: str) -> None:
    node = person.node
    dex: Exchange = node.manifest.exchange(name)
    gift, dai, weth = (node.manifest.token(symbol) for symbol in ("GIFT", "DAI", "WETH"))
    me, router = person.address, dex.router
    for token in (gift, dai):
        allow(person, token, router, 10**6 * WHOLE)

    add = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
    person.does(router, add, gift, dai, 10_000 * WHOLE, 10_000 * WHOLE, 1, 1, me, FOREVER, gas=5_000_000)
    pair = person.asks(dex.factory, "getPair(address,address)", gift, dai, types="(address)")
    shares = person.asks(pair, "balanceOf(address)", me)
    assert shares == 10_000 * WHOLE - 1_000  # the first thousand belong to nobody

    quoted = person.asks(router, "getAmountsOut(uint256,address[])", 50 * WHOLE, [gift, dai], types="(uint256[])")[1]
    before = person.balance("DAI")
    swap = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    person.does(router, swap, 50 * WHOLE, quoted, [gift, dai], me, FOREVER)
    assert person.balance("DAI") - before == quoted
    with pytest.raises(Refused, match="INSUFFICIENT_OUTPUT_AMOUNT"):
        node.rpc("eth_call", person.request(router, swap, 50 * WHOLE, quoted, [gift, dai], me, FOREVER))

    wanted = person.asks(router, "getAmountsIn(uint256,address[])", 10 * WHOLE, [gift, dai], types="(uint256[])")[0]
    given = person.balance("GIFT")
    exactly = "swapTokensForExactTokens(uint256,uint256,address[],address,uint256)"
    person.does(router, exactly, 10 * WHOLE, wanted, [gift, dai], me, FOREVER)
    assert given - person.balance("GIFT") == wanted

    add_coin = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
    person.does(router, add_coin, dai, 3_318 * WHOLE, 1, 1, me, FOREVER, value=WHOLE, gas=5_000_000)
    buy = "swapExactETHForTokens(uint256,address[],address,uint256)"
    person.does(router, buy, 1, [weth, dai], me, FOREVER, value=WHOLE // 10)

    remove = "removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)"
    with pytest.raises(Refused):  # shares need an allowance of their own
        node.rpc("eth_call", person.request(router, remove, gift, dai, shares, 1, 1, me, FOREVER))
    allow(person, pair, router, shares)
    held = (person.balance("GIFT"), person.balance("DAI"))
    person.does(router, remove, gift, dai, shares, 1, 1, me, FOREVER)
    back = (person.balance("GIFT") - held[0], person.balance("DAI") - held[1])
    assert person.asks(pair, "balanceOf(address)", me) == 0
    assert back[0] * back[1] > (10_000 * WHOLE) ** 2  # the fees stayed in the pool


def test_shares_of_a_pair_are_farmed_for_a_day_and_taken_home(person: Person) -> None:
    node = person.node
    farm = node.manifest.farms[0]
    router, usdt = node.manifest.exchange("uniswap-v2").router, node.manifest.token("USDT")
    node.give(person.address, 4_000 * 10**6, "USDT")
    allow(person, usdt, router, 4_000 * 10**6)
    add_coin = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
    person.does(router, add_coin, usdt, 3_318 * 10**6, 1, 1, person.address, FOREVER, value=WHOLE)
    shares = person.asks(farm.staked[0], "balanceOf(address)", person.address)

    allow(person, farm.staked[0], farm.address, shares)
    person.does(farm.address, "stake(uint256)", shares)
    node.rpc("practice_increaseTime", 86_400)
    node.rpc("practice_mine")
    earned = person.asks(farm.address, "earned(address)", person.address)
    gifts = person.balance("GIFT")
    person.does(farm.address, "exit()")

    assert earned // WHOLE in (16_666, 16_667)
    assert 0 <= person.balance("GIFT") - gifts - earned < 60 * WHOLE  # some seconds more
    assert person.asks(farm.staked[0], "balanceOf(address)", person.address) == shares


def test_a_v3_position_from_its_mint_to_its_burn(person: Person) -> None:
    node = person.node
    dex = node.manifest.exchange("uniswap-v3")
    manager, me = dex.position_manager, person.address
    tokens = sorted((node.manifest.token("GIFT"), node.manifest.token("DAI")), key=lambda each: int(each, 16))
    for token in tokens:
        for spender in (manager, dex.router):
            allow(person, token, spender, 10**6 * WHOLE)
    make = "createAndInitializePoolIfNecessary(address,address,uint24,uint160)"
    person.does(manager, make, *tokens, 3_000, 1 << 96, gas=6_000_000)
    values = (*tokens, 3_000, -6_000, 6_000, 50_000 * WHOLE, 50_000 * WHOLE, 0, 0, me, FOREVER)
    number = int(person.does(manager, MINT, values)["logs"][-1]["topics"][1], 16)

    quote = "quoteExactInputSingle((address,address,uint256,uint24,uint160))"
    quoted = person.asks(dex.quoter, quote, (*tokens, 1_000 * WHOLE, 3_000, 0))
    symbol = "GIFT" if tokens[1] == node.manifest.token("GIFT") else "DAI"
    before = person.balance(symbol)
    swap = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    person.does(dex.router, swap, (*tokens, 3_000, me, 1_000 * WHOLE, quoted, 0))
    assert person.balance(symbol) - before == quoted

    collect = "collect((uint256,address,uint128,uint128))"
    fees = person.asks(manager, collect, (number, me, MOST, MOST))
    assert 3 * WHOLE - 10**6 < fees <= 3 * WHOLE
    position = node.rpc("eth_call", person.request(manager, "positions(uint256)", number), "latest")
    fields = "(uint96,address,address,address,uint24,int24,int24,uint128,uint256,uint256,uint128,uint128)"
    liquidity = decode(fields, bytes.fromhex(position[2:]))[7]
    person.does(
        manager, "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", (number, liquidity, 1, 1, FOREVER)
    )
    owed = person.asks(manager, collect, (number, me, MOST, MOST))
    person.does(manager, collect, (number, me, MOST, MOST))
    person.does(manager, "burn(uint256)", number)

    assert owed > 50_000 * WHOLE  # what was put in, what was sold into it, and the fee
    with pytest.raises(Refused, match="Invalid token ID"):
        node.rpc("eth_call", person.request(manager, "positions(uint256)", number), "latest")
