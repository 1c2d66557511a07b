"""Putting an account back into a fresh exchange, from its journal, when no dump is at hand.

Nothing is reported: what is seated was reported when it happened. Orders join the back of the
queues by number of acceptance; a trailing stop follows the price from now on. Where an order would
cross unfunded flow, that flow goes: it belongs to nobody, and a book is never crossed at rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.domain.account import Balance, OpenOrder
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Nanos
from engine.domain.order import AccountId, ListKind, OrderId
from engine.errors import InvalidInput
from engine.exchange.account import Account, Purse, Rates
from engine.exchange.floor import Floor
from engine.exchange.lists import OrderList, list_digest, pair_up
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder

BOTH = 2
"""Legs of which one takes the other out."""


def seat_account(
    floor: Floor,
    account_id: AccountId,
    balances: Mapping[str, Balance],
    open_orders: Iterable[OpenOrder],
    accepted: Mapping[OrderId, OrderAccepted],
    rates: Mapping[str, Rates],
    order_rates: Mapping[OrderId, Rates],
    lists: Mapping[OrderId, SubmitList],
) -> None:
    """Give the account its money, its own fee rates by symbol and its orders.

    `accepted` holds the orders' commands where known, `lists` those of open lists; an order keeps the rates of
    its acceptance, which are those in `order_rates`, or else the account's of now.

    Raises:
        InvalidInput: the account is there already, or an order names a pair that is not listed.
    """
    if account_id in floor.accounts:
        raise InvalidInput(f"The account {account_id} is there already.")
    account = floor.accounts[account_id] = Account(account_id)
    account.purses = {code: Purse(balance.free, balance.locked) for code, balance in balances.items()}
    account.rates = dict(rates)
    orders = sorted(open_orders, key=lambda order: order.number)
    for shown in orders:
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
        order.status = shown.status
        if order.trails:
            order.set_trail(shown.trail)
        floor.sent_at = order.at
        floor.register(order)
        if not order.is_pending:
            order.locked = order.lock_for(order.price, order.left)
            account.work(order, order.left)
        floor.number = max(floor.number, shown.number)
        if order.is_waiting:
            market.triggers.add(order)
        elif not order.is_pending:
            _clear_the_way(market, order)
            floor.rest(order, market)
    _tie_lists(account, orders, lists)


def _tie_lists(account: Account, orders: Sequence[OpenOrder], lists: Mapping[OrderId, SubmitList]) -> None:
    """Make the lists again of which an order is open; the repeat of one whose command is lost is not recognised."""
    for shown in orders:
        if shown.list_id is None or shown.list_kind is None:
            continue
        order, group = account.orders[shown.order_id], account.lists.get(shown.list_id)
        if group is None:
            entry_id = None if shown.list_kind is ListKind.OCO else shown.starts_after or shown.order_id
            command = lists.get(shown.list_id)
            digest = list_digest(command) if command is not None else ""
            place = _place_in(command, shown.order_id)  # orders before it may have ended
            group = OrderList(shown.list_id, shown.list_kind, digest, entry_id, shown.number - place)
            account.lists[shown.list_id] = group
        group.join(order)
    for group in account.lists.values():
        legs = [order for order in group.orders if order.order_id != group.entry_id]
        if group.kind is not ListKind.OTO and len(legs) == BOTH:
            pair_up(*legs)


def _place_in(command: SubmitList | None, order_id: OrderId) -> int:
    ids = [order.order_id for order in command.orders] if command is not None else []
    return ids.index(order_id) if order_id in ids else 0


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
        reduce_only=shown.reduce_only,
        display_qty=shown.display_qty,
        trail=shown.trail,
        trail_bps=shown.trail_bps,
        expire_ts=shown.expire_ts,
    )


def _clear_the_way(market: Market, order: WorkingOrder) -> None:
    if market.book.is_external:
        return
    for maker in [maker for maker, _ in market.book.fills(order.is_buy, order.price) if maker.owner is None]:
        market.book.remove(maker)
        del market.flow[maker.key]
