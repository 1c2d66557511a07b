"""python-binance trades on this server and listens to it when only its URLs are changed."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from tests.engine.server.facade.floor import Client, Floor

with warnings.catch_warnings():  # it imports what `websockets` calls old
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance import AsyncClient, BinanceSocketManager, DepthCacheManager
    from binance.exceptions import BinanceAPIException

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SYMBOL = "BTCUSDT"


@asynccontextmanager
async def client_of(floor: Floor) -> AsyncIterator[tuple[Client, Any]]:
    """Lend a stock client of ann's and its socket manager."""

    class Here(AsyncClient):  # type: ignore[misc] # without types
        API_URL, MARGIN_API_URL = f"{floor.http}/api", f"{floor.http}/sapi"
        WS_API_URL = f"{floor.ws}/ws-api/v3"

    class Sockets(BinanceSocketManager):  # type: ignore[misc]
        STREAM_URL = f"{floor.ws}/"

    client = await Here.create(floor.ann.api_key, floor.ann.secret)
    client.ws_api.TIMEOUT = 2  # s; as long does it wait for a message when it is closed
    try:
        yield client, Sockets(client)
    finally:
        await client.close_connection()


async def price_of(client: Client, factor: float) -> str:
    return f"{float((await client.get_symbol_ticker(symbol=SYMBOL))['price']) * factor:.2f}"


async def test_markets_history_and_wallet_are_understood(floor: Floor) -> None:
    async with client_of(floor) as (client, _):
        info = await client.get_symbol_info(SYMBOL)
        bars = await client.get_historical_klines(SYMBOL, "1m", "3 hours ago UTC")
        weeks = await client.get_klines(symbol=SYMBOL, interval="1w", startTime=0, limit=2)
        prints = await client.get_recent_trades(symbol=SYMBOL, limit=50)
        older = await client.get_historical_trades(symbol=SYMBOL, limit=10, fromId=prints[0]["id"])
        whole = await client.get_aggregate_trades(symbol=SYMBOL, limit=5)
        quote = await client.get_orderbook_ticker(symbol=SYMBOL)
        fee = await client.get_trade_fee(symbol=SYMBOL)
        money = await client.get_asset_balance("USDT")

    assert {each["filterType"] for each in info["filters"]} >= {
        "PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "NOTIONAL", "PERCENT_PRICE_BY_SIDE",
    }  # fmt: skip
    assert 178 <= len(bars) <= 181
    assert [later[0] - earlier[6] for earlier, later in pairwise(bars)] == [1] * (len(bars) - 1)
    assert weeks[1][0] - weeks[0][0] == 7 * 86_400_000
    assert older == prints[:10]
    assert whole[-1]["a"] >= prints[-1]["id"] - 5
    assert float(quote["bidPrice"]) < float(quote["askPrice"])
    assert fee[0]["makerCommission"] == "0.001"
    assert float(money["free"]) > 0


async def test_an_accounts_events_follow_its_orders_in_order(floor: Floor) -> None:
    async with client_of(floor) as (client, sockets), sockets.user_socket() as events:
        low = await price_of(client, 0.9)
        resting = await client.order_limit_buy(symbol=SYMBOL, quantity="0.01", price=low)
        await client.cancel_order(symbol=SYMBOL, orderId=resting["orderId"])
        bought = await client.order_market_buy(symbol=SYMBOL, quoteOrderQty="500")
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1].get("X") != "FILLED":
            seen.append(await events.recv())
        money = await events.recv()

    reports = [(each["i"], each["x"]) for each in seen if each["e"] == "executionReport"]
    assert reports[:3] == [(resting["orderId"], "NEW"), (resting["orderId"], "CANCELED"), (bought["orderId"], "NEW")]
    assert {kind for number, kind in reports[3:]} == {"TRADE"}
    assert seen[-1]["Z"] == bought["cummulativeQuoteQty"]
    assert {each["a"] for each in money["B"]} == {"BTC", "USDT"}
    assert [each["e"] for each in seen].count("outboundAccountPosition") >= 2


async def test_a_list_of_two_orders_is_placed_told_and_cancelled_whole(floor: Floor) -> None:
    async with client_of(floor) as (client, sockets), sockets.user_socket() as events:
        placed = await client.create_oco_order(
            symbol=SYMBOL, side="SELL", quantity="0.01", aboveType="LIMIT_MAKER",
            abovePrice=await price_of(client, 1.1), belowType="STOP_LOSS_LIMIT",
            belowStopPrice=await price_of(client, 0.9), belowPrice=await price_of(client, 0.89),
            belowTimeInForce="GTC",
        )  # fmt: skip
        first = await events.recv()
        gone = await client.cancel_order(symbol=SYMBOL, orderId=placed["orders"][0]["orderId"])
        left = await client.get_open_orders(symbol=SYMBOL)
        last = first
        while last.get("L") != "ALL_DONE":
            last = await events.recv()

    assert (first["e"], first["L"], first["g"]) == ("listStatus", "EXECUTING", placed["orderListId"])
    assert [each["status"] for each in gone["orderReports"]] == ["CANCELED", "CANCELED"]
    assert not {each["orderId"] for each in left} & {each["orderId"] for each in placed["orders"]}
    assert last["g"] == placed["orderListId"]


async def test_market_sockets_speak_raw_and_combined(floor: Floor) -> None:
    async with client_of(floor) as (_, sockets):
        async with sockets.depth_socket(SYMBOL, depth="10") as depth, sockets.kline_socket(SYMBOL) as candles:
            book, candle = await depth.recv(), await candles.recv()
        async with sockets.multiplex_socket(["btcusdt@trade", "ethusdt@miniTicker"]) as both:
            names: set[str] = set()
            while len(names) < 2:
                names.add((await both.recv())["stream"])

    assert (len(book["bids"]), len(book["asks"])) == (10, 10)
    assert (candle["k"]["i"], candle["k"]["x"]) == ("1m", False)
    assert names == {"btcusdt@trade", "ethusdt@miniTicker"}


async def test_its_depth_cache_holds_the_book(floor: Floor) -> None:
    async with client_of(floor) as (client, sockets), DepthCacheManager(client, SYMBOL, bm=sockets) as manager:
        cache = await manager.recv()
        bids, asks = cache.get_bids(), cache.get_asks()

    assert bids[0][0] < asks[0][0]
    assert len(bids) > 20


async def test_refusals_carry_binances_codes_and_texts(floor: Floor) -> None:
    async with client_of(floor) as (client, _):
        low = await price_of(client, 0.9)
        with pytest.raises(BinanceAPIException) as poor:
            await client.order_limit_buy(symbol=SYMBOL, quantity="1000", price=low)
        with pytest.raises(BinanceAPIException) as nobody:
            await client.get_order(symbol=SYMBOL, orderId=999_999_999)
        with pytest.raises(BinanceAPIException) as nowhere:
            await client.get_order_book(symbol="NOPE")

    assert (poor.value.code, poor.value.message) == (-2010, "Account has insufficient balance for requested action.")
    assert (nobody.value.code, nowhere.value.code) == (-2013, -1121)
