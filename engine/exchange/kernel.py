"""The exchange: `handle(command, now)` returns what happened, in the order of happening.

Synchronous and deterministic: the time is an argument, nothing is random, nothing iterates over a
hash. A refusal is an `OrderRejected` among the events. A submit that repeats an earlier one returns
no events; `first_answer` says how the first was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import (
    AmendOrder,
    CancelOrder,
    Command,
    Deposit,
    Fault,
    ListPair,
    SetFees,
    SubmitList,
    SubmitOrder,
)
from engine.domain.event import FundsDeposited, KernelEvent, OrderAccepted, OrderAmended, OrderRejected
from engine.domain.flow import FlowOrder
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Lots, Nanos
from engine.domain.order import AccountId, CancelReason, OrderId, Reason
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange import checks
from engine.exchange.account import Account, Rates, digest_of
from engine.exchange.depth import DepthBook
from engine.exchange.dump import load_floor
from engine.exchange.floor import Floor
from engine.exchange.flow import run_flow
from engine.exchange.lists import list_digest, list_fault
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.exchange.outcomes import Outcome
from engine.exchange.riskview import amend_context, submit_context
from engine.exchange.seat import seat_account
from engine.exchange.view import View
from engine.risk.gate import Gate


class Exchange(View):
    """Accounts, books, fees and triggers of all pairs behind one door; `gate` may refuse what is sound."""

    def __init__(self, *, gate: Gate | None = None) -> None:
        super().__init__(Floor())
        self._gate = gate

    @classmethod
    def load(cls, dump: Mapping[str, Any], pairs: Iterable[TradingPair], *, gate: Gate | None = None) -> Exchange:
        """Return the exchange that was dumped; it answers every later command as that one would.

        Raises:
            InvalidInput: the dump has another form, or names a pair that is not among `pairs`.
        """
        exchange = cls(gate=gate)
        exchange._floor = load_floor(dump, pairs)
        return exchange

    def seat(
        self,
        account: AccountId,
        balances: Mapping[str, Balance],
        open_orders: Iterable[OpenOrder] = (),
        accepted: Mapping[OrderId, OrderAccepted] | None = None,
        rates: Mapping[str, Rates] | None = None,
        order_rates: Mapping[OrderId, Rates] | None = None,
    ) -> None:
        """Put an account and its open orders back, at the back of the queues, reporting nothing.

        `accepted` brings the orders' own commands, without which a repeated submit is not recognised
        and the self-trade mode is `none`. `rates` are the account's own fees by symbol, `order_rates`
        those under which its open orders were accepted. Earlier ids come back with `remember`.

        Raises:
            InvalidInput: the account is there already, or an order names a pair that is not listed.
        """
        seat_account(self._floor, account, balances, open_orders, accepted or {}, rates or {}, order_rates or {})

    def count_trades_from(self, last: int) -> None:
        """Number the coming trades above `last`, the highest of an earlier life, so that no number comes twice."""
        self._floor.trade_id = max(self._floor.trade_id, last)

    def remember(self, order: SubmitOrder, answer: OrderAccepted | OrderRejected) -> None:
        """Note how a submit of an earlier life was answered, so that its repeat is recognised."""
        accepted = isinstance(answer, OrderAccepted)
        number = answer.number if isinstance(answer, OrderAccepted) else 0
        reason, text = (None, "") if isinstance(answer, OrderAccepted) else (answer.reason, answer.text)
        self._account(order.account).outcomes.add(
            order.order_id, Outcome(digest_of(order), number, reason, text, answer.at)
        )
        if accepted:
            self._floor.number = max(self._floor.number, number)

    # Commands

    def handle(self, command: Command, now: Nanos) -> list[KernelEvent]:
        """Carry out a command at `now` and return all that happened.

        Raises:
            InvalidInput: time runs backwards, or a pair or deposit does not fit what is listed.
        """
        floor = self._begin(now)
        if isinstance(command, SubmitOrder):
            self._submit(command)
        elif isinstance(command, CancelOrder):
            self._cancel(command)
        elif isinstance(command, AmendOrder):
            self._amend(command)
        elif isinstance(command, Deposit):
            self._deposit(command)
        elif isinstance(command, ListPair):
            self._list_pair(command.pair)
        elif isinstance(command, SetFees):
            self._set_fees(command)
        else:
            self._submit_list(command)
        return floor.events

    def advance(self, now: Nanos) -> list[KernelEvent]:
        """Let the time pass; what expires until then happens."""
        return self._begin(now).events

    def flow(self, symbol: str, orders: Iterable[FlowOrder]) -> list[KernelEvent]:
        """Let unfunded orders act in a pair, each at its own instant.

        Raises:
            InvalidInput: no such pair, or an order that is not sound.
        """
        floor = self._floor
        floor.events = []
        run_flow(floor, self._market(symbol), orders)
        return floor.events

    def use_depth(self, symbol: str) -> None:
        """Let a pair's book be that of a feed; before anybody stands in it.

        Raises:
            InvalidInput: no such pair.
        """
        self._market(symbol).show_feed()

    def feed_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace the feed's levels of a pair that uses depth."""
        self._depth(snapshot.symbol).apply_snapshot(snapshot)

    def feed_diff(self, diff: BookDiff) -> None:
        """Take over the feed's changed levels of a pair that uses depth."""
        self._depth(diff.symbol).apply_diff(diff)

    def feed_print(self, tick: TradeTick) -> list[KernelEvent]:
        """Take over a print of the feed: fill what it went through, then fire what it triggers."""
        book, market = self._depth(tick.symbol), self._market(tick.symbol)
        floor = self._begin(max(self._floor.now, tick.at))
        for order, qty in book.through(tick):
            floor.fill_resting(market, order, qty)
        floor.print_at(market, tick.price)
        floor.settle_down()
        return floor.events

    def _depth(self, symbol: str) -> DepthBook:
        book = self._market(symbol).book
        if not isinstance(book, DepthBook):
            raise InvalidInput(f"{symbol} has a book of its own, no feed's.")
        return book

    def _begin(self, now: Nanos) -> Floor:
        floor = self._floor
        if now < floor.now:
            raise InvalidInput(f"Time runs backwards: {now} comes after {floor.now}.")
        floor.now = now
        floor.events = []
        return floor

    def _list_pair(self, pair: TradingPair) -> None:
        if pair.symbol in self._floor.markets:
            raise InvalidInput(f"{pair.symbol} is listed already.")
        for market in self._floor.markets.values():
            for asset in (market.pair.base, market.pair.quote):
                for new in (pair.base, pair.quote):
                    if asset.code == new.code and asset.decimals != new.decimals:
                        raise InvalidInput(
                            f"{pair.symbol} gives {new.code} {new.decimals} decimals, "
                            f"{market.symbol} gave it {asset.decimals}."
                        )
        self._floor.markets[pair.symbol] = Market(pair)

    def _deposit(self, command: Deposit) -> None:
        if command.units <= 0:
            raise InvalidInput("A deposit must be positive.")
        floor = self._floor
        account = floor.accounts.get(command.account)
        if account is None:
            account = floor.accounts[command.account] = Account(command.account)
        account.purse(command.asset).free += command.units
        floor.events.append(FundsDeposited(command.account, command.asset, command.units, floor.now))

    def _set_fees(self, command: SetFees) -> None:
        account = self._account(command.account)
        account.rates[self._market(command.symbol).symbol] = (command.maker, command.taker)

    def _submit(self, order: SubmitOrder) -> None:
        floor = self._floor
        account, market = floor.accounts.get(order.account), floor.markets.get(order.symbol)
        if account is None or market is None:
            self._refuse(order.account, order.order_id, self._halted(order) or nowhere(order, account))
            return
        known = account.knows(order)
        if known:
            return
        verdict = self._gate.check(order, submit_context(order, account, market)) if self._gate is not None else None
        fault = verdict if verdict is not None and verdict.reason is Reason.HALTED else None
        if fault is None and known is not None:
            fault = checks.used_id(order.order_id)
        rates = account.rates_for(market.pair)
        fault = (
            fault
            or checks.shape_fault(order)
            or checks.market_fault(order, market)
            or checks.funds_fault(order, account, market, rates)
            or verdict
        )
        if fault is not None:
            self._refuse(order.account, order.order_id, fault)
            if known is None:
                outcome = Outcome(digest_of(order), 0, fault.reason, fault.text, floor.now)
                account.outcomes.add(order.order_id, outcome)
            return
        floor.number += 1
        working = WorkingOrder(account, order, market.pair, rates, floor.number, floor.now)
        floor.events.append(OrderAccepted(order.account, order.order_id, order, floor.number, floor.now))
        floor.admit(working)

    def _submit_list(self, command: SubmitList) -> None:
        account = self._floor.accounts.get(command.account)
        if account is None:
            self._refuse(command.account, command.order_id, no_account(command.account))
            return
        digest = list_digest(command)
        earlier = account.outcomes.get(command.order_id)
        if earlier is not None and earlier.digest == digest:
            return
        fault = list_fault(command, account, self._floor.markets)
        self._refuse(command.account, command.order_id, fault)
        if fault.reason is not Reason.UNKNOWN_SYMBOL and earlier is None and command.order_id not in account.orders:
            account.outcomes.add(command.order_id, Outcome(digest, 0, fault.reason, fault.text, self._floor.now))

    def _cancel(self, command: CancelOrder) -> None:
        order = self._open_order(command.account, command.order_id)
        if order is not None:
            self._floor.withdraw(order)
            self._floor.end(order, CancelReason.USER)

    def _amend(self, command: AmendOrder) -> None:
        floor = self._floor
        if command.account not in floor.accounts and (halted := self._halted(command)):
            self._refuse(command.account, command.order_id, halted)
            return
        order = self._open_order(command.account, command.order_id)
        if order is None:
            return
        market = floor.markets[order.command.symbol]
        verdict = self._gate.check(command, amend_context(order, market)) if self._gate is not None else None
        stopped = verdict is not None and verdict.reason is Reason.HALTED
        fault = verdict if stopped else checks.amend_fault(order, command, market) or verdict
        if fault is not None:
            self._refuse(command.account, command.order_id, fault)
            return
        qty, price, stop = checks.amended(order, command)
        order.account.work(order, qty - order.qty)
        keeps = order.is_waiting or (price == order.price and qty <= order.qty)
        if keeps and not order.is_waiting:
            cut = order.qty - qty
            if cut:
                market.book.shrink(order, cut)
            order.qty = qty
            floor.relock(order)
        else:
            floor.withdraw(order)
            order.left += qty - order.qty
            order.qty, order.price, order.stop = qty, price, stop
            floor.relock(order)
        floor.events.append(
            OrderAmended(
                command.account,
                command.order_id,
                Lots(qty),
                order.limit,
                order.stop_price,
                Lots(order.left),
                keeps,
                floor.now,
            )
        )
        if order.is_waiting:
            floor.await_trigger(order, market)
        elif not keeps:
            floor.match(order, market)
        floor.settle_down()

    def _halted(self, command: SubmitOrder | AmendOrder) -> Fault | None:
        """Return why nothing is taken now, before anybody asks whether its account and pair are known."""
        verdict = self._gate.check(command, None) if self._gate is not None else None
        return verdict if verdict is not None and verdict.reason is Reason.HALTED else None

    def _open_order(self, account_id: AccountId, order_id: OrderId) -> WorkingOrder | None:
        account = self._floor.accounts.get(account_id)
        if account is None:
            self._refuse(account_id, order_id, no_account(account_id))
            return None
        order = account.orders.get(order_id)
        if order is None:
            text = f"No open order {order_id}; it never was, or it has ended."
            self._refuse(account_id, order_id, Fault(Reason.UNKNOWN_ORDER, text))
        return order

    def _account(self, account: AccountId) -> Account:
        known = self._floor.accounts.get(account)
        if known is None:
            raise InvalidInput(f"There is no account {account}.")
        return known

    def _refuse(self, account: AccountId, order_id: OrderId, fault: Fault) -> None:
        self._floor.events.append(OrderRejected(account, order_id, fault.reason, fault.text, self._floor.now))


def no_account(account: AccountId) -> Fault:
    """Return the fault of a command for an account without a deposit."""
    return Fault(Reason.UNKNOWN_ACCOUNT, f"There is no account {account}; it exists from its first deposit.")


def nowhere(order: SubmitOrder, account: Account | None) -> Fault:
    """Return the fault of an order without an account or without a market."""
    return no_account(order.account) if account is None else checks.no_market(order.symbol)
