"""Messages of the WebSocket `/v1/ws`, JSON text both ways.

Channels: `book:SYMBOL` (a snapshot, then diffs whose `first_seq` is one more than the `seq` before; a snapshot may
come again), `book20:SYMBOL` (the whole top of the book, five times a second at most), `trades:SYMBOL`,
`ticker:SYMBOL`, `ticker:*`, `bars:SYMBOL:TIMEFRAME` (the forming bar, and once as `bar_closed`), `status`; after
`auth` also `orders`, `fills`, `balances` and `journal` of one's account. A private channel's messages carry the
journal's number as `seq` and that of the channel's message before as `prev`: whoever finds a gap asks
`GET /v1/journal?after=`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.wire.text import Millis

SLOW_CONSUMER = 4008
"""Close code: the client does not read fast enough."""
UNAUTHORIZED = 4001
"""Close code: the ticket or the session is not, or no longer, good."""
GOING_AWAY = 1001
"""Close code: the server stops, or missed events of the exchange; come back and read what happened."""
POLICY = 1008
"""Close code: too much that cannot be used was sent."""


class Ask(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a client sends. `op`: `subscribe`, `unsubscribe`, `auth`, `ping`."""

    op: str
    id: int | None = None
    channels: tuple[str, ...] = ()
    ticket: str | None = None
    account: str | None = None
    """With `auth`: which of one's accounts; the first if left out."""


class Reply(Struct, kw_only=True, omit_defaults=True):
    """The answer to an `Ask`: `op` is repeated; `ok` false comes with a sentence."""

    op: str
    ok: bool
    id: int | None = None
    text: str = ""
    channels: tuple[str, ...] = ()
    """What is subscribed now."""


class Message(Struct, kw_only=True, omit_defaults=True):
    """One event of a channel."""

    ch: str
    type: str
    """`snapshot`, `diff`, `trades`, `ticker`, `bar`, `bar_closed`, `status`; private: `order`, `fill`, `balance`,
    `record`; on the channel `session`: `expiring`."""
    ts: Millis
    data: Any
    """The struct of `engine.wire` that belongs to the type."""
    seq: int | None = None
    prev: int | None = None


class MarketState(Struct):
    """Data of `status`: how far the market's data can be trusted (`engine.domain.market.FeedState`), and why."""

    state: str
    text: str
    market_ms: Millis


class Expiring(Struct):
    """Data of `expiring` on the channel `session`, which is not to be asked for: when it ends without a new ticket."""

    expires_ms: Millis
