"""Coinbase's two feeds: a capture, single frames, and names of pairs in USDC."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

from engine.adapters.exchanges.book.sync import BookSync
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.coinbase.exchange_rest import CoinbaseExchangeRest
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.wire.heard import (
    Answered,
    Beat,
    BookHeard,
    Heard,
    Numbered,
    PrintHeard,
    TickerHeard,
    TradesHeard,
)
from engine.domain.order import Side
from tests.engine.adapters.exchanges.recorded import answer, frames

CAPTURE = "coinbase_exchange_level2_ticker_matches_2021-04-17_5products_raw"


def test_the_capture_is_heard_whole_and_on_the_grid(shared_data: Path) -> None:
    """The tickers of the capture are an independent witness of the books: best bid and ask where both are new."""
    listing = CoinbaseExchangeRest().hear_listing(answer(shared_data, "coinbase_products_2021-04-17"))
    pairs = {each.native: each.pair for each in listing.instruments}
    dialect, counted = CoinbaseExchangeDialect(), Counter[str]()
    syncs: dict[str, BookSync] = {}
    agree: Counter[bool] = Counter()
    for text in frames(shared_data, CAPTURE):
        for heard in dialect.hear(text):
            counted[type(heard).__name__] += 1
            if isinstance(heard, BookHeard):
                syncs.setdefault(heard.native, BookSync(dialect.rule())).hear(heard)
                for price, qty in [*heard.bids, *heard.asks]:
                    assert pairs[heard.native].ticks(Decimal(price)) is not None
                    assert pairs[heard.native].lots(Decimal(qty)) is not None
            elif isinstance(heard, TickerHeard) and heard.native in syncs:
                book = syncs[heard.native].book
                ((bid, _),), ((ask, _),) = book.top(Side.BUY, 1), book.top(Side.SELL, 1)
                agree[Decimal(bid) == Decimal(heard.bid) and Decimal(ask) == Decimal(heard.ask)] += 1
    assert counted == {"BookHeard": 6145, "TickerHeard": 84, "TradesHeard": 84}
    assert len(syncs) == 5
    assert not any(sync.gaps for sync in syncs.values())
    assert agree[True] > agree[False]  # a ticker may come before or after the change of the book that it tells of


def test_prints_have_the_takers_side() -> None:
    frame = {
        "type": "match", "trade_id": 7, "side": "sell", "size": "450", "price": "0.791", "product_id": "SKL-USD",
        "sequence": 1, "time": "2021-04-17T16:43:37.121358Z",
    }  # fmt: skip
    dialect = CoinbaseExchangeDialect()
    each = PrintHeard("0.791", "450", Side.BUY, 1618677817121358000, 7)  # type: ignore[arg-type]
    assert dialect.hear(json.dumps(frame)) == (TradesHeard("SKL-USD", (each,)),)
    (past,) = dialect.hear(json.dumps(frame | {"type": "last_match"}))
    assert isinstance(past, TradesHeard)
    assert past.is_past


def test_exchange_says_why_a_message_was_refused() -> None:
    dialect = CoinbaseExchangeDialect()
    frame = '{"type":"error","message":"Failed to subscribe","reason":"A-B is not a valid product"}'
    assert dialect.hear(frame) == (Answered(None, "Failed to subscribe: A-B is not a valid product"),)
    beat = '{"type":"heartbeat","sequence":90,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}'
    assert dialect.hear(beat) == (Beat(1415348368464459000),)  # type: ignore[arg-type]
    assert dialect.native("BTC/USD") == "BTC-USD"
    (message,) = dialect.subscribe(Channel.BOOK, ["BTC-USD"])
    assert json.loads(message) == {
        "type": "subscribe",
        "product_ids": ["BTC-USD"],
        "channels": ["level2_batch", "heartbeat"],
    }


def envelope(channel: str, events: list[object], number: int = 3) -> str:
    return json.dumps(
        {"channel": channel, "timestamp": "2026-04-07T14:30:01Z", "sequence_num": number, "events": events}
    )


def book_frame(product: str) -> str:
    updates = [
        {"side": "bid", "event_time": "1970-01-01T00:00:00Z", "price_level": "9", "new_quantity": "1.50"},
        {"side": "offer", "event_time": "1970-01-01T00:00:00Z", "price_level": "10", "new_quantity": "0"},
    ]
    return envelope("l2_data", [{"type": "update", "product_id": product, "updates": updates}])


def natives(heard: list[Heard]) -> list[str]:
    return [each.native for each in heard if isinstance(each, BookHeard)]


def test_the_number_of_the_connection_comes_first() -> None:
    heard = CoinbaseAdvancedDialect().hear(book_frame("BTC-USD"))
    assert heard[0] == Numbered(3)
    assert heard[1] == BookHeard("BTC-USD", False, [("9", "1.50")], [("10", "0")], at=1775572201000000000)  # type: ignore[arg-type]


def test_pairs_in_usdc_are_heard_under_the_name_they_were_asked_for() -> None:
    dialect = CoinbaseAdvancedDialect()
    assert natives(list(dialect.hear(book_frame("BTC-USD")))) == ["BTC-USD"]
    dialect.subscribe(Channel.BOOK, ["BTC-USDC"])
    assert natives(list(dialect.hear(book_frame("BTC-USD")))) == ["BTC-USDC"]
    dialect.subscribe(Channel.BOOK, ["BTC-USD"])
    assert natives(list(dialect.hear(book_frame("BTC-USD")))) == ["BTC-USD", "BTC-USDC"]
    dialect.unsubscribe(Channel.BOOK, ["BTC-USDC"])
    assert natives(list(dialect.hear(book_frame("BTC-USD")))) == ["BTC-USD"]


def test_heartbeats_are_subscribed_with_the_first_channel_only() -> None:
    dialect = CoinbaseAdvancedDialect()
    first, second = dialect.subscribe(Channel.BOOK, ["BTC-USD"])
    assert json.loads(first) == {"type": "subscribe", "channel": "heartbeats"}
    assert json.loads(second) == {"type": "subscribe", "channel": "level2", "product_ids": ["BTC-USD"]}
    assert len(dialect.subscribe(Channel.TRADES, ["BTC-USD"])) == 1


def test_trades_come_oldest_first_by_the_takers_side() -> None:
    def trade(number: int, time: str, side: str) -> dict[str, str]:
        return {
            "trade_id": str(number), "product_id": "BTC-USD", "price": "1", "size": "2", "side": side, "time": time,
        }  # fmt: skip

    events: list[object] = [
        {
            "type": "snapshot",
            "trades": [trade(2, "2026-04-07T14:30:02Z", "BUY"), trade(1, "2026-04-07T14:30:01Z", "SELL")],
        }
    ]
    _, trades = CoinbaseAdvancedDialect().hear(envelope("market_trades", events))
    assert isinstance(trades, TradesHeard)
    assert trades.is_past
    assert [(each.trade_id, each.side) for each in trades.prints] == [(1, Side.BUY), (2, Side.SELL)]
