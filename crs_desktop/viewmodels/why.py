"""Why an order filled, or did not: one page per fill, and one for what has not filled.

The story is asked for when the dialog opens and whenever something happens to the order. The page of an open order
is made anew at its own pace, for its queue moves without any event.
"""

from __future__ import annotations

from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.columns import Column, Row, to_csv
from crs_desktop.viewmodels.desk import Desk, WhyAsked
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.queue import POLL_S
from crs_desktop.viewmodels.table import SIDE_CELLS, TYPE_WORDS
from crs_desktop.viewmodels.why_page import BOOK_COLUMNS, PRINT_COLUMNS, Page, fill_page, moment
from crs_desktop.viewmodels.why_unfilled import refused_page, unfilled_page
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.event import (
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
)
from engine.domain.order import OrderStatus
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.ports.venue import AccountSelected
from engine.services.stories import OrderTold
from engine.services.task import TaskOwner

CHANGES = (OrderFilled, OrderAmended, OrderTriggered, OrderCancelled, OrderExpired, OrderRejected)
EMPTY = Page(NOTHING)
BOOK_TITLE = say("The book it met")
QUEUE_TITLE = say("Ahead of it in the queue")
PRINTS_TITLE = say("Prints that shortened the queue or filled it")


class WhyModel(ViewModel):
    """The story of one order, a page at a time."""

    pace = 0.1

    def __init__(self, desk: Desk, asked: WhyAsked) -> None:
        super().__init__(desk)
        self._asked, self._wanted = asked, asked.trade_id
        self.told: OrderTold | None = None
        self.at = 0
        """The page that is shown."""
        self.problem: Sentence = NOTHING
        """Why there is nothing to show."""
        self.busy = True
        self.version = 0
        """Counts answers and turns of the page."""
        self._tasks = TaskOwner("why")
        for kind in CHANGES:
            self._listen(kind, self._happened)

    def close(self) -> None:
        """End subscriptions and what is on its way."""
        super().close()
        self._tasks.close()

    def ask(self) -> None:
        """Ask (again); the answer comes when it is there."""
        self._tasks.close()
        self._tasks.start(self._ask())

    def turn(self, pages: int) -> None:
        """Show a later or earlier page."""
        at = min(max(self.at + pages, 0), self.count - 1)
        if at != self.at and self.told is not None:
            self.at = at
            self._choose()

    # -- what there is to show ------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many pages there are, at least 1."""
        if self.told is None:
            return 1
        return max(1, len(self.told.fills) + self._has_rest)

    @property
    def pair(self) -> TradingPair | None:
        """The pair of the order; None of a refused one."""
        record = None if self.told is None else self.told.record
        return None if record is None else self.desk.pairs.get(record.order.symbol)

    @property
    def title(self) -> Sentence:
        """The question."""
        if self.told is None:
            return say("Why did it fill, or not?")
        if self.at < len(self.told.fills):
            return say("Why did it fill?")
        is_open = self.told.record is not None and self.told.record.status.is_open
        return say("Why has it not filled yet?") if is_open else say("Why did it not fill?")

    @property
    def order(self) -> tuple[str | Sentence, ...]:
        """What order it is about, in pieces."""
        record, pair = None if self.told is None else self.told.record, self.pair
        if record is None or pair is None:
            return (self._asked.order_id,)
        order = record.order
        price = "" if order.price is None else f" {fmt.price(pair, order.price)}"
        return (
            pair.symbol,
            own_venue(self.desk).title,
            SIDE_CELLS[order.side].text,
            f"{fmt.quantity(pair, order.qty)} {pair.base.code}",
            TYPE_WORDS[order.order_type],
            *((price.strip(),) if price else ()),
            order.tif.value,
            order.order_id,
        )

    @property
    def place(self) -> Sentence:
        """Which page it is; `NOTHING` with only one."""
        if self.told is None or self.count == 1:
            return NOTHING
        if self.at < len(self.told.fills):
            return say("Fill {at} of {count}", at=self.at + 1, count=len(self.told.fills))
        return say("What has not filled")

    @property
    def state(self) -> Sentence:
        """What is going on, or why there is nothing to see."""
        if self.problem.source:
            return self.problem
        return say("Looking it up…") if self.busy and self.told is None else NOTHING

    def page(self) -> Page:
        """Return the page as it is now."""
        told, pair = self.told, self.pair
        if told is None:
            return EMPTY
        if told.record is None:
            return EMPTY if told.refused is None else refused_page(told.refused)
        if pair is None:
            return Page(say("{symbol} is not traded in this market.", symbol=told.record.order.symbol))
        if self.at < len(told.fills):
            fill, why = told.fills[self.at]
            return fill_page(pair, fill, why, [each for each, _ in told.fills])
        return unfilled_page(self.desk, told.record)

    def text(self, speak: Callable[[Sentence], str] = str) -> str:
        """Return the page as text for the clipboard."""

        def said(words: str | Sentence) -> str:
            return words if isinstance(words, str) else speak(words)

        page, blocks = self.page(), [[speak(self.title), " · ".join(said(each) for each in self.order)]]
        blocks.append([speak(each) for each in (self.place, page.headline, page.detail, page.note)])
        blocks.append([f"{speak(fact.label)}: {said(fact.value)}" for fact in page.facts])
        if page.book:
            blocks.append([speak(BOOK_TITLE), _tabbed(BOOK_COLUMNS, page.book)])
        if page.course is not None and self.pair is not None:
            steps = [f"{moment(step.at)}\t{self.pair.qty_text(step.ahead)}" for step in page.course.steps]
            blocks.append([speak(QUEUE_TITLE), *steps])
        if page.prints:
            blocks.append([speak(PRINTS_TITLE), _tabbed(PRINT_COLUMNS, page.prints)])
        filled = ("\n".join(line for line in block if line) for block in blocks)
        return "\n\n".join(block for block in filled if block)

    # -- asking ---------------------------------------------------------------------------------------

    @property
    def _has_rest(self) -> bool:
        told = self.told
        return told is not None and (told.record is None or told.record.status is not OrderStatus.FILLED)

    def _happened(self, event: object) -> None:
        if getattr(event, "order_id", None) == self._asked.order_id:
            self.ask()

    def _account_selected(self, event: AccountSelected) -> None:
        super()._account_selected(event)
        self.ask()

    async def _ask(self) -> None:
        self.busy = True
        self.hurry()
        try:
            told = await self.desk.stories.tell(self._asked.order_id)
        except CrsError as error:
            self.told, self.at, self.problem = None, 0, verbatim(str(error))
        else:
            self.told, self.problem = told, NOTHING
            self.at = self._wanted_page(told)
        self.busy = False
        self._choose()

    def _wanted_page(self, told: OrderTold) -> int:
        """Return the page of the fill that is looked at; else of what has not filled; else the last fill."""
        trades = [fill.trade_id for fill, _ in told.fills]
        return trades.index(self._wanted) if self._wanted in trades else self.count - 1

    def _choose(self) -> None:
        """Remember what is shown, and look again by itself only at what moves."""
        told = self.told
        fills = () if told is None else told.fills
        self._wanted = fills[self.at][0].trade_id if self.at < len(fills) else None
        moves = told is not None and told.record is not None and told.record.status.is_open and self._wanted is None
        self.poll = POLL_S if moves else 0.0
        self.version += 1
        self.hurry()


def _tabbed(columns: tuple[Column, ...], rows: tuple[Row, ...]) -> str:
    return to_csv(columns, rows).replace(",", "\t").rstrip("\n")
