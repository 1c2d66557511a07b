"""Farms of the chain in use: what they pay, what the account has in them, and plans that put rewards to work again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.columns import Cell, Column, Empty, Row
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.form import percent_text, span_text
from crs_desktop.viewmodels.table import MISSING
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import brief, plain, symbol
from crs_desktop.viewmodels.wallet.header import dollars
from crs_desktop.viewmodels.wallet.table import WalletTable
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.defi.orders.plan import PlanState, YieldPlan
from engine.defi.token import TokenAmount
from engine.errors import CrsError
from engine.services.wallet.events import OrdersChanged, TransactionChanged

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from engine.defi.intent import Intent
    from engine.services.dex.staking import FarmView

COLUMNS = (
    Column("Farm", "farm", "left"),
    Column("Staked here $", "tvl", spare=3),
    Column("APR", "apr"),
    Column("APY after gas", "apy", spare=1),
    Column("Compound every", "every", spare=2),
    Column("Yours", "yours", "left"),
    Column("To claim", "claim", "left"),
    Column("", "stake", "left", action=True),
    Column("", "unstake", "left", action=True, sparse=True),
    Column("", "take", "left", action=True, sparse=True),
    Column("", "leave", "left", action=True, sparse=True),
    Column("Auto-compound", "plan", "left", action=True, sparse=True),
    Column("Pays until", "until", "left", spare=5),
    Column("Risks", "risks", "left", spare=4),
)
YEAR_S = 31_536_000
DIGITS, MOST_TITLE = 7, 36
PLAN_WORDS = {
    PlanState.WAITING: say("on, waits"),
    PlanState.SENDING: say("on, at work"),
    PlanState.PAUSED: say("paused"),
    PlanState.ENDED: say("off"),
}


class FarmsModel(WalletTable):
    """Enter stakes in the farm of a row."""

    columns = COLUMNS
    old_s = 20.0
    reading_words = say("Reading what the farms pay…")

    def __init__(self, desk: Desk, door: WalletDoor) -> None:
        self.found: list[FarmView] = []
        super().__init__(desk, door, "farms")
        self._keep(self.front.bus.subscribe(TransactionChanged, lambda _event: self.read_soon()))
        self._keep(self.front.bus.subscribe(OrdersChanged, lambda _event: self.hurry()))

    async def read(self) -> None:
        """Read the farms."""
        dex = self.front.dex
        self.found = await dex.farms() if dex is not None else []

    def forget(self) -> None:
        """Another account or chain is in use."""
        self.found = []

    def rows(self) -> list[Row]:
        """Return a row for each place to stake."""
        return [self._row(each) for each in self.found]

    @property
    def nothing(self) -> Empty:
        """That there are none."""
        return Empty(say("No farm of this chain is known here."))

    @property
    def said(self) -> Sentence:
        """What the plans say, or what rates suppose."""
        dex = self.front.dex
        for plan in dex.plans.all() if dex is not None else []:
            if plan.state is not PlanState.ENDED and plan.why:
                return say("{farm}: {why}", farm=plain(plan.staked.symbol, 30), why=plain(plan.why))
        return say("APR is of rewards alone, at today's rate and price. APY compounds as often as pays for its gas.")

    def plan_of(self, view: FarmView) -> YieldPlan | None:
        """Return the plan for a stake that is not over."""
        dex, farm = self.front.dex, view.farm
        plans = dex.plans.all() if dex is not None else []
        return next(
            (
                each
                for each in plans
                if each.state is not PlanState.ENDED
                and (each.account, each.farm, each.number) == (view.stake.account, farm.spec.name, farm.number)
            ),
            None,
        )

    def open(self, key: str) -> None:
        """Stake in a farm."""
        self.act(key, "stake")

    def act(self, key: str, field: str) -> None:
        """Stake, take back, claim, leave, or make a plan."""
        view, dex = next((each for each in self.found if _key(each) == key), None), self.front.dex
        if view is None or dex is None:
            return
        doing = self.door.doing.dex
        if field == "unstake":
            doing.unstake(view)
        elif field == "take":
            self._sign(dex.claim(view.stake))
        elif field == "leave":
            self._sign(dex.leave(view.stake))
        elif field == "plan":
            doing.plan(view, self.plan_of(view))
        else:
            doing.stake(view)

    def _sign(self, intents: Awaitable[list[Intent]]) -> None:
        async def prepared() -> None:
            try:
                found = await intents
            except CrsError as error:
                self.failed(error)
            else:
                self.door.doing.confirm(*found, then=lambda _sent: self.read_soon())

        self.tasks.start(prepared())

    def _row(self, each: FarmView) -> Row:
        farm, stake, plan = each.farm, each.stake, self.plan_of(each)
        mine = TokenAmount(farm.staked, stake.amount)
        owed = TokenAmount(farm.spec.reward, stake.pending)
        risks = [plain(risk) for risk in each.risks]
        has = bool(stake.amount)
        planned: Cell = Cell("")
        if has or plan is not None:
            words = PLAN_WORDS[plan.state] if plan is not None else say("Set up…")
            planned = Cell(words, "accent", tip=verbatim(plain(plan.why)) if plan is not None else "")
        cells = (
            Cell(plain(farm.title, MOST_TITLE), tip=plain(farm.title, 120)),
            MISSING if each.tvl is None else Cell(dollars(each.tvl), "muted", format(each.tvl, "f")),
            MISSING if each.apr is None else Cell(percent_text(each.apr), "up" if farm.pays else "muted"),
            MISSING if each.compounding is None else Cell(percent_text(each.compounding.net_apy), "text"),
            _every(each),
            Cell(f"{brief(mine, DIGITS)} {symbol(mine)}" if has else "", "text", mine.text),
            Cell(f"{brief(owed, DIGITS)} {symbol(owed)}" if stake.pending else "", "up", owed.text),
            Cell(say("Stake"), "accent"),
            Cell(say("Back"), "accent") if has else Cell(""),
            Cell(say("Claim"), "accent") if stake.pending else Cell(""),
            Cell(say("Exit"), "accent") if has else Cell(""),
            planned,
            _until(each),
            Cell(" ".join(risks), "warn", tip="\n".join(risks)),
        )
        return Row(_key(each), cells)


def _key(view: FarmView) -> str:
    return f"{view.farm.spec.name}/{view.farm.number}"


def _every(view: FarmView) -> Cell:
    plan = view.compounding
    if plan is None:
        return MISSING
    if not plan.times:
        return Cell(say("never: gas costs more"), "muted")
    return Cell(span_text(int(plan.interval_years * YEAR_S)), "muted")


def _until(view: FarmView) -> Cell:
    farm = view.farm
    if not farm.pays:
        return Cell(say("pays nothing now"), "warn")
    if farm.ends_at is None:
        return Cell(say("no end is written"), "muted")
    return Cell(datetime.fromtimestamp(farm.ends_at, UTC).strftime("%Y-%m-%d %H:%M UTC"), "muted")
