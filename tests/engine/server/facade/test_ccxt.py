"""Stock ccxt trades on this server when only its URLs are changed."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Any

import ccxt
import pytest

from tests.engine.server.facade.floor import Client, Floor, ccxt_client

pytestmark = pytest.mark.integration
SYMBOL = "BTC/USDT"


def near(client: Client, price: float, factor: float) -> float:
    return float(client.price_to_precision(SYMBOL, price * factor))


async def last(client: Client) -> float:
    return float((await client.fetch_ticker(SYMBOL))["last"])


async def test_markets_and_market_data_are_understood(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        market = client.market(SYMBOL)
        ticker = await client.fetch_ticker(SYMBOL)
        book = await client.fetch_order_book(SYMBOL, 10)
        bars = await client.fetch_ohlcv(SYMBOL, "1m", limit=500)
        older = await client.fetch_ohlcv(SYMBOL, "1m", since=bars[100][0], limit=50)
        trades = await client.fetch_trades(SYMBOL, limit=20)
        tickers = await client.fetch_tickers()
        clock = await client.fetch_time()

    assert (market["precision"]["price"], market["precision"]["amount"]) == (0.01, 0.00001)
    assert market["limits"]["cost"]["min"] == 5
    assert market["active"]
    assert book["bids"][0][0] < book["asks"][0][0]
    assert len(bars) == 500
    assert [later[0] - earlier[0] for earlier, later in pairwise(bars)] == [60_000] * 499
    assert older == bars[100:150]
    assert all(low <= min(first, last) <= max(first, last) <= high for _, first, high, low, last, _ in bars)
    assert len(trades) == 20
    assert set(tickers) == set(client.symbols)
    assert ticker["bid"] < ticker["ask"]
    assert abs(clock - client.milliseconds()) < 60_000


async def test_an_order_rests_is_replaced_and_is_cancelled(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        price = await last(client)
        before = await client.fetch_balance()
        placed = await client.create_order(SYMBOL, "limit", "buy", 0.01, near(client, price, 0.9))
        found = await client.fetch_order(placed["id"], SYMBOL)
        resting = await client.fetch_balance()
        edited = await client.edit_order(placed["id"], SYMBOL, "limit", "buy", 0.02, near(client, price, 0.91))
        still_open = [each["id"] for each in await client.fetch_open_orders(SYMBOL)]
        everywhere = [each["id"] for each in await client.fetch_open_orders()]
        gone = await client.cancel_order(edited["id"], SYMBOL)
        after = await client.fetch_balance()
        first = await client.fetch_order(placed["id"], SYMBOL)

    assert (found["status"], found["amount"], found["filled"]) == ("open", 0.01, 0)
    assert resting["USDT"]["used"] > before["USDT"]["used"]
    assert resting["USDT"]["total"] == before["USDT"]["total"]
    assert edited["id"] in still_open
    assert still_open == everywhere
    assert placed["id"] not in still_open
    assert (gone["status"], first["status"]) == ("canceled", "canceled")
    assert after["USDT"] == before["USDT"]


async def test_what_a_market_order_costs_is_what_leaves_the_account(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        before = await client.fetch_balance()
        bought = await client.create_order(SYMBOL, "market", "buy", 0.01)
        middle = await client.fetch_balance()
        sold = await client.create_order(SYMBOL, "market", "sell", 0.01)
        after = await client.fetch_balance()
        fills = await client.fetch_my_trades(SYMBOL, params={"orderId": bought["id"]})

    assert (bought["status"], bought["filled"], sold["status"]) == ("closed", 0.01, "closed")
    assert total(middle, "BTC") - total(before, "BTC") == Decimal("0.01")
    assert total(before, "USDT") - total(middle, "USDT") == exactly(bought["info"], 1)
    assert total(after, "USDT") - total(middle, "USDT") == exactly(sold["info"], -1)
    assert sum(Decimal(each["info"]["qty"]) for each in fills) == Decimal("0.01")
    assert {each["info"]["commissionAsset"] for each in fills} == {"USDT"}


def total(balance: dict[str, Any], asset: str) -> Decimal:
    """Return money to the last unit, as the server wrote it."""
    row = next(each for each in balance["info"]["balances"] if each["asset"] == asset)
    return Decimal(row["free"]) + Decimal(row["locked"])


def exactly(info: dict[str, Any], side: int) -> Decimal:
    """Return what an order cost (side 1) or brought (-1), fees included."""
    fees = sum(Decimal(each["commission"]) for each in info["fills"])
    return Decimal(info["cummulativeQuoteQty"]) + side * fees


async def test_a_sum_of_quote_money_is_not_exceeded_and_almost_spent(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        bought = await client.create_market_buy_order_with_cost(SYMBOL, 500)

    spent = exactly(bought["info"], 1)
    assert Decimal(499) < spent <= Decimal("500.5")  # the book may move between the walk and the order


async def test_a_partly_filled_order_says_how_much_of_it_is_filled(floor: Floor) -> None:
    async with ccxt_client(floor) as maker, ccxt_client(floor, floor.ann) as taker:
        ended: dict[str, Any] = {"filled": 0}
        while not ended["filled"]:  # somebody may be cheaper for a moment
            inside = round((await maker.fetch_bids_asks([SYMBOL]))[SYMBOL]["ask"] - 0.01, 2)
            resting = await maker.create_order(SYMBOL, "limit", "sell", 0.5, inside)
            await taker.create_order(SYMBOL, "limit", "buy", 0.002, inside, {"timeInForce": "IOC"})
            with suppress(ccxt.OrderNotFound):  # the market may take the rest of it at any time
                await maker.cancel_order(resting["id"], SYMBOL)
            ended = await maker.fetch_order(resting["id"], SYMBOL)
        fills = await maker.fetch_my_trades(SYMBOL, params={"orderId": resting["id"]})

    assert 0 < ended["filled"] <= 0.5
    assert sum(Decimal(each["info"]["qty"]) for each in fills) == Decimal(ended["info"]["executedQty"])
    assert sum(Decimal(each["info"]["quoteQty"]) for each in fills) == Decimal(ended["info"]["cummulativeQuoteQty"])


async def test_stops_trails_and_post_only_orders_wait(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        price = await last(client)
        low, lower = near(client, price, 0.9), near(client, price, 0.89)
        stop = await client.create_order(SYMBOL, "market", "sell", 0.01, None, {"stopLossPrice": low})
        limited = await client.create_order(SYMBOL, "limit", "sell", 0.01, lower, {"stopLossPrice": low})
        trail = await client.create_order(SYMBOL, "stop_loss", "sell", 0.01, None, {"trailingDelta": 200})
        maker = await client.create_order(SYMBOL, "limit", "buy", 0.01, lower, {"postOnly": True})
        kinds = {each["id"]: each["info"]["type"] for each in await client.fetch_open_orders(SYMBOL)}
        await client.cancel_all_orders(SYMBOL)
        left = await client.fetch_open_orders(SYMBOL)

    assert [kinds[each["id"]] for each in (stop, limited, trail, maker)] == [
        "STOP_LOSS", "STOP_LOSS_LIMIT", "STOP_LOSS", "LIMIT_MAKER",
    ]  # fmt: skip
    assert left == []


REFUSALS: dict[str, tuple[type[ccxt.BaseError], str, tuple[str, str, float, float, dict[str, Any]]]] = {
    "funds": (ccxt.InsufficientFunds, "insufficient balance", ("limit", "buy", 1_000, 0.9, {})),
    "post-only": (ccxt.OrderImmediatelyFillable, "match and take", ("limit", "buy", 0.01, 1.1, {"postOnly": True})),
    "band": (ccxt.InvalidOrder, "PERCENT_PRICE_BY_SIDE", ("limit", "buy", 0.01, 1.9, {})),
    "minimum": (ccxt.BadRequest, "-1013.*NOTIONAL", ("limit", "buy", 0.00001, 0.9, {})),
    "trigger": (
        ccxt.OrderImmediatelyFillable, "trigger immediately",
        ("limit", "buy", 0.01, 0.9, {"stopPrice": 1.0, "type": "STOP_LOSS_LIMIT"}),
    ),
    "all or nothing": (ccxt.InvalidOrder, "-2010", ("limit", "buy", 0.01, 0.9, {"timeInForce": "FOK"})),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refused_order_becomes_the_clients_own_error(floor: Floor, name: str) -> None:
    kind, text, (order_type, side, qty, factor, params) = REFUSALS[name]
    async with ccxt_client(floor) as client:
        price = await last(client)
        with pytest.raises(kind, match=text):
            await client.create_order(SYMBOL, order_type, side, qty, near(client, price, factor), params)


@pytest.mark.parametrize(("name", "value"), [("quantity", "0.010005"), ("price", "40000.005")])
async def test_what_is_off_the_grid_fails_its_filter(floor: Floor, name: str, value: str) -> None:
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    order |= {"quantity": "0.01", "price": "40000.00", name: value}
    async with ccxt_client(floor) as client:
        with pytest.raises(ccxt.InvalidOrder, match="LOT_SIZE" if name == "quantity" else "PRICE_FILTER"):
            await client.private_post_order(order)


async def test_orders_that_are_not_there_are_not_found(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order("999999999", SYMBOL)
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order("999999999", SYMBOL)


async def test_strangers_and_forgers_are_authentication_errors(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        client.apiKey = floor.ann.api_key
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await client.fetch_balance()
        client.apiKey, client.options["hasAlreadyAuthenticatedSuccessfully"] = "n" * 64, False
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await client.fetch_balance()


async def test_nobody_sees_or_cancels_the_orders_of_others(floor: Floor) -> None:
    async with ccxt_client(floor) as bob, ccxt_client(floor, floor.ann) as ann:
        price = await last(bob)
        mine = await bob.create_order(SYMBOL, "limit", "buy", 0.01, near(bob, price, 0.8))
        with pytest.raises(ccxt.OrderNotFound):
            await ann.fetch_order(mine["id"], SYMBOL)
        with pytest.raises(ccxt.OrderNotFound):
            await ann.cancel_order(mine["id"], SYMBOL)
        await bob.cancel_order(mine["id"], SYMBOL)
