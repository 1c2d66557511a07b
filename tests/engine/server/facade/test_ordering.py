"""Binance's orders and lists in words become the commands that the exchange takes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.domain.order import AccountId, ListKind, OrderType, SelfTrade, Side, TimeInForce
from engine.exchange.checks import shape_fault
from engine.server.facade import lists
from engine.server.facade.fault import Fault
from engine.server.facade.ordering import CLIENT_ID, client_id, order_of
from engine.server.facade.parameters import Parameters
from tests.engine.server.facade.pairs import BTC

ME = AccountId("U-1")
LIMIT = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "40000.00"}


def test_a_limit_order_is_put_on_the_grid() -> None:
    order = order_of(Parameters(LIMIT | {"newClientOrderId": "x-1", "icebergQty": "0.002"}), BTC, ME)

    assert (order.symbol, order.side, order.order_type, order.tif) == (
        "BTC/USDT", Side.BUY, OrderType.LIMIT, TimeInForce.GTC,
    )  # fmt: skip
    assert (order.qty, order.price, order.display_qty, order.order_id) == (1_000, 4_000_000, 200, "x-1")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("MARKET", OrderType.MARKET),
        ("LIMIT_MAKER", OrderType.LIMIT),
        ("STOP_LOSS", OrderType.STOP),
        ("STOP_LOSS_LIMIT", OrderType.STOP_LIMIT),
        ("TAKE_PROFIT", OrderType.TAKE_PROFIT),
        ("TAKE_PROFIT_LIMIT", OrderType.TAKE_PROFIT_LIMIT),
    ],
)
def test_every_type_has_the_shape_that_the_exchange_asks_for(word: str, kind: OrderType) -> None:
    told = {"side": "SELL", "type": word, "quantity": "0.01"}
    if word.endswith("LIMIT") or word == "LIMIT_MAKER":
        told["price"] = "40000.00"
    if word.endswith("LIMIT"):
        told["timeInForce"] = "IOC"
    if word.startswith(("STOP", "TAKE")):
        told["stopPrice"] = "39000.00"
    order = order_of(Parameters(told), BTC, ME)

    assert order.order_type is kind
    assert order.post_only == (word == "LIMIT_MAKER")
    assert shape_fault(order, 0) is None


def test_a_stop_that_trails_is_a_trailing_stop() -> None:
    told = {"side": "SELL", "type": "STOP_LOSS", "quantity": "0.01", "trailingDelta": "250"}
    order = order_of(Parameters(told | {"selfTradePreventionMode": "EXPIRE_BOTH"}), BTC, ME)

    assert (order.order_type, order.trail_bps, order.stp) == (
        OrderType.TRAILING_STOP, Decimal(250), SelfTrade.CANCEL_BOTH,
    )  # fmt: skip
    assert shape_fault(order, 0) is None


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"timeInForce": None}, -1102, "timeInForce"),
        ({"price": None}, -1102, "price"),
        ({"quantity": None}, -1102, "quantity"),
        ({"side": "HOLD"}, -1117, "side"),
        ({"type": "WISH"}, -1116, "type"),
        ({"timeInForce": "GTX"}, -1115, "timeInForce"),
        ({"quantity": "0.010005"}, -1013, "LOT_SIZE"),
        ({"price": "40000.005"}, -1013, "PRICE_FILTER"),
        ({"quantity": "0"}, -1013, "quantity"),
        ({"price": "0.00"}, -1013, "price"),
        ({"stopPrice": "1.00"}, -1106, "stopPrice"),
        ({"trailingDelta": "10"}, -1106, "trailingDelta"),
        ({"quoteOrderQty": "10"}, -1106, "quoteOrderQty"),
        ({"type": "MARKET"}, -1106, "timeInForce"),
        ({"newClientOrderId": "a b"}, -1100, "newClientOrderId"),
        ({"newClientOrderId": "a" * 37}, -1100, "newClientOrderId"),
        ({"icebergQty": "0.005", "timeInForce": "IOC"}, -1128, "iceberg"),
    ],
)
def test_what_is_wrong_with_an_order_is_named(change: dict[str, str | None], code: int, text: str) -> None:
    told = {name: value for name, value in (LIMIT | change).items() if value is not None}

    with pytest.raises(Fault, match=text) as refused:
        order_of(Parameters(told), BTC, ME)
    assert refused.value.code == code


def test_ids_that_are_made_could_have_been_sent_and_do_not_repeat() -> None:
    made = [client_id(Parameters({})) for _ in range(1_000)]

    assert all(CLIENT_ID.match(each) for each in made)
    assert len(set(made)) == len(made)


def test_lists_keep_their_legs_in_the_exchanges_order() -> None:
    below = {"belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "39000.00", "belowPrice": "38900.00"}
    told = {"side": "SELL", "quantity": "0.01", "aboveType": "LIMIT_MAKER", "abovePrice": "42000.00", **below}
    oco = lists.oco(Parameters(told | {"belowTimeInForce": "GTC", "listClientOrderId": "L"}), BTC, ME)
    entry = {
        "workingType": "LIMIT", "workingSide": "BUY", "workingPrice": "40000.00", "workingQuantity": "0.01",
        "workingTimeInForce": "GTC", "pendingSide": "SELL", "pendingQuantity": "0.01",
        "pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "42000.00", "pendingBelowType": "STOP_LOSS",
        "pendingBelowStopPrice": "39000.00",
    }  # fmt: skip
    bracket = lists.otoco(Parameters(entry), BTC, ME)

    assert (oco.kind, oco.order_id) == (ListKind.OCO, "L")
    assert [each.order_type for each in oco.orders] == [OrderType.LIMIT, OrderType.STOP_LIMIT]
    assert bracket.kind is ListKind.BRACKET
    assert [each.order_type for each in bracket.orders] == [OrderType.LIMIT, OrderType.LIMIT, OrderType.STOP]
    assert not any(each.post_only for each in bracket.orders)
    assert len({bracket.order_id, *(each.order_id for each in bracket.orders)}) == 4
    with pytest.raises(Fault, match="quantities"):
        lists.otoco(Parameters(entry | {"pendingQuantity": "0.02"}), BTC, ME)
