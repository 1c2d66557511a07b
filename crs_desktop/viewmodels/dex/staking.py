"""Forms of a farm: stake with the calculator of returns, take back, and the plan that puts rewards to work again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.dex.form import ActForm, Field, Outcome, Told, percent_text, span_text
from crs_desktop.viewmodels.dex.limits import limit_fields, limit_notes, limit_texts, limits_of
from crs_desktop.viewmodels.dex.tokens import why_unsigned
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import exact, plain
from crs_desktop.viewmodels.wallet.header import dollars
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.orders.limits import Limits
from engine.defi.orders.plan import PlanState, Step, YieldPlan, steps_of
from engine.defi.token import TokenAmount
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.services.dex.staking import FarmView, StakingPlan

YEAR_S = 31_536_000
STEPS = {
    Step.CLAIM: say("claim"),
    Step.SWAP_FIRST: say("swap"),
    Step.SWAP_SECOND: say("swap"),
    Step.ADD: say("add liquidity"),
    Step.STAKE: say("stake"),
}


class StakeForm(ActForm):
    """Stake more, or take a part back; while nothing is typed it reckons with what is there."""

    def __init__(self, door: WalletDoor, view: FarmView, *, back: bool = False) -> None:
        super().__init__(door)
        self.view, self.is_back = view, back
        farm = plain(view.farm.title, 50)
        self.title = say("Take back from {farm}", farm=farm) if back else say("Stake in {farm}", farm=farm)
        self.verb = say("Look at it…")
        self.texts = {"amount": "", "days": "365"}
        self.free: TokenAmount | None = None
        if back:
            self.free = TokenAmount(view.farm.staked, view.stake.amount)

    @property
    def fields(self) -> tuple[Field, ...]:
        """How much, and for how long it is reckoned."""
        chips: tuple[tuple[str, Sentence], ...] = ()
        if self.free is not None:
            chips = tuple(
                (TokenAmount(self.free.token, self.free.units * part // 100).text, say("{part} %", part=part))
                for part in (25, 50, 75, 100)
            )
        unit = plain(self.view.farm.staked.symbol, 20)
        amount = Field("amount", say("Amount"), unit=unit, chips=chips)
        return (amount,) if self.is_back else (amount, Field("days", say("Returns over"), unit=str(say("days"))))

    @property
    def hint(self) -> Sentence:
        """What there is, or why nothing can be signed."""
        if self.is_busy:
            return say("Working it out…")
        if (unsigned := why_unsigned(self.door)) != NOTHING:
            return unsigned
        return say("{amount} available", amount=exact(self.free)) if self.free is not None else NOTHING

    @property
    def can_go(self) -> bool:
        """Whether there is something to sign, and a key for it."""
        return super().can_go and bool(self.outcome and self.outcome.intents) and why_unsigned(self.door) == NOTHING

    async def work_out(self) -> Outcome | None:
        """Work out the returns, and what is to be signed."""
        dex, view = self.dex, self.view
        token = view.farm.staked
        if self.free is None:
            self.free = TokenAmount(token, await dex.holding(token))
        typed = self.number("amount")
        amount = token.of(typed) if typed else None
        notes = tuple(verbatim(plain(each)) for each in view.risks)
        if self.is_back:
            return None if amount is None else Outcome((), tuple(await dex.unstake(view.stake, amount.units)), ())
        if amount is None:
            return Outcome(self._rates(), (), notes)
        days = self.number("days")
        if not days:
            raise InvalidInput("Over how many days?")
        plan = await dex.staking_plan(view, amount.units, float(days))
        lines = (*self._rates(), *self._returns(plan))
        if amount.units > self.free.units:
            missing = exact(TokenAmount(token, amount.units - self.free.units))
            notes = (say("To stake so much you need {missing} more.", missing=missing), *notes)
            return Outcome(lines, (), notes)
        return Outcome(lines, tuple(await dex.stake(view.stake, amount.units)), notes)

    def _rates(self) -> tuple[Told, ...]:
        view = self.view
        lines = [Told(say("APR of the rewards"), verbatim(percent_text(view.apr)))]
        if view.daily_apy is not None:
            lines.append(Told(say("APY, daily and without gas"), verbatim(percent_text(view.daily_apy)), "muted"))
        return tuple(lines)

    def _returns(self, plan: StakingPlan) -> tuple[Told, ...]:
        reward = exact(TokenAmount(self.view.farm.spec.reward, plan.reward))
        worth = "" if plan.reward_value is None else f" ≈ {dollars(plan.reward_value)} $"
        lines = [
            Told(say("Rewards by then"), verbatim(f"{reward}{worth}"), "up"),
            Told(say("Your part of the farm"), verbatim(percent_text(plan.share, 4))),
            Told(say("APR with your stake in it"), verbatim(percent_text(plan.apr))),
        ]
        best = plan.compounding
        if best is not None and best.times:
            every = span_text(int(best.interval_years * YEAR_S))
            lines.append(Told(say("APY, compounded and gas paid"), verbatim(percent_text(best.net_apy)), "up"))
            lines.append(Told(say("Compound every"), say("{every}: {times} times", every=every, times=best.times)))
        elif best is not None:
            lines.append(Told(say("Compounding"), say("costs more gas than it brings")))
        if plan.runs_out:
            lines.append(Told(say("Mind"), say("rewards end before that"), "warn"))
        return tuple(lines)


class PlanForm(ActForm):
    """Limits of a plan that puts the rewards of a stake to work again; made, changed, paused or ended."""

    def __init__(self, door: WalletDoor, view: FarmView, plan: YieldPlan | None) -> None:
        super().__init__(door)
        self.view, self.plan = view, plan
        self.title = say("Put rewards to work: {farm}", farm=plain(view.farm.title, 50))
        self.verb = say("Start the plan") if plan is None else say("Apply")
        limits = plan.limits if plan is not None else Limits()
        self.texts = {**limit_texts(limits, self.dex.spec.native), "act": "keep"}

    @property
    def fields(self) -> tuple[Field, ...]:
        """Limits, and for a plan that there is what shall become of it."""
        limits = limit_fields(plain(self.dex.spec.native.symbol, 12), gain=True)
        plan = self.plan
        if plan is None:
            return limits
        acts = [("keep", say("Go on with these limits"))]
        if plan.state is PlanState.PAUSED:
            acts.append(("resume", say("Resume it")))
            if plan.round is not None:
                acts.append(("give_up", say("Forget the round; what is at hand stays mine")))
        else:
            acts.append(("pause", say("Pause it")))
        acts.append(("end", say("End it")))
        return Field("act", say("The plan"), tuple(acts)), *limits

    async def work_out(self) -> Outcome | None:
        """Check the limits, and say what a round does."""
        farm, limits = self.view.farm, limits_of(self, self.dex.spec.native)
        steps = ", ".join(
            dict.fromkeys(str(STEPS[each]) for each in steps_of(farm.spec.reward, farm.staked, farm.pair))
        )
        lines = [Told(say("A round"), verbatim(steps))]
        best = self.view.compounding
        if best is not None and best.times:
            every = span_text(int(best.interval_years * YEAR_S))
            lines.append(Told(say("Pays for its gas every"), verbatim(every)))
        plan = self.plan
        if plan is not None:
            lines.append(Told(say("Rounds so far"), verbatim(str(len(plan.past)))))
            lines.append(Told(say("Added so far"), verbatim(exact(plan.staked.units(plan.grown)))))
            if plan.why:
                lines.append(Told(say("Now"), verbatim(plain(plan.why)), "warn"))
        closed = say(
            "The program does this itself while it is open and on this chain; while it is closed nothing happens."
        )
        return Outcome(tuple(lines), (), (*limit_notes(limits), closed))

    async def carry_out(self, over: object, then: Callable[[], object]) -> None:
        """Keep the plan, or change it."""
        plans, plan, act = self.dex.plans, self.plan, self.text("act")
        limits = limits_of(self, self.dex.spec.native)
        if plan is None:
            await plans.add(self.view.stake, limits)
        elif act == "end":
            await plans.end(plan.id)
        elif act == "give_up":
            await plans.give_up_round(plan.id)
        else:
            if limits != plan.limits:
                await plans.edit(plan.id, limits)
            if act in ("pause", "resume"):
                await (plans.pause if act == "pause" else plans.resume)(plan.id)
        then()
