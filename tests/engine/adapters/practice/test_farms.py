"""Staking and farming pay what their formulas say; a token that keeps a part of transfers can be traded too."""

from __future__ import annotations

import pytest

from tests.engine.adapters.practice.person import FOREVER, Person
from tests.practice import Node, Refused

DAY = 86_400
LIQUIDITY = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"


@pytest.fixture
def person(practice: Node) -> Person:
    return Person(practice, ether=1_000)


def test_the_only_staker_earns_a_sixtieth_of_the_reward_a_day(person: Person) -> None:
    farm = next(each for each in person.node.manifest.farms if each.name == "staking-2")
    token = farm.staked[0]
    person.node.give(person.address, 100 * 10**18, "FARM")
    person.does(token, "approve(address,uint256)", farm.address, 100 * 10**18)
    begun = person.does(farm.address, "stake(uint256)", 100 * 10**18)
    rate = person.asks(farm.address, "rewardRate()")

    person.node.rpc("practice_increaseTime", DAY)
    person.node.rpc("practice_mine")
    seconds = _time(person.node, "latest") - _time(person.node, begun["blockNumber"])
    earned = person.asks(farm.address, "earned(address)", person.address)
    gifts = person.balance("GIFT")
    ended = person.does(farm.address, "exit()")
    paid = person.balance("GIFT") - gifts

    assert rate == 1_000_000 * 10**18 // (60 * DAY)
    assert earned // 10**18 in (16_666, 16_667)  # 16,667 a day
    assert abs(earned - rate * seconds) < rate * 2
    assert paid == pytest.approx(
        rate * (_time(person.node, ended["blockNumber"]) - _time(person.node, begun["blockNumber"])), rel=1e-12
    )
    assert person.balance("FARM") == 100 * 10**18


def test_staking_refuses_with_the_words_of_the_contract_it_is_shaped_after(person: Person) -> None:
    farm = person.node.manifest.farms[0].address
    for what, words in (("stake(uint256)", "Cannot stake 0"), ("withdraw(uint256)", "Cannot withdraw 0")):
        with pytest.raises(Refused, match=words):
            person.node.rpc("eth_call", person.request(farm, what, 0))
    with pytest.raises(Refused, match="RewardsDistribution"):
        person.node.rpc("eth_call", person.request(farm, "notifyRewardAmount(uint256)", 1))


def test_a_masterchef_pays_a_pools_share_of_each_block(person: Person) -> None:
    node = person.node
    chef, router = node.manifest.farms[-1], node.manifest.exchange("sushiswap").router
    pair = chef.staked[1]
    node.give(person.address, 10_000 * 10**18, "FARM")
    person.does(node.manifest.token("FARM"), "approve(address,uint256)", router, FOREVER)
    person.does(
        router, LIQUIDITY, node.manifest.token("FARM"), 1_000 * 10**18, 0, 0, person.address, FOREVER, value=10 * 10**18
    )
    shares = person.asks(pair, "balanceOf(address)", person.address)
    person.does(pair, "approve(address,uint256)", chef.address, shares)
    person.does(chef.address, "deposit(uint256,uint256)", 1, shares)

    node.rpc("practice_mine", 10)

    pending = person.asks(chef.address, "pendingSushi(uint256,address)", 1, person.address)
    per_block = person.asks(chef.address, "sushiPerBlock()")
    assert pending == pytest.approx(10 * per_block * 40 // 100, rel=1e-9)
    before = person.balance("FARM")
    person.does(chef.address, "deposit(uint256,uint256)", 1, 0)  # one block more, and what is owed is paid
    assert person.balance("FARM") - before == pytest.approx(11 * per_block * 40 // 100, rel=1e-9)


def test_of_a_token_with_a_fee_less_arrives_than_was_sent(person: Person) -> None:
    node = person.node
    weth, taxed = node.manifest.token("WETH"), node.manifest.token("TAXED")
    router = node.manifest.exchange("uniswap-v2").router
    buy = "swapExactETHForTokensSupportingFeeOnTransferTokens(uint256,address[],address,uint256)"
    sell = "swapExactTokensForETH{}(uint256,uint256,address[],address,uint256)"
    quoted = person.asks(router, "getAmountsOut(uint256,address[])", 10**18, [weth, taxed], types="(uint256[])")[1]

    person.does(router, buy, 1, [weth, taxed], person.address, FOREVER, value=10**18)
    got = person.balance("TAXED")
    person.does(taxed, "approve(address,uint256)", router, got)

    assert got == quoted - quoted * 200 // 10_000
    arguments = (got, 1, [taxed, weth], person.address, FOREVER)
    with pytest.raises(Refused, match="K"):
        node.rpc("eth_call", person.request(router, sell.format(""), *arguments))
    person.does(router, sell.format("SupportingFeeOnTransferTokens"), *arguments)
    assert person.balance("TAXED") == 0


def test_positions_of_uniswap_v3_earn_the_fee_of_what_is_traded_in_them(person: Person) -> None:
    """2.999… for a swap of 1,000 at 0.3 % in a pool of one's own, asked of `collect` from the owner."""
    node = person.node
    dex = node.manifest.exchange("uniswap-v3")
    tokens = sorted((node.manifest.token("GIFT"), node.manifest.token("DAI")), key=lambda each: int(each, 16))
    for symbol in ("GIFT", "DAI"):
        node.give(person.address, 10**6 * 10**18, symbol)
        for spender in (dex.position_manager, dex.router):
            person.does(node.manifest.token(symbol), "approve(address,uint256)", spender, FOREVER)
    manager = dex.position_manager
    person.does(
        manager,
        "createAndInitializePoolIfNecessary(address,address,uint24,uint160)",
        *tokens,
        3_000,
        1 << 96,
        gas=6_000_000,
    )
    mint = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))"
    amount = 100_000 * 10**18
    minted = person.does(
        manager, mint, (*tokens, 3_000, -60_000, 60_000, amount, amount, 0, 0, person.address, FOREVER)
    )
    number = int(minted["logs"][-1]["topics"][1], 16)

    swap = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    person.does(dex.router, swap, (*tokens, 3_000, person.address, 1_000 * 10**18, 1, 0))

    fees = person.asks(
        manager, "collect((uint256,address,uint128,uint128))", (number, person.address, 2**128 - 1, 2**128 - 1)
    )
    assert 3 * 10**18 - 10**4 < fees <= 3 * 10**18


def _time(node: Node, block: str) -> int:
    return int(node.rpc("eth_getBlockByNumber", block, False)["timestamp"], 16)
