"""What an exchange says through ccxt is no more to be believed than what it says itself."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from engine.adapters.exchanges.ccxt import feed as feed_module
from engine.adapters.exchanges.ccxt.feed import CcxtFeed
from engine.adapters.exchanges.ccxt.peer import TICK_SIZE, Peer, text_of
from engine.adapters.exchanges.venues import spec_of
from engine.bus import Bus
from engine.domain.market import FeedState
from engine.errors import Garbled
from engine.services.backoff import Backoff
from tests.engine.adapters.exchanges.following import until

pytest.importorskip("ccxt")

GOOD: dict[str, Any] = {
    "id": "BTCUSDT", "base": "BTC", "quote": "USDT", "spot": True, "precision": {"price": 0.01, "amount": 1e-05},
    "limits": {}, "maker": 0.001, "taker": 0.001,
}  # fmt: skip
BAD_MARKETS: tuple[dict[str, Any], ...] = (
    {"precision": {"price": float("nan"), "amount": 1}}, {"precision": {"price": "1e999999999", "amount": 1}},
    {"precision": 5}, {"limits": {"amount": {"min": "1e-99999999"}}}, {"maker": "x"}, {"taker": float("nan")},
)  # fmt: skip
BAD_BOOKS: tuple[Any, ...] = (
    {"timestamp": "x", "bids": [], "asks": []}, {"bids": None, "asks": []}, {"bids": [[1]], "asks": []}, None, 5,
    {"timestamp": 1, "bids": [["1e999999999", 1]], "asks": []}, {"bids": [[float("inf"), 1]], "asks": []},
)  # fmt: skip


def peer(**has: Any) -> Peer:  # noqa: ANN401 - a stand-in for ccxt's own
    made = Peer("ccxt-binance")
    bad = {str(at): GOOD | {"id": f"X{at}", "base": f"X{at}"} | each for at, each in enumerate(BAD_MARKETS)}
    markets = {"A": GOOD, **bad}
    made.exchange = SimpleNamespace(markets=markets, precisionMode=TICK_SIZE, has={}, **has)
    made.instruments = made._listed()
    return made


def test_one_market_that_cannot_be_takes_no_other_away() -> None:
    assert "BTC/USDT" in peer().instruments
    assert all(each.pair.taker_fee.decimal <= 1 for each in peer().instruments.values())


@pytest.mark.parametrize("number", ["1e999999999", "1e-99999999", "-1e5", "nane", 1e300])
def test_a_number_is_never_written_out_without_end(number: Any) -> None:  # noqa: ANN401 - whatever ccxt says
    with pytest.raises(Garbled):
        text_of(number)


async def test_books_that_cannot_be_are_said_to_be_and_the_next_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "Backoff", lambda: Backoff(lambda _low, _high: 0.0))
    books = iter(BAD_BOOKS)

    async def watch(_symbol: str) -> Any:  # noqa: ANN401 - ccxt's own
        await asyncio.sleep(0)
        return next(books, {"timestamp": 1, "bids": [[1.0, 2.0]], "asks": [[3.0, 1.0]]})

    async def close() -> None:
        return

    feed = CcxtFeed(Bus(), peer(watch_order_book=watch, close=close), spec_of("ccxt-binance"))
    told: list[str] = []
    look = feed._standing.look

    def noted() -> None:
        look()
        told.extend(pair.why for pair in feed._pairs.values())

    monkeypatch.setattr(feed._standing, "look", noted)
    try:
        await feed.follow("BTC/USDT")
        await until(lambda: any("cannot be read" in each for each in told))
        await until(lambda: feed.state_of("BTC/USDT") is FeedState.SYNCED)
    finally:
        await feed.close()
