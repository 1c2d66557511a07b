"""A plan that puts rewards to work again: claim, swap, add liquidity, stake; one transaction after the other.

A plan is a frozen value. While a round runs, `Round` says which step is next, what is at hand for it, and which
transaction is on its way; each change is on the disk before it counts. What a round has at hand is the account's
already: a round that stops half-way loses nothing, and goes on from there or is given up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from engine.defi.farming.farm import DAY_S
from engine.defi.orders.limits import Limits
from engine.defi.orders.order import FORGOTTEN, MOST_ALLOWED, Attempt
from engine.defi.token import Token, TokenAmount
from engine.errors import InvalidInput

KEPT = 200
"""Rounds that are remembered."""


class Step(StrEnum):
    """What is next in a round."""

    CLAIM = "claim"
    SWAP_FIRST = "swap-first"
    """Half of the rewards (or all, where one token is staked) for the first token."""
    SWAP_SECOND = "swap-second"
    """The rest for the second."""
    ADD = "add"
    STAKE = "stake"


class PlanState(StrEnum):
    """Where a plan is."""

    WAITING = "waiting"
    """For rewards that are worth their gas; or, within a round, for the next step."""
    PAUSED = "paused"
    SENDING = "sending"
    """A transaction is named that may be on its way."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Round:
    """One round that has begun."""

    steps: tuple[Step, ...]
    """Those to come, the next first."""
    began: int
    has: tuple[TokenAmount, ...] = ()
    """What came of the steps so far and was not used yet."""
    claimed: int = 0
    staked: int = 0
    gas_cost: int = 0
    allowed: int = 0
    """How many allowances were set for the next step."""

    def amount(self, token: Token) -> int:
        """Return what there is of a token."""
        return sum(each.units for each in self.has if each.token == token)

    def with_change(self, changes: tuple[TokenAmount, ...]) -> Round:
        """Return the round after amounts came and went; less than nothing is nothing."""
        found: dict[Token, int] = {each.token: each.units for each in self.has}
        for each in changes:
            found[each.token] = max(0, found.get(each.token, 0) + each.units)
        return replace(self, has=tuple(token.units(units) for token, units in found.items() if units))


@dataclass(frozen=True, slots=True)
class PastRound:
    """A round that is over."""

    at: int
    claimed: int
    """Units of the reward."""
    staked: int
    """Units of the staked token that were added."""
    gas_cost: int
    why: str = ""
    """Why it did not come to its end; empty: it did."""


@dataclass(frozen=True, slots=True)
class YieldPlan:
    """Rewards of one stake, put to work again and again."""

    id: str
    chain_id: int
    account: str
    farm: str
    """By name."""
    number: int | None
    """MasterChef: which pool."""
    reward: Token
    staked: Token
    pair: tuple[Token, Token] | None
    """Of the staked share; None: a single token is staked."""
    dex: str
    """The exchange whose share is staked; empty: a single token."""
    limits: Limits
    created: int
    state: PlanState = PlanState.WAITING
    round: Round | None = None
    attempt: Attempt | None = None
    past: tuple[PastRound, ...] = ()
    end_wanted: bool = False
    why: str = ""

    @property
    def step(self) -> Step | None:
        """What is next; None: no round has begun."""
        return self.round.steps[0] if self.round else None

    @property
    def grown(self) -> int:
        """Units of the staked token that the plan added so far."""
        return sum(each.staked for each in self.past)

    def steps(self) -> tuple[Step, ...]:
        """Return the steps of a round."""
        return steps_of(self.reward, self.staked, self.pair)

    def rounds_today(self, now: int) -> int:
        """Return how many rounds ended in the last 24 hours."""
        return sum(now - each.at < DAY_S for each in self.past)


def steps_of(reward: Token, staked: Token, pair: tuple[Token, Token] | None) -> tuple[Step, ...]:
    """Return the steps from a reward to what is staked: a token, or a share of a pair."""
    if pair is None:
        return (Step.CLAIM, Step.STAKE) if reward == staked else (Step.CLAIM, Step.SWAP_FIRST, Step.STAKE)
    first, second = pair
    swaps = [
        *([Step.SWAP_FIRST] if first != reward else []),
        *([Step.SWAP_SECOND] if second != reward else []),
    ]
    return (Step.CLAIM, *swaps, Step.ADD, Step.STAKE)


def begun(plan: YieldPlan, now: int) -> YieldPlan:
    """Return a plan whose round begins; nothing is signed yet."""
    _must_be(plan, PlanState.WAITING)
    return plan if plan.round else replace(plan, round=Round(plan.steps(), now), why="")


def sending(plan: YieldPlan, attempt: Attempt) -> YieldPlan:
    """Return a plan with a transaction that is about to be sent; kept on the disk before it is."""
    _must_be(plan, PlanState.WAITING)
    return replace(plan, state=PlanState.SENDING, attempt=attempt, why="")


def never_sent(plan: YieldPlan, why: str = "") -> YieldPlan:
    """Return a plan whose transaction is known not to have left."""
    _must_be(plan, PlanState.SENDING)
    return _unless_ended(replace(plan, state=PlanState.WAITING, attempt=None, why=why))


def told(plan: YieldPlan, why: str) -> YieldPlan:
    """Return a plan that waits, with what it waits for; a round of which nothing was sent is forgotten."""
    begins = plan.round is not None and plan.step is Step.CLAIM and not plan.round.gas_cost
    return replace(plan, round=None if begins else plan.round, why=why)


def approved(plan: YieldPlan, gas_cost: int) -> YieldPlan:
    """Return a plan whose approval is in a block: the same step is next; after too many it pauses."""
    found = halfway(plan, (), gas_cost)
    if found.round is None:
        return found
    run = replace(found.round, allowed=found.round.allowed + 1)
    found = replace(found, round=run)
    return stopped(found, FORGOTTEN) if run.allowed >= MOST_ALLOWED else found


def halfway(plan: YieldPlan, changes: tuple[TokenAmount, ...], gas_cost: int) -> YieldPlan:
    """Return a plan of whose step a part is in a block: the same step is next, with what came and went."""
    _must_be(plan, PlanState.SENDING)
    run = _round(plan).with_change(changes)
    after = replace(run, gas_cost=run.gas_cost + gas_cost)
    return _unless_ended(replace(plan, state=PlanState.WAITING, attempt=None, round=after))


def stepped(plan: YieldPlan, changes: tuple[TokenAmount, ...], gas_cost: int, now: int) -> YieldPlan:
    """Return a plan whose step is in a block.

    Args:
        plan: as it was.
        changes: what came (and went, below 0) with the transaction.
        gas_cost: wei.
        now: seconds since 1970.
    """
    _must_be(plan, PlanState.SENDING)
    run, step = _round(plan), plan.step
    claimed = sum(each.units for each in changes if each.token == plan.reward) if step is Step.CLAIM else run.claimed
    staked = -sum(each.units for each in changes if each.token == plan.staked) if step is Step.STAKE else 0
    after = replace(
        run.with_change(changes),
        allowed=0,
        steps=run.steps[1:],
        claimed=claimed,
        staked=staked,
        gas_cost=run.gas_cost + gas_cost,
    )
    found = replace(plan, state=PlanState.WAITING, attempt=None, round=after, why="")
    return _unless_ended(found if after.steps else _over(found, after, now, ""))


def stopped(plan: YieldPlan, why: str, gas_cost: int = 0) -> YieldPlan:
    """Return a plan that pauses because a step failed; what is at hand is said."""
    run = plan.round
    if run is not None:
        run = replace(run, gas_cost=run.gas_cost + gas_cost)
    at_hand = ", ".join(map(str, run.has)) if run else ""
    tail = f" {at_hand} of this round are in the account." if at_hand else ""
    found = replace(plan, state=PlanState.PAUSED, attempt=None, round=run, why=f"{why}{tail}")
    return _unless_ended(found)


def paused(plan: YieldPlan) -> YieldPlan:
    """Return the plan at rest.

    Raises:
        InvalidInput: it is over, or a transaction is on its way.
    """
    if plan.state is PlanState.PAUSED:
        return plan
    _must_be(plan, PlanState.WAITING)
    return replace(plan, state=PlanState.PAUSED, why="")


def resumed(plan: YieldPlan) -> YieldPlan:
    """Return a paused plan that goes on where it stopped."""
    _must_be(plan, PlanState.PAUSED)
    run = replace(plan.round, allowed=0) if plan.round else None
    return replace(plan, state=PlanState.WAITING, round=run, why="")


def given_up(plan: YieldPlan, now: int) -> YieldPlan:
    """Return a paused plan without its round; what is at hand stays in the account."""
    _must_be(plan, PlanState.PAUSED)
    return _over(plan, _round(plan), now, "It was given up half-way.")


def ended(plan: YieldPlan) -> YieldPlan:
    """Return the plan at its end; while a transaction is on its way, as soon as its fate is known."""
    if plan.state is PlanState.ENDED:
        raise InvalidInput("This plan has ended already.")
    if plan.state is PlanState.SENDING:
        return replace(plan, end_wanted=True, why="A transaction is on its way; the plan ends with it.")
    return replace(plan, state=PlanState.ENDED, why="")


def edited(plan: YieldPlan, limits: Limits) -> YieldPlan:
    """Return the plan with other limits.

    Raises:
        InvalidInput: they are none, or it is over.
    """
    if plan.state is PlanState.ENDED:
        raise InvalidInput("This plan has ended already.")
    limits.check()
    return replace(plan, limits=limits)


def _over(plan: YieldPlan, run: Round, now: int, why: str) -> YieldPlan:
    past = PastRound(now, run.claimed, run.staked, run.gas_cost, why)
    return replace(plan, round=None, past=(*plan.past, past)[-KEPT:])


def _round(plan: YieldPlan) -> Round:
    if plan.round is None:
        raise InvalidInput("No round of this plan has begun.")
    return plan.round


def _unless_ended(plan: YieldPlan) -> YieldPlan:
    return replace(plan, state=PlanState.ENDED, why="") if plan.end_wanted else plan


def _must_be(plan: YieldPlan, *states: PlanState) -> None:
    if plan.state not in states:
        raise InvalidInput(f"The plan is {plan.state}; it would have to be {' or '.join(states)} for that.")
