"""The position of a chart's pair as a line, and what its buttons do: close, reverse, breakeven.

The line stands at the average cost of what is held, buying fees included. Closing and reversing ask first and answer
with a sentence; spot is long or flat, so a reverse closes and says why it goes no further.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.breakeven import move_stop, stop_to_move
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.guard import Question
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.account import Position
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.portfolio.position import average_ticks, unrealised
from engine.services.task import TaskOwner


class Way(StrEnum):
    """How a position is left."""

    CLOSE = "close"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True)
class PositionLine:
    """What is held, for the screen; `at` is the average cost in ticks."""

    pair: TradingPair
    position: Position
    at: float
    last: int | None

    @property
    def title(self) -> Sentence:
        """How much is held at which cost."""
        qty, price = fmt.quantity(self.pair, self.position.qty), fmt.price(self.pair, round(self.at))
        return say("Long {qty} @ {price}", qty=qty, price=price)

    @property
    def profit(self) -> int | None:
        """What selling at the last price would bring beyond the cost, before the selling fee, in quote units."""
        return None if self.last is None else unrealised(self.position, self.pair, self.last)

    @property
    def result(self) -> str:
        """The same as text, in money and percent."""
        profit = self.profit
        if profit is None:
            return fmt.DASH
        cost = self.position.cost
        money = f"{fmt.signed_money(self.pair.quote, profit, 2)} {self.pair.quote.code}"
        return f"{money} ({fmt.percent(profit * 10_000 // cost)})" if cost else money


def position_line(desk: Desk, pair: TradingPair) -> PositionLine | None:
    """Return the line of a pair's position, None while nothing is held."""
    position = desk.portfolio.position(pair.symbol)
    average = average_ticks(position, pair) if position is not None and position.qty > 0 else None
    if position is None or average is None:
        return None
    return PositionLine(pair, position, float(average), desk.market_data.last_price(pair.symbol))


class PositionButtons:
    """Asks, and does, what the buttons of a position line mean."""

    def __init__(self, desk: Desk, clock: Callable[[], Nanos], changed: Callable[[], None]) -> None:
        self._desk, self._clock, self._changed = desk, clock, changed
        self._tasks = TaskOwner("chart position")
        self.asking: tuple[Way, TradingPair] | None = None
        self.question: Question | None = None
        self.busy = False
        self.notice: Sentence | None = None
        """The answer to the last button."""

    def ask(self, way: Way, pair: TradingPair) -> None:
        """Ask whether to leave the position of a pair."""
        held = self._held(pair)
        if held <= 0:
            self.notice = say("You hold no {base} to sell.", base=pair.base.code)
            if way is Way.REVERSE:
                self.notice = say("You hold no {base}; spot has no short positions.", base=pair.base.code)
        elif not self.busy:
            self.asking, self.notice = (way, pair), None
            self.question = Question(self._words(way, pair, held), self._clock())
        self._changed()

    def answer(self) -> None:
        """Yes; needs a running loop."""
        if self.asking is None or self.question is None or not self.question.hears(self._clock()):
            return
        (way, pair), self.asking, self.question = self.asking, None, None
        self.busy = True
        self._tasks.start(self._leave(way, pair))
        self._changed()

    def dismiss(self) -> bool:
        """No; False if nothing was asked."""
        asked, self.asking, self.question = self.asking is not None, None, None
        self._changed()
        return asked

    def breakeven(self, pair: TradingPair) -> None:
        """Move the stop to the average cost (as hotkey E)."""
        found = stop_to_move(self._desk, pair)
        if isinstance(found, Sentence):
            self.notice = found
        elif not self.busy:
            self.busy = True
            self._tasks.start(self._said(move_stop(self._desk, found)))
        self._changed()

    def forget(self) -> None:
        """Another account or pair: ask nothing about the one before."""
        self.asking = self.question = self.notice = None
        self._changed()

    def close(self) -> None:
        """Cancel what is waited for."""
        self._tasks.close()

    # -- inside -------------------------------------------------------------------------------------

    def _held(self, pair: TradingPair) -> Lots:
        position = self._desk.portfolio.position(pair.symbol)
        return position.qty if position is not None else Lots(0)

    def _words(self, way: Way, pair: TradingPair, held: Lots) -> Sentence:
        values = {"symbol": pair.symbol, "qty": fmt.quantity(pair, held), "base": pair.base.code}
        if way is Way.CLOSE:
            return Sentence("Cancel the orders of {symbol} and sell {qty} {base} at market?", values)
        return Sentence(
            "Cancel the orders of {symbol} and sell {qty} {base} at market? Spot has no short positions: "
            "it ends flat, not short.",
            values,
        )

    async def _leave(self, way: Way, pair: TradingPair) -> None:
        try:
            answer = await self._desk.orders.flatten(pair.symbol, self._held(pair))
        except CrsError as error:
            self.notice = verbatim(str(error))
        else:
            if isinstance(answer, OrderRejected):
                self.notice = verbatim(answer.text)
            elif way is Way.REVERSE:
                self.notice = say(
                    "Closed, and no further: spot has no short positions, so you are flat in {base}, not short.",
                    base=pair.base.code,
                )
            else:
                self.notice = say("Position in {symbol} closed.", symbol=pair.symbol)
        self.busy = False
        self._changed()

    async def _said(self, work: Coroutine[object, object, Sentence]) -> None:
        try:
            self.notice = await work
        except CrsError as error:
            self.notice = verbatim(str(error))
        self.busy = False
        self._changed()
