"""A replay on one chart: its time (step, play, jump), buying and selling in it, and what it came to.

Time moves bar by bar of the chart's length, or by the finest bars that the past has. It goes back only while no
order was sent: whoever has seen the future must not trade on it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.journey import parse_when
from crs_desktop.viewmodels.replay_desk import ReplayDesk
from crs_desktop.viewmodels.time_zone import chosen
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderCancelled, OrderFilled, OrderRejected
from engine.domain.market import Timeframe
from engine.domain.number import Lots, Nanos
from engine.domain.order import CancelReason, OrderType, Side
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput
from engine.portfolio.size import size_at_price
from engine.ports.feed import FeedStateChanged
from engine.services.replay.session import Past, ReplaySession, open_replay
from engine.services.task import TaskOwner

SPEEDS = (0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0)
"""Bars per second."""
FIRST_SIZE = 10
"""The size that is offered first buys for this part of the money (1 / 10), in two figures."""


class BarReplay(ViewModel):
    """Shows and moves one replay; `close` ends it and throws its account away."""

    pace = 0.05
    speeds = SPEEDS

    def __init__(self, session: ReplaySession, live: Desk) -> None:
        self.session = session
        self.inside = ReplayDesk(session, live)
        super().__init__(self.inside)
        self.speed = 1.0
        self.set_size(_first_size(session))
        self.notice: Sentence = NOTHING
        """The newest refusal or news to be read."""
        self._tasks, self._orders = TaskOwner("bar replay"), TaskOwner("bar replay orders")
        self._moving: asyncio.Task[None] | None = None
        self.playing = False
        for kind in (OrderFilled, FeedStateChanged):
            self._listen(kind, self.touch)
        self._listen(OrderRejected, self._refused)
        self._listen(OrderCancelled, self._cancelled)

    @property
    def pair(self) -> TradingPair:
        """What is replayed."""
        return self.session.pair

    @property
    def timeframe(self) -> Timeframe:
        """The length of a step."""
        return self.inside.timeframe

    # -- what it shows ----------------------------------------------------------------------------

    @property
    def clock(self) -> str:
        """The replay's present, in the zone of the screen."""
        zone, now = chosen(), self.session.now
        return f"{zone.moment(now):%Y-%m-%d %H:%M:%S} {zone.label(now)}"

    @property
    def ended(self) -> bool:
        """Whether the past is over."""
        return self.session.ended

    @property
    def is_busy(self) -> bool:
        """Whether time is moving."""
        return self._moving is not None and not self._moving.done()

    @property
    def can_go_back(self) -> bool:
        """Whether no order was sent yet."""
        return not self.session.traded

    @property
    def equity_text(self) -> str:
        """What the account is worth."""
        return f"{fmt.money(self.pair.quote, self.session.equity, 2)} {self.pair.quote.code}"

    @property
    def profit(self) -> int:
        """The change of equity since the beginning, in quote units."""
        return self.session.equity - self.session.money

    @property
    def profit_text(self) -> str:
        """Likewise in words, with its share of the start."""
        share = fmt.percent(round(self.profit * 10_000 / self.session.money))
        return f"{fmt.signed_money(self.pair.quote, self.profit, 2)} ({share})"

    @property
    def position_text(self) -> Sentence:
        """What is held, and at which cost."""
        position = self.inside.portfolio.position(self.pair.symbol)
        if position is None or not position.qty:
            return say("Flat")
        average = round(position.cost / (position.qty * self.pair.notional_unit))
        return say("Long {qty} @ {price}", qty=fmt.quantity(self.pair, position.qty),
                   price=fmt.price(self.pair, average))  # fmt: skip

    @property
    def has_position(self) -> bool:
        """Whether anything is held."""
        return self.session.held > 0

    def speed_text(self, speed: float) -> Sentence:
        """Return a speed for a person."""
        return say("{speed} bars/s", speed=f"{speed:g}")

    # -- time -------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play or pause; needs a running loop."""
        if self.is_busy:
            self.pause()
        elif self.ended:
            self.say(say("The replay is at its end. Look at the result, or go back by ending it."))
        else:
            self.playing = True
            self._move(self._play())

    def pause(self) -> None:
        """Let time stand still."""
        self._tasks.close()
        self.playing = False
        self.hurry()

    def set_speed(self, speed: float) -> None:
        """Play that many bars in a second."""
        self.speed = speed
        self.hurry()

    def step(self, timeframe: Timeframe | None = None) -> None:
        """Go to the end of the bar that comes next (of the chart's length, unless another is given)."""
        if self.playing:
            self.pause()
        if not self.is_busy:
            self._move(self.session.advance(self.session.after_bar(timeframe or self.timeframe)))

    def step_finely(self) -> None:
        """Go on by one of the finest bars."""
        self.step(self.session.market.step)

    def back(self) -> None:
        """Go back by a bar, while no order was sent."""
        self.pause()
        if not self.can_go_back:
            self.say(say("No way back: an order was sent, and from then on what comes next must not be known."))
            return
        length = self.timeframe.nanos
        self._move(self.session.go_to(Nanos((self.session.now - 1) // length * length)))

    def jump(self, text: str) -> Sentence:
        """Go where a text says; return why that is not possible, or NOTHING."""
        instant, problem = parse_when(text, self.session.end, chosen())
        if instant is None:
            return problem
        if instant < self.session.now and not self.can_go_back:
            return say("No way back: an order was sent, and from then on what comes next must not be known.")
        self.go_to(instant)
        return NOTHING

    def go_to(self, instant: int) -> None:
        """Go to an instant (ns UTC)."""
        self.pause()
        self._move(self.session.go_to(Nanos(instant)))

    def to_end(self) -> None:
        """Let everything happen up to the end."""
        self.go_to(self.session.end)

    def set_timeframe(self, timeframe: Timeframe) -> None:
        """Show and step by bars of another length, none finer than what is walked."""
        if timeframe.nanos < self.session.market.step.nanos:
            self.say(say("This replay walks bars of {step}; for finer ones begin it on a shorter chart.",
                         step=self.session.market.step.value))  # fmt: skip
        else:
            self.inside.set_timeframe(timeframe)

    # -- trading ----------------------------------------------------------------------------------

    def set_size(self, text: str) -> None:
        """Take what was typed as the size, for the buttons and for orders that are placed on the chart."""
        self.size_text = self.inside.order_size = text

    def trade(self, side: Side) -> None:
        """Buy or sell the size at the next price; needs a running loop."""
        try:
            lots = self.pair.lots(fmt.parse(self.size_text))
        except InvalidInput:
            lots = None
        if lots is None or lots <= 0:
            self.say(say("Enter a size in steps of {lot} {base}.", lot=self.pair.qty_text(1), base=self.pair.base.code))
            return
        self._orders.start(self._send(side, lots))

    def flatten(self) -> None:
        """Cancel what is open and sell what is held at the next price."""
        self._orders.start(self._flatten())

    def cancel_last(self) -> None:
        """Take out the newest order of the replay."""
        self._orders.start(self._cancel(self.inside.orders.cancel_last()))

    def cancel_all(self) -> None:
        """Take out every order of the replay."""
        self._orders.start(self._cancel(self.inside.orders.cancel_all()))

    def say(self, notice: Sentence) -> None:
        """Show something to be read."""
        self.notice = notice
        self.hurry()

    def close(self) -> None:
        """End the replay; safe to call twice."""
        self._tasks.close()
        self._orders.close()
        super().close()
        self.inside.close()
        self.session.close()

    # -- inside -----------------------------------------------------------------------------------

    def _move(self, way: Coroutine[Any, Any, None]) -> None:
        self.notice = NOTHING
        self._moving = self._tasks.start(self._said(way))
        self._moving.add_done_callback(lambda _task: self.hurry())
        self.hurry()

    async def _said(self, way: Coroutine[Any, Any, None]) -> None:
        try:
            await way
        except CrsError as error:
            self.notice = verbatim(str(error))
        self.playing = False

    async def _play(self) -> None:
        while not self.ended:
            begun = time.monotonic()
            await self.session.advance(self.session.after_bar(self.timeframe))
            self.touch()
            await asyncio.sleep(max(0.0, 1 / self.speed - (time.monotonic() - begun)))

    async def _send(self, side: Side, lots: Lots) -> None:
        orders = self.inside.orders
        self.notice = NOTHING
        await orders.submit(
            SubmitOrder(
                account=self.inside.venue.account, order_id=orders.new_id(), symbol=self.pair.symbol, side=side,
                order_type=OrderType.MARKET, qty=lots,
            )
        )  # fmt: skip
        self.hurry()

    async def _flatten(self) -> None:
        self.notice = NOTHING
        if await self.inside.orders.flatten(self.pair.symbol, Lots(self.session.held)) is None:
            self.say(say("Nothing is held."))
        self.hurry()

    async def _cancel(self, work: Coroutine[Any, Any, object]) -> None:
        if not await work:
            self.say(say("No order is open in the replay."))

    def _refused(self, refusal: OrderRejected) -> None:
        self.say(verbatim(refusal.text))

    def _cancelled(self, event: OrderCancelled) -> None:
        if event.reason is CancelReason.NO_LIQUIDITY:
            self.say(say("{qty} {base} were not filled: {share}% of what traded lately is all that can be had.",
                         qty=fmt.quantity(self.pair, event.left), base=self.pair.base.code,
                         share=self.session.market.rules.share_percent))  # fmt: skip
        self.touch()


async def begin_replay(live: Desk, symbol: str, timeframe: Timeframe, at: int) -> BarReplay:
    """Open a replay of a pair that begins after the bar that is over at `at` (ns UTC).

    Raises:
        InvalidInput: there are no bars before or after that.
    """
    past = Past(live.bars.history, lambda: live.settings, live.indicators)
    session = await open_replay(live.pairs[symbol], timeframe, Nanos(at), live.feed.now, past)
    return BarReplay(session, live)


def _first_size(session: ReplaySession) -> str:
    pair, price = session.pair, session.market.price
    lots = size_at_price(pair, session.money, price, pair.taker_fee).qty // FIRST_SIZE
    figures = max(0, len(str(lots)) - 2)
    return pair.qty_text(max(1, lots // 10**figures * 10**figures))
