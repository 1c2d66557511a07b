"""Who follows a pair, and for how long."""

from __future__ import annotations

import pytest

from engine.bus import Bus
from engine.errors import InvalidInput
from engine.services.following import Following
from tests.engine.bootstrap.scripted_exchange import ScriptedExchange

BTC, ETH = "BTC/USDT", "ETH/USDT"


async def test_a_pair_is_followed_as_long_as_somebody_wants_it() -> None:
    feed = ScriptedExchange(Bus())
    following = Following(feed)
    await following.follow(BTC)
    await following.follow(BTC)
    await following.keep(BTC)
    assert (feed.follows[BTC], following.wanted, following.kept) == (2, (BTC,), (BTC,))

    with pytest.raises(InvalidInput, match="as long as there is an order or a position"):
        await following.unfollow(BTC)
    await following.let_go(BTC)
    await following.let_go(BTC)
    assert feed.follows[BTC] == 1
    await following.unfollow(BTC)
    await following.unfollow(BTC)
    assert not feed.follows


async def test_what_cannot_be_followed_is_not_remembered_and_all_is_given_back() -> None:
    feed = ScriptedExchange(Bus())
    following = Following(feed)
    for take in (following.follow, following.keep):
        with pytest.raises(InvalidInput):
            await take("NO/SUCH")
    assert (following.wanted, following.kept) == ((), ())

    await following.follow(BTC)
    await following.keep(ETH)
    await following.close()
    await following.close()
    assert not feed.follows
