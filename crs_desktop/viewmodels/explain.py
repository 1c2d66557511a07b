"""Where a number comes from: the question, its answer as a tree of lines, and the lot method it follows.

Lines are made when they are looked at. Amounts are exact, and padded so that the points of sisters stand in one
column. While an answer is worked out the one before stays to be read.
"""

from __future__ import annotations

from collections.abc import Sequence

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.asset import Asset
from engine.domain.order import LotMethod
from engine.errors import CrsError
from engine.portfolio.term import Explanation, Term, plain
from engine.ports.venue import AccountSelected
from engine.services.explain import Number, Question
from engine.services.lots import LotMethodChanged
from engine.services.task import TaskOwner

PAD = "\u2007"
"""As wide as a digit."""

METHODS = {
    LotMethod.AVERAGE: say("Average cost"),
    LotMethod.FIFO: say("First in, first out (FIFO)"),
    LotMethod.LIFO: say("Last in, first out (LIFO)"),
    LotMethod.HIFO: say("Highest cost first (HIFO)"),
}

FORMULAS = {
    Number.REALISED: say("Of every sale: proceeds - selling fee - cost of what was sold, buying fees included"),
    Number.UNREALISED: say("Quantity x last price - cost of what is held; the fee of a sale is not in it"),
    Number.AVERAGE: say("Cost of what is held, buying fees included ÷ quantity"),
    Number.EQUITY: say("Of every balance: free + locked, times its last price, rounded down"),
    Number.DAY: say("Equity now - equity when the market's day (UTC) opened - what was paid in since"),
}


class Line:
    """One term as a row of the tree."""

    def __init__(self, term: Term, asset: Asset, places: int = 0) -> None:
        self._term, self._asset = term, asset
        self._lines: list[Line] | None = None
        self.label, self.how = term.label, term.how
        exact = plain(asset, term.amount)
        self.exact = f"{exact} {asset.code}"
        """For the clipboard."""
        self.told = f"{term.label}: {fmt.grouped(exact)} {asset.code}" + (f" = {term.how}" if term.how else "")
        self.amount = fmt.grouped(exact) + PAD * (places - _places(exact) + (places > 0 and "." not in exact))

    @property
    def has_parts(self) -> bool:
        """Whether it is the sum of others."""
        return self._term.more is not None

    def lines(self) -> list[Line]:
        """Return the lines that this one is the sum of."""
        if self._lines is None:
            parts = self._term.parts()
            places = max((_places(plain(self._asset, part.amount)) for part in parts), default=0)
            self._lines = [Line(part, self._asset, places) for part in parts]
        return self._lines


def _places(text: str) -> int:
    return len(text.partition(".")[2])


class ExplainModel(ViewModel):
    """One question about the account in use, asked anew when the account or its lot method changes."""

    def __init__(self, desk: Desk, question: Question) -> None:
        super().__init__(desk)
        self.question = question
        self.told: Explanation | None = None
        self.root: Line | None = None
        self.problem: Sentence = NOTHING
        """Why there is no answer."""
        self.busy = False
        self.version = 0
        """Counts answers."""
        self._tasks = TaskOwner("explain")
        self._listen(LotMethodChanged, lambda _event: self.ask())

    def close(self) -> None:
        """End subscriptions and what is on its way."""
        super().close()
        self._tasks.close()

    def ask(self, question: Question | None = None) -> None:
        """Ask (another question) now; the answer comes when it is worked out."""
        self.question = question or self.question
        self._tasks.close()
        self._tasks.start(self._ask())

    def choose(self, method: LotMethod) -> None:
        """Match the account's sales with its purchases by another method, in the past too."""
        if method is not self.method:
            self._tasks.start(self._choose(method))

    @property
    def method(self) -> LotMethod:
        """The method of the account in use."""
        return self.desk.lots.method

    @property
    def has_lots(self) -> bool:
        """Whether the number depends on the lot method."""
        return self.question.number not in (Number.EQUITY, Number.DAY)

    @property
    def title(self) -> Sentence:
        """What is explained."""
        symbol = self.question.symbol
        if self.question.number is Number.REALISED:
            return say("Realised profit") if symbol is None else say("Realised profit of {symbol}", symbol=symbol)
        return {
            Number.UNREALISED: say("Unrealised profit of {symbol}", symbol=symbol),
            Number.AVERAGE: say("Average price of {symbol}", symbol=symbol),
            Number.EQUITY: say("Equity"),
            Number.DAY: say("Profit of the day"),
        }[self.question.number]

    @property
    def formula(self) -> Sentence:
        """How the number is made, in words."""
        return FORMULAS[self.question.number]

    @property
    def shown(self) -> str:
        """The number, exact, with its currency; a dash while there is none."""
        if self.told is None:
            return fmt.DASH
        number = fmt.grouped(self.told.shown) if self.told.shown != "-" else fmt.DASH
        return f"{number} {self.told.asset.code}"

    @property
    def tone(self) -> str:
        """`up` or `down` for a profit."""
        profits = (Number.REALISED, Number.UNREALISED, Number.DAY)
        if self.told is None or self.question.number not in profits or not self.told.total.amount:
            return "text"
        return "up" if self.told.total.amount > 0 else "down"

    @property
    def state(self) -> Sentence:
        """What is going on, or why there is nothing to see; `NOTHING` when the lines speak for themselves."""
        if self.problem.source:
            return self.problem
        if self.busy:
            return say("Working it out from the trades of {account}…", account=self.desk.venue.account)
        if self.root is not None and not self.root.lines():
            return self._empty()
        return NOTHING

    @property
    def note(self) -> Sentence:
        """What one has to know besides."""
        return verbatim(self.told.note) if self.told is not None and self.told.note else NOTHING

    @property
    def proof(self) -> Sentence:
        """That the lines add up, which was checked when they were made."""
        if self.told is None or self.root is None or not self.root.lines():
            return NOTHING
        if self.question.number is Number.AVERAGE:
            return verbatim(self.told.total.how)
        return say("Every line is the exact sum of the lines below it.")

    def top(self) -> Sequence[Line]:
        """Return the first lines: the total, or nothing while there is none."""
        return [] if self.root is None or not self.root.lines() else [self.root]

    def _empty(self) -> Sentence:
        if self.question.number is Number.DAY:
            return say("The day has not been opened yet: some balance has no price.")
        if self.question.number is Number.REALISED:
            return say("Nothing was sold yet, so nothing was realised.")
        return say("Nothing is held of {symbol}.", symbol=self.question.symbol or "")

    def _account_selected(self, event: AccountSelected) -> None:
        super()._account_selected(event)
        self.ask()

    async def _ask(self) -> None:
        self.busy, self.problem = True, NOTHING
        self.hurry()
        try:
            told = await self.desk.explainer.explain(self.question)
        except CrsError as error:
            self.told, self.root, self.problem = None, None, verbatim(str(error))
        else:
            self.told, self.root = told, Line(told.total, told.asset)
        self.busy = False
        self.version += 1
        self.hurry()

    async def _choose(self, method: LotMethod) -> None:
        self.busy, self.problem = True, NOTHING
        self.hurry()
        try:
            await self.desk.lots.choose(method)  # which asks again
        except CrsError as error:
            self.busy, self.problem = False, verbatim(str(error))
            self.hurry()
