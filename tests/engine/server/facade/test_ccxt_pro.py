"""Stock ccxt.pro watches this server's markets and an account's orders when only its URLs are changed."""

from __future__ import annotations

import asyncio

import ccxt
import pytest

from tests.engine.server.facade.floor import Client, Floor, ccxt_client

pytestmark = pytest.mark.integration
SYMBOL = "BTC/USDT"


async def test_a_watched_book_is_the_book_of_rest_at_the_same_update(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        for _ in range(100):
            watched = await client.watch_order_book(SYMBOL)
            asked = await client.public_get_depth({"symbol": "BTCUSDT", "limit": 5000})
            if watched["nonce"] == int(asked["lastUpdateId"]):
                break
        else:
            pytest.fail("the stream and REST never met at one update")
        sides = [[[float(each) for each in level] for level in asked[side]] for side in ("bids", "asks")]
        shown = [[list(level) for level in watched[side]] for side in ("bids", "asks")]

    for ours, theirs in zip(shown, sides, strict=True):
        assert ours[: len(theirs)] == theirs
    assert sides[0][0][0] < sides[1][0][0]


async def test_prints_candles_quotes_and_tickers_come(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        trades, candles, wide, quotes, ticker = await asyncio.gather(
            client.watch_trades(SYMBOL),
            client.watch_ohlcv(SYMBOL, "1m"),
            client.watch_ohlcv(SYMBOL, "3m"),
            client.watch_bids_asks([SYMBOL]),
            client.watch_ticker(SYMBOL),
        )
        asked = await client.fetch_ohlcv(SYMBOL, "1m", limit=5)

    assert trades[0]["side"] in ("buy", "sell")
    assert candles[-1][0] in [each[0] for each in asked]
    assert wide[-1][0] % 180_000 == 0
    assert quotes[SYMBOL]["bid"] < quotes[SYMBOL]["ask"]
    assert ticker["low"] <= ticker["last"] <= ticker["high"]


async def orders_are_watched(client: Client) -> None:
    """Wait until the account's stream is open, as each of the client's own watches does first."""
    await client.ensure_user_data_stream_ws_subscribe_signature("spot")
    client.set_balance_cache(client.client(client.urls["api"]["ws"]["ws-api"]["spot"]), "spot", False)


async def test_an_order_is_told_from_its_acceptance_to_its_end(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        await orders_are_watched(client)
        price = float(client.price_to_precision(SYMBOL, (await client.fetch_ticker(SYMBOL))["last"] * 0.9))
        watched = asyncio.ensure_future(client.watch_orders(SYMBOL))
        resting = await client.create_order(SYMBOL, "limit", "buy", 0.01, price)
        opened = dict((await watched)[-1])  # the client changes its own later
        watched = asyncio.ensure_future(client.watch_orders(SYMBOL))
        await client.cancel_order(resting["id"], SYMBOL)
        ended = (await watched)[-1]

    assert (opened["id"], ended["id"]) == (resting["id"], resting["id"])
    assert (opened["status"], opened["price"], opened["amount"], opened["filled"]) == ("open", price, 0.01, 0)
    assert (ended["status"], ended["clientOrderId"]) == ("canceled", resting["clientOrderId"])


async def test_a_fill_is_told_with_its_fee_and_the_money_that_moved(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        await orders_are_watched(client)
        money = asyncio.ensure_future(client.watch_balance())
        fills = asyncio.ensure_future(client.watch_my_trades(SYMBOL))
        await asyncio.sleep(0)
        order = await client.create_order(SYMBOL, "market", "buy", 0.01)
        fill, balance = (await fills)[-1], await money
        asked = await client.fetch_balance()

    assert fill["order"] == order["id"]
    assert fill["fee"]["currency"] == "USDT"
    assert fill["cost"] == pytest.approx(fill["price"] * fill["amount"])
    assert balance["BTC"] == asked["BTC"]
    assert balance["USDT"] == asked["USDT"]


async def test_orders_go_over_the_socket_too(floor: Floor) -> None:
    async with ccxt_client(floor) as client:
        price = float(client.price_to_precision(SYMBOL, (await client.fetch_ticker(SYMBOL))["last"] * 0.9))
        placed = await client.create_order_ws(SYMBOL, "limit", "buy", 0.01, price)
        found = await client.fetch_order_ws(placed["id"], SYMBOL)
        edited = await client.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 0.02, price)
        listed = [each["id"] for each in await client.fetch_open_orders_ws(SYMBOL)]
        gone = await client.cancel_order_ws(edited["id"], SYMBOL)
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order_ws(edited["id"], SYMBOL)
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order_ws(SYMBOL, "limit", "buy", 1_000, price)
        balance, asked = await client.fetch_balance_ws(), await client.fetch_balance()

    assert (found["status"], found["amount"]) == ("open", 0.01)
    assert edited["id"] in listed
    assert placed["id"] not in listed
    assert gone["status"] == "canceled"
    assert [each["free"] for each in balance["info"]["balances"]] == [
        each["free"] for each in asked["info"]["balances"]
    ]
