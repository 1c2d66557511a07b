"""The reference's scenario through the wallet as it is put together: keys, desk, one send pipeline, real contracts.

Its 34 steps are eleven deployments, which the prepared chain has behind it and which are looked for here, and what a
person does: wrap, allow, make a pool, quote, swap, with the coin too, take out; stake, wait a day, leave; a V3 pool, a
position, its fees, its end. Each transaction is compared with its confirmation (`walletperson`). The forks follow.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.defi.farming.farm import Stake
from engine.defi.intents import unwrap, wrap
from engine.defi.liquidity.v2 import V2Addition, V2Removal
from engine.defi.liquidity.v3 import V3Addition, V3Removal
from engine.defi.token import NATIVE
from engine.services.dex.liquidity import RangeWish, Wish
from engine.services.dex.nft import held_by
from engine.services.dex.quoterow import QuoteRow
from tests.engine.bootstrap.walletperson import ME, WalletPerson, wallet_person
from tests.practice import Node

pytestmark = pytest.mark.integration
DAY = 86_400
COIN = 10**18


def deployed(person: WalletPerson) -> int:
    """Return how many of the scenario's contracts answer as what they are."""
    manifest = person.node.manifest
    pair, ranged = manifest.exchange("uniswap-v2"), manifest.exchange("uniswap-v3")
    places = [pair.factory, pair.router, ranged.factory, ranged.router, ranged.quoter, ranged.position_manager]
    places += [manifest.multicall, manifest.farms[0].address]
    places += [manifest.token(symbol) for symbol in ("WETH", "GIFT", "DAI")]
    return sum(len(str(person.node.rpc("eth_getCode", each, "latest"))) > 400 for each in places)


async def test_the_steps_of_uniswap_v2_and_of_staking(
    practice: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    purse = {"ETH": 100, "GIFT": 20_000, "DAI": 50_000, "USDT": 5_000}
    async with wallet_person(practice, tmp_path, monkeypatch, purse) as person:
        assert deployed(person) == 11
        await wraps(person)
        first = await pool_is_made(person, "uniswap-v2")
        await swaps_in_it(person, "uniswap-v2")
        await coin_goes_both_ways(person)
        await shares_come_out(person, "uniswap-v2", first)
        await stakes_for_a_day(person)
        await person.all_settled()
        assert len(person.sent) == 23


async def wraps(person: WalletPerson) -> None:
    await person.does([wrap(person.spec, ME, 5 * COIN)])
    await person.does([unwrap(person.spec, ME, 2 * COIN)])
    assert await person.balance(person.spec.wrapped) == 3 * COIN


async def pool_is_made(person: WalletPerson, dex: str) -> V2Addition:
    """Two exact approvals, and the pair is made by the first who adds to it."""
    wish = Wish(ME, person.dex(dex))
    plan = await person.desk.liquidity.add_pair(wish, person.of("10000 GIFT"), person.of("10000 DAI"))
    assert [each.kind.value for each in plan.intents] == ["approve", "approve", "add-liquidity"]
    assert isinstance(plan.fitted, V2Addition)
    assert plan.fitted.is_first
    done = await person.does(plan.intents)
    assert done.came(plan.fitted.shares.token) == plan.fitted.shares.units == 10_000 * COIN - 1_000
    return plan.fitted


async def swaps_in_it(person: WalletPerson, dex: str) -> None:
    """A quote is what is received, to the unit, and what the formula says; in both directions for Uniswap's own."""
    numerator, denominator = person.dex(dex).fee
    row = await person.quote("GIFT", "DAI", "50", dex)
    taken = 50 * COIN * numerator
    assert row.amount_out.units == taken * 10_000 * COIN // (10_000 * COIN * denominator + taken)
    await person.swap(row)
    if dex == "uniswap-v2":
        await person.swap(await person.quote("GIFT", "DAI", "10", dex, exact_in=False))


async def coin_goes_both_ways(person: WalletPerson) -> None:
    """Liquidity with the coin itself, a swap that gives it, one that brings it, and out again as the coin."""
    wish, dai = Wish(ME, person.dex("uniswap-v2")), person.token("DAI")
    plan = await person.desk.liquidity.add_pair(wish, person.of("3318 DAI"), person.spec.native.of(1))
    assert isinstance(plan.fitted, V2Addition)
    added = await person.does(plan.intents)
    assert added.prepared.transaction.value == COIN == -added.moved[NATIVE]
    await person.swap(await person.quote("ETH", "DAI", "0.1", "uniswap-v2"))
    await person.swap(await person.quote("DAI", "ETH", "100", "uniswap-v2"))
    shares = plan.fitted.shares
    out = await person.desk.liquidity.remove_pair(wish, person.spec.native, dai, shares.units)
    assert isinstance(out.fitted, V2Removal)
    done = await person.does(out.intents)
    assert (done.moved[NATIVE], done.came(dai)) == (out.fitted.first.units, out.fitted.second.units)


async def shares_come_out(person: WalletPerson, dex: str, added: V2Addition) -> None:
    """The shares need an allowance of their own; what comes out is more than went in, by the fees."""
    tokens = person.token("GIFT"), person.token("DAI")
    plan = await person.desk.liquidity.remove_pair(Wish(ME, person.dex(dex)), *tokens, added.shares.units)
    assert [each.kind.value for each in plan.intents] == ["approve", "remove-liquidity"]
    assert isinstance(plan.fitted, V2Removal)
    done = await person.does(plan.intents)
    back = done.came(tokens[0]), done.came(tokens[1])
    assert back == (plan.fitted.first.units, plan.fitted.second.units)
    assert back[0] * back[1] > added.first.units * added.second.units
    assert await person.balance(added.shares.token) == 0


async def stakes_for_a_day(person: WalletPerson) -> None:
    wish = Wish(ME, person.dex("uniswap-v2"))
    plan = await person.desk.liquidity.add_pair(wish, person.of("3318 USDT"), person.spec.native.of(2))
    assert isinstance(plan.fitted, V2Addition)
    shares = (await person.does(plan.intents)).came(plan.fitted.shares.token)
    stake = await farm(person, "staking-1")
    await person.does(await person.desk.farms.stake(stake, shares))
    person.node.rpc("practice_increaseTime", DAY)
    person.node.rpc("practice_mine")
    earned = await farm(person, "staking-1")
    assert (earned.amount, earned.pending // COIN) in ((shares, 16_666), (shares, 16_667))  # 1,000,000 in 60 days
    left = await person.does(person.desk.farms.leave(earned), grows=[person.token("GIFT")])
    assert 0 <= left.came(person.token("GIFT")) - earned.pending < 60 * COIN
    assert left.came(plan.fitted.shares.token) == shares
    assert (await farm(person, "staking-1")).amount == 0


async def farm(person: WalletPerson, name: str, number: int | None = None) -> Stake:
    return await person.desk.farms.one(name, number, ME)


async def test_the_steps_of_uniswap_v3(practice: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    purse = {"ETH": 100, "GIFT": 200_000, "DAI": 200_000, "USDC": 10_000}
    async with wallet_person(practice, tmp_path, monkeypatch, purse) as person:
        desk, dex = person.desk, person.dex("uniswap-v3")
        wish, gift, dai = Wish(ME, dex), person.token("GIFT"), person.token("DAI")
        where = RangeWish(gift, dai, 3_000, Decimal("0.5"), Decimal(2), start=Decimal(1))
        plan = await desk.liquidity.add_range(wish, where, person.of("50000 GIFT"), person.of("50000 DAI"))
        assert isinstance(plan.fitted, V3Addition)
        assert not plan.fitted.pool.address, "the pool is made with it"
        minted = await person.does(plan.intents)
        spent = {each.token.address: each.units for each in (plan.fitted.first, plan.fitted.second)}
        assert {each: -units for each, units in minted.moved.items() if units} == spent
        (held,) = await held_by(desk.client, dex, ME)
        assert held.liquidity == plan.fitted.liquidity

        await person.swap(await person.quote("GIFT", "DAI", "1000", "uniswap-v3"))
        fees = await desk.liquidity.collect(wish, held.token_id, (gift, dai))
        collected = await person.does(fees.intents)
        assert 3 * COIN - 10**6 < collected.came(gift) <= 3 * COIN  # 0.3 % of 1,000
        half = await desk.liquidity.remove_range(wish, held.token_id, (gift, dai), 5_000)
        taken = await person.does(half.intents)
        assert isinstance(half.fitted, V3Removal)
        promised = {each.token.address: each.units for each in (half.fitted.first, half.fitted.second)}
        assert {each: units for each, units in taken.moved.items() if units} == promised
        rest = await desk.liquidity.remove_range(wish, held.token_id, (gift, dai))
        await person.does(rest.intents)
        assert await held_by(desk.client, dex, ME) == []

        await person.swap(await person.quote("USDC", "ETH", "5000", "uniswap-v3"))  # unwrapped in one multicall
        await person.swap(await person.quote("ETH", "USDC", "1000", "uniswap-v3", exact_in=False))  # the rest refunded
        await person.all_settled()
        assert len(person.sent) == 11


async def test_the_forks_and_what_stands_on_them(
    practice: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    purse = {"ETH": 100, "GIFT": 22_000, "DAI": 20_000, "USDT": 10_000, "TAXED": 0}
    async with wallet_person(practice, tmp_path, monkeypatch, purse) as person:
        for dex in ("sushiswap", "pancakeswap"):
            added = await pool_is_made(person, dex)
            await swaps_in_it(person, dex)
            await shares_come_out(person, dex, added)
        await farms_at_the_chef(person)
        await trades_what_is_taxed(person)
        await person.all_settled()


async def farms_at_the_chef(person: WalletPerson) -> None:
    """Shares in, ten blocks, the reward of its pool's part to the unit of its rounding, shares out."""
    farms, wish = person.desk.farms, Wish(ME, person.dex("sushiswap"))
    plan = await person.desk.liquidity.add_pair(wish, person.of("3318 USDT"), person.spec.native.of(2))
    assert isinstance(plan.fitted, V2Addition)
    shares = (await person.does(plan.intents)).came(plan.fitted.shares.token)
    chef = (await farm(person, "chef", 0)).farm
    reward = chef.spec.reward
    await person.does(await farms.stake(await farm(person, "chef", 0), shares))
    begun = (await farm(person, "chef", 0)).farm.block
    person.node.rpc("practice_mine", 10)
    stake = await farm(person, "chef", 0)
    assert (stake.amount, stake.farm.block - begun) == (shares, 10)
    assert stake.pending == pytest.approx(10 * 10**17 * 60 // 100, rel=1e-9)
    claimed = await person.does(farms.claim(stake), grows=[reward])
    assert claimed.came(reward) == pytest.approx(11 * 10**17 * 60 // 100, rel=1e-9)
    out = await person.does(farms.leave(await farm(person, "chef", 0)), grows=[reward])
    assert out.came(plan.fitted.shares.token) == shares


async def trades_what_is_taxed(person: WalletPerson) -> None:
    """Of a token that keeps 2 % of each transfer the quote says what really comes, bought and sold."""
    bought = await person.quote("ETH", "TAXED", "1", "uniswap-v2")
    assert bought.tax
    assert (await person.swap(bought)).came(person.token("TAXED")) == await person.balance(person.token("TAXED"))
    sold: QuoteRow = await person.quote("TAXED", "ETH", "1000", "uniswap-v2")
    assert sold.tax
    await person.swap(sold)
