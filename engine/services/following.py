"""Which pairs of a public exchange are followed, and why: the user wants them, or something of his is in them."""

from __future__ import annotations

from engine.errors import InvalidInput
from engine.ports.exchange import ExchangeFeed


class Following:
    """Holds one `follow` of the feed for each pair that is wanted or kept; `close` gives all of them back."""

    def __init__(self, feed: ExchangeFeed) -> None:
        self._feed = feed
        self._wanted: dict[str, None] = {}
        self._kept: dict[str, None] = {}

    @property
    def wanted(self) -> tuple[str, ...]:
        """What the user follows, in the order in which that began."""
        return tuple(self._wanted)

    @property
    def kept(self) -> tuple[str, ...]:
        """What is followed for its orders and positions."""
        return tuple(self._kept)

    async def follow(self, symbol: str) -> None:
        """Follow a pair for the user from now on; again changes nothing.

        Raises:
            InvalidInput: the venue does not list it, or no more can be followed.
        """
        await self._take(self._wanted, symbol)

    async def unfollow(self, symbol: str) -> None:
        """Follow a pair no longer.

        Raises:
            InvalidInput: something of the user's is in it.
        """
        if symbol in self._kept:
            raise InvalidInput(f"{symbol} is followed as long as there is an order or a position in it.")
        if symbol in self._wanted:
            del self._wanted[symbol]
            await self._feed.unfollow(symbol)

    async def keep(self, symbol: str) -> None:
        """Follow a pair whatever the user does; errors as `follow`."""
        await self._take(self._kept, symbol)

    async def let_go(self, symbol: str) -> None:
        """Keep a pair no longer: nothing of the user's is in it any more; he follows it still if he wanted to."""
        if symbol in self._kept:
            del self._kept[symbol]
            await self._feed.unfollow(symbol)

    async def close(self) -> None:
        """Give everything back; safe to call twice."""
        for group in (self._wanted, self._kept):
            while group:
                symbol, _ = group.popitem()
                await self._feed.unfollow(symbol)

    async def _take(self, group: dict[str, None], symbol: str) -> None:
        if symbol in group:
            return
        group[symbol] = None
        try:
            await self._feed.follow(symbol)
        except BaseException:
            group.pop(symbol, None)
            raise
