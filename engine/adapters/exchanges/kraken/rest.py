"""Kraken's public REST: every answer has a list of errors, and its result under a name that the list of pairs explains.

Source: docs.kraken.com, REST, market data. `OHLC` holds no more than the newest 720 bars, whatever is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from engine.adapters.exchanges.dialect.candles import BarSupply, Candle, columns, last_start
from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.dialect.rest import Ask
from engine.adapters.exchanges.kraken.listing import VENUE, listing
from engine.adapters.exchanges.kraken.name import rest_name
from engine.adapters.exchanges.net.refused import plain
from engine.adapters.exchanges.wire.figure import price
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TickerHeard, TradesHeard
from engine.adapters.exchanges.wire.instant import decimal_seconds
from engine.adapters.exchanges.wire.unreadable import each_of, reading
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import Garbled, InvalidInput, VenueUnavailable
from engine.ports.feed import BarArrays

TITLE = "Kraken"
PATH = "/0/public"

_NATIVE = (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1)

_PASSING = ("EAPI:Rate limit", "EGeneral:Too many requests", "EGeneral:Temporary", "EGeneral:Internal", "EService:")
"""Errors after which the same request may be answered."""

_SIDES = {"b": Side.BUY, "s": Side.SELL}


class _Answer(msgspec.Struct):
    error: list[str] = []
    result: msgspec.Raw = msgspec.Raw()


class _Time(msgspec.Struct):
    unixtime: int


class _Ticker(msgspec.Struct):
    """Best levels are `[price, whole lots, quantity]`, the others `[today, 24 hours]`."""

    a: tuple[str, str, str]
    b: tuple[str, str, str]
    c: tuple[str, str] = ("", "")
    v: tuple[str, str] = ("", "")
    l: tuple[str, str] = ("", "")  # noqa: E741 - the venue's own letter
    h: tuple[str, str] = ("", "")


class _Candle(msgspec.Struct, array_like=True):
    start: int
    open: float
    high: float
    low: float
    close: float
    vwap: float
    volume: float


class _Trade(msgspec.Struct, array_like=True):
    price: str
    qty: str
    time: msgspec.Raw
    side: str
    kind: str
    more: str
    trade_id: int = 0


_ANSWER = msgspec.json.Decoder(_Answer)
_TIME = msgspec.json.Decoder(_Time)
_TICKER = msgspec.json.Decoder(_Ticker)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_CANDLES = msgspec.json.Decoder(list[_Candle], strict=False)
_TRADES = msgspec.json.Decoder(list[_Trade])


class KrakenRest:
    """Public REST; after the list of pairs it knows the names under which tickers come."""

    venue = VENUE
    supply = BarSupply({each: str(each.seconds // 60) for each in _NATIVE}, page=720, reach=720)

    def __init__(self) -> None:
        self._aliases: Mapping[str, str] = {}

    def ask_time(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/Time")

    def hear_time(self, answer: str | bytes) -> Nanos:
        """See `RestDialect`."""
        with reading(TITLE):
            return Nanos(_TIME.decode(_result(answer)).unixtime * NANOS_PER_SECOND)

    def ask_listing(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/AssetPairs")

    def hear_listing(self, answer: str | bytes) -> Listing:
        """See `RestDialect`."""
        with reading(TITLE):
            heard = listing(_result(answer))
        self._aliases = heard.aliases
        return heard

    def ask_tickers(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/Ticker")

    def hear_tickers(self, answer: str | bytes) -> Sequence[TickerHeard]:
        """See `RestDialect`; `o` is the price at midnight, so the one of 24 hours ago is not told."""
        with reading(TITLE):
            parts = _PARTS.decode(_result(answer))
            rows = each_of(_TICKER, parts.values())
            return [
                _ticker(self._aliases.get(name, name), each)
                for name, each in zip(parts, rows, strict=True)
                if each is not None
            ]

    def ask_bars(self, native: str, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """See `RestDialect`; `since` leaves out the bar that opens then."""
        last_start(start, end, timeframe)
        since = max(0, start // NANOS_PER_SECOND - 1)
        return Ask(f"{PATH}/OHLC", {"pair": rest_name(native), "interval": self.supply.word(timeframe), "since": since})

    def hear_bars(
        self, answer: str | bytes, pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
    ) -> BarArrays:
        """See `RestDialect`; the last bar of an answer is always open."""
        with reading(TITLE):
            candles: list[Candle] = [
                (each.start * NANOS_PER_SECOND, each.open, each.high, each.low, each.close, each.volume)
                for each in _CANDLES.decode(_only(answer))
            ]
            return columns(candles[:-1], pair, timeframe, start=start, end=end, now=now)

    def ask_trades(self, native: str) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/Trades", {"pair": rest_name(native), "count": 1000})

    def hear_trades(self, answer: str | bytes, native: str) -> TradesHeard:
        """See `RestDialect`."""
        with reading(TITLE):
            return TradesHeard(native, [_print(each) for each in _TRADES.decode(_only(answer))], is_past=True)

    def ask_book(self, native: str) -> Ask | None:
        """See `RestDialect`: pictures come in the stream."""
        return None

    def hear_book(self, answer: str | bytes, native: str) -> BookHeard:
        """See `RestDialect`: nothing is asked for."""
        raise InvalidInput("Books of Kraken come in its stream.")


def _result(answer: str | bytes) -> msgspec.Raw:
    """Return the result of an answer.

    Raises:
        VenueUnavailable: Kraken says that it cannot answer now, or that it was asked too often.
        InvalidInput: Kraken says that the request was wrong.
    """
    read = _ANSWER.decode(answer)
    if not read.error:
        return read.result
    text = f"Kraken says: {plain(', '.join(read.error))}."
    if any(error.startswith(_PASSING) for error in read.error):
        raise VenueUnavailable(text)
    raise InvalidInput(text)


def _only(answer: str | bytes) -> msgspec.Raw:
    """Return what a result holds of the one pair that was asked for; beside it is `last`, where to ask on."""
    parts = [part for name, part in _PARTS.decode(_result(answer)).items() if name != "last"]
    if len(parts) != 1:
        raise Garbled(f"An answer of Kraken is about {len(parts)} pairs, not one.")
    return parts[0]


def _ticker(native: str, read: _Ticker) -> TickerHeard:
    (bid, _, bid_qty), (ask, _, ask_qty) = read.b, read.a
    last, high, low = price(read.c[0]), price(read.h[1]), price(read.l[1])
    return TickerHeard(native, price(bid), price(ask), last, "", high, low, read.v[1], bid_qty, ask_qty)


def _print(read: _Trade) -> PrintHeard:
    if read.side not in _SIDES:
        raise Garbled(f"{read.side[:40]!r} is no side of a trade of Kraken.")
    at = decimal_seconds(str(read.time, "ascii"))
    return PrintHeard(read.price, read.qty, _SIDES[read.side], at, read.trade_id)
