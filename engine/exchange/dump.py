"""Everything an exchange remembers, as JSON-able values, and back.

Unlike `state`, a dump is complete: every queue in its order, unfunded flow included, what waits for
a trigger, what ids were used, all counters. An exchange loaded from a dump answers every later command
exactly as the dumped one would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import (
    AccountId,
    ListKind,
    OrderId,
    OrderStatus,
    OrderType,
    Reason,
    SelfTrade,
    Side,
    TimeInForce,
)
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.exchange.account import Account, Purse
from engine.exchange.floor import Floor
from engine.exchange.lists import OrderList, pair_up
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.exchange.outcomes import Outcome
from engine.exchange.recorder import Recorder
from engine.matching.ladder import Ladder, Resting

VERSION = 3
"""Of the dump's form."""


def dump_floor(floor: Floor, *, whole: bool = True) -> dict[str, object]:
    """Return the whole state, or one whose feeds' books are enough to look at."""
    return {
        "version": VERSION,
        "now": floor.now,
        "number": floor.number,
        "trade_id": floor.trade_id,
        "fees": dict(sorted(floor.fees.items())),
        "accounts": [_dump_account(account) for account in floor.accounts.values()],
        "markets": [_dump_market(market, whole) for market in floor.markets.values()],
        "traces": None if floor.recorder is None else floor.recorder.dump(),
    }


def _dump_account(account: Account) -> dict[str, object]:
    return {
        "id": account.account_id,
        "purses": [[code, purse.free, purse.locked] for code, purse in account.purses.items()],
        "rates": [[symbol, _rate_text(maker), _rate_text(taker)] for symbol, (maker, taker) in account.rates.items()],
        "orders": [_dump_order(order) for order in account.orders.values()],
        "lists": [_dump_list(group) for group in account.lists.values()],
        "recent": list(account.recent),
        "outcomes": [[order_id, *outcome] for order_id, outcome in account.outcomes],
    }


def _dump_order(order: WorkingOrder) -> dict[str, object]:
    command, partner = order.command, order.partner
    bps = command.trail_bps
    return {
        "command": {name: getattr(command, name) for name in COMMAND_FIELDS},
        "trail_bps": None if bps is None else format(bps, "f"),
        "number": order.key,
        "at": order.at,
        "status": order.status,
        "qty": order.qty,
        "left": order.left,
        "price": order.price,
        "stop": order.stop,
        "trail": order.trail,
        "mark": order.mark,
        "hidden": order.hidden,
        "partner": None if partner is None else partner.order_id,
        "locked": order.locked,
        "rates": [_rate_text(order.maker_rate), _rate_text(order.taker_rate)],
    }


COMMAND_FIELDS = (
    "account",
    "order_id",
    "symbol",
    "side",
    "order_type",
    "qty",
    "price",
    "stop_price",
    "tif",
    "expire_ts",
    "post_only",
    "reduce_only",
    "display_qty",
    "trail",
    "stp",
)
"""The fields of a submit that an accepted order can have set, and JSON can say."""


def _dump_list(group: OrderList) -> dict[str, object]:
    return {
        "id": group.list_id,
        "kind": group.kind,
        "digest": group.digest,
        "entry": group.entry_id,
        "number": group.number,
        "orders": [order.order_id for order in group.orders],
    }


def _dump_market(market: Market, whole: bool) -> dict[str, object]:
    book = market.book
    return {
        "symbol": market.symbol,
        "last": book.last_price,
        "bids": _dump_side(book.side_of(True)),
        "asks": _dump_side(book.side_of(False)),
        "external": book.dump_external(whole=whole),
        **{
            name: [[order.account.account_id, order.order_id] for order in orders]
            for name, orders in (("held", market.held), ("fired", market.fired))
            if orders
        },
    }


def _dump_side(ladder: Ladder) -> list[object]:
    """Levels best first; in each the queue: [account, id] for an order, [key, left] for flow."""
    return [
        [
            level.price,
            [
                [order.account.account_id, order.order_id]
                if isinstance(order, WorkingOrder)
                else [order.key, order.left]
                for order in level
            ],
        ]
        for level in ladder
    ]


def _rate_text(rate: FeeRate | None) -> str | None:
    return None if rate is None else str(rate.decimal)


def _rate(text: str | None) -> FeeRate | None:
    return None if text is None else FeeRate.parse(Decimal(text))


def load_floor(dump: Mapping[str, Any], pairs: Iterable[TradingPair]) -> Floor:
    """Return the floor that was dumped.

    Raises:
        InvalidInput: the dump has another form, or names a pair that is not among `pairs`.
    """
    if dump.get("version") != VERSION:
        raise InvalidInput(f"This exchange state has version {dump.get('version')}, not {VERSION}.")
    known = {pair.symbol: pair for pair in pairs}
    floor = Floor()
    floor.now = Nanos(dump["now"])
    floor.number = dump["number"]
    floor.trade_id = dump["trade_id"]
    floor.fees = dict(dump["fees"])
    for each in dump["markets"]:
        if each["symbol"] not in known:
            raise InvalidInput(f"The exchange state holds {each['symbol']}, which is not a known pair.")
        floor.markets[each["symbol"]] = Market(known[each["symbol"]])
    for each in dump["accounts"]:
        account = _load_account(each, known)
        floor.accounts[account.account_id] = account
    for each in dump["markets"]:
        _load_market(each, floor)
    for account in floor.accounts.values():
        for order in account.orders.values():
            market = floor.markets[order.command.symbol]
            if order.is_waiting and order not in market.fired:
                market.triggers.add(order)
            if order.command.expire_ts is not None:
                floor.deadlines.add(order.command.expire_ts, order.key, order)
    if dump["traces"] is not None:
        _load_recorder(floor, dump["traces"])
    return floor


def _load_recorder(floor: Floor, traces: list[list[Any]]) -> None:
    recorder = Recorder()
    working = {
        order.key: (order, floor.markets[order.command.symbol].book)
        for account in floor.accounts.values()
        for order in account.orders.values()
        if order.status is OrderStatus.WORKING
    }
    recorder.load(traces, working)
    floor.record_with(recorder)


def _load_account(dump: Mapping[str, Any], pairs: Mapping[str, TradingPair]) -> Account:
    account = Account(AccountId(dump["id"]))
    account.purses = {code: Purse(free, locked) for code, free, locked in dump["purses"]}
    account.rates = {symbol: (_rate(maker), _rate(taker)) for symbol, maker, taker in dump["rates"]}
    for each in dump["orders"]:
        order = _load_order(account, each, pairs)
        account.orders[order.order_id] = order
        if not order.is_pending:
            account.work(order, order.left)
    for each in dump["orders"]:
        if each["partner"] is not None:
            pair_up(account.orders[OrderId(each["command"]["order_id"])], account.orders[OrderId(each["partner"])])
    account.recent.extend(dump["recent"])
    for each in dump["lists"]:
        entry = None if each["entry"] is None else OrderId(each["entry"])
        group = OrderList(OrderId(each["id"]), ListKind(each["kind"]), each["digest"], entry, each["number"])
        account.lists[group.list_id] = group
        for order_id in each["orders"]:
            group.join(account.orders[OrderId(order_id)])
    for order_id, digest, number, reason, text, at in dump["outcomes"]:
        outcome = Outcome(digest, number, None if reason is None else Reason(reason), text, Nanos(at))
        account.outcomes.add(OrderId(order_id), outcome)
    return account


def _load_order(account: Account, dump: Mapping[str, Any], pairs: Mapping[str, TradingPair]) -> WorkingOrder:
    fields = dump["command"]
    bps = dump["trail_bps"]
    command = SubmitOrder(
        account=AccountId(fields["account"]),
        order_id=OrderId(fields["order_id"]),
        symbol=fields["symbol"],
        side=Side(fields["side"]),
        order_type=OrderType(fields["order_type"]),
        qty=Lots(fields["qty"]),
        price=fields["price"],
        stop_price=fields["stop_price"],
        tif=TimeInForce(fields["tif"]),
        expire_ts=fields["expire_ts"],
        post_only=fields["post_only"],
        reduce_only=fields["reduce_only"],
        display_qty=fields["display_qty"],
        trail=fields["trail"],
        trail_bps=None if bps is None else Decimal(bps),
        stp=SelfTrade(fields["stp"]),
    )
    pair = pairs[command.symbol]
    maker, taker = (_rate(text) for text in dump["rates"])
    rates = (maker or pair.maker_fee, taker or pair.taker_fee)
    order = WorkingOrder(account, command, pair, rates, dump["number"], Nanos(dump["at"]))
    order.status = OrderStatus(dump["status"])
    order.qty, order.left = dump["qty"], dump["left"]
    order.price, order.stop, order.locked = dump["price"], dump["stop"], dump["locked"]
    order.mark, order.hidden = dump["mark"], dump["hidden"]
    if order.trails:
        order.set_trail(dump["trail"])
    return order


def _load_market(dump: Mapping[str, Any], floor: Floor) -> None:
    market = floor.markets[dump["symbol"]]
    if dump["external"] is not None:
        market.show_feed(dump["external"])
    book = market.book
    book.last_price = None if dump["last"] is None else Ticks(dump["last"])
    for is_buy, side in ((True, "bids"), (False, "asks")):
        for price, queue in dump[side]:
            for first, second in queue:
                if isinstance(first, str):
                    book.rest(floor.accounts[AccountId(first)].orders[OrderId(second)])
                else:
                    flow = Resting(None, first, is_buy, price, second)
                    market.flow[first] = flow
                    book.rest(flow)
    for name, orders in (("held", market.held), ("fired", market.fired)):
        orders += [floor.accounts[AccountId(of)].orders[OrderId(order_id)] for of, order_id in dump.get(name, ())]
