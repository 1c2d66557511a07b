"""An order is filled in part, the stream breaks, the rest is filled: then the client knows what the exchange knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from tests.engine.server.traders import of
from tests.engine.server.ws.follower import Follower, following
from tests.engine.server.ws.served import Served, served, trader
from tests.faults.proxy import fault_proxy

NAME, OTHER, BTC = "missing", "seller", "BTC/USDT"


async def all_records(http: httpx.AsyncClient, after: int) -> list[dict[str, Any]]:
    """Return an account's records after a number, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = (await http.get("/v1/journal", params={"after": after}, headers=of(NAME))).json()
        found += page["records"]
        if not page["records"] or found[-1]["seq"] == page["tip"]:
            return found
        after = found[-1]["seq"]


async def send(http: httpx.AsyncClient, name: str, **order: str) -> dict[str, Any]:
    """Send an order and return it."""
    answer = await http.post("/v1/orders", json={"symbol": BTC} | order, headers=of(name))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["order"]
    return told


async def partly_filled(server: Served, http: httpx.AsyncClient) -> dict[str, Any]:
    """Buy what is offered first and a little more, which then is the best bid; return the order."""
    while True:
        quote, pair = server.services.market.quote(BTC), server.services.market.pair(BTC)
        assert quote.ask is not None
        assert quote.ask_qty is not None
        price, qty = pair.price_text(quote.ask), pair.qty_text(quote.ask_qty + 40_000)
        order = await send(http, NAME, side="buy", type="limit", price=price, qty=qty)
        if order["status"] == "working" and Decimal(order["filled"]) > 0:
            return order
        await http.delete(f"/v1/orders/{order['order_id']}", headers=of(NAME))


async def test_row_45_a_fill_that_was_missed_is_known_after_the_stream_is_back(tmp_path: Path) -> None:
    async with (
        served(tmp_path / "data", limits="off") as server,
        httpx.AsyncClient(base_url=server.rest) as http,
        fault_proxy(server.port) as proxy,
    ):
        for name, asset, amount in ((NAME, "USDT", 10**9), (OTHER, "BTC", 1_000)):
            await server.services.core.carry_out(Deposit(AccountId(name), asset, Units(amount * 10**18)))
        follower = Follower(
            f"ws://127.0.0.1:{proxy.port}/v1/ws",
            ticket=lambda: server.door.issue(trader(1, NAME)),
            fetch=lambda after: all_records(http, after),
        )
        async with following(follower):
            await follower.until(lambda: follower.tip > 0)
            order = await partly_filled(server, http)
            await follower.until(lambda: filled(follower, order["order_id"]) == Decimal(order["filled"]))
            proxy.refuse = True
            proxy.reset()
            while order["status"] == "working":
                await send(http, OTHER, side="sell", type="market", qty="0.2")
                order = (await http.get(f"/v1/orders/{order['order_id']}", headers=of(NAME))).json()
            known = follower.tip
            proxy.refuse = False
            tip = (await http.get("/v1/journal", params={"after": 0, "limit": 1}, headers=of(NAME))).json()["tip"]
            await follower.until(lambda: follower.tip >= tip)
        records = await all_records(http, 0)
        fills = (await http.get("/v1/fills", headers=of(NAME))).json()["fills"]
        positions = (await http.get("/v1/positions", headers=of(NAME))).json()["positions"]

    assert (known < tip, order["status"]) == (True, "filled")
    assert [follower.journal[seq] for seq in sorted(follower.journal)] == records
    mine = {seq: each["data"] for seq, each in follower.journal.items() if each["kind"] == "OrderFilled"}
    assert sorted(mine) == sorted(each["id"] for each in fills)
    assert len({(each["order_id"], each["trade_id"]) for each in mine.values()}) == len(mine)
    bought = sum(each["qty"] for each in mine.values())
    assert [Decimal(each["qty"]) for each in positions] == [bought * Decimal("0.00001")]


def filled(follower: Follower, order_id: str) -> Decimal:
    """Return how much of an order the client knows to be filled."""
    lots: int = sum(
        each["data"]["qty"]
        for each in follower.journal.values()
        if each["kind"] == "OrderFilled" and each["data"]["order_id"] == order_id
    )
    return lots * Decimal("0.00001")
