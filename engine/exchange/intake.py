"""What becomes of a command before it reaches the floor: refused with a reason, recognised as a repeat, or admitted."""

from __future__ import annotations

from engine.domain.command import AmendOrder, CancelOrder, Fault, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderRejected
from engine.domain.number import Lots, Nanos
from engine.domain.order import AccountId, CancelReason, ListKind, OrderId, Reason
from engine.exchange import checks
from engine.exchange.account import Account, digest_of
from engine.exchange.floor import Floor
from engine.exchange.listchecks import list_fault, name_fault
from engine.exchange.lists import acceptances, list_digest, made_list
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.exchange.outcomes import Outcome
from engine.exchange.riskview import amend_context, submit_context
from engine.risk.gate import Gate


class Intake:
    """Takes the commands of accounts for a floor; `gate` may refuse what is sound."""

    def __init__(self, floor: Floor, gate: Gate | None) -> None:
        self._floor, self._gate = floor, gate

    # New orders

    def submit(self, order: SubmitOrder) -> None:
        """Admit an order, or say why not; a repeat of an earlier one does nothing."""
        floor = self._floor
        account, market = floor.accounts.get(order.account), floor.markets.get(order.symbol)
        if account is None or market is None or checks.is_contract(order.symbol):
            self._refuse(order.account, order.order_id, self._halted(order) or nowhere(order, account))
            return
        known = account.knows(order)
        if known:
            return
        verdict = self._gate_says(order, account, market)
        fault = verdict if verdict is not None and verdict.reason is Reason.HALTED else None
        if fault is None and known is not None:
            fault = checks.used_id(order.order_id)
        rates = account.rates_for(market.pair)
        fault = (
            fault
            or checks.shape_fault(order, floor.now)
            or checks.market_fault(order, account, market)
            or checks.funds_fault(order, account, market, rates)
            or verdict
        )
        if fault is not None:
            self._refuse(order.account, order.order_id, fault)
            if known is None:
                self._remember(account, order.order_id, digest_of(order), fault)
            return
        floor.number += 1
        working = WorkingOrder(account, order, market.pair, rates, floor.number, floor.now)
        floor.events.append(OrderAccepted(order.account, order.order_id, order, floor.number, floor.now))
        if self._gate is not None:
            account.recent.append(floor.now)
        floor.register(working)
        floor.admit(working)

    def submit_list(self, command: SubmitList) -> None:
        """Admit a list whole, or refuse it whole; a repeat of an earlier one does nothing."""
        floor = self._floor
        account = floor.accounts.get(command.account)
        if account is None:
            halted = next((fault for order in command.orders if (fault := self._halted(order))), None)
            self._refuse(command.account, command.order_id, halted or no_account(command.account))
            return
        digest = list_digest(command)
        if account.knows_list(command.order_id, digest):
            return
        names = name_fault(command, account, floor.markets)
        verdict = self._verdict(command, account)
        fault = verdict if verdict is not None and verdict.reason is Reason.HALTED else names
        if fault is None:
            fault = list_fault(command, account, floor.markets[command.orders[0].symbol], floor.now) or verdict
        if fault is None:
            self._accept_list(command, account)
            return
        self._refuse(command.account, command.order_id, fault)
        if fault.reason is not Reason.UNKNOWN_SYMBOL and not account.has_used(command.order_id):
            self._remember(account, command.order_id, digest, fault)

    def _accept_list(self, command: SubmitList, account: Account) -> None:
        floor = self._floor
        pair = floor.markets[command.orders[0].symbol].pair
        accepted = acceptances(command, floor.number + 1, floor.now)
        floor.number += len(accepted)
        floor.events += accepted
        rates = account.rates_for(pair)
        orders = [WorkingOrder(account, each.order, pair, rates, each.number, each.at) for each in accepted]
        group = account.lists[command.order_id] = made_list(command, orders)
        for order in orders:
            if self._gate is not None:
                account.recent.append(floor.now)
            floor.register(order)
        floor.admit_list(group)

    # Open orders

    def cancel(self, command: CancelOrder) -> None:
        """Take out an order, or all that is open of a list."""
        account = self._floor.accounts.get(command.account)
        group = account.lists.get(command.order_id) if account is not None else None
        if group is not None:
            self._floor.close_list(group)
            self._floor.settle_down()
            return
        order = self._open_order(command.account, command.order_id)
        if order is not None:
            self._floor.withdraw(order)
            self._floor.end(order, CancelReason.USER)
            self._floor.settle_down()

    def amend(self, command: AmendOrder) -> None:
        """Change an open order, or say why not."""
        floor = self._floor
        if command.account not in floor.accounts and (halted := self._halted(command)):
            self._refuse(command.account, command.order_id, halted)
            return
        order = self._open_order(command.account, command.order_id)
        if order is None:
            return
        market = floor.markets[order.command.symbol]
        verdict = None
        if self._gate is not None:
            verdict = self._gate.check(command, amend_context(order, market, floor.markets, floor.now))
        stopped = verdict is not None and verdict.reason is Reason.HALTED
        fault = verdict if stopped else checks.amend_fault(order, command, market) or verdict
        if fault is not None:
            self._refuse(command.account, command.order_id, fault)
            return
        self._change(order, command, market)
        floor.settle_down()

    def _change(self, order: WorkingOrder, command: AmendOrder, market: Market) -> None:
        floor = self._floor
        qty, price, stop = checks.amended(order, command)
        more = qty - order.qty
        rests = not (order.is_waiting or order.is_pending)
        keeps = not rests or (price == order.price and more <= 0)
        if keeps and rests:
            if more:
                market.book.shrink(order, -more)
        else:
            floor.withdraw(order)
            order.left += more
            order.price, order.stop = price, stop
            if command.trail is not None:
                order.set_trail(command.trail)
        order.qty = qty
        if not order.is_pending:
            order.account.work(order, more)
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
                order.trail,
            )
        )
        if order.is_waiting:
            floor.await_trigger(order, market)
        elif not keeps:
            floor.match(order, market)

    # Refusals

    def _gate_says(
        self,
        order: SubmitOrder,
        account: Account,
        market: Market,
        before: tuple[SubmitOrder, ...] = (),
        rival: SubmitOrder | None = None,
    ) -> Fault | None:
        """Return what the gate has against a new order, after those before it in its list."""
        if self._gate is None:
            return None
        floor = self._floor
        return self._gate.check(order, submit_context(order, account, market, floor.markets, floor.now, before, rival))

    def _verdict(self, command: SubmitList, account: Account) -> Fault | None:
        """Return the gravest that the gate has against the orders of a list, each after those before it."""
        if self._gate is None:
            return None
        found = []
        for place, order in enumerate(command.orders):
            market = self._floor.markets.get(order.symbol)
            before = command.orders[:place]
            last = place == len(command.orders) - 1
            rival = before[-1] if before and last and command.kind is not ListKind.OTO else None
            fault = self._halted(order) if market is None else self._gate_says(order, account, market, before, rival)
            if fault is not None:
                found.append(fault)
        return checks.gravest(found)

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

    def _remember(self, account: Account, order_id: OrderId, digest: str, fault: Fault) -> None:
        account.outcomes.add(order_id, Outcome(digest, 0, fault.reason, fault.text, Nanos(self._floor.now)))

    def _refuse(self, account: AccountId, order_id: OrderId, fault: Fault) -> None:
        self._floor.events.append(OrderRejected(account, order_id, fault.reason, fault.text, self._floor.now))


def no_account(account: AccountId) -> Fault:
    """Return the fault of a command for an account without a deposit."""
    return Fault(Reason.UNKNOWN_ACCOUNT, f"There is no account {account}; it exists from its first deposit.")


def nowhere(order: SubmitOrder, account: Account | None) -> Fault:
    """Return the fault of an order without an account or without a market."""
    return no_account(order.account) if account is None else checks.no_market(order.symbol)
