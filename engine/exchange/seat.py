"""Putting an account back into a fresh exchange, from its journal, when no dump is at hand.

Nothing is reported: what is seated was reported when it happened. Orders join the back of the
queues by number of acceptance. Where one would cross unfunded flow, that flow goes: it belongs to
nobody, and a book is never crossed at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId, OrderStatus
from engine.errors import InvalidInput
from engine.exchange.account import Account, Purse, Rates
from engine.exchange.floor import Floor
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder


def seat_account(
    floor: Floor,
    account_id: AccountId,
    balances: Mapping[str, Balance],
    open_orders: Iterable[OpenOrder],
    accepted: Mapping[OrderId, OrderAccepted],
    rates: Mapping[str, Rates],
    order_rates: Mapping[OrderId, Rates],
) -> None:
    """Give the account its money, its own fee rates by symbol and its orders.

    `accepted` holds the orders' commands where known; an order keeps the rates of its acceptance, which are
    those in `order_rates`, or else the account's of now.

    Raises:
        InvalidInput: the account is there already, or an order names a pair that is not listed.
    """
    if account_id in floor.accounts:
        raise InvalidInput(f"The account {account_id} is there already.")
    account = floor.accounts[account_id] = Account(account_id)
    account.purses = {code: Purse(balance.free, balance.locked) for code, balance in balances.items()}
    account.rates = dict(rates)
    for shown in sorted(open_orders, key=lambda order: order.number):
        market = floor.markets.get(shown.symbol)
        if market is None:
            raise InvalidInput(f"{shown.symbol} is not traded here.")
        event = accepted.get(shown.order_id)
        command = event.order if event is not None else _command_of(account_id, shown)
        now = account.rates_for(market.pair)
        maker, taker = order_rates.get(shown.order_id, now)
        own = (maker or now[0], taker or now[1])
        order = WorkingOrder(account, command, market.pair, own, shown.number, Nanos(shown.at))
        order.qty, order.left = shown.qty, shown.left
        order.price, order.stop = shown.price or 0, shown.stop_price or 0
        order.locked, order.status = shown.locked, shown.status
        account.orders[order.order_id] = order
        account.work(order, order.left)
        floor.number = max(floor.number, shown.number)
        if shown.status is OrderStatus.WAITING:
            market.triggers.add(order)
        else:
            _clear_the_way(market, order)
            market.book.rest(order)


def _command_of(account_id: AccountId, shown: OpenOrder) -> SubmitOrder:
    return SubmitOrder(
        account=account_id,
        order_id=shown.order_id,
        symbol=shown.symbol,
        side=shown.side,
        order_type=shown.order_type,
        qty=shown.qty,
        price=shown.price,
        stop_price=shown.stop_price,
        tif=shown.tif,
        post_only=shown.post_only,
    )


def _clear_the_way(market: Market, order: WorkingOrder) -> None:
    if market.book.is_external:
        return
    for maker in [maker for maker in market.book.fills(order.is_buy, order.price) if maker.owner is None]:
        market.book.remove(maker)
        del market.flow[maker.key]
