"""Pairs are followed while they are shown and a while longer; each once, whatever comes meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from crs_desktop.viewmodels.exchange.follower import Follower
from engine.bus import Bus
from engine.errors import InvalidInput, VenueUnavailable
from engine.services.following import Following
from tests.crs_desktop.scripted_exchange import ShownExchange

BTC, ETH, SOL = "BTC/USDT", "ETH/USDT", "SOL/USDT"


class Seat:
    """A follower over a scripted exchange; `used` is what a desk would show."""

    def __init__(self, *used: str, grace_s: float = 0.0) -> None:
        self.bus, self.used = Bus(), list(used)
        self.feed = ShownExchange(self.bus)
        self.following = Following(self.feed)
        self.follower = Follower(self.bus, self.feed, self.following, lambda: self.used, grace_s=grace_s)
        self.arrived: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.follower.on_arrived(lambda symbols: self.arrived.extend(symbols))
        self.follower.on_failed(self.failed.append)

    async def look(self) -> None:
        self.follower.look()
        for _ in range(5):
            await asyncio.sleep(0)

    @property
    def carried(self) -> list[str]:
        return [pair.symbol for pair in self.feed.pairs()]


async def test_what_is_shown_is_followed_once_and_what_is_not_listed_never() -> None:
    seat = Seat(BTC, ETH, BTC, "NO/WHERE")

    await seat.look()
    await seat.look()

    assert seat.carried == [BTC, ETH]
    assert seat.arrived == [BTC, ETH]
    assert max(seat.feed.follows.values()) == 1
    seat.follower.close()


async def test_a_pair_that_nobody_shows_goes_after_the_grace() -> None:
    seat = Seat(BTC, ETH)
    await seat.look()

    seat.used.remove(ETH)
    await seat.look()
    await asyncio.sleep(0.01)

    assert seat.carried == [BTC]
    seat.follower.close()


async def test_a_pair_that_comes_back_within_the_grace_was_never_gone() -> None:
    seat = Seat(BTC, ETH, grace_s=60.0)
    await seat.look()

    seat.used.remove(ETH)
    await seat.look()
    seat.used.append(ETH)
    await seat.look()

    assert seat.carried == [BTC, ETH]
    assert seat.follower._leaving == {}
    seat.follower.close()


async def test_a_pair_with_an_order_stays_whatever_is_shown() -> None:
    seat = Seat(BTC, ETH)
    await seat.look()
    await seat.following.keep(ETH)

    seat.used.remove(ETH)
    await seat.look()
    await asyncio.sleep(0.01)

    assert seat.carried == [BTC, ETH]
    seat.follower.close()


@pytest.mark.parametrize("error", [InvalidInput("Too many pairs."), VenueUnavailable("Not now.")])
async def test_a_refusal_is_told_and_can_be_tried_again(error: InvalidInput) -> None:
    seat = Seat(BTC)
    seat.feed.refusal = error

    await seat.look()
    first = list(seat.failed), dict(seat.follower.coming)
    await seat.look()

    assert first == ([(BTC, str(error))], {})
    assert seat.carried == [BTC]
    seat.follower.close()


async def test_a_closed_follower_leaves_no_subscription_and_no_task() -> None:
    seat = Seat(BTC, grace_s=60.0)
    before = seat.bus.subscriber_count
    await seat.look()
    seat.used.clear()
    await seat.look()

    seat.follower.close()
    await asyncio.sleep(0)

    assert seat.bus.subscriber_count == before - 1
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "follower"]
