"""What everybody may see of a server's markets."""

from __future__ import annotations

from msgspec import Struct

from engine.wire.text import Amount, Decimals, Millis, Symbol


class ServerTime(Struct):
    """The server's clock and that of its market, which stand still apart only while the market is closed."""

    time_ms: Millis
    market_ms: Millis


class Version(Struct):
    """What runs, and how old a client it still understands."""

    version: str
    oldest_client: str
    market: str
    """`demo`, `none`, or the name of an upstream venue."""
    title: str = ""
    """The venue's name for people; empty where the market is the server's own."""


class Venue(Struct):
    """A public exchange whose market this server distributes."""

    name: str
    title: str
    path: str
    """What goes before every path of this API to mean that market, e.g. `/binance`."""
    state: str
    """How far its data can be trusted: `synced`, or `connecting`, `snapshot`, `stale`, `gap`, `resyncing`, `ended`."""
    text: str
    """Why not, in a sentence; empty when all is well."""
    age_ms: int | None
    """Since the last frame came of it; null before the first."""
    trades: bool
    """Whether paper orders are taken; contracts are shown only."""
    pairs: tuple[str, ...]
    note: str = ""


class Venues(Struct):
    """All of them, in the order of the settings."""

    venues: tuple[Venue, ...]


class Market(Struct):
    """One pair and its grid."""

    symbol: Symbol
    base: str
    quote: str
    base_decimals: int
    quote_decimals: int
    tick: Amount
    lot: Amount
    min_notional: Amount
    maker_fee: Amount
    taker_fee: Amount
    status: str
    """`trading` or `closed`."""


class Markets(Struct):
    """All pairs, in the order in which they should be listed."""

    markets: tuple[Market, ...]


Level = tuple[Amount, Amount]
"""Price and quantity."""


class Book(Struct):
    """The displayed book after update `seq`, best level first."""

    symbol: Symbol
    seq: int
    at_ms: Millis
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class BookChange(Struct):
    """Levels that changed between updates `first_seq` and `seq`; quantity 0 removes a level."""

    symbol: Symbol
    first_seq: int
    seq: int
    at_ms: Millis
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Trade(Struct):
    """A public print; `side` is the taker's."""

    symbol: Symbol
    trade_id: int
    price: Amount
    qty: Amount
    side: str
    at_ms: Millis


class Trades(Struct):
    """Prints, oldest first."""

    trades: tuple[Trade, ...]


class Ticker(Struct):
    """A pair over the last 24 hours; what is not known yet is empty."""

    symbol: Symbol
    last: str
    bid: str
    bid_qty: str
    ask: str
    ask_qty: str
    open: str
    high: str
    low: str
    volume: Amount
    quote_volume: Amount
    change_percent: Decimals
    trades: int
    at_ms: Millis


class Tickers(Struct):
    """All pairs."""

    tickers: tuple[Ticker, ...]


class Bar(Struct, array_like=True):
    """One interval, as an array: opening instant, open, high, low, close, volume in base."""

    start_ms: Millis
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount


class Bars(Struct):
    """Closed bars, oldest first."""

    symbol: Symbol
    timeframe: str
    bars: tuple[Bar, ...]
