"""Where orders meet: matching, settlement, triggers, self-trade prevention.

The floor trusts what it is given: `checks` refused what must not come here. Money moves here and
nowhere else. Everything that happens is appended to `events`, in the order of happening.
"""

from __future__ import annotations

from collections import deque

from engine.domain.event import KernelEvent, OrderCancelled, OrderFilled, OrderTriggered, TradeExecuted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, CancelReason, Liquidity, OrderStatus, SelfTrade, Side, TimeInForce
from engine.domain.pair import FeeRate
from engine.exchange.account import Account
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.matching.ladder import Resting
from engine.matching.lifecycle import step
from engine.matching.selftrade import LEAVES
from engine.matching.triggers import holds


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
        self._fired: deque[WorkingOrder] = deque()

    # What commands do

    def admit(self, order: WorkingOrder) -> None:
        """Let a new, checked order wait for its trigger or enter the book, and follow all consequences."""
        market = self.markets[order.command.symbol]
        order.account.orders[order.order_id] = order
        order.account.work(order, order.left)
        self.relock(order)
        if not order.stop:
            self._enter(order, market)
        else:
            order.status = step(order.status, OrderStatus.WAITING)
            self.await_trigger(order, market)
        self.settle_down()

    def await_trigger(self, order: WorkingOrder, market: Market) -> None:
        """Let a waiting order wait, or fire at once if its trigger already holds."""
        last = market.book.last_price
        if last is not None and holds(order.is_buy, order.stop, last):
            self._fired.append(order)
        else:
            market.triggers.add(order)

    def withdraw(self, order: WorkingOrder) -> None:
        """Take an order out of the book or out of waiting; what it locks stays locked."""
        market = self.markets[order.command.symbol]
        if order.is_waiting:
            market.triggers.remove(order)
        else:
            market.book.remove(order)

    def end(self, order: WorkingOrder, reason: CancelReason) -> None:
        """Cancel an order that stands nowhere any more."""
        order.status = step(order.status, OrderStatus.CANCELLED)
        if order.locked:
            purse = order.account.purse(order.pair.quote.code if order.is_buy else order.pair.base.code)
            purse.free += order.locked
            purse.locked -= order.locked
            order.locked = 0
        order.account.work(order, -order.left)
        order.account.finish(order)
        self.events.append(OrderCancelled(order.account.account_id, order.order_id, reason, Lots(order.left), self.now))

    def settle_down(self) -> None:
        """Let fired orders enter, first in first out, until none is left."""
        while self._fired:
            order = self._fired.popleft()
            self.events.append(OrderTriggered(order.account.account_id, order.order_id, self.now))
            self._enter(order, self.markets[order.command.symbol])

    def relock(self, order: WorkingOrder) -> None:
        """Set aside what the order needs for what is left of it, and free the rest."""
        needed = order.lock_for(order.price, order.left)
        if needed == order.locked:
            return
        purse = order.account.purse(order.pair.quote.code if order.is_buy else order.pair.base.code)
        purse.free += order.locked - needed
        purse.locked += needed - order.locked
        order.locked = needed

    @staticmethod
    def market_cost(market: Market, qty: int, rate: FeeRate) -> int:
        """Return what buying `qty` lots by walking the book costs, fee by fill, in quote units."""
        pair = market.pair
        cost, left = 0, qty
        for maker in market.book.fills(True, None):
            part = min(left, maker.left)
            notional = pair.notional(maker.price, part)
            cost += notional + rate.of(notional)
            left -= part
            if not left:
                break
        return cost

    # Matching

    def _enter(self, order: WorkingOrder, market: Market) -> None:
        order.status = step(order.status, OrderStatus.WORKING)
        fired_to_buy = order.stop and order.is_buy and not order.has_limit
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
            if maker.owner is account and stp is not SelfTrade.NONE:
                if self._prevented(order, maker, market):
                    return
                continue
            qty = maker.left if maker.left < order.left else order.left
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
            market.book.rest(order)

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
        self._record(market, maker, taker, price, qty, taker.is_buy)
        if not book.is_external:
            self.print_at(market, price)

    def fill_resting(self, market: Market, order: Resting, qty: int) -> None:
        """Fill a resting order at its own price with what a feed printed."""
        market.book.take(order, qty)
        self._record(market, order, None, order.price, qty, not order.is_buy)

    def print_at(self, market: Market, price: int) -> None:
        """Note the last trade price of the pair, and queue what it fires."""
        market.book.last_price = Ticks(price)
        triggers = market.triggers
        if triggers:
            self._fired.extend(triggers.fired(price))

    def _record(
        self, market: Market, maker: Resting | None, taker: Resting | None, price: int, qty: int, taker_buys: bool
    ) -> None:
        ours = maker if isinstance(maker, WorkingOrder) else None
        theirs = taker if isinstance(taker, WorkingOrder) else None
        self.trade_id += 1
        maker_fee = taker_fee = 0
        if taker_buys:  # who buys pays before who sells is paid
            taker_fee = self._settle_buy(theirs, theirs.taker_rate, price, qty) if theirs else 0
            maker_fee = self._settle_sell(ours, ours.maker_rate, price, qty) if ours else 0
        else:
            maker_fee = self._settle_buy(ours, ours.maker_rate, price, qty) if ours else 0
            taker_fee = self._settle_sell(theirs, theirs.taker_rate, price, qty) if theirs else 0
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
            self._filled(ours, price, qty, maker_fee, Liquidity.MAKER)
        elif maker is not None and not maker.left:
            market.flow.pop(maker.key, None)  # a recorded level has no key there
        if theirs is not None:
            self._filled(theirs, price, qty, taker_fee, Liquidity.TAKER)

    def _filled(self, order: WorkingOrder, price: int, qty: int, fee: int, liquidity: Liquidity) -> None:
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
        if not order.left:
            order.status = step(order.status, OrderStatus.FILLED)
            order.account.finish(order)

    # Money

    def _settle_buy(self, order: WorkingOrder, rate: FeeRate, price: int, qty: int) -> int:
        """Pay for a fill from the order's lock, return what it no longer needs, credit the base; return the fee."""
        pair = order.pair
        notional = pair.notional(price, qty)
        fee = rate.of(notional)
        quote = order.account.purse(pair.quote.code)
        needed = order.lock_for(order.price, order.left)
        released = order.locked - needed
        if notional + fee > released + quote.free:
            fee = Units(released + quote.free - notional)  # the odd unit of rounding, and nothing free to pay it
        quote.locked -= released
        quote.free += released - notional - fee
        order.locked = needed
        order.account.purse(pair.base.code).free += pair.base_units(qty)
        return fee

    def _settle_sell(self, order: WorkingOrder, rate: FeeRate, price: int, qty: int) -> int:
        """Deliver the base from the order's lock and credit the proceeds less the fee; return the fee."""
        pair = order.pair
        units = pair.base_units(qty)
        base = order.account.purse(pair.base.code)
        base.locked -= units
        order.locked -= units
        notional = pair.notional(price, qty)
        quote = order.account.purse(pair.quote.code)
        fee = min(rate.of(notional), notional + quote.free)  # a rate above 1 takes no more than there is
        quote.free += notional - fee
        return fee
