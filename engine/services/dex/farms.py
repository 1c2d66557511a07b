"""The farms of a chain: what they hold and pay, what an account has in them, and the intents to use them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.defi.chain import ChainSpec, FarmKind, FarmSpec
from engine.defi.farming.calls import claim_intent, leave_intent, rescue_intent, stake_intent, unstake_intent
from engine.defi.farming.farm import Stake
from engine.defi.intent import Intent
from engine.errors import InvalidInput
from engine.ports.chain import BlockHead, ChainClient
from engine.services.dex.allowing import Taking, missing_approvals
from engine.services.dex.farmread import ChefReader, staking_stake


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
            found += await self._read(each, account, head)
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
        found = await self._read(spec, account, head, None if number is None else [number])
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
        taking = Taking(farm.spec.address, farm.spec.title, farm.staked.units(units))
        return [*await missing_approvals(self._chain, self._spec, stake.account, [taking]), act]

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

    async def _read(
        self, spec: FarmSpec, account: str, head: BlockHead, numbers: Sequence[int] | None = None
    ) -> list[Stake]:
        if spec.kind is FarmKind.MASTER_CHEF:
            return await ChefReader(self._chain, self._spec, spec, account, head).stakes(numbers)
        return [await staking_stake(self._chain, self._spec, spec, account, head)]
