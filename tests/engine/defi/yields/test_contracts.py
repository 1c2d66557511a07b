"""Stakes and farms against bytecode: our StakingRewards and SushiSwap's MasterChef, over random histories."""

from __future__ import annotations

from random import Random

import pytest
from eth_utils.address import to_checksum_address

from engine.adapters.practice.contracts import own
from engine.defi.yields.farm import FarmPool, FarmStake
from engine.defi.yields.staking import RewardStream, Stake, staking_returns
from engine.errors import InvalidInput
from tests.engine.defi.contracts import creation_code
from tests.engine.defi.evm import ANYONE, Evm, mapping

CASES = pytest.mark.parametrize("cases", [20, pytest.param(2_000, marks=pytest.mark.soak)])
OWNER = to_checksum_address(ANYONE)
STAKER, OTHER = "0x0000000000000000000000000000000000005741", "0x0000000000000000000000000000000000007e57"
BALANCES, ALLOWANCES = 3, 4
"""Where WETH9 keeps them."""
START = 1_700_000_000


def token(evm: Evm, spender: str) -> str:
    """Make a token of which both accounts have much and that the spender may take."""
    made = evm.deploy(creation_code("sushi/WETH9Mock"))
    for each in (STAKER, OTHER):
        evm.store(made, mapping(BALANCES, each), 2**200)
        evm.store(made, mapping(mapping(ALLOWANCES, each), spender), 2**256 - 1)
    return made


class RealStaking:
    def __init__(self) -> None:
        self.evm = Evm()
        reward = self.evm.deploy(creation_code("sushi/WETH9Mock"))
        staked = self.evm.deploy(creation_code("sushi/WETH9Mock"))
        types = [("address", each) for each in (OWNER, OWNER, reward, staked)]
        self.address = self.evm.deploy(own("StakingRewards").bytecode, *types)
        self.evm.store(reward, mapping(BALANCES, self.address), 2**200)
        for each in (STAKER, OTHER):
            self.evm.store(staked, mapping(BALANCES, each), 2**200)
            self.evm.store(staked, mapping(mapping(ALLOWANCES, each), self.address), 2**256 - 1)

    def ask(self, name: str) -> int:
        return int(self.evm.call(self.address, f"{name}()")[0])

    def of_staker(self, name: str) -> int:
        return int(self.evm.call(self.address, f"{name}(address)", STAKER)[0])

    def stream(self) -> RewardStream:
        names = ("rewardRate", "periodFinish", "totalSupply", "lastUpdateTime", "rewardPerTokenStored")
        return RewardStream(*(self.ask(each) for each in names))

    def stake(self) -> Stake:
        return Stake(*(self.of_staker(each) for each in ("balanceOf", "userRewardPerTokenPaid", "rewards")))


@CASES
def test_earned_is_the_contract_s(cases: int) -> None:
    real, random, now = RealStaking(), Random(41), START  # noqa: S311 - a test's cases

    for _ in range(cases):
        match random.choice(("stake", "stake", "other", "notify", "take")):
            case "notify":
                real.evm.call(real.address, "notifyRewardAmount(uint256)", random.getrandbits(90), out="")
            case "take":
                real.evm.call(real.address, "getReward()", sender=STAKER, out="")
            case who:
                sender, amount = STAKER if who == "stake" else OTHER, random.getrandbits(80) + 1
                real.evm.call(real.address, "stake(uint256)", amount, sender=sender, out="")
        stream, stake = real.stream(), real.stake()
        now += random.randrange(1, 40 * 86_400)
        real.evm.at(now)
        assert stream.per_token(now) == real.ask("rewardPerToken")
        assert stake.earned(stream, now) == real.of_staker("earned")


def test_the_returns_that_are_promised_are_paid() -> None:
    real = RealStaking()
    real.evm.at(START)
    real.evm.call(real.address, "stake(uint256)", 3 * 10**20, sender=OTHER, out="")
    real.evm.call(real.address, "notifyRewardAmount(uint256)", 10**24, out="")
    stake, later = 10**20, START + 61 * 86_400

    promised = staking_returns(real.stream(), stake, START, later - START)
    real.evm.call(real.address, "stake(uint256)", stake, sender=STAKER, out="")
    real.evm.at(later)

    assert promised.reward == real.of_staker("earned")
    assert (promised.share, promised.runs_out) == (0.25, True)
    assert promised.apr == pytest.approx(10**24 / 60 * 365 / 4 / 10**20, rel=1e-6)
    assert staking_returns(real.stream(), stake, later, 1, is_in=True).apr == 0.0
    with pytest.raises(InvalidInput):
        staking_returns(real.stream(), 0, START, 1)


@CASES
def test_what_is_pending_is_master_chef_s(cases: int) -> None:
    random, block, evm = Random(43), 100, Evm()  # noqa: S311 - a test's cases
    evm.at(START, block)
    sushi = evm.deploy(creation_code("sushi/SushiToken"))
    chef = evm.deploy(
        creation_code("sushi/MasterChef"),
        ("address", sushi),
        ("address", OWNER),
        ("uint256", 10**18 + 7),
        ("uint256", block),
        ("uint256", block + 2_000),
    )
    evm.call(sushi, "transferOwnership(address)", chef, out="")
    first, second = token(evm, chef), token(evm, chef)
    for points, each in ((700, first), (333, second)):
        evm.call(chef, "add(uint256,address,bool)", points, each, True, out="")

    for _ in range(cases):
        sender, amount = random.choice((STAKER, OTHER)), random.getrandbits(70)
        held, _ = evm.call(chef, "userInfo(uint256,address)", 1, sender, out="uint256,uint256")
        if held and random.random() < 0.4:
            evm.call(chef, "withdraw(uint256,uint256)", 1, min(amount, held), sender=sender, out="")
        else:
            evm.call(chef, "deposit(uint256,uint256)", 1, amount, sender=sender, out="")
        _, points, updated, per_share = evm.call(chef, "poolInfo(uint256)", 1, out="address,uint256,uint256,uint256")
        (supply,) = evm.call(second, "balanceOf(address)", chef)
        pool = FarmPool(10**18 + 7, points, 1_033, supply, updated, per_share, bonus_end=2_100, bonus=10)
        stake = FarmStake(*evm.call(chef, "userInfo(uint256,address)", 1, STAKER, out="uint256,uint256"))
        block += random.randrange(0, 200)
        evm.at(START, block)
        assert stake.pending(pool, block) == evm.call(chef, "pendingSushi(uint256,address)", 1, STAKER)[0]


def test_a_farm_pays_its_points_part_of_the_year_s_blocks() -> None:
    pool = FarmPool(10**18, 25, 100, 10**20, 0, 0)

    assert pool.yearly_reward(12.0) == pytest.approx(0.25 * 10**18 * 365 * 7_200)
