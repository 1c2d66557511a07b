"""The base of the desk's forms: what is typed, what follows from it, and what would be signed.

Nothing is asked of a chain before nobody typed for a moment; an answer to an older question is dropped.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain, seconds
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.intent import Intent
from engine.errors import CrsError, InvalidInput
from engine.services.task import TaskOwner

TYPING_S = 0.3
DAY_S = 86_400
MOST_SLIPPAGE_BPS = 5_000


class Field(NamedTuple):
    """One thing to fill in: a text, or one of several choices."""

    name: str
    title: Sentence
    choices: tuple[tuple[str, Sentence], ...] = ()
    unit: str = ""
    chips: tuple[tuple[str, Sentence], ...] = ()
    """Buttons below it: a value and what is written on it."""


class Told(NamedTuple):
    """A line of what follows."""

    title: Sentence
    text: Sentence
    tone: str = "text"


class Outcome(NamedTuple):
    """What follows from what is typed."""

    lines: tuple[Told, ...] = ()
    intents: tuple[Intent, ...] = ()
    notes: tuple[Sentence, ...] = ()
    """What to mind."""


class ActForm(ABC):
    """A form whose fields are texts by name. A subclass says its fields and works out what follows."""

    title: Sentence = NOTHING
    verb: Sentence = NOTHING
    """What the button says; NOTHING: nothing can be done, it only tells."""

    def __init__(self, door: WalletDoor) -> None:
        self.door = door
        self.texts: dict[str, str] = {}
        self.outcome: Outcome | None = None
        self.problem: Sentence = NOTHING
        self.is_busy = False
        self._asked = 0
        self._changed: Hook[ActForm] = Hook()
        self._tasks = TaskOwner("form of the desk")

    # -- for subclasses -----------------------------------------------------------------------------

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is to be filled in."""
        return ()

    @abstractmethod
    async def work_out(self) -> Outcome | None:
        """Return what follows; None while something is missing; raises a `CrsError` if it cannot be."""

    async def carry_out(self, over: object, then: Callable[[], object]) -> None:
        """Do it: have the intents confirmed, unless a subclass knows better; raises a `CrsError`."""
        if self.outcome is not None:
            ended = lambda all_sent: then() if all_sent else None  # noqa: E731 - one line of one argument
            self.door.doing.confirm(*self.outcome.intents, over=over, then=ended)

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def dex(self) -> DexFront:
        """The exchanges of the chain in use.

        Raises:
            InvalidInput: there are none any more.
        """
        front = self.door.front
        found = front.dex if front is not None else None
        if found is None:
            raise InvalidInput("No chain is in use any more.")
        return found

    @property
    def can_go(self) -> bool:
        """Whether the button is on."""
        return self.outcome is not None and self.problem == NOTHING and not self.is_busy and self.verb != NOTHING

    @property
    def hint(self) -> Sentence:
        """What is going on, or is missing."""
        return say("Working it out…") if self.is_busy else NOTHING

    def on_change(self, call: Callable[[ActForm], object]) -> Link[ActForm]:
        """Be told when anything is to be shown anew."""
        return self._changed.add(call)

    # -- what the user does -------------------------------------------------------------------------

    def set(self, name: str, text: str) -> None:
        """Take what was typed."""
        if self.texts.get(name) != text:
            self.texts[name] = text
            self.typed(name)
            self.ask()

    def typed(self, name: str) -> None:  # noqa: B027 - in most forms nothing does
        """Let another field follow from one that was typed into."""

    def ask(self) -> None:
        """Work out what follows, once nobody types any more."""
        self._asked += 1
        self.outcome, self.problem = None, NOTHING
        self._tasks.start(self._ask(self._asked))
        self._changed.fire(self)

    def go(self, over: object, then: Callable[[], object]) -> None:
        """Do it."""
        if self.can_go:
            self.is_busy = True
            self._tasks.start(self._go(over, then))

    def close(self) -> None:
        """Ask nothing more."""
        self._tasks.close()

    def show(self) -> None:
        """Let it be shown anew."""
        self._changed.fire(self)

    # -- inside -------------------------------------------------------------------------------------

    async def _ask(self, number: int) -> None:
        await asyncio.sleep(TYPING_S)
        if number != self._asked:
            return
        self.is_busy = True
        self._changed.fire(self)
        outcome, problem = None, NOTHING
        try:
            outcome = await self.work_out()
        except CrsError as error:
            problem = verbatim(plain(str(error)))
        if number == self._asked:
            self.outcome, self.problem, self.is_busy = outcome, problem, False
            self._changed.fire(self)

    async def _go(self, over: object, then: Callable[[], object]) -> None:
        self._changed.fire(self)
        try:
            await self.carry_out(over, then)
        except CrsError as error:
            self.problem = verbatim(plain(str(error)))
        finally:
            self.is_busy = False
            self._changed.fire(self)

    # -- reading what was typed ---------------------------------------------------------------------

    def text(self, name: str) -> str:
        """Return what stands in a field, without blanks at its ends."""
        return self.texts.get(name, "").strip()

    def number(self, name: str) -> Decimal | None:
        """Return the number in a field, None if it is empty.

        Raises:
            InvalidInput: it is none.
        """
        typed = self.text(name)
        if not typed:
            return None
        try:
            found = Decimal(fmt.parse(typed))
        except InvalidOperation:
            raise InvalidInput(f"{plain(typed, 30)!r} is no number.") from None
        if not found.is_finite() or found < 0:
            raise InvalidInput(f"{plain(typed, 30)!r} is no number of 0 or more.")
        return found

    def whole(self, name: str, title: str) -> int | None:
        """Return the whole number in a field, None if it is empty; raises InvalidInput."""
        found = self.number(name)
        if found is not None and found != found.to_integral_value():
            raise InvalidInput(f"{title} is a whole number.")
        return None if found is None else int(found)

    def basis_points(self, name: str = "slippage") -> int:
        """Return a field in percent as basis points.

        Raises:
            InvalidInput: it is no percentage, or too large to be meant.
        """
        found = self.number(name)
        points = Decimal(self.dex.slippage_bps) if found is None else found * 100
        if points != points.to_integral_value() or points > MOST_SLIPPAGE_BPS:
            raise InvalidInput("A slippage is from 0 to 50 %, in steps of 0.01.")
        return int(points)


def span_text(span: int) -> str:
    """Return seconds as people read them; from two days on in days."""
    return f"{span / DAY_S:,.1f} d" if span >= 2 * DAY_S else seconds(span)


def percent_text(part: float | None, places: int = 2) -> str:
    """Return a fraction as percent; a dash if it is not known."""
    if part is None:
        return fmt.DASH
    text = f"{abs(part) * 100:,.{places}f}"
    return f"{fmt.MINUS if part < 0 and text.strip('0.') else ''}{text} %"


SLIPPAGE_FIELD = Field("slippage", say("Slippage"), unit="%")
