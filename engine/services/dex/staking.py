"""What stakes pay: yearly rates with and without compounding, the interval that pays for its gas, and the risks.

Estimates (float64): rates, prices and gas stay as they are. Values are in the chain's stable coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.defi.chain import ChainSpec
from engine.defi.farming.farm import Farm, Stake
from engine.defi.farming.risk import RewardPrice, risks
from engine.defi.orders.plan import Step, steps_of
from engine.defi.token import Token
from engine.defi.yields.compounding import Compounding, best_compounding
from engine.defi.yields.rate import YEAR_S, apy
from engine.errors import InvalidInput
from engine.ports.chain import ChainClient
from engine.services.dex.gasprice import gas_price
from engine.services.dex.reading import Ask, answers
from engine.services.wallet.worth import Prices, Worth

GAS = {Step.CLAIM: 110_000, Step.SWAP_FIRST: 180_000, Step.SWAP_SECOND: 180_000, Step.ADD: 260_000, Step.STAKE: 170_000}
"""What a step of a round takes with its approvals, by the practice chain's receipts."""
MOST_RATE = 50.0
"""5,000 % a year: a rate above it lasts for hours, and what it would be compounded for a year says nothing."""
EXAMPLE = Decimal(1_000)
"""Dollars that a rate is worked out for where nothing is staked yet."""


@dataclass(frozen=True, slots=True)
class FarmView:
    """A farm as somebody who considers it should see it."""

    stake: Stake
    staked_price: Decimal | None
    """Of one whole staked token."""
    tvl: Decimal | None
    reward: RewardPrice | None
    apr: float | None
    """Of rewards alone; fees of the pool beneath come on top and are not in it."""
    compounding: Compounding | None
    """The plan that gains most in a year for what is staked, or for 1,000 dollars."""
    principal: Decimal
    """What the plan was worked out for."""
    daily_apy: float | None
    """If it were compounded once a day and gas cost nothing; None above `MOST_RATE`."""
    risks: tuple[str, ...]

    @property
    def farm(self) -> Farm:
        """The farm itself."""
        return self.stake.farm


@dataclass(frozen=True, slots=True)
class StakingPlan:
    """The answer of the calculator."""

    reward: int
    """Units of the reward by the horizon, if nobody comes or goes and nothing is compounded."""
    reward_value: Decimal | None
    share: float
    """Of all that is staked, one's own counted."""
    apr: float | None
    apy: float | None
    """With the compounding that pays for its gas."""
    compounding: Compounding | None
    runs_out: bool
    """Whether rewards end before the horizon."""


class Staking:
    """Works out what stakes pay on one chain."""

    def __init__(self, chain: ChainClient, spec: ChainSpec, prices: Prices) -> None:
        self._chain, self._spec, self._prices = chain, spec, prices

    async def views(self, stakes: Sequence[Stake]) -> list[FarmView]:
        """Return each stake with its rates and risks.

        Raises:
            ChainUnavailable: nobody answers.
        """
        wanted = {each.farm.spec.reward for each in stakes} | {self._spec.wrapped}
        for each in stakes:
            wanted |= set(each.farm.pair or (each.farm.staked,))
        worths = await self._prices.worths(wanted)
        staked = await self._staked_prices([each.farm for each in stakes], worths)
        price = await gas_price(self._chain, self._spec)
        return [self._view(each, worths, staked.get(each.farm.staked), price) for each in stakes]

    async def plan(self, view: FarmView, units: int, days: float) -> StakingPlan:
        """Return what staking so much for so long would bring.

        Args:
            view: the farm.
            units: of the staked token, on top of what is staked.
            days: the horizon.

        Raises:
            InvalidInput: nothing is staked, or no time is given.
            ChainUnavailable: nobody answers.
        """
        if units <= 0 or days <= 0:
            raise InvalidInput("Say how much to stake and for how long: both must be more than 0.")
        farm, seconds = view.farm, int(days * 86_400)
        total = farm.total + units
        paid = seconds if farm.ends_at is None else max(0, min(seconds, farm.ends_at - farm.at))
        reward = int(farm.rate * paid * units / total)
        worth = None if view.reward is None else farm.spec.reward.units(reward).exact * view.reward.price
        rate = _apr(farm, total, view.staked_price, view.reward)
        principal = farm.staked.units(units).exact * (view.staked_price or Decimal(0))
        worths = await self._prices.worths([self._spec.wrapped])
        gas = self._gas_cost(farm, await gas_price(self._chain, self._spec), worths)
        years = paid / YEAR_S
        plan = _compounding(principal, rate, gas, years) if years else None
        grown = compounded(rate, max(1.0, plan.times / years)) if plan and plan.times else rate
        return StakingPlan(reward, worth, units / total, rate, grown, plan, paid < seconds)

    def _view(
        self, stake: Stake, worths: Mapping[Token, Worth], staked_price: Decimal | None, price: int | None
    ) -> FarmView:
        farm = stake.farm
        found = worths.get(farm.spec.reward)
        reward = None if found is None else RewardPrice(found.price, found.depth)
        tvl = None if staked_price is None else farm.staked.units(farm.total).exact * staked_price
        rate = _apr(farm, farm.total, staked_price, reward)
        mine = farm.staked.units(stake.amount).exact * (staked_price or Decimal(0))
        principal = mine or EXAMPLE
        plan = _compounding(principal, rate, self._gas_cost(farm, price, worths), 1.0)
        told = risks(farm, reward, rate, self._spec.block_s)
        daily = compounded(rate, 365.0)
        return FarmView(stake, staked_price, tvl, reward, rate, plan, principal, daily, told)

    def _gas_cost(self, farm: Farm, price: int | None, worths: Mapping[Token, Worth]) -> Decimal | None:
        coin = worths.get(self._spec.wrapped)
        if coin is None or price is None:
            return None
        gas = round_gas(steps_of(farm.spec.reward, farm.staked, farm.pair))
        return self._spec.wrapped.units(gas * price).exact * coin.price

    async def _staked_prices(self, farms: Sequence[Farm], worths: Mapping[Token, Worth]) -> dict[Token, Decimal]:
        """Return the price of a whole staked token: of a share its part of what the pool holds."""
        found = {each.staked: worths[each.staked].price for each in farms if each.staked in worths}
        shares = {each.staked: each.pair for each in farms if each.pair}
        rows = await answers(
            self._chain,
            [
                ask
                for each in shares
                for ask in (
                    Ask(each.address, "getReserves()", "(uint112,uint112)"),
                    Ask(each.address, "totalSupply()", "(uint256)"),
                )
            ],
        )
        for at, (token, pair) in enumerate(shares.items()):
            reserves, supply = rows[2 * at], rows[2 * at + 1]
            if reserves and supply and supply[0] and (worth := _pool_worth(pair, reserves, worths)) is not None:
                found[token] = worth / token.units(int(supply[0])).exact
        return found


def _pool_worth(pair: tuple[Token, Token], reserves: tuple[int, ...], worths: Mapping[Token, Worth]) -> Decimal | None:
    """Return the value of a V2 pool, whose sides are worth the same: one price is enough."""
    sides = [
        token.units(units).exact * found.price if (found := worths.get(token)) else None
        for token, units in zip(pair, reserves, strict=True)
    ]
    known = [each for each in sides if each is not None]
    return None if not known else sum(known, Decimal(0)) * 2 / len(known)


def _apr(farm: Farm, total: int, staked: Decimal | None, reward: RewardPrice | None) -> float | None:
    if staked is None or reward is None or not total or not staked:
        return None
    yearly = farm.yearly().exact * reward.price
    return float(yearly / (farm.staked.units(total).exact * staked))


def _compounding(principal: Decimal, rate: float | None, gas: Decimal | None, years: float) -> Compounding | None:
    if rate is None or gas is None or not 0 < rate <= MOST_RATE or principal <= 0:
        return None
    return best_compounding(float(principal), rate, float(gas), years)


def compounded(rate: float | None, times: float) -> float | None:
    """Return the APY of a rate; None: there is no rate, or one with which a year of compounding is no figure."""
    return None if rate is None or rate > MOST_RATE else apy(rate, times)


def round_gas(steps: Sequence[Step]) -> int:
    """Return about what a round of compounding takes."""
    return sum(GAS[each] for each in steps)
