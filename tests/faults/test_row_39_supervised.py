"""Row 39: an error of the program in a part that reads a market is logged with a number, said once, and heals."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.healing import Healing
from engine.adapters.exchanges.feed.printed import PairPrints
from engine.adapters.exchanges.net.socket import Socket
from engine.domain.market import FeedState
from engine.ports.exchange import PairStateChanged
from tests.engine.adapters.exchanges.following import Watched, play, quick, until, watched
from tests.engine.adapters.exchanges.loopback import demo, loopback

__all__ = ["quick"]

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("quick")]

BTC, ETH = "BTC/USDT", "ETH/USDT"


class BugError(Exception):
    """What nobody thought of."""


def failing(times: int, work: Callable[..., Any], concerns: Callable[..., bool]) -> Callable[..., Any]:
    """Fail so many times where it concerns us, then work."""
    left = [times]

    def method(*args: Any) -> Any:  # noqa: ANN401 - of whatever is wrapped
        if left[0] and concerns(*args):
            left[0] -= 1
            raise BugError("nobody thought of this")
        return work(*args)

    return method


async def healed(seen: Watched, house: Any, states: list[PairStateChanged]) -> None:  # noqa: ANN401 - a loopback
    for _ in range(30):
        await play(house, 1)
    await seen.synced(BTC, ETH)
    await until(lambda: seen.feed.health(BTC).last_seq == house.stage.market.pairs[BTC].last)
    assert seen.wrong == []
    assert not [each for each in states if each.symbol == ETH and each.state is not FeedState.SYNCED]
    ids = seen.ids(BTC)
    assert ids == list(range(ids[0], house.stage.market.pairs[BTC].prints[-1].trade_id + 1))


@pytest.mark.parametrize("place", ["book", "prints", "healing"])
async def test_row_39_an_error_with_one_pair_is_logged_said_once_and_heals(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with loopback(demo(BTC, ETH)) as house, watched(house) as seen:
        await seen.follow(BTC, ETH)
        await play(house, 5)
        await until(lambda: not seen.feed.is_catching_up)
        await seen.synced(BTC, ETH)
        states: list[PairStateChanged] = []
        seen.feed._bus.subscribe(PairStateChanged, states.append)

        if place == "book":
            mine = seen.feed.followed(BTC)
            monkeypatch.setattr(FollowedPair, "hear", failing(3, FollowedPair.hear, lambda self, *_: self is mine))
        elif place == "prints":
            tape = seen.feed._prints[BTC]
            monkeypatch.setattr(PairPrints, "hear", failing(2, PairPrints.hear, lambda self, *_: self is tape))
        else:
            monkeypatch.setattr(Healing, "_ask_book", failing(2, Healing._ask_book, lambda *_: True))
            house.faults.put("drop", "next@book")
        with caplog.at_level(logging.ERROR):
            for _ in range(40):
                await play(house, 1)
                if any("incident" in each.text for each in states):
                    break
        bugs = [each for each in caplog.records if each.exc_info and each.exc_info[0] is BugError]
        assert bugs
        assert all(getattr(each, "incident", "") for each in bugs)
        told = {each.text for each in states if "incident" in each.text}
        assert len(told) == 1
        assert bugs[0].incident in told.pop()  # type: ignore[attr-defined]
        who = {each.symbol for each in states if "incident" in each.text}
        assert len(who) == 1
        if place != "healing":  # there the dropped frame may have been of the other pair
            await healed(seen, house, states)
        else:
            await play(house, 20)
            await seen.synced(BTC, ETH)
            assert seen.wrong == []


async def test_row_39_an_error_in_a_frame_or_a_connection_ends_neither_the_line_nor_the_feed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with loopback(demo(BTC, ETH)) as house, watched(house) as seen:
        await seen.follow(BTC, ETH)
        await play(house, 5)
        await seen.synced(BTC, ETH)
        monkeypatch.setattr(
            BinanceDialect, "hear", failing(1, BinanceDialect.hear, lambda _self, frame: b"depth" in frame)
        )
        await play(house, 20)
        await seen.synced(BTC, ETH)
        monkeypatch.setattr(Socket, "_take", failing(1, Socket._take, lambda *_: True))
        with caplog.at_level(logging.ERROR):
            await play(house, 5)
            await until(lambda: seen.feed.health().reconnects == 1)
            await play(house, 10)
        await seen.synced(BTC, ETH)
        assert seen.wrong == []
        assert any(getattr(each, "incident", "") for each in caplog.records)
