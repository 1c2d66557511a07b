"""Where orders meet: matching, triggers, self-trade prevention, and what orders of a list do to each other.

The floor trusts what it is given: `checks` refused what must not come here. Everything that happens is
appended to `events`, in the order of happening. What a trade fires, and the legs whose entry it ended, stand in
one line (by trade, then by acceptance) and enter when the order now matching has rested or ended.
"""

from __future__ import annotations

from collections import deque

from engine.domain.event import (
    KernelEvent,
    LegStarted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
    TradeExecuted,
)
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, CancelReason, Liquidity, OrderStatus, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate
from engine.exchange.account import Account
from engine.exchange.lists import OrderList
from engine.exchange.market import Market, meetings
from engine.exchange.order import WorkingOrder
from engine.exchange.recorder import Recorder
from engine.exchange.settlement import more_needed, part_locks, paying_purse, set_aside, settle_buy, settle_sell
from engine.matching.expiry import Deadlines
from engine.matching.ladder import Resting
from engine.matching.lifecycle import step
from engine.matching.selftrade import LEAVES
from engine.matching.shadow import QUEUE, ShadowBook

CROSSED, TAKEN = "crossed", "taken"
"""Why an arriving order was filled: by an order in the book, or by what a feed displayed."""


class Floor:
    """The state of an exchange and the steps that change it."""

    def __init__(self) -> None:
        self.accounts: dict[AccountId, Account] = {}
        self.markets: dict[str, Market] = {}
        self.fees: dict[str, int] = {}
        """All fees ever paid, by asset; an asset is listed from its first trade."""
        self.number = 0
        self.trade_id = 0
        self.now = Nanos(0)
        self.events: list[KernelEvent] = []
        self.sent_at = Nanos(0)
        """When the command that is being carried out was sent."""
        self.recorder: Recorder | None = None
        """Who notes why orders fill, if anybody wants to know."""
        self.deadlines: Deadlines[WorkingOrder] = Deadlines()
        self._line: deque[WorkingOrder] = deque()
        """Fired orders and legs about to start; some may have ended while they stood here."""
        self._legs: list[WorkingOrder] = []
        """Legs whose entry has just ended."""

    def record_with(self, recorder: Recorder) -> None:
        """Let somebody note why orders fill."""
        self.recorder = recorder
        for market in self.markets.values():
            if isinstance(market.book, ShadowBook):
                market.book.watch(recorder.moved)

    # What commands and time do

    def pass_time(self, until: int) -> None:
        """Let orders expire that end up to an instant, each at its own, with all that follows."""
        while (due := self.deadlines.take(until)) is not None:
            at, order = due
            self.now = Nanos(at)
            self.withdraw(order)
            self.end(order, None)
            self.settle_down()

    def register(self, order: WorkingOrder) -> None:
        """Take note of a new, checked order, which stands nowhere yet."""
        order.account.orders[order.order_id] = order
        if self.recorder is not None:
            self.recorder.registered(order, self.sent_at)
        if order.command.expire_ts is not None:
            self.deadlines.add(order.command.expire_ts, order.key, order)

    def admit(self, order: WorkingOrder) -> None:
        """Let a registered order wait for its trigger or enter the book, and follow all consequences."""
        order.account.work(order, order.left)
        self.relock(order)
        self._let_in(order)
        self.settle_down()

    def admit_list(self, group: OrderList) -> None:
        """Let the registered orders of a list in one after the other; what starts after an entry is pending."""
        starting = []
        for order in group.orders:
            pending = group.entry_of(order) is not None
            order.status = step(order.status, OrderStatus.PENDING if pending else OrderStatus.WAITING)
            if not pending:
                order.account.work(order, order.left)
                self.relock(order)
                starting.append(order)
        for order in starting:
            if order.is_open:  # the one before it may have taken it out
                self._let_in(order)
                self.settle_down()

    def _let_in(self, order: WorkingOrder) -> None:
        market = self.markets[order.command.symbol]
        if not order.waits_for_price:
            self._enter(order, market)
            return
        if not order.is_waiting:
            order.status = step(order.status, OrderStatus.WAITING)
        self.await_trigger(order, market)

    def await_trigger(self, order: WorkingOrder, market: Market) -> None:
        """Let a waiting order wait, or fire at once if its trigger already holds."""
        if not market.triggers.wait(order, market.book.last_price):
            self._line.append(order)

    def withdraw(self, order: WorkingOrder) -> None:
        """Take an order out of the book or out of waiting; what it locks stays locked."""
        market = self.markets[order.command.symbol]
        if order.status is OrderStatus.WORKING:
            market.book.remove(order)
        elif order.waits_for_price:
            market.triggers.remove(order)
        for waiting in (market.held, market.fired):
            if order in waiting:
                waiting.remove(order)

    def end(self, order: WorkingOrder, reason: CancelReason | None, *, tell_list: bool = True) -> None:
        """Cancel an order that stands nowhere any more (without a reason it expires); its list hears of it."""
        was_pending = order.is_pending
        order.status = step(order.status, OrderStatus.CANCELLED if reason is not None else OrderStatus.EXPIRED)
        set_aside(order, 0)
        if (mate := order.lock_mate) is not None:
            order.lock_mate = mate.lock_mate = None
        if not was_pending:
            order.account.work(order, -order.left)
        self._forget(order)
        account, order_id, left = order.account.account_id, order.order_id, Lots(order.left)
        if reason is not None:
            self.events.append(OrderCancelled(account, order_id, reason, left, self.now))
        else:
            self.events.append(OrderExpired(account, order_id, left, self.now))
        if tell_list:
            self._list_hears(order, reason, was_pending)

    def close_list(self, group: OrderList) -> None:
        """Cancel whatever of a list is still open, in its order."""
        group.closing = True
        for order in tuple(group.orders):
            self.withdraw(order)
            self.end(order, CancelReason.OCO)

    def settle_down(self) -> None:
        """Let what stands in line start or fire, first in, first out, until nothing is left."""
        while self._line:
            order = self._line.popleft()
            if order.is_pending:
                self._start(order)
            elif order.is_waiting:
                market = self.markets[order.command.symbol]
                if market.book.is_trusted:
                    self._fire(order)
                else:
                    market.fired.append(order)

    def relock(self, order: WorkingOrder) -> None:
        """Set aside what the order needs for what is left of it, and free the rest."""
        set_aside(order, order.lock_for(order.price, order.left))

    def _forget(self, order: WorkingOrder) -> None:
        order.account.finish(order)
        if self.recorder is not None:
            self.recorder.ended(order)
        if order.command.expire_ts is not None:
            self.deadlines.remove(order.key)

    @staticmethod
    def market_cost(market: Market, qty: int, rate: FeeRate) -> int:
        """Return what buying `qty` lots by walking the book costs, fee by fill, in quote units."""
        pair = market.pair
        cost, left = 0, qty
        for maker, there in meetings(market.book, True, None):
            part = min(left, there)
            notional = pair.notional(maker.price, part)
            cost += notional + rate.of(notional)
            left -= part
            if not left:
                break
        return cost

    # Lists

    def _list_hears(self, order: WorkingOrder, reason: CancelReason | None, was_pending: bool) -> None:
        """Let an order's end have its consequences for the other orders of its list."""
        group = order.list
        if group is None or group.closing:
            return
        if order.order_id == group.entry_id and order.left < order.qty:
            self._call_legs(group, order.qty - order.left)
            self.line_up([])
        elif order.order_id == group.entry_id or was_pending:
            self.close_list(group)
        elif order.partner is not None:
            self._drop_partner(order)
        elif reason is CancelReason.USER:
            self.close_list(group)

    def _drop_partner(self, order: WorkingOrder) -> None:
        """Cancel the other leg, of which only one may trade."""
        partner = order.partner
        if partner is None:
            return
        order.partner = partner.partner = None
        self.withdraw(partner)
        self.end(partner, CancelReason.OCO, tell_list=False)

    def _call_legs(self, group: OrderList, filled: int) -> None:
        """Let the orders that the ended entry leaves, all of them pending, stand ready with what it filled."""
        for leg in group.orders:
            leg.qty = leg.left = filled
            self._legs.append(leg)

    def _start(self, order: WorkingOrder) -> None:
        """Let a leg begin to live with what its entry filled."""
        need = order.lock_for(order.price, order.left)
        if more_needed(order, need) > paying_purse(order).free:
            self.end(order, CancelReason.INSUFFICIENT_FUNDS)
            return
        account = order.account
        self.events.append(LegStarted(account.account_id, order.order_id, Lots(order.qty), self.now))
        account.work(order, order.left)
        set_aside(order, need)
        self._let_in(order)

    def _fire(self, order: WorkingOrder) -> None:
        self.events.append(OrderTriggered(order.account.account_id, order.order_id, self.now))
        self._drop_partner(order)
        self._enter(order, self.markets[order.command.symbol])

    def line_up(self, fired: list[WorkingOrder]) -> None:
        """Put what one trade or one end set going into the line, by acceptance."""
        if self._legs:
            fired = sorted([*fired, *self._legs], key=_number)
            self._legs = []
        self._line.extend(fired)

    # Matching

    def _enter(self, order: WorkingOrder, market: Market) -> None:
        order.status = step(order.status, OrderStatus.WORKING)
        if self.recorder is not None and market.book.is_trusted:
            self.recorder.entered(order, market.book, self.now)
        fired_to_buy = order.is_buy and not order.has_limit and order.waits_for_price
        if fired_to_buy and self.market_cost(market, order.left, order.taker_rate) > order.account.free(market.quote):
            self.end(order, CancelReason.INSUFFICIENT_FUNDS)
            return
        self.match(order, market)

    def match(self, order: WorkingOrder, market: Market) -> None:
        """Trade what crosses; then rest, or cancel what must not rest."""
        limit = order.limit
        front, is_buy, account, stp = market.book.front, order.is_buy, order.account, order.command.stp
        while order.left:
            maker = front(is_buy, limit)
            if maker is None:
                break
            if maker.owner is account:
                if maker is order.partner:
                    self._drop_partner(order)
                    continue
                if stp is not SelfTrade.NONE:
                    if self._prevented(order, maker, market):
                        return
                    continue
            qty = maker.left - maker.hidden
            if qty > order.left:
                qty = order.left
            if is_buy and not order.has_limit and not self._can_pay(order, maker.price, qty, market):
                self.end(order, CancelReason.INSUFFICIENT_FUNDS)
                return
            self.trade(market, maker, order, qty)
        if not order.left:
            return
        if not order.has_limit:
            self.end(order, CancelReason.NO_LIQUIDITY)
        elif order.command.tif is TimeInForce.IOC:
            self.end(order, CancelReason.IOC)
        else:
            self.rest(order, market)
            if not market.book.is_trusted:
                market.held.append(order)

    def let_look(self, market: Market) -> None:
        """Let orders that came while a feed's book could not be trusted meet it now; post-only ones stay."""
        held, market.held = market.held, []
        for order in held:
            if order.status is not OrderStatus.WORKING or order.command.post_only:
                continue
            if self.recorder is not None:
                self.recorder.entered(order, market.book, self.now)
            market.book.remove(order)
            self.match(order, market)
        fired, market.fired = market.fired, []
        self.line_up(fired)

    def rest(self, order: WorkingOrder, market: Market) -> None:
        """Let an order wait at the back of the queue at its price."""
        order.hidden = max(0, order.left - order.display) if order.display else 0
        market.book.rest(order)
        if self.recorder is not None:
            self.recorder.rested(order, market.book, self.now)

    def _prevented(self, taker: WorkingOrder, maker: Resting, market: Market) -> bool:
        """Cancel who must leave instead of trading with its own account; return whether the taker did."""
        leaves = LEAVES[taker.command.stp]
        if leaves.maker and isinstance(maker, WorkingOrder):
            market.book.remove(maker)
            self.end(maker, CancelReason.STP)
        if leaves.taker:
            self.end(taker, CancelReason.STP)
        return leaves.taker

    def _can_pay(self, order: WorkingOrder, price: int, qty: int, market: Market) -> bool:
        # Checked on entry for the whole walk; only self-trade prevention can lead it deeper than that.
        notional = market.pair.notional(price, qty)
        return notional + order.taker_rate.of(notional) <= order.account.free(market.quote)

    def trade(self, market: Market, maker: Resting, taker: Resting, qty: int) -> None:
        """Execute `qty` lots at the maker's price, settle both sides, and look at the triggers."""
        price = maker.price
        book = market.book
        book.take(maker, qty)
        taker.left -= qty
        if book.is_external:
            self._record(market, maker, taker, price, qty, taker.is_buy, TAKEN)
            self.line_up([])
            return
        self._record(market, maker, taker, price, qty, taker.is_buy, CROSSED)
        if self.recorder is not None:
            self.recorder.traded(market.symbol, maker, qty, self.trade_id, self.now)
        self.print_at(market, price)

    def fill_resting(self, market: Market, order: Resting, qty: int, rule: str) -> None:
        """Fill a resting order at its own price with what a feed showed; what follows waits until that is done."""
        market.book.take(order, qty)
        self._record(market, order, None, order.price, qty, not order.is_buy, rule)

    def print_at(self, market: Market, price: int) -> None:
        """Note the last trade price of the pair, and line up what it set going."""
        market.book.last_price = Ticks(price)
        triggers = market.triggers
        if triggers or self._legs:
            self.line_up(triggers.fired(price))

    def _record(
        self, market: Market, maker: Resting, taker: Resting | None, price: int, qty: int, taker_buys: bool, rule: str
    ) -> None:
        ours = maker if isinstance(maker, WorkingOrder) else None
        theirs = taker if isinstance(taker, WorkingOrder) else None
        self.trade_id += 1
        maker_fee = taker_fee = 0
        for order in (ours, theirs):
            if order is not None and order.lock_mate is not None:
                part_locks(order, order.lock_mate)
        if taker_buys:  # who buys pays before who sells is paid
            taker_fee = settle_buy(theirs, theirs.taker_rate, price, qty) if theirs else 0
            maker_fee = settle_sell(ours, ours.maker_rate, price, qty) if ours else 0
        else:
            maker_fee = settle_buy(ours, ours.maker_rate, price, qty) if ours else 0
            taker_fee = settle_sell(theirs, theirs.taker_rate, price, qty) if theirs else 0
        self.events.append(
            TradeExecuted(
                self.trade_id,
                market.symbol,
                Ticks(price),
                Lots(qty),
                ours.account.account_id if ours else None,
                ours.order_id if ours else None,
                theirs.account.account_id if theirs else None,
                theirs.order_id if theirs else None,
                Side.BUY if taker_buys else Side.SELL,
                Units(maker_fee),
                Units(taker_fee),
                self.now,
            )
        )
        if ours is not None:
            self._filled(ours, price, qty, maker_fee, Liquidity.MAKER, QUEUE if rule == CROSSED else rule)
        elif not maker.left:
            market.flow.pop(maker.key, None)  # a recorded level has no key there
        if theirs is not None:
            self._filled(theirs, price, qty, taker_fee, Liquidity.TAKER, rule)
        for order in (ours, theirs):
            if order is not None and order.partner is not None:
                self._drop_partner(order)

    def _filled(self, order: WorkingOrder, price: int, qty: int, fee: int, liquidity: Liquidity, rule: str) -> None:
        command = order.command
        order.account.work(order, -qty)
        quote = order.pair.quote.code
        self.fees[quote] = self.fees.get(quote, 0) + fee
        self.events.append(
            OrderFilled(
                command.account,
                command.order_id,
                self.trade_id,
                command.symbol,
                command.side,
                Ticks(price),
                Lots(qty),
                Units(fee),
                liquidity,
                Lots(order.left),
                self.now,
            )
        )
        if self.recorder is not None:
            self.events.append(self.recorder.explain(order, self.trade_id, price, qty, liquidity, rule, self.now))
        if not order.left:
            order.status = step(order.status, OrderStatus.FILLED)
            self._forget(order)
            group = order.list
            if group is not None and order.order_id == group.entry_id:
                self._call_legs(group, order.qty)


def _number(order: WorkingOrder) -> int:
    return order.key
