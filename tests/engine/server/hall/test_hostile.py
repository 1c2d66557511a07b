"""Whoever goes through a hall meets the same guards; an exchange that means harm holds up no other hall."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.domain.market import FeedState
from engine.ports.feed import FeedStateChanged
from engine.server.http.edge import MOST_TARGET
from tests.engine.adapters.exchanges.following import quick
from tests.engine.server.hall.district import BUY, District, district
from tests.engine.server.traders import of

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

TRICKS = (
    "//binance/v1/orders", "/binance//v1/orders", "/binance/v1/orders/", "/BINANCE/v1/orders", "/%2e/binance/v1/orders",
    "/binance/%2e%2e/v1/orders", "/binance/../binance/v1/orders", "/binance/kraken/v1/orders",
    "/binance/binance/v1/orders",
    "/binance%2fv1/orders", "/binance;x=1/v1/orders", "/%62inance/v1/orders", "/binance/%76%31/orders",
)  # fmt: skip


async def test_a_hall_has_the_guards_of_the_server(tmp_path: Path) -> None:
    async with district(tmp_path / "data", "binance", "kraken") as town:
        await _paths(town)
        await _bodies(town)
        await _texts(town)


async def _paths(town: District) -> None:
    for path in TRICKS:
        request = town.http.build_request("POST", "/", json=BUY)
        request.url = request.url.copy_with(raw_path=path.encode())
        stranger = await town.http.send(request)
        assert stranger.status_code in (401, 404, 405), path
        assert "x-request-id" in stranger.headers, path
    ours = await town.send("binance", "ann", BUY)
    assert ours.status_code in (200, 201), ours.text
    order = ours.json()["order"]["order_id"]
    for hall, who in (("binance", "bob"), ("kraken", "ann"), ("kraken", "bob")):
        answer = await town.http.get(f"/{hall}/v1/orders/{order}", headers=of(who))
        assert answer.status_code == 404, (hall, who)


async def _bodies(town: District) -> None:
    big = await town.http.post("/binance/v1/orders", content=b'{"a":"' + b"x" * 2_000_000 + b'"}', headers=of("ann"))
    assert big.status_code == 413
    long = await town.http.get("/binance/v1/markets?a=" + "x" * MOST_TARGET)
    assert long.status_code == 414
    many = await town.http.get("/binance/v1/markets", headers={f"x-{number}": "1" for number in range(120)})
    assert many.status_code in (400, 431)


async def _texts(town: District) -> None:
    """What a venue says of itself is data in an answer, whatever it is."""
    evil = '<script>"\\\n\x1b[2J\u202e'
    town.hall("binance").bus.publish(FeedStateChanged(FeedState.STALE, evil, town.hall("binance").core.now))
    await asyncio.sleep(0)
    answer = await town.http.get("/v1/venues")
    assert "\x1b" not in answer.text
    assert "\n" not in answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_limits_are_counted_over_all_halls_together(tmp_path: Path) -> None:
    async with district(tmp_path / "data", "binance", "kraken") as town:
        seen: list[str] = []
        limiter: Any = town.server.services.limiter
        check = limiter.check

        async def counted(key: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - as the real one
            seen.append(key)
            return await check(key, *args, **more)

        for services in (town.server.services, town.hall("binance"), town.hall("kraken")):
            services.limiter = limiter
            assert services.guard is town.server.services.guard
            assert services.keeper is town.server.services.keeper
            assert services.hub is town.server.services.hub
        limiter.check = counted
        for prefix in ("", "/binance", "/kraken", "//binance", "/%62inance"):
            await town.http.get(f"{prefix}/v1/venues")
        assert len(seen) == 5
        assert len(set(seen)) == 1
