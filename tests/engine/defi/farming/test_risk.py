"""What a farm rests on is said where it does, and not where it does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from engine.defi.chain import FarmKind, FarmSpec
from engine.defi.farming.calls import claim_intent, leave_intent, rescue_intent, stake_intent, unstake_intent
from engine.defi.farming.farm import DAY_S, Farm, Stake, chef_rate
from engine.defi.farming.risk import RewardPrice, risks
from engine.defi.token import Token

REWARD, STAKED = Token(1, "0x" + "1" * 40, "GIFT", 18), Token(1, "0x" + "2" * 40, "LP", 18)
COIN, DOLLAR = Token(1, "0x" + "3" * 40, "WETH", 18), Token(1, "0x" + "4" * 40, "USDT", 6)
SPEC = FarmSpec("staking", "Staking", FarmKind.STAKING_REWARDS, "0x" + "5" * 40, REWARD, "a test")
FARM = Farm(SPEC, None, STAKED, None, 10**21, Fraction(10**15), 100 * DAY_S, None, Fraction(1), True, 7, 0)
CHEF = replace(FARM, spec=replace(SPEC, kind=FarmKind.MASTER_CHEF), number=3, ends_at=None, pair=(COIN, DOLLAR))
SOLID = RewardPrice(Decimal(1), Decimal(10**9))


def test_a_sound_farm_says_only_when_it_ends() -> None:
    (told,) = risks(FARM, SOLID, 0.1, 12.0)

    assert "stops paying, on" in told


def test_each_risk_is_said() -> None:
    def all_of(farm: Farm, reward: RewardPrice | None = SOLID, apr: float = 0.1) -> str:
        return " ".join(risks(farm, reward, apr, 12.0))

    assert "thin pool of about $1,000" in all_of(FARM, RewardPrice(Decimal(1), Decimal(1_000)))
    assert "no price here" in all_of(FARM, None)
    assert "300%" in all_of(FARM, apr=3.0)
    assert "holds less GIFT" in all_of(replace(FARM, is_funded=False))
    assert "stopped paying" in all_of(replace(FARM, at=200 * DAY_S))
    assert "soon" in all_of(replace(FARM, at=90 * DAY_S))
    assert "5.7% less" in all_of(CHEF)
    assert "owner can change" in all_of(CHEF)
    assert "then a tenth" in all_of(replace(CHEF, eases_at_block=1_000))
    assert "pays no GIFT" in all_of(replace(CHEF, rate=Fraction(0)))


def test_a_share_is_its_part_and_ends_with_the_period() -> None:
    assert FARM.share_of(10**20, 1_000).units == 10**15 * 1_000 // 10
    assert FARM.share_of(10**20, 10**9) == FARM.share_of(10**20, 100 * DAY_S)
    assert replace(FARM, total=0).share_of(1, 1).units == 0
    assert chef_rate(4 * 10**18, Fraction(1, 2), 12.0, has_bonus=True) == Fraction(20 * 10**18, 12)


def test_the_acts_say_what_leaves_and_what_must_arrive() -> None:
    stake = Stake(FARM, "0xme", 10**19, 5)
    chef = Stake(CHEF, "0xme", 10**19, 5)
    assert stake_intent(FARM, "0xme", 7).leaves == (STAKED.units(7),)
    assert unstake_intent(chef, 10).arrives == (STAKED.units(10),)
    assert unstake_intent(chef, 10).expected == (STAKED.units(10), REWARD.units(5))
    assert claim_intent(stake).arrives == (REWARD.units(5),)
    assert leave_intent(stake).arrives == (STAKED.units(10**19), REWARD.units(5))
    assert "giving up" in rescue_intent(chef).route[0]
    same = Stake(replace(FARM, staked=REWARD), "0xme", 10, 5)
    assert leave_intent(same).arrives == (REWARD.units(15),), "one token is one line"
