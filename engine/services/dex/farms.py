"""The farms of a chain: what they hold and pay, what an account has in them, and the intents to use them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from engine.defi.chain import ChainSpec, FarmKind, FarmSpec
from engine.defi.farming.calls import claim_intent, leave_intent, rescue_intent, stake_intent, unstake_intent
from engine.defi.farming.farm import Farm, Stake, chef_rate
from engine.defi.intent import Intent
from engine.defi.liquidity.site import approvals, share_token
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.ports.chain import BlockHead, ChainClient
from engine.services.dex.described import described, pair_tokens
from engine.services.dex.reading import Ask, answers, known

MOST_POOLS = 300
"""Of one MasterChef that are looked at; those with the highest numbers are the newest."""


class Farms:
    """What is configured for a chain, looked at as it is now."""

    def __init__(self, chain: ChainClient, spec: ChainSpec) -> None:
        self._chain, self._spec = chain, spec

    async def find(self, account: str) -> list[Stake]:
        """Return every place to stake with what the account has in it, empty ones included.

        Raises:
            ChainUnavailable: nobody answers.
            InvalidInput: a contract is not what it was configured as.
        """
        head = await self._head()
        found: list[Stake] = []
        for each in self._spec.farms:
            read = self._chef if each.kind is FarmKind.MASTER_CHEF else self._staking
            found += await read(each, account, head)
        return found

    async def one(self, name: str, number: int | None, account: str) -> Stake:
        """Return one place to stake.

        Raises:
            InvalidInput: there is none of that name and number.
            ChainUnavailable: nobody answers.
        """
        spec = next((each for each in self._spec.farms if each.name == name), None)
        if spec is None:
            raise InvalidInput(f"{self._spec.title} has no farm {name!r}.")
        head = await self._head()
        if spec.kind is FarmKind.STAKING_REWARDS:
            return (await self._staking(spec, account, head))[0]
        found = await self._chef(spec, account, head, [number or 0])
        if not found:
            raise InvalidInput(f"{spec.title} has no pool {number}.")
        return found[0]

    async def stake(self, stake: Stake, units: int) -> list[Intent]:
        """Return what is to be signed to stake: an exact approval if it is missing, and the deposit.

        Raises:
            InvalidInput: nothing would be staked.
            ChainUnavailable: nobody answers.
        """
        farm = stake.farm
        act = stake_intent(farm, stake.account, units, stake.pending)
        asked = Ask(farm.staked.address, "allowance(address,address)", "(uint256)", (stake.account, farm.spec.address))
        (answer,) = await answers(self._chain, [asked])
        allowed = (int(known(answer, farm.staked.symbol)[0]),)
        wanted = (farm.staked.units(units),)
        before = approvals(self._spec.chain_id, stake.account, farm.spec.address, farm.spec.title, wanted, allowed)
        return [*before, act]

    def unstake(self, stake: Stake, units: int) -> list[Intent]:
        """Return what takes a part of a stake back; raises InvalidInput for nothing or more than there is."""
        return [unstake_intent(stake, units)]

    def claim(self, stake: Stake) -> list[Intent]:
        """Return what pays the rewards; raises InvalidInput if nothing is owed."""
        return [claim_intent(stake)]

    def leave(self, stake: Stake) -> list[Intent]:
        """Return what takes all back with its rewards; raises InvalidInput if nothing is staked."""
        return [leave_intent(stake)]

    def rescue(self, stake: Stake) -> list[Intent]:
        """Return what takes all back and gives the rewards up; raises InvalidInput where that is not needed."""
        return [rescue_intent(stake)]

    async def _head(self) -> BlockHead:
        head = await self._chain.block()
        if head is None:
            raise InvalidInput(f"{self._spec.title} has no block yet.")
        return head

    async def _staking(self, spec: FarmSpec, account: str, head: BlockHead) -> list[Stake]:
        rows = await answers(
            self._chain,
            [
                Ask(spec.address, "stakingToken()", "(address)"),
                Ask(spec.address, "rewardsToken()", "(address)"),
                Ask(spec.address, "rewardRate()", "(uint256)"),
                Ask(spec.address, "periodFinish()", "(uint256)"),
                Ask(spec.address, "totalSupply()", "(uint256)"),
                Ask(spec.address, "balanceOf(address)", "(uint256)", (account,)),
                Ask(spec.address, "earned(address)", "(uint256)", (account,)),
                Ask(spec.reward.address, "balanceOf(address)", "(uint256)", (spec.address,)),
            ],
        )
        staking, paid, rate, finish, total, mine, earned, holds = (known(each, spec.title)[0] for each in rows)
        _check_reward(spec, paid)
        token, pair = await self._staked([staking], staking)
        owed = total if staking == paid else 0
        farm = Farm(
            spec=spec,
            number=None,
            staked=token,
            pair=pair,
            total=total,
            rate=Fraction(rate) if head.at < finish else Fraction(0),
            ends_at=finish,
            eases_at_block=None,
            weight=Fraction(1),
            is_funded=holds - owed >= rate * max(0, finish - head.at),
            block=head.number,
            at=head.at,
        )
        return [Stake(farm, account, mine, earned)]

    async def _chef(
        self, spec: FarmSpec, account: str, head: BlockHead, numbers: Sequence[int] | None = None
    ) -> list[Stake]:
        rows = await answers(
            self._chain,
            [
                Ask(spec.address, "poolLength()", "(uint256)"),
                Ask(spec.address, "totalAllocPoint()", "(uint256)"),
                Ask(spec.address, "sushiPerBlock()", "(uint256)"),
                Ask(spec.address, "bonusEndBlock()", "(uint256)"),
                Ask(spec.address, "sushi()", "(address)"),
                Ask(spec.reward.address, "owner()", "(address)"),
            ],
        )
        length, weights, per_block, bonus_end, paid = (known(each, spec.title)[0] for each in rows[:5])
        _check_reward(spec, paid)
        chosen = range(max(0, length - MOST_POOLS), length) if numbers is None else [n for n in numbers if n < length]
        pools = await self._chef_pools(spec, account, chosen)
        tokens = [pool[0][0] for pool in pools]
        pairs = await pair_tokens(self._chain, self._spec, tokens)
        plain = await described(self._chain, self._spec, [each for each in tokens if each not in pairs])
        can_mint = rows[5] is not None and rows[5][0] == spec.address
        found = []
        for number, (info, user, pending, held) in zip(chosen, pools, strict=True):
            pair = pairs.get(info[0])
            token = share_token(self._spec.chain_id, info[0], *pair) if pair else plain.get(info[0])
            if token is None:
                continue
            weight = Fraction(info[1], weights) if weights else Fraction(0)
            eases = bonus_end if head.number < bonus_end else None
            farm = Farm(
                spec=spec,
                number=number,
                staked=token,
                pair=pair,
                total=held,
                rate=chef_rate(per_block, weight, self._spec.block_s, has_bonus=eases is not None),
                ends_at=None,
                eases_at_block=eases,
                weight=weight,
                is_funded=can_mint,
                block=head.number,
                at=head.at,
            )
            found.append(Stake(farm, account, user, pending))
        return found

    async def _chef_pools(
        self, spec: FarmSpec, account: str, numbers: Sequence[int]
    ) -> list[tuple[tuple[Any, ...], int, int, int]]:
        """Return pool, the account's stake, its reward and all that is staked, for each number."""
        rows = await answers(
            self._chain,
            [
                ask
                for each in numbers
                for ask in (
                    Ask(spec.address, "poolInfo(uint256)", "(address,uint256,uint256,uint256)", (each,)),
                    Ask(spec.address, "userInfo(uint256,address)", "(uint256,uint256)", (each, account)),
                    Ask(spec.address, "pendingSushi(uint256,address)", "(uint256)", (each, account)),
                )
            ],
        )
        infos = [known(rows[3 * at], spec.title) for at in range(len(numbers))]
        held = await answers(
            self._chain, [Ask(each[0], "balanceOf(address)", "(uint256)", (spec.address,)) for each in infos]
        )
        return [
            (
                info,
                int(known(rows[3 * at + 1], spec.title)[0]),
                int(rows[3 * at + 2][0]) if rows[3 * at + 2] else 0,  # type: ignore[index]
                int(held[at][0]) if held[at] else 0,  # type: ignore[index]
            )
            for at, info in enumerate(infos)
        ]

    async def _staked(self, addresses: list[str], address: str) -> tuple[Token, tuple[Token, Token] | None]:
        pairs = await pair_tokens(self._chain, self._spec, addresses)
        if pair := pairs.get(address):
            return share_token(self._spec.chain_id, address, *pair), pair
        tokens = await described(self._chain, self._spec, addresses)
        if address not in tokens:
            raise InvalidInput(f"What is staked there, {address}, is no token.")
        return tokens[address], None


def _check_reward(spec: FarmSpec, paid: str) -> None:
    if paid != spec.reward.address:
        raise InvalidInput(f"{spec.title} pays {paid}, not the {spec.reward.symbol} that it was configured with.")
