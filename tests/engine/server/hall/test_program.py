"""The whole program as a hub: stock clients change the URL only, and a kill loses nothing that was acknowledged."""

from __future__ import annotations

import asyncio
import hmac
import io
import json
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, redirect_stderr
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.remote import close_server, find_server, open_remote
from engine.cli.__main__ import main
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.market import DataLabel, FeedState
from engine.domain.number import Lots
from engine.domain.order import OrderType, Side
from engine.errors import InvalidInput
from engine.profile import Profile
from tests.engine.adapters.exchanges.loopback import demo, loopback
from tests.engine.server.facade.floor import Floor, Keys, address, ccxt_client, run, trader
from tests.engine.server.hall.district import until
from tests.engine.server.harness import Program, free_port, program
from tests.unmeasured import UNMEASURED

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.integration]

BTC = "BTC/USDT"
END_S = 8.0
"""What a server may take to end."""
PASSWORD = "violet harbour 27 lanterns"


class HallFloor(Floor):
    """A hall of the running server, for clients that know the facade."""

    @property
    def http(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.port}/binance"

    @property
    def ws(self) -> str:
        """Where sockets are."""
        return f"ws://127.0.0.1:{self.port}/binance"


@dataclass(slots=True)
class Town:
    """A running server, its upstream, and two traders."""

    server: Program
    venue: Loopback
    ann: Keys
    bob: Keys

    async def ask(self, method: str, target: str, told: Any = None, *, signed_as: str = "") -> httpx.Response:  # noqa: ANN401
        """Ask something as ann's robot."""
        body = b"" if told is None else json.dumps(told).encode()
        stamp = str(time.time_ns() // 1_000_000)
        text = b"\n".join((stamp.encode(), method.encode(), (signed_as or target).encode(), body))
        headers = {
            "X-CRS-Key": self.ann.api_key,
            "X-CRS-Timestamp": stamp,
            "X-CRS-Signature": hmac.new(self.ann.secret.encode(), text, "sha256").hexdigest(),
            "Content-Type": "application/json",
        }
        async with httpx.AsyncClient(base_url=self.server.url, timeout=20) as http:
            return await http.request(method, target, content=body, headers=headers)

    async def is_synced(self) -> bool:
        """Whether the hall's data is whole."""
        async with httpx.AsyncClient(base_url=self.server.url, timeout=20) as http:
            told = (await http.get("/v1/venues")).json()["venues"]
        return [each["state"] for each in told] == ["synced"]

    async def trouble(self) -> dict[str, Any]:
        """Return what is told of the hall once a try to reach its venue has failed."""
        async with httpx.AsyncClient(base_url=self.server.url, timeout=20) as http:
            [told] = (await http.get("/v1/venues")).json()["venues"]
        return told if "Next try" in told["text"] else {}


def words(venue_url: str) -> tuple[str, ...]:
    """Return how the program is started."""
    return (
        "--market", "none", "--upstream", "binance", "--upstream-pairs", BTC,
        "--upstream-url", f"binance={venue_url}",
    )  # fmt: skip


@asynccontextmanager
async def _again(town: Town, *arguments: str) -> AsyncIterator[tuple[Program, Callable[[], str]]]:
    """Start the program once more on the same data; with what it said."""
    data_dir = town.server.data_dir
    lent = program(data_dir, *arguments)
    server = await asyncio.to_thread(lent.__enter__)
    try:
        yield server, lambda: (data_dir.parent / "data.log").read_text()
    finally:
        await asyncio.to_thread(lent.__exit__, None, None, None)


@asynccontextmanager
async def _venue_on(port: int, stage: Stage) -> AsyncIterator[None]:
    """Let the upstream be reached at a port."""
    venue = Loopback(stage, "binance")
    await venue.start(port)
    try:
        yield
    finally:
        await venue.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    data_dir = tmp_path_factory.mktemp("hub") / "data"
    ann, bob = (trader(data_dir, name) for name in ("ann", "bob"))
    (data_dir / "server.toml").write_text('limits = "off"\n', encoding="utf-8")
    async with loopback(demo(BTC)) as venue:
        venue.stage.run(1.0)
        lent = program(data_dir, *words(venue.rest_url), env=UNMEASURED)
        found = Town(await asyncio.to_thread(lent.__enter__), venue, ann, bob)
        try:
            await until(found.is_synced)
            yield found
        finally:
            await asyncio.to_thread(lent.__exit__, None, None, None)


async def test_stock_ccxt_trades_in_a_hall(town: Town) -> None:
    floor = HallFloor(town.server.port, town.server.data_dir, None, town.ann, town.bob, town.bob, town.bob)  # type: ignore[arg-type]  # it asks by itself
    async with ccxt_client(floor, town.bob) as client:
        book = await client.fetch_order_book(BTC, 20)
        bought = await client.create_order(BTC, "market", "buy", 0.01)
        resting = await client.create_order(BTC, "limit", "buy", 0.01, round(book["bids"][0][0] * 0.8, 2))
        open_ones = [each["id"] for each in await client.fetch_open_orders(BTC)]
        gone = await client.cancel_order(resting["id"], BTC)
        balance = await client.fetch_balance()

    assert len(book["bids"]) == len(book["asks"]) == 20
    assert (bought["status"], bought["filled"], gone["status"]) == ("closed", 0.01, "canceled")
    assert open_ones == [resting["id"]]
    spent = Decimal(str(balance["USDT"]["total"])) + Decimal(bought["info"]["cummulativeQuoteQty"])
    assert 0 <= 10_000 - spent < 2, "10 000 of paper money, and what it cost with the fee"


async def test_what_was_signed_for_one_hall_opens_nothing_elsewhere(town: Town) -> None:
    assert (await town.ask("GET", "/binance/v1/balances")).status_code == 200
    refused = await town.ask("GET", "/binance/v1/balances", signed_as="/v1/balances")
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/bad_signature")


async def test_an_operator_funds_an_account_in_a_hall(town: Town) -> None:
    before = (await town.ask("GET", "/binance/v1/balances")).json()["balances"]
    given = ("--email", address("ann"), "--asset", "USDT", "--amount", "5.5", "--json")
    place = ("--data-dir", str(town.server.data_dir))
    told = await asyncio.to_thread(run, "fund", *place, "--venue", "binance", *given)

    with redirect_stderr(io.StringIO()) as refused:
        assert await asyncio.to_thread(main, ["server", "fund", *place, *given]) == 1
    assert refused.getvalue() == "crs: This server has upstream markets only; name one with --venue: binance.\n"
    assert before == [{"asset": "USDT", "free": "10000", "locked": "0"}]
    assert json.loads(told) == {"account": "U-1", "asset": "USDT", "free": "10005.5", "locked": "0"}


async def test_the_desktops_engine_trades_in_a_hall(town: Town, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"{town.server.url}/binance"):
        await find_server(Profile(tmp_path), town.server.url, MemorySecrets())
    session = await find_server(Profile(tmp_path), f"{town.server.url}/binance", MemorySecrets())
    await session.sign_in(address("bob"), PASSWORD)
    engine = await open_remote(Profile(tmp_path), session)
    try:
        await until(lambda: engine.feed.state is FeedState.SYNCED)
        order = SubmitOrder(
            account=engine.venue.account, order_id=engine.orders.new_id(), symbol=BTC, side=Side.SELL,
            order_type=OrderType.MARKET, qty=Lots(100),
        )  # fmt: skip
        answer = await engine.venue.submit(order)
        book = engine.market_data.book(BTC)
        shown = engine.server
    finally:
        await engine.close()
        await close_server(session)
    assert isinstance(answer, OrderAccepted)
    assert not book.is_crossed
    assert (shown.title, shown.market, shown.host) == ("Binance", "binance", f"127.0.0.1:{town.server.port}/binance")
    assert engine.feed.label is DataLabel.SERVER


async def test_a_killed_server_keeps_what_it_acknowledged_and_fills_nothing_meanwhile(town: Town) -> None:
    best = float((await town.ask("GET", "/binance/v1/markets/BTC-USDT/ticker")).json()["ask"])
    near = {"symbol": BTC, "side": "buy", "type": "limit", "qty": "0.01", "price": f"{best * 0.5:.2f}"}
    for number in range(5):
        placed = await town.ask("POST", "/binance/v1/orders", {**near, "order_id": f"kept-{number}"})
        assert placed.status_code == 200, placed.text
    before = (await town.ask("GET", "/binance/v1/balances")).json()

    await asyncio.to_thread(town.server.stop, signal.SIGKILL)
    port = free_port()
    async with _again(town, *words(f"http://127.0.0.1:{port}")) as (server, said):
        alone = Town(server, town.venue, town.ann, town.bob)
        orders = (await alone.ask("GET", "/binance/v1/orders?status=open")).json()["orders"]
        after = (await alone.ask("GET", "/binance/v1/balances")).json()
        refused = await alone.ask("POST", "/binance/v1/orders", {**near, "type": "market", "price": None})
        waits = await alone.ask("POST", "/binance/v1/orders", {**near, "order_id": "waits"})
        told = await until(alone.trouble)
        async with _venue_on(port, town.venue.stage):
            await until(alone.is_synced)
            still = (await alone.ask("GET", "/binance/v1/orders?status=open")).json()["orders"]
            filled = await alone.ask("POST", "/binance/v1/orders", {**near, "type": "market", "price": None})
        begun = time.monotonic()
        status = await asyncio.to_thread(server.stop, signal.SIGTERM, END_S)
        took = time.monotonic() - begun

    assert {each["order_id"] for each in orders} == {f"kept-{number}" for number in range(5)}
    assert after == before
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/no_book")
    assert waits.json()["order"]["status"] == "working"
    assert (told["state"], told["age_ms"]) == ("connecting", None)
    assert "Next try in" in told["text"]
    assert {each["order_id"] for each in still} == {*(each["order_id"] for each in orders), "waits"}
    assert filled.json()["order"]["status"] == "filled"
    assert f"Binance is at {server.url}/binance (paper accounts)." in said()
    assert status == 0
    assert took < END_S
    place = ("--data-dir", str(town.server.data_dir), "--venue", "binance", "--json")
    sound = json.loads(run("db", "verify", *place))
    backed = json.loads(run("db", "backup", *place))
    given = ("--email", address("ann"), "--asset", "USDT", "--amount", "1", "--json")
    funded = json.loads(await asyncio.to_thread(run, "fund", *place[:4], *given))
    with_lock = {each["asset"]: each for each in after["balances"]}["USDT"]
    assert Decimal(funded["free"]) < Decimal(with_lock["free"]), "an order was sent and another filled since"
    assert sound["records"] == backed["records"] > 10
    assert [Path(each).parent.parent.name for each in backed["files"]] == ["binance"] * 2
