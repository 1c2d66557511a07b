"""A server that is killed again and again, somebody who trades on it, and everything that was promised to them."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.server.auth.parts import open_parts
from engine.server.auth.staff import Staff
from engine.server.control import ask, find
from engine.server.settings import load_settings
from tests.engine.server.harness import Program, program
from tests.engine.server.visitor import EMAIL, PASSWORD, sign_in
from tests.unmeasured import UNMEASURED

Json = dict[str, Any]

KILLED = -signal.SIGKILL

WORKERS = 8

TRIED_AGAIN = 25
"""Orders of which the answer is asked for again after a kill."""


@dataclass(slots=True)
class Served:
    """One data directory and what was promised of it."""

    data_dir: Path
    sent: dict[str, Json] = field(default_factory=dict)
    told: dict[str, Json] = field(default_factory=dict)
    """By order id, the answers that came."""
    refused: set[str] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def prepare(self) -> None:
        """Make the directory with one user who may ask as often as he likes."""
        self.data_dir.mkdir(parents=True)
        (self.data_dir / "server.toml").write_text('limits = "off"\n')
        parts = open_parts(load_settings(self.data_dir))
        try:
            Staff(parts).add_user(EMAIL, PASSWORD)
        finally:
            parts.close()

    def killed_at(self, point: str, seed: int, *, stop_s: float | None = None) -> None:
        """Let somebody trade until the server runs into a fail point; it may be asked to end after a while."""
        with program(self.data_dir, env={**UNMEASURED, "CRS_FAILPOINT": point}) as server:
            asyncio.run(self.traded(server, seed, stop_s))
            assert server.process.wait(20) == KILLED, f"{point} was never reached"

    def killed_after(self, seconds: float, seed: int) -> None:
        """Let somebody trade until the server is killed, so long after it answered first."""
        with program(self.data_dir, env=UNMEASURED) as server:
            asyncio.run(self._checked_and_traded(server, seed, seconds))
            assert server.process.wait(20) == KILLED

    def check(self) -> None:
        """Start it once more: everything that was promised is there, once; then end it and look at the disk."""
        with program(self.data_dir) as server:
            asyncio.run(self._checked(server, sign_in(server.url)))
            assert server.stop() == 0
        said = (self.data_dir.parent / f"{self.data_dir.name}.log").read_text(errors="replace")
        assert "Traceback" not in said, said[-3000:]
        assert "seated anew" not in said, "the market did not come back as it was"
        with Reader(self.data_dir / "crs.sqlite") as reader:
            verify(reader)

    async def traded(
        self, server: Program, seed: int, stop_s: float | None = None, sent: signal.Signals = signal.SIGTERM
    ) -> None:
        """Send orders, eight at a time, until the server is gone; it may be sent a signal after a while."""
        control = find(self.data_dir / "control.json")
        assert control is not None
        with suppress(Exception):  # it may be gone already
            for asset, amount in (("USDT", "10000000"), ("BTC", "100")):
                await asyncio.to_thread(
                    ask, control, "POST", "/control/fund", {"account": "U-1", "asset": asset, "amount": amount}
                )
        async with httpx.AsyncClient(base_url=server.url, headers=sign_in(server.url), timeout=20) as http:
            price = float((await http.get("/v1/markets/BTC-USDT/ticker")).json()["last"])
            if stop_s is not None:
                asyncio.get_running_loop().call_later(stop_s, server.process.send_signal, sent)
            workers = (self._work(http, Random(seed * 100 + each), price) for each in range(WORKERS))  # noqa: S311
            await asyncio.gather(*workers)

    async def _work(self, http: httpx.AsyncClient, random: Random, price: float) -> None:
        while True:
            key, body = f"o{len(self.sent)}", _order(random, price)
            self.sent[key] = body
            try:
                answer = await http.post("/v1/orders", json=body, headers={"idempotency-key": key})
                if answer.status_code == httpx.codes.OK:
                    self.told[key] = answer.json()
                else:
                    self.refused.add(key)
                if random.random() < 0.2:
                    await http.delete(f"/v1/orders/{key}")
            except httpx.TransportError:
                return

    async def _checked_and_traded(self, server: Program, seed: int, seconds: float) -> None:
        headers = sign_in(server.url)
        await self._checked(server, headers)
        await self.traded(server, seed, seconds, signal.SIGKILL)

    async def _checked(self, server: Program, headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=20) as http:
            before = await _all(http, "orders")
            await self._sent_again(http, before)
            orders, fills = await _all(http, "orders"), await _all(http, "fills")
        ids = Counter(each["order_id"] for each in orders)
        assert set(ids.values()) <= {1}, "an order is there twice"
        assert len({each["number"] for each in orders}) == len(orders)
        assert not set(self.told) - set(ids), "told and missing"
        by_id = {each["id"]: each for each in fills}
        assert len(by_id) == len(fills)
        for told in self.told.values():
            for fill in told["fills"]:
                assert by_id.get(fill["id"]) == fill, "a fill was told and is gone or another one"
        filled: dict[str, Decimal] = {}
        for each in fills:  # read after the orders: the market goes on; `verify` compares them exactly afterwards
            filled[each["order_id"]] = filled.get(each["order_id"], Decimal(0)) + Decimal(each["qty"])
        for each in orders:
            assert Decimal(each["filled"]) <= filled.get(each["order_id"], 0) <= Decimal(each["qty"]), each
        self.seen.update(orders=len(orders), fills=len(fills), starts=1)

    async def _sent_again(self, http: httpx.AsyncClient, before: list[Json]) -> None:
        """Ask again for answers that never came, and for some that did."""
        known = {each["order_id"] for each in before}
        unsure = [key for key in self.sent if key not in self.told and key not in self.refused][-TRIED_AGAIN:]
        for key in (*unsure, *list(self.told)[-TRIED_AGAIN:]):
            answer = await http.post("/v1/orders", json=self.sent[key], headers={"idempotency-key": key})
            if key in known:
                assert answer.status_code == httpx.codes.OK, answer.text
                assert answer.headers["idempotent-replay"] == "true"
                assert key not in self.told or answer.json()["fills"] == self.told[key]["fills"]
                self.seen["known again"] += 1
                self.seen["never told"] += key not in self.told
            elif answer.status_code == httpx.codes.OK:
                self.told[key] = answer.json()


def _order(random: Random, price: float) -> Json:
    kind = random.choice(("market", "limit", "limit", "limit", "stop_limit"))
    side = random.choice(("buy", "sell"))
    body: Json = {"symbol": "BTC/USDT", "side": side, "type": kind, "qty": f"0.0{random.randint(10, 99)}"}
    if kind != "market":
        body["price"] = f"{price * random.uniform(0.998, 1.002):.2f}"
    if kind == "stop_limit":
        body["stop_price"] = f"{price * (1.01 if side == 'buy' else 0.99):.2f}"
    return body


async def _all(http: httpx.AsyncClient, what: str) -> list[Json]:
    found: list[Json] = []
    query = f"/v1/{what}?limit=500"
    while query:
        page = (await http.get(query)).json()
        found += page[what]
        query = f"/v1/{what}?limit=500&cursor={page['next']}" if page.get("next") else ""
    return found
