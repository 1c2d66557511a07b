"""The exchange: `handle(command, now)` returns what happened, in the order of happening.

Synchronous and deterministic: the time is an argument, nothing is random, nothing iterates over a
hash. A refusal is an `OrderRejected` among the events. A submit that repeats an earlier one returns
no events; `first_answer` says how the first was answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import (
    AmendOrder,
    CancelOrder,
    Command,
    Deposit,
    Fault,
    ListPair,
    SetFees,
    SubmitOrder,
)
from engine.domain.event import (
    FundsDeposited,
    KernelEvent,
    OrderAccepted,
    OrderAmended,
    OrderRejected,
)
from engine.domain.flow import FlowOrder
from engine.domain.number import Lots, Nanos
from engine.domain.order import AccountId, CancelReason, OrderId, Reason
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange import checks
from engine.exchange.account import Account, Outcome, digest_of
from engine.exchange.floor import Floor
from engine.exchange.flow import run_flow
from engine.exchange.lists import SubmitList
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.exchange.state import state_hash, state_of
from engine.matching.book import Book


class Gate(Protocol):
    """The risk gate in front of the exchange."""

    def check(self, order: SubmitOrder | AmendOrder, context: object) -> Fault | None:
        """Return why the order must not be sent."""
        ...


def no_account(account: AccountId) -> Fault:
    """Return the fault of a command for an account without a deposit."""
    return Fault(Reason.UNKNOWN_ACCOUNT, f"There is no account {account}; it exists from its first deposit.")


class Exchange:
    """Accounts, books, fees and triggers of all pairs behind one door."""

    def __init__(self, *, gate: Gate | None = None) -> None:
        self._floor = Floor()
        self._gate = gate

    @property
    def now(self) -> Nanos:
        """The instant of the last command or act of flow."""
        return self._floor.now

    # Commands

    def handle(self, command: Command | SubmitList, now: Nanos) -> list[KernelEvent]:
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
            self._refuse(order.account, order.order_id, self._halted() or self._nowhere(order, account))
            return
        known = account.knows(order)
        if known:
            return
        fault = self._halted()
        if fault is None and known is not None:
            fault = Fault(Reason.DUPLICATE_ID, f"The id {order.order_id} was used before, for another order.")
        rates = account.rates_for(market.pair)
        fault = (
            fault
            or checks.shape_fault(order)
            or checks.market_fault(order, market)
            or checks.funds_fault(order, account, market, rates)
        )
        if fault is not None:
            self._refuse(order.account, order.order_id, fault)
            if known is None:
                outcome = Outcome(digest_of(order), 0, fault.reason, fault.text, floor.now)
                account.remember(order.order_id, outcome)
            return
        floor.number += 1
        working = WorkingOrder(account, order, market.pair, rates, floor.number, floor.now)
        floor.events.append(OrderAccepted(order.account, order.order_id, order, floor.number, floor.now))
        floor.admit(working)

    def _halted(self) -> Fault | None:
        return None

    def _nowhere(self, order: SubmitOrder, account: Account | None) -> Fault:
        if account is None:
            return no_account(order.account)
        return Fault(Reason.UNKNOWN_SYMBOL, f"{order.symbol} is not traded here.")

    def _submit_list(self, command: SubmitList) -> None:
        """Refuse a list; what names it wrongly comes first, as for orders."""

    def _cancel(self, command: CancelOrder) -> None:
        order = self._open_order(command.account, command.order_id)
        if order is not None:
            self._floor.withdraw(order)
            self._floor.end(order, CancelReason.USER)

    def _amend(self, command: AmendOrder) -> None:
        order = self._open_order(command.account, command.order_id)
        if order is None:
            return
        floor = self._floor
        market = floor.markets[order.command.symbol]
        fault = checks.amend_fault(order, command, market)
        if fault is not None:
            self._refuse(command.account, command.order_id, fault)
            return
        qty, price, stop = checks.amended(order, command)
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

    def _refuse(self, account: AccountId, order_id: OrderId, fault: Fault) -> None:
        self._floor.events.append(OrderRejected(account, order_id, fault.reason, fault.text, self._floor.now))

    # Questions

    def accounts(self) -> tuple[AccountId, ...]:
        """Return the accounts in the order of their first deposits."""
        return tuple(self._floor.accounts)

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the listed pairs in the order of listing."""
        return tuple(market.pair for market in self._floor.markets.values())

    def balances(self, account: AccountId) -> dict[str, Balance]:
        """Return what the account holds by asset code; nothing for an unknown account."""
        known = self._floor.accounts.get(account)
        return known.balances() if known is not None else {}

    def open_orders(self, account: AccountId) -> list[OpenOrder]:
        """Return the account's working and waiting orders by acceptance."""
        known = self._floor.accounts.get(account)
        return [order.shown() for order in known.orders.values()] if known is not None else []

    def pair_of(self, account: AccountId, order_id: OrderId) -> TradingPair | None:
        """Return the pair of an open order."""
        known = self._floor.accounts.get(account)
        order = known.orders.get(order_id) if known is not None else None
        return order.pair if order is not None else None

    def first_answer(self, order: SubmitOrder) -> OrderAccepted | OrderRejected | None:
        """Return how the first submit under this order's id was answered; None if there was none."""
        known = self._floor.accounts.get(order.account)
        return known.first_answer(order) if known is not None else None

    def book(self, symbol: str) -> Book:
        """Return the pair's book.

        Raises:
            InvalidInput: the pair is not listed.
        """
        return self._market(symbol).book

    def queue_ahead(self, account: AccountId, order_id: OrderId) -> Lots | None:
        """Return how many lots trade before the order at its price; None if it does not rest."""
        known = self._floor.accounts.get(account)
        order = known.orders.get(order_id) if known is not None else None
        if order is None or order.is_waiting:
            return None
        ahead, other = 0, order.before
        while other is not None:
            ahead += other.left
            other = other.before
        return Lots(ahead)

    def state(self) -> dict[str, object]:
        """Return the visible state as `crs simulate --state` prints it, hash included."""
        return state_of(self._floor)

    def state_hash(self) -> str:
        """Return the SHA-256 of the visible state."""
        return state_hash(self._floor)

    def _market(self, symbol: str) -> Market:
        market = self._floor.markets.get(symbol)
        if market is None:
            raise InvalidInput(f"{symbol} is not traded here.")
        return market

    def _account(self, account: AccountId) -> Account:
        known = self._floor.accounts.get(account)
        if known is None:
            raise InvalidInput(f"There is no account {account}.")
        return known
