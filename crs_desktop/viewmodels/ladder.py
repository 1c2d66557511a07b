"""The ladder: rows of the book around the market, what traded there, our orders in their queues, trading by one click.

    ladder_rows     columns of numbers per row     ladder_centre   which price is in the middle
    ladder_ticket   sending, with its questions    ladder_orders   taking out and moving
    ladder_size     how much one click sends       traded          volume by price

Armed, a click or key sends at once, unless the guard has something to ask. Not armed, a click fills in the ticket and
a key asks first. Every refusal is a sentence in `note`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.book import OrderFact
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ladder_centre import Centre
from crs_desktop.viewmodels.ladder_orders import LadderOrders
from crs_desktop.viewmodels.ladder_rows import LadderPicture, bucket, resting
from crs_desktop.viewmodels.ladder_size import LadderSize
from crs_desktop.viewmodels.ladder_ticket import LadderTicket
from crs_desktop.viewmodels.queue import POLL_S, place_sentence
from crs_desktop.viewmodels.traded import TradedVolume
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import Nanos, Ticks
from engine.domain.order import OrderId, Side
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.venue import AccountSelected

GROUPINGS = (1, 2, 5, 10, 50, 100)
"""Ticks per row that can be chosen."""
NEAR_LEVELS = 10
"""The grouping that is offered first shows so many levels of a side …"""
NEAR_ROWS = 16
"""… within so many rows."""


class LadderModel(ViewModel):
    """The ladder of the desk's pair; `picture` reads everything at the moment of the call."""

    pace = 0.02
    ages = True

    def __init__(self, desk: Desk, *, clock: Callable[[], Nanos] | None = None) -> None:
        self.centre, self.traded = Centre(), TradedVolume()
        self._grouping: int | None = None
        self.armed = desk.settings.trading.ladder == "armed"
        self.cursor: int | None = None
        """The price of the row under the keyboard cursor, in ticks."""
        self._problem: Sentence | None = None
        super().__init__(desk)
        self.size = LadderSize(desk)
        self.orders = LadderOrders(desk, self.hurry)
        self.ticket = LadderTicket(desk, self.hurry, clock=clock)
        self._keep(self.orders)
        self._keep(self.ticket)
        self._listen(BookDiff, self._on_diff)
        self._listen(TradesPrinted, self._on_trades)
        self._listen(FeedStateChanged, self._on_state)
        kinds: tuple[type[OrderFact], ...] = get_args(OrderFact)
        for kind in kinds:
            self._listen(kind, self._on_order)
        self._symbol = desk.symbol
        self.traded.add(desk.market_data.tape(desk.symbol))

    # -- what is shown ------------------------------------------------------------------------------

    def picture(self, rows: int) -> LadderPicture | None:
        """Return `rows` rows around the middle, for one frame; None while there is no price."""
        self._offer_grouping()
        ticks, book = self.grouping, self.desk.book(self.desk.symbol)
        if self.centre.follow(self._market_row(), rows):
            self.touch()  # it may still be on its way
        middle = self.centre.at
        if middle is None:
            return None
        highest = middle + rows // 2
        lowest = highest - rows + 1
        bought, sold = self.traded.rows(lowest * ticks, rows, ticks)
        own = self.orders.own()
        self.poll = POLL_S if own else 0.0
        last = self.desk.market_data.last(self.desk.symbol)

        def seen(price: int | None, side: Side) -> int | None:
            row = highest - bucket(price, side, ticks) if price is not None else -1
            return row if 0 <= row < rows else None

        return LadderPicture(
            ticks=ticks,
            prices=(highest - np.arange(rows, dtype=np.int64)) * ticks,
            bids=resting(book, Side.BUY, highest, rows, ticks),
            asks=resting(book, Side.SELL, highest, rows, ticks),
            bought=bought[::-1],
            sold=sold[::-1],
            bid_row=seen(book.best_bid, Side.BUY),
            ask_row=seen(book.best_ask, Side.SELL),
            last_row=seen(last.price, last.side.opposite) if last is not None else None,
            last_is_buy=last is not None and last.side is Side.BUY,
            own=own,
            cursor_row=seen(self.cursor, Side.BUY),
        )

    @property
    def grouping(self) -> int:
        """Ticks per row."""
        return self._grouping or 1

    @property
    def is_synced(self) -> bool:
        """Whether the book can be trusted; if not it is hatched."""
        return self.desk.is_synced

    @property
    def state(self) -> Sentence | None:
        """Why the ladder is hatched or empty, None while all is well."""
        if self.is_synced:
            return None if self._market_row() is not None else say("No orders in the book.")
        return self.desk.trust.told(self.desk.symbol)

    @property
    def question(self) -> Sentence | None:
        """What Enter would say yes to."""
        if self.ticket.question is not None:
            return self.ticket.question.text
        return self.orders.asked.text if self.orders.asked is not None else None

    @property
    def note(self) -> Sentence | None:
        """Why the last thing was not done."""
        return self._problem or self.ticket.refusal or self.orders.refusal or self.size.problem

    def told(self, price: int) -> Sentence | None:
        """Return where our orders in a row stand in their queues."""
        found = next((each for side in Side for each in self.orders.at(side, price, self.grouping)), None)
        if found is None:
            return None
        pair = self.desk.pair
        values = {"qty": fmt.quantity(pair, found.left), "price": fmt.price(pair, found.price)}
        if found.place is None:
            if found.side is Side.BUY:
                return say("A stop to buy {qty} waits for {price}.", **values)
            return say("A stop to sell {qty} waits for {price}.", **values)
        where = str(place_sentence(pair, found.place))
        if found.side is Side.BUY:
            return say("Buy {qty} at {price}: {where}", where=where, **values)
        return say("Sell {qty} at {price}: {where}", where=where, **values)

    # -- what is looked at --------------------------------------------------------------------------

    def set_grouping(self, ticks: int) -> None:
        """Choose how many ticks one row holds."""
        if ticks in GROUPINGS and ticks != self._grouping:
            self.centre.regroup(self.grouping, ticks)
            self._grouping = ticks
            if self.cursor is not None:
                self.cursor = self.cursor // ticks * ticks
            self.hurry()

    def scroll(self, rows: int) -> None:
        """Look at higher prices (rows > 0) or lower ones."""
        self.centre.scroll(rows)
        self.hurry()

    def recentre(self) -> None:
        """Go back to the market and follow it."""
        self.centre.centre()
        self.hurry()

    def set_auto(self, on: bool) -> None:
        """Follow the market, or stay where it is."""
        self.centre.set_auto(on)
        self.hurry()

    def set_armed(self, on: bool) -> None:
        """Let one click send, or not."""
        self.armed = on
        self.clear_note()

    def move_cursor(self, rows: int, visible: int) -> None:
        """Move the keyboard cursor up (rows > 0) or down, beginning in the middle; the ladder follows it."""
        ticks, middle = self.grouping, self.centre.at
        if middle is None:
            return
        at = middle if self.cursor is None else self.cursor // ticks + rows
        self.cursor = at * ticks
        beyond = abs(at - middle) - (visible // 2 - 1)
        if beyond > 0:
            self.centre.scroll(beyond if at > middle else -beyond)
        self.hurry()

    def point(self, price: int | None) -> None:
        """Put the keyboard cursor on a row, or (None) take it away."""
        self.cursor = price
        self.hurry()

    def step_size(self, steps: int) -> None:
        """Make the size larger or smaller."""
        self.size.step(steps)
        self.hurry()

    # -- what is done -------------------------------------------------------------------------------

    def click(self, side: Side, price: int, *, stop: bool = False) -> None:
        """Send an order at a row, or fill in the ticket while not armed; needs a running loop."""
        self.clear_note()
        if self.armed:
            self._place(side, price, stop=stop, ask=False)
        elif price > 0:
            self.desk.pick_price(Ticks(price))
            self.desk.pick_side(side)

    def place_at_cursor(self, side: Side) -> None:
        """Send an order at the cursor's row; while not armed ask first."""
        self.clear_note()
        if self.cursor is None:
            self._problem = say("Choose a row with the arrow keys first.")
        else:
            self._place(side, self.cursor, stop=False, ask=not self.armed)
        self.hurry()

    def cancel(self, side: Side | None, price: int | None) -> None:
        """Take out what we have in a row, on one side or both."""
        self.clear_note()
        if price is None or not self.orders.cancel(side, price, self.grouping):
            self._problem = say("No order of yours stands there.")
        self.hurry()

    def move(self, order_id: OrderId, price: int) -> None:
        """Move an order to another row."""
        self.clear_note()
        self.orders.move(order_id, Ticks(price))

    def enter(self) -> None:
        """Say yes to what is asked."""
        if self.ticket.question is not None:
            self.ticket.enter()
        else:
            self.orders.confirm()
        self.hurry()

    def dismiss(self) -> bool:
        """Say no to what is asked, or take a note away; False if there was nothing."""
        asked = self.ticket.dismiss() or self.orders.dismiss()
        had = asked or self.note is not None
        self.clear_note()
        return had

    def clear_note(self) -> None:
        """Forget what was asked and refused."""
        self._problem = self.ticket.refusal = self.orders.refusal = None
        self.ticket.question = self.orders.asked = None
        self.hurry()

    # -- inside -------------------------------------------------------------------------------------

    def _place(self, side: Side, price: int, *, stop: bool, ask: bool) -> None:
        lots = self.size.lots
        if lots is None:
            self._problem = self.size.problem or say("There is no price yet.")
        elif price <= 0:
            self._problem = say("There is no such price.")
        else:
            self._problem = self.ticket.place(side, Ticks(price), lots, stop=stop, ask=ask)
        self.hurry()

    def _market_row(self) -> int | None:
        """Return the row of the touch: between best bid and ask, else at the last price."""
        book, ticks = self.desk.book(self.desk.symbol), self.grouping
        bid, ask = book.best_bid, book.best_ask
        if bid is not None and ask is not None:
            return (bucket(bid, Side.BUY, ticks) + bucket(ask, Side.SELL, ticks)) // 2
        last = self.desk.market_data.last_price(self.desk.symbol)
        price = bid if bid is not None else ask if ask is not None else last
        return price // ticks if price is not None else None

    def _offer_grouping(self) -> None:
        """Choose rows that show a good part of the book, once, when there is one."""
        if self._grouping is not None:
            return
        book = self.desk.book(self.desk.symbol)
        levels = max((book.top(side, NEAR_LEVELS) for side in Side), key=len)
        if levels:
            deep = abs(levels[-1].price - levels[0].price)
            self._grouping = next((each for each in GROUPINGS if deep <= each * NEAR_ROWS), GROUPINGS[-1])

    def _on_diff(self, diff: BookDiff) -> None:
        if diff.symbol == self.desk.symbol:
            self._touched = True

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol == self.desk.symbol:
            self.traded.add(event.ticks)
            self._touched = True

    def _on_state(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # a jump, a restart: another time
            self._start_again()
        self.hurry()

    def _on_order(self, event: OrderFact) -> None:
        if event.account == self.desk.venue.account:
            self.orders.forget()
            self.hurry()

    def _account_selected(self, event: AccountSelected) -> None:
        self.orders.forget()
        self.clear_note()
        super()._account_selected(event)

    def _desk_changed(self, desk: Desk) -> None:
        if desk.symbol != self._symbol:
            self._symbol = desk.symbol
            self._start_again()
            self.size.forget()
            self.clear_note()
            self.traded.add(desk.market_data.tape(desk.symbol))
        super()._desk_changed(desk)

    def _start_again(self) -> None:
        self.centre.forget()
        self.traded.clear()
        self.orders.forget()
        self._grouping = self.cursor = None
