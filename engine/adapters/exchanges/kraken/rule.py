"""How Kraken's books are kept: a snapshot in the stream, levels beyond the depth dropped, a checksum with each update.

Source: docs.kraken.com, guides "Book checksum (WebSocket v1)" and "(WebSocket v2)".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import WireLevel
from engine.domain.order import Side

DEPTHS = (10, 25, 100, 500, 1000)
"""Levels per side that can be subscribed to."""

CHECKED = 10
"""Levels per side that the checksum covers, whatever the depth."""


class KrakenRule(UnnumberedRule):
    """Updates carry no numbers; one that is missing shows by the checksum of the next.

    Args:
        depth: as subscribed, one of `DEPTHS`.
    """

    def __init__(self, depth: int) -> None:
        self.depth: int | None = depth

    def checksum(self, book: WireBook) -> int | None:
        """Return the CRC-32 of the digits of the ten best asks, then of the ten best bids."""
        return zlib.crc32((_digits(book.top(Side.SELL, CHECKED)) + _digits(book.top(Side.BUY, CHECKED))).encode())


def _digits(levels: Iterable[WireLevel]) -> str:
    """Return prices and quantities without their dots and leading zeros, as the wire wrote them."""
    return "".join([f"{price.replace('.', '').lstrip('0')}{qty.replace('.', '').lstrip('0')}" for price, qty in levels])
