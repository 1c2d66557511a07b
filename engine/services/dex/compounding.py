"""Rewards put to work again: claimed, swapped, added as liquidity, staked; every step through the send pipeline.

A round begins when the rewards are worth more than the gas of all its steps, and what the user wants besides. Each step
is made from what came of the steps before it, as their receipts say, and from nothing else in the account. A step that
cannot be sent within the limits waits; one that failed on the chain pauses the plan, which says what is at hand.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from uuid import uuid4

from engine.bus import Bus
from engine.defi.chain import ChainSpec, DexSpec
from engine.defi.farming.calls import claim_intent
from engine.defi.farming.farm import Stake
from engine.defi.intent import Intent, IntentKind
from engine.defi.orders import plan as plans
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import Attempt
from engine.defi.orders.plan import PlanState, Round, Step, YieldPlan
from engine.defi.pools.v2liquidity import zap_part
from engine.defi.token import TokenAmount
from engine.errors import CrsError, InvalidInput
from engine.ports.chain import ChainClient, Receipt
from engine.ports.wallet_store import WalletStore
from engine.services.dex.carrying import Carrier, Declined, Fate
from engine.services.dex.farms import Farms
from engine.services.dex.gasprice import gas_price
from engine.services.dex.liquidity import Liquidity, LiquidityPlan, Wish
from engine.services.dex.market import Market
from engine.services.dex.orderfile import PLANS
from engine.services.dex.pairs import shares_of
from engine.services.dex.reading import Ask, answers
from engine.services.dex.seal import Seal
from engine.services.dex.settling import received
from engine.services.dex.shelf import Shelf
from engine.services.dex.staking import round_gas
from engine.services.task import TaskOwner

LOOK_S, REST_S = 15.0, 60.0
APPROVE, VIA = "approve", "via"
"""Transactions that do not end a step: an allowance, and a swap for the coin where no single one goes further."""
WORDS = {
    Step.CLAIM: "Claiming the rewards",
    Step.SWAP_FIRST: "Swapping rewards",
    Step.SWAP_SECOND: "Swapping the rest of the rewards",
    Step.ADD: "Adding liquidity",
    Step.STAKE: "Staking",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a plan works with."""

    farms: Farms
    liquidity: Liquidity
    market: Market
    carrier: Carrier


class Compounding:
    """The plans of one chain."""

    def __init__(
        self,
        chain: ChainClient,
        spec: ChainSpec,
        store: WalletStore,
        tools: Tools,
        bus: Bus,
        look_s: float = LOOK_S,
        rest_s: float = REST_S,
        seal: Seal | None = None,
    ) -> None:
        self._chain, self._spec, self._tools, self._look_s, self._rest_s = chain, spec, tools, look_s, rest_s
        self._carrier = tools.carrier
        self._shelf = Shelf(store, spec.chain_id, bus, tools.carrier.now, PLANS, seal)
        self._busy: set[str] = set()
        self._rests: dict[str, float] = {}
        self._tasks = TaskOwner("compounding")
        self.problem = ""
        """A sentence about what is wrong with the chain or the disk; empty if nothing is."""
        self.all = self._shelf.all
        self.get = self._shelf.get
        self.remove = self._shelf.remove

    async def open(self) -> None:
        """Read what was kept; raises StorageUnavailable."""
        self.problem = await self._shelf.open()

    def start(self) -> None:
        """Begin to look at the plans, again and again, until `close`."""
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Stop looking; a round that has begun goes on after the next start."""
        await self._tasks.join()

    async def add(self, stake: Stake, limits: Limits) -> YieldPlan:
        """Keep a plan for what an account has staked.

        Raises:
            InvalidInput: nothing is staked, there is such a plan already, or the limits are none.
            StorageUnavailable: the disk refuses.
        """
        farm = stake.farm
        limits.check()
        if not stake.amount:
            raise InvalidInput(f"This account has nothing in {farm.title}: stake first.")
        if any(self._same(each, stake) for each in self._shelf.alive()):
            raise InvalidInput(f"There is a plan for {farm.title} already.")
        dex = await self._dex_of(farm.staked.address) if farm.pair else ""
        return await self._shelf.keep(
            YieldPlan(
                uuid4().hex[:12],
                self._spec.chain_id,
                stake.account,
                farm.spec.name,
                farm.number,
                farm.spec.reward,
                farm.staked,
                farm.pair,
                dex,
                limits,
                self._carrier.now(),
            )
        )

    async def pause(self, id: str) -> YieldPlan:
        """Let a plan rest; raises InvalidInput where that cannot be, StorageUnavailable."""
        return await self._shelf.change(id, plans.paused)

    async def resume(self, id: str) -> YieldPlan:
        """Let a paused plan go on where it stopped."""
        return await self._shelf.change(id, plans.resumed)

    async def give_up_round(self, id: str) -> YieldPlan:
        """Let a paused plan forget its round; what is at hand stays in the account."""
        return await self._shelf.change(id, lambda each: plans.given_up(each, self._carrier.now()))

    async def end(self, id: str) -> YieldPlan:
        """End a plan; while a transaction is on its way, as soon as its fate is known."""
        return await self._shelf.change(id, plans.ended)

    async def edit(self, id: str, limits: Limits) -> YieldPlan:
        """Give a plan other limits."""
        return await self._shelf.change(id, lambda each: plans.edited(each, limits))

    # -- looking ----------------------------------------------------------------------------------

    async def look(self) -> None:
        """Look at every plan once, and wait until it is done, questions to people included."""
        await asyncio.gather(*self._begun())

    def _begun(self) -> list[asyncio.Task[None]]:
        found = []
        now = asyncio.get_running_loop().time()
        for plan in self._shelf.alive():
            is_resting = self._rests.get(plan.id, 0.0) > now
            if plan.state is PlanState.PAUSED or plan.id in self._busy or is_resting:
                continue
            self._busy.add(plan.id)
            found.append(self._tasks.start(self._looked(plan.id)))
        return found

    async def _run(self) -> None:
        while True:
            self._begun()
            await asyncio.sleep(self._look_s)

    async def _looked(self, id: str) -> None:
        try:
            plan = self.get(id)
            if plan.state is PlanState.SENDING:
                await self._settle(plan)
            else:
                await self._go_on(plan)
            self.problem = ""
        except CrsError as error:
            self.problem = str(error)
            log.info("plan not looked at", extra={"plan": id, "reason": str(error)})
        finally:
            self._busy.discard(id)

    async def _settle(self, plan: YieldPlan) -> None:
        """Find out what became of the transaction that a plan names."""
        attempt = plan.attempt
        if attempt is None:
            await self._shelf.change(plan.id, plans.never_sent)
            return
        found = await self._carrier.fate(attempt)
        sent = found.sent
        cost = (sent.gas_used or 0) * (sent.gas_price or 0) if sent else 0
        if found.fate is Fate.NEVER_SENT:
            why = sent.reason if sent else ""
            await self._shelf.change(plan.id, lambda each: plans.never_sent(each, why))
        elif found.fate in (Fate.FAILED, Fate.LOST):
            reason = sent.reason if sent and found.fate is Fate.FAILED else "another transaction took its number."
            why = f"{WORDS[plan.step or Step.CLAIM]} did not go through: {reason}"
            await self._shelf.change(plan.id, lambda each: plans.stopped(each, why, cost))
        elif attempt.step == APPROVE and found.fate in (Fate.MINED, Fate.DONE):
            await self._shelf.change(plan.id, lambda each: plans.approved(each, cost))
        elif found.fate is Fate.DONE and sent is not None:
            receipt = await self._chain.receipt(sent.hash)
            if receipt is None:
                return
            changes, now = self._changes(plan, receipt), self._carrier.now()
            if attempt.step == VIA:
                await self._shelf.change(plan.id, lambda each: plans.halfway(each, changes, cost))
            else:
                await self._shelf.change(plan.id, lambda each: plans.stepped(each, changes, cost, now))

    def _changes(self, plan: YieldPlan, receipt: Receipt) -> tuple[TokenAmount, ...]:
        """Return what a step brought and took, of the tokens that a plan is about."""
        tokens = dict.fromkeys((plan.reward, *(plan.pair or ()), plan.staked, self._spec.wrapped))
        wrapped = self._spec.wrapped.address
        found = (each.units(received(receipt, wrapped, plan.account, each)) for each in tokens)
        return tuple(each for each in found if each.units)

    async def _go_on(self, plan: YieldPlan) -> None:
        """Begin a round if it pays, and send its next step."""
        stake = await self._tools.farms.one(plan.farm, plan.number, plan.account)
        if plan.round is None:
            why = await self._reason_to_wait(plan, stake)
            if why:
                self._shelf.retell(plans.told(plan, why))
                return
        now = self._carrier.now()
        plan = await self._shelf.change(plan.id, lambda each: plans.begun(each, now))
        try:
            await self._send(plan, stake)
        except Declined as error:
            why = str(error)
            await self._shelf.change(plan.id, lambda each: plans.stopped(each, why))
        except CrsError as error:
            await self._put_back(plan.id, str(error))
            if not isinstance(error, InvalidInput):
                raise

    async def _reason_to_wait(self, plan: YieldPlan, stake: Stake) -> str:
        """Return why a round would not pay now, as a sentence; empty: it would."""
        if not stake.amount:
            return "Nothing is staked any more."
        if not stake.pending:
            return "Nothing is owed yet."
        rounds = plan.rounds_today(self._carrier.now())
        if plan.limits.per_day is not None and rounds >= plan.limits.per_day:
            return f"{rounds} rounds ended in the last 24 hours, as many as you allow."
        coin, reward = self._spec.wrapped, plan.reward
        worth = stake.pending
        if reward != coin:
            worth = (await self._tools.market.offer(reward, coin, stake.pending)).bought
        price = await gas_price(self._chain, self._spec)
        if price is None:
            return "What gas costs is not known: the node tells no history of fees."
        cost = round_gas(plan.steps()) * price
        wanted = cost + (plan.limits.min_gain or 0)
        if worth <= wanted:
            return (
                f"{reward.units(stake.pending)} are owed, worth {coin.units(worth)}; a round costs about "
                f"{coin.units(cost)} of gas" + (", and you want more than that." if plan.limits.min_gain else ".")
            )
        return ""

    async def _send(self, plan: YieldPlan, stake: Stake) -> None:
        step, intents = await self._intents(plan, stake)
        if intents[0].kind in (IntentKind.APPROVE, IntentKind.REVOKE):
            step = APPROVE

        async def note(attempt: Attempt) -> None:
            await self._shelf.change(plan.id, lambda each: plans.sending(each, attempt))

        place = len(plan.steps()) - len(plan.round.steps if plan.round else ())
        title = f"Compounding {stake.farm.title}, step {place + 1} of {len(plan.steps())}"
        why = f"{WORDS[plan.step or Step.CLAIM]} of this round."
        await self._carrier.carry(intents[0], plan.limits, 0, title, why, place, step, note)

    async def _intents(self, plan: YieldPlan, stake: Stake) -> tuple[str, list[Intent]]:
        """Return what the next step is made of, an approval first where one is missing, and what it is called."""
        run, step = plan.round, plan.step
        if run is None or step is None or step is Step.CLAIM:
            return Step.CLAIM, [claim_intent(stake)]
        if step in (Step.SWAP_FIRST, Step.SWAP_SECOND):
            return await self._swap(plan, run, step)
        if step is Step.ADD:
            return step, list((await self._addition(plan, run)).intents)
        return step, await self._tools.farms.stake(stake, run.amount(plan.staked))

    async def _swap(self, plan: YieldPlan, run: Round, step: Step) -> tuple[str, list[Intent]]:
        has, wanted, coin = run.amount(plan.reward), plan.staked, self._spec.wrapped
        if plan.pair is not None:
            wanted = plan.pair[0 if step is Step.SWAP_FIRST else 1]
            has = await self._part(plan, has, step)
        may_go_via = coin not in (plan.reward, wanted, *(plan.pair or ()))
        on_the_way = run.amount(coin) if may_go_via else 0
        market, called = self._tools.market, str(step)
        try:
            offer = await market.offer(coin if on_the_way else plan.reward, wanted, on_the_way or has)
        except InvalidInput:
            if not may_go_via or on_the_way:
                raise
            offer, called = await market.offer(plan.reward, coin, has), VIA
        return called, await market.intents(offer, plan.account, plan.limits.max_slippage_bps, 0)

    async def _part(self, plan: YieldPlan, has: int, step: Step) -> int:
        """Return how much of the reward to swap now: half for one token, the rest for the other.

        Where the reward is itself a token of the pair, it is the part after which both fit the pool's ratio.
        """
        assert plan.pair is not None, "only shares of a pair are divided"  # noqa: S101
        if plan.reward in plan.pair:
            pair = await shares_of(self._chain, self._dex(plan), *plan.pair)
            return zap_part(pair.pool, plan.reward.address, has)
        return has // 2 if step is Step.SWAP_FIRST else has

    async def _addition(self, plan: YieldPlan, run: Round) -> LiquidityPlan:
        assert plan.pair is not None, "only shares of a pair are added to"  # noqa: S101
        wish = Wish(plan.account, self._dex(plan), plan.limits.max_slippage_bps)
        first, second = (each.units(run.amount(each)) for each in plan.pair)
        return await self._tools.liquidity.add_pair(wish, first, second)

    async def _put_back(self, id: str, why: str) -> None:
        """Let a plan wait, and rest a little; what was noted and not sent is forgotten."""
        plan = self.get(id)
        self._rests[id] = asyncio.get_running_loop().time() + self._rest_s
        if plan.state is PlanState.SENDING and plan.attempt is not None:
            if (await self._carrier.fate(plan.attempt)).fate is Fate.NEVER_SENT:
                await self._shelf.change(id, lambda each: plans.never_sent(each, why))
        elif plan.state is PlanState.WAITING:
            await self._shelf.change(id, lambda each: plans.told(each, why))

    async def _dex_of(self, pair: str) -> str:
        (answer,) = await answers(self._chain, [Ask(pair, "factory()", "(address)")])
        factory = answer[0] if answer else ""
        dex = next((each for each in self._spec.dexes if each.factory == factory), None)
        if dex is None:
            raise InvalidInput("What is staked is a share of a pool of no exchange that is known here.")
        return dex.name

    def _dex(self, plan: YieldPlan) -> DexSpec:
        found = self._spec.dex(plan.dex)
        if found is None:
            raise InvalidInput(f"The exchange {plan.dex} is not known here any more.")
        return found

    def _same(self, plan: YieldPlan, stake: Stake) -> bool:
        mine = plan.account, plan.farm, plan.number
        return mine == (stake.account, stake.farm.spec.name, stake.farm.number)
