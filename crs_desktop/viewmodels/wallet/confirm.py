"""The last look before a signature: what a prepared transaction does, what speaks against it, what it costs.

The model shows fields of `Prepared` and nothing else; what is confirmed is the very object that was shown. A
simulation that has grown old is made again, and what had been acknowledged counts only for the same words.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet import confirm_lines as lines
from crs_desktop.viewmodels.wallet.confirm_fee import FeeForm
from crs_desktop.viewmodels.wallet.confirm_lines import Label, Line
from crs_desktop.viewmodels.wallet.figures import age, plain, seconds
from crs_desktop.viewmodels.wallet.pipeline import Pipeline, Unlock
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.chain import ChainSpec
from engine.defi.prepared import FeeChoice, FeePreset, Prepared, Remark, Weight
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import CrsError, KeysLocked, NotShown

GUARD_NS = 400_000_000
"""How long something new is on the screen before it can be signed: a key that was meant for the window before it."""
STALE_BLOCKS = 4
STALE_LEAST_S = 20.0
SOON_S = 30
"""A deadline that is nearer is told in another tone."""
MOST_REMARK = 600


class Stage(StrEnum):
    """How far it is."""

    SHOWN = "shown"
    WORKING = "working"
    """It is being simulated again, or with another fee."""
    LOCKED = "locked"
    """A password is wanted before it can be signed."""
    SIGNING = "signing"
    SENT = "sent"


class ConfirmModel:
    """Shows a `Prepared`, and signs just that."""

    def __init__(
        self, pipeline: Pipeline, prepared: Prepared, chain: ChainSpec, *, label: Label = lambda _address: "",
        unlock: Unlock | None = None, allow_unlimited: bool = False, step: tuple[int, int] = (1, 1),
        clock: Callable[[], int] = time.monotonic_ns, wall: Callable[[], int] = time.time_ns,
    ) -> None:  # fmt: skip
        """`label` names addresses; `step` is which of how many signatures this is; clocks are in ns."""
        self._pipeline, self.chain, self._label, self._unlock = pipeline, chain, label, unlock
        self._allow_unlimited, self.step, self._clock, self._wall = allow_unlimited, step, clock, wall
        self.prepared = prepared
        self.fee = FeeForm(chain, prepared)
        self.stage = Stage.SHOWN
        self.busy: Sentence = NOTHING
        self.problem: Sentence = NOTHING
        self.note: Sentence = NOTHING
        """That what is shown is not what was shown before."""
        self.sent: Any = None
        """What the pipeline gave for it once it was sent."""
        self._is_watched, self._is_seen = False, True
        self._ticked: set[tuple[str, str]] = set()
        self._since = clock()
        self._changed: Hook[ConfirmModel] = Hook()

    def on_change(self, call: Callable[[ConfirmModel], object]) -> Link[ConfirmModel]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def title(self) -> Sentence:
        """What is done."""
        return lines.title_of(self.prepared.intent)

    @property
    def place(self) -> Sentence:
        """Where, and which signature of how many."""
        at, of = self.step
        if of > 1:
            return say("{chain} · step {at} of {of}", chain=self.chain.title, at=at, of=of)
        return verbatim(self.chain.title)

    @property
    def verb(self) -> Sentence:
        """What the button says."""
        return lines.verb_of(self.prepared.intent)

    @property
    def moves(self) -> list[Line]:
        """What leaves and what arrives."""
        return lines.moves(self.prepared.intent)

    @property
    def parties(self) -> list[Line]:
        """Who is paid or called."""
        return lines.parties(self.prepared.intent, self._label)

    @property
    def allowance(self) -> list[Line]:
        """Who may spend what from now on; nothing if it changes no allowance."""
        approval = self.prepared.intent.approval
        return lines.allowance(approval, self._label) if approval is not None else []

    @property
    def terms(self) -> list[Line]:
        """Slippage and impact."""
        return lines.terms(self.prepared.intent)

    @property
    def route(self) -> list[str]:
        """Where it goes through."""
        return [plain(each) for each in self.prepared.intent.route]

    @property
    def simulated(self) -> list[Line]:
        """What the chain says it would do."""
        return lines.simulated(self.prepared, self._label)

    @property
    def fields(self) -> list[Line]:
        """Every field that is signed."""
        return lines.signed_fields(self.prepared, self.chain)

    @property
    def freshness(self) -> Sentence:
        """On which block it was simulated, and how long ago."""
        block, since = self.prepared.simulation.block, self.prepared.prepared_ns
        said = say("Simulated on block {block}, {age} ago", block=f"{block:,}", age=age(since, self._clock()))
        if self.prepared.simulation.is_complete:
            return said
        return say(
            "Called on block {block}, {age} ago. This node cannot simulate effects: changes are what the call "
            "returned and what such a call promises.",
            block=f"{block:,}", age=age(since, self._clock()),
        )  # fmt: skip

    @property
    def is_stale(self) -> bool:
        """Whether too many blocks have gone by since it was simulated."""
        most = max(STALE_LEAST_S, STALE_BLOCKS * self.chain.block_s)
        return self._clock() - self.prepared.prepared_ns > most * NANOS_PER_SECOND

    @property
    def seconds_left(self) -> int | None:
        """How long until the contract would refuse it; None if it never would."""
        deadline = self.prepared.intent.deadline
        return None if deadline is None else deadline - self._wall() // NANOS_PER_SECOND

    @property
    def deadline(self) -> tuple[Sentence, str]:
        """How long it can wait, and the tone of that."""
        left = self.seconds_left
        if left is None:
            return say("None: it can be mined at any time"), "muted"
        if left <= 0:
            return say("Passed: the contract would refuse it"), "error"
        return say("{span} left", span=seconds(left)), "warn" if left < SOON_S else "text"

    # -- remarks ------------------------------------------------------------------------------------

    def remarks(self, weight: Weight) -> list[Remark]:
        """Return the remarks of a weight."""
        return [each for each in self.prepared.remarks if each.weight is weight]

    def text_of(self, remark: Remark) -> Sentence:
        """Return a remark's words."""
        return verbatim(plain(remark.text, MOST_REMARK))

    def is_ticked(self, remark: Remark) -> bool:
        """Whether a warning was acknowledged, in these words."""
        return (remark.code, remark.text) in self._ticked

    def tick(self, remark: Remark, on: bool) -> None:
        """Acknowledge a warning, or take that back."""
        if self.is_ticked(remark) == on:
            return
        if on:
            self._ticked.add((remark.code, remark.text))
        else:
            self._ticked.discard((remark.code, remark.text))
        self._changed.fire(self)

    @property
    def acknowledged(self) -> frozenset[str]:
        """The codes of which every warning was acknowledged."""
        open_codes = {each.code for each in self.prepared.warnings if not self.is_ticked(each)}
        return frozenset(each.code for each in self.prepared.warnings) - open_codes

    # -- whether it was seen ------------------------------------------------------------------------

    def watch(self) -> None:
        """Sign nothing before `see` says that all of it was on the screen; for whoever may have too little room."""
        self._is_watched, self._is_seen = True, False

    def see(self) -> None:
        """All of it was on the screen."""
        if not self._is_seen:
            self._is_seen = True
            self._changed.fire(self)

    # -- whether it can be signed -------------------------------------------------------------------

    @property
    def offers_signing(self) -> bool:
        """Whether there is a button at all: a refusal leaves none."""
        return self.prepared.can_sign and self.prepared.simulation.ok

    @property
    def hindrance(self) -> Sentence:
        """Why it is not signed now; NOTHING if it could be."""
        if refusals := self.prepared.refusals:
            return say("Not signed: {why}", why=plain(refusals[0].text, MOST_REMARK))
        if not self.prepared.simulation.ok:
            return say("Not signed: it would fail, and cost its fee.")
        if self.busy != NOTHING:
            return self.busy
        left = self.seconds_left
        if left is not None and left <= 0:
            return say("The deadline has passed. Close this and prepare it again.")
        missing = [each for each in self.prepared.warnings if not self.is_ticked(each)]
        if not self._is_seen:
            return say("There is more to see first: scroll down, or press Page Down.")
        if missing:
            return say("Tick the warning above first.") if len(missing) == 1 else say("Tick each warning above first.")
        if self.fee.is_open:
            return say("Use your own fee figures, or choose one of the three.")
        return say("It has to be simulated again.") if self.is_stale else NOTHING

    @property
    def can_sign(self) -> bool:
        """Whether the button does something now."""
        return self.hindrance == NOTHING and self._clock() - self._since >= GUARD_NS

    @property
    def guard_ms(self) -> int:
        """How long until what is new on the screen can be signed, 0 if it is not new."""
        return max(0, (GUARD_NS - (self._clock() - self._since)) // 1_000_000 + 1)

    # -- what the user does -------------------------------------------------------------------------

    async def beat(self) -> None:
        """Look at the clock, once a second: an old simulation is made again."""
        left = self.seconds_left
        alive = left is None or left > 0
        if self.stage is Stage.SHOWN and self.is_stale and alive and self.problem == NOTHING and self.offers_signing:
            await self.refresh()
        else:
            self._changed.fire(self)

    async def refresh(self) -> None:
        """Simulate it again on the newest block."""
        await self._renew(say("Simulating on the newest block…"), lambda: self._pipeline.refresh(self.prepared))

    async def choose_fee(self, choice: FeePreset | FeeChoice) -> None:
        """Pay another fee."""
        intent = self.prepared.intent
        self.fee.close()
        await self._renew(
            say("Simulating with the other fee…"),
            lambda: self._pipeline.prepare(intent, choice, allow_unlimited=self._allow_unlimited),
        )

    async def use_own_fee(self) -> None:
        """Pay what was typed; what is wrong with it is in the form."""
        choice = self.fee.choice()
        if choice is None:
            self._changed.fire(self)
        else:
            await self.choose_fee(choice)

    def open_own_fee(self) -> None:
        """Let own figures be typed, beginning with those in force."""
        self.fee.open(self.prepared.fee)
        self._changed.fire(self)

    async def sign(self, *, remembered: bool = False) -> bool:
        """Sign and send what is shown; whether that happened.

        `remembered`: a password that was remembered has been tried already.
        """
        if self.stage not in (Stage.SHOWN, Stage.LOCKED) or not self.can_sign:
            return False
        shown = self.prepared
        self._begin(Stage.SIGNING, say("Signing and sending…"))
        try:
            confirmed = await self._pipeline.confirm(shown, self.acknowledged)
            self.sent = await self._pipeline.send(confirmed)
        except KeysLocked as error:
            if not remembered and await self._remembered():
                self._end(Stage.SHOWN, NOTHING)
                return await self.sign(remembered=True)
            self._end(Stage.LOCKED if self._unlock is not None else Stage.SHOWN, verbatim(str(error)))
            return False
        except NotShown as error:
            if isinstance(error.fresh, Prepared):
                self._take(error.fresh)
            self._end(Stage.SHOWN, verbatim(plain(str(error), MOST_REMARK)))
            return False
        except CrsError as error:
            self._end(Stage.SHOWN, verbatim(plain(str(error), MOST_REMARK)))
            return False
        except BaseException:
            self._end(Stage.SHOWN, NOTHING)
            raise
        self._end(Stage.SENT, NOTHING)
        return True

    async def unlock(self, password: str) -> bool:
        """Unlock the keys and sign; whether that happened. One password is tried at a time."""
        if self._unlock is None or self.stage is not Stage.LOCKED or self.busy != NOTHING:
            return False
        self._begin(Stage.LOCKED, say("Unlocking…"))
        try:
            await self._unlock(password)
        except CrsError as error:
            self._end(Stage.LOCKED, verbatim(str(error)))
            return False
        except BaseException:
            self._end(Stage.LOCKED, NOTHING)
            raise
        self._end(Stage.SHOWN, NOTHING)
        return await self.sign()

    def leave(self) -> None:
        """Drop it: it is not signed."""
        if self.stage is not Stage.SENT:
            self._pipeline.forget(self.prepared)

    # -- inside -------------------------------------------------------------------------------------

    async def _remembered(self) -> bool:
        """Unlock with a password that was remembered, if there is one."""
        if self._unlock is None:
            return False
        try:
            await self._unlock(None)
        except CrsError:
            return False
        return True

    async def _renew(self, busy: Sentence, make: Callable[[], Awaitable[Prepared]]) -> None:
        if self.stage is not Stage.SHOWN:
            return
        self._begin(Stage.WORKING, busy)
        try:
            fresh = await make()
        except CrsError as error:
            self._end(Stage.SHOWN, verbatim(plain(str(error), MOST_REMARK)))
            return
        except BaseException:
            self._end(Stage.SHOWN, NOTHING)
            raise
        self._take(fresh)
        self._end(Stage.SHOWN, NOTHING)

    def _take(self, fresh: Prepared) -> None:
        """Show what was made anew; say so if it is not what was shown."""
        if _essence(fresh) != _essence(self.prepared):
            self.note = say("What it does or what speaks against it has changed: look again.")
            self._since = self._clock()
            self._is_seen = not self._is_watched
        else:
            self.note = NOTHING
        if fresh.digest != self.prepared.digest:
            self._pipeline.forget(self.prepared)
        self.prepared = fresh
        words = {(each.code, each.text) for each in fresh.warnings}
        self._ticked &= words
        self.fee.take(fresh)

    def _begin(self, stage: Stage, busy: Sentence) -> None:
        self.stage, self.busy, self.problem = stage, busy, NOTHING
        self._changed.fire(self)

    def _end(self, stage: Stage, problem: Sentence) -> None:
        self.stage, self.busy, self.problem = stage, NOTHING, problem
        self._changed.fire(self)


def _essence(prepared: Prepared) -> object:
    """Return what must not change unnoticed: the fee and amounts within a simulation may move a little."""
    made, found = prepared.transaction, prepared.simulation
    directions = frozenset((each.account, each.amount.token.key, each.amount.units > 0) for each in found.changes)
    grants = frozenset((each.token.key, each.spender, each.amount) for each in found.approvals)
    said = frozenset((each.weight, each.code) for each in prepared.remarks)
    return prepared.intent, made.to, made.value, made.data, made.nonce, found.ok, directions, grants, said
