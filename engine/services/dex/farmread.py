"""Reading farms: the state of each contract kind, and what an account has in it, in a few requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.defi.chain import ChainSpec, FarmSpec
from engine.defi.farming.farm import Farm, Stake, chef_rate
from engine.defi.liquidity.site import share_token
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.ports.chain import BlockHead, ChainClient
from engine.services.dex.described import described, pair_tokens
from engine.services.dex.reading import Ask, answers, known

MOST_POOLS = 300
"""Of one MasterChef that are looked at; those with the highest numbers are the newest."""

Staked = tuple[Token, tuple[Token, Token] | None]
"""What is staked, and what it is a share of."""


async def staking_stake(chain: ChainClient, spec: ChainSpec, farm: FarmSpec, account: str, head: BlockHead) -> Stake:
    """Return a StakingRewards contract and what an account has there.

    Raises:
        InvalidInput: it is no such contract, or pays another reward than it was configured with.
        ChainUnavailable: nobody answers.
    """
    at = farm.address
    rows = await answers(
        chain,
        [
            Ask(at, "stakingToken()", "(address)"),
            Ask(at, "rewardsToken()", "(address)"),
            Ask(at, "rewardRate()", "(uint256)"),
            Ask(at, "periodFinish()", "(uint256)"),
            Ask(at, "totalSupply()", "(uint256)"),
            Ask(at, "balanceOf(address)", "(uint256)", (account,)),
            Ask(at, "earned(address)", "(uint256)", (account,)),
            Ask(farm.reward.address, "balanceOf(address)", "(uint256)", (at,)),
        ],
    )
    staking, paid, rate, finish, total, mine, earned, holds = (known(each, farm.title)[0] for each in rows)
    check_reward(farm, paid)
    staked = (await staked_tokens(chain, spec, [staking])).get(staking)
    if staked is None:
        raise InvalidInput(f"What is staked in {farm.title}, {staking}, is no token.")
    free = holds - (total if staking == paid else 0)
    found = Farm(
        spec=farm,
        number=None,
        staked=staked[0],
        pair=staked[1],
        total=total,
        rate=Fraction(rate) if head.at < finish else Fraction(0),
        ends_at=finish,
        eases_at_block=None,
        weight=Fraction(1),
        is_funded=free >= rate * max(0, finish - head.at),
        block=head.number,
        at=head.at,
    )
    return Stake(found, account, mine, earned)


@dataclass(frozen=True, slots=True)
class _Chef:
    """What all pools of a MasterChef share."""

    length: int
    weights: int
    per_block: int
    bonus_end: int
    can_mint: bool


@dataclass(frozen=True, slots=True)
class _ChefPool:
    """One of its pools, and the account's part."""

    number: int
    token: str
    points: int
    total: int
    mine: int
    pending: int


@dataclass(frozen=True, slots=True)
class ChefReader:
    """Reads a MasterChef at a block."""

    chain: ChainClient
    spec: ChainSpec
    farm: FarmSpec
    account: str
    head: BlockHead

    async def stakes(self, numbers: Sequence[int] | None) -> list[Stake]:
        """Return its pools, or some of them, with what the account has there; those of no token are left out.

        Raises:
            InvalidInput: it is no such contract, or pays another reward than it was configured with.
            ChainUnavailable: nobody answers.
        """
        chef = await self._whole()
        newest = range(max(0, chef.length - MOST_POOLS), chef.length)
        chosen = newest if numbers is None else [each for each in numbers if 0 <= each < chef.length]
        pools = await self._pools(chosen)
        staked = await staked_tokens(self.chain, self.spec, [each.token for each in pools])
        return [self._stake(chef, each, staked[each.token]) for each in pools if each.token in staked]

    def _stake(self, chef: _Chef, pool: _ChefPool, staked: Staked) -> Stake:
        weight = Fraction(pool.points, chef.weights) if chef.weights else Fraction(0)
        eases = chef.bonus_end if self.head.number < chef.bonus_end else None
        farm = Farm(
            spec=self.farm,
            number=pool.number,
            staked=staked[0],
            pair=staked[1],
            total=pool.total,
            rate=chef_rate(chef.per_block, weight, self.spec.block_s, has_bonus=eases is not None),
            ends_at=None,
            eases_at_block=eases,
            weight=weight,
            is_funded=chef.can_mint,
            block=self.head.number,
            at=self.head.at,
        )
        return Stake(farm, self.account, pool.mine, pool.pending)

    async def _whole(self) -> _Chef:
        at, reward = self.farm.address, self.farm.reward.address
        *rows, owner = await answers(
            self.chain,
            [
                Ask(at, "poolLength()", "(uint256)"),
                Ask(at, "totalAllocPoint()", "(uint256)"),
                Ask(at, "sushiPerBlock()", "(uint256)"),
                Ask(at, "bonusEndBlock()", "(uint256)"),
                Ask(at, "sushi()", "(address)"),
                Ask(reward, "owner()", "(address)"),
            ],
        )
        length, weights, per_block, bonus_end, paid = (known(each, self.farm.title)[0] for each in rows)
        check_reward(self.farm, paid)
        return _Chef(length, weights, per_block, bonus_end, owner is not None and owner[0] == at)

    async def _pools(self, numbers: Sequence[int]) -> list[_ChefPool]:
        at, account = self.farm.address, self.account
        kinds = (
            ("poolInfo(uint256)", "(address,uint256,uint256,uint256)", ()),
            ("userInfo(uint256,address)", "(uint256,uint256)", (account,)),
            ("pendingSushi(uint256,address)", "(uint256)", (account,)),
        )
        asks = [Ask(at, name, kind, (number, *rest)) for number in numbers for name, kind, rest in kinds]
        rows = [known(each, self.farm.title) for each in await answers(self.chain, asks)]
        infos, users, owed = rows[::3], rows[1::3], rows[2::3]
        held = await answers(self.chain, [Ask(info[0], "balanceOf(address)", "(uint256)", (at,)) for info in infos])
        return [
            _ChefPool(number, info[0], info[1], int(total[0]) if total else 0, user[0], pending[0])
            for number, info, user, pending, total in zip(numbers, infos, users, owed, held, strict=True)
        ]


async def staked_tokens(chain: ChainClient, spec: ChainSpec, addresses: Sequence[str]) -> dict[str, Staked]:
    """Return what each address is: a share of a pair, or a token; what is neither is left out."""
    pairs = await pair_tokens(chain, spec, addresses)
    plain = await described(chain, spec, [each for each in addresses if each not in pairs])
    shares = {each: (share_token(spec.chain_id, each, *pair), pair) for each, pair in pairs.items()}
    return shares | {each: (token, None) for each, token in plain.items()}


def check_reward(spec: FarmSpec, paid: str) -> None:
    """Refuse a contract that pays another token than it was configured with; raises InvalidInput."""
    if paid != spec.reward.address:
        raise InvalidInput(f"{spec.title} pays {paid}, not the {spec.reward.symbol} that it was configured with.")
