"""The socket of Coinbase Advanced Trade: every message in an envelope that the connection numbers, from 0 on.

Source: docs.cdp.coinbase.com/advanced-trade, WebSocket channels and overview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from engine.adapters.exchanges.loopback.bars import volume_text
from engine.adapters.exchanges.loopback.coinbase.words import MAKER, SUBSCRIBE_S, day_of, percent, product_of, products
from engine.adapters.exchanges.loopback.frame import Frame, Hangup, Kind, Outgoing
from engine.adapters.exchanges.loopback.instant import nine, rfc3339
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import View
from engine.adapters.exchanges.loopback.written import encoded
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TradesHeard, WireLevel
from engine.domain.order import Side

CHANNELS = ("level2", "market_trades", "ticker", "ticker_batch", "candles", "heartbeats", "status")
BATCH_BEATS = 50
CANDLE_S = 300
"""Candles of this channel are of five minutes."""
PAST_TRADES = 50


class AdvancedSession:
    """One connection."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._products = products(view.market)
        self._subscribed: dict[str, list[str]] = {}
        self._has_asked = False
        self._number = self._heartbeats = self._beats = 0
        self._changed: set[str] = set()

    def open(self) -> Iterable[Outgoing]:
        """Say nothing."""
        return ()

    # Messages

    def hear(self, text: str) -> Iterable[Outgoing]:
        """Answer a message: one channel, some products."""
        try:
            read = msgspec.json.decode(text)
        except msgspec.DecodeError:
            read = None
        kind = read.get("type") if isinstance(read, dict) else None
        channel = read.get("channel") if isinstance(read, dict) else None
        if kind not in ("subscribe", "unsubscribe") or channel not in CHANNELS:
            yield _error("failure to subscribe" if kind == "subscribe" else "invalid message")
            return
        wanted = read.get("product_ids") or []
        if not isinstance(wanted, list) or any(self._symbol(each) is None for each in wanted):
            yield _error("product not found")
            return
        self._has_asked = True
        yield from self._change(kind, channel, [symbol for each in wanted if (symbol := self._symbol(each))])

    def _symbol(self, product: object) -> str | None:
        """Return our symbol; pairs in USDC are those in USD, as there."""
        if not isinstance(product, str):
            return None
        found = self._products.get(product)
        if found is None and product.endswith("-USDC"):
            found = self._products.get(product.removesuffix("C"))
        return found

    def _change(self, kind: str, channel: str, symbols: Sequence[str]) -> Iterator[Outgoing]:
        have = self._subscribed.setdefault(channel, [])
        new = [symbol for symbol in symbols if symbol not in have]
        if kind == "subscribe":
            have.extend(new)
        elif symbols:
            have[:] = [symbol for symbol in have if symbol not in symbols]
        if kind == "unsubscribe" and not have:
            del self._subscribed[channel]
        listed = {name: [product_of(each) for each in of] for name, of in self._subscribed.items()}
        yield self._envelope(Kind.ANSWER, "subscriptions", [{"subscriptions": listed}])
        for symbol in new if kind == "subscribe" else ():
            yield from self._first(channel, symbol)

    def _first(self, channel: str, symbol: str) -> Iterator[Outgoing]:
        shown = self._view.market.pairs[symbol]
        if channel == "level2" and shown.last:
            yield self._picture(symbol)
        elif channel == "market_trades" and shown.prints:
            prints = list(shown.prints)[-PAST_TRADES:][::-1]
            yield self._trades(symbol, "snapshot", prints)
        elif channel.startswith("ticker"):
            yield self._ticker(channel, symbol, "snapshot")
        elif channel == "candles":
            yield self._candles(symbol, "snapshot", 350)

    # What happens

    def tell(self, told: Told) -> Iterable[Outgoing]:
        """Send what happened to those who subscribed to it."""
        what = told.what
        self._changed.add(what.native)
        for channel, symbols in tuple(self._subscribed.items()):
            if what.native not in symbols:
                continue
            if channel == "level2" and isinstance(what, BookHeard):
                yield self._picture(what.native) if what.is_snapshot else self._update(what)
            elif channel == "market_trades" and isinstance(what, TradesHeard):
                yield self._trades(what.native, "update", what.prints)

    def beat(self, open_s: float) -> Iterable[Outgoing]:
        """Send heartbeats each second, tickers that changed; end a connection that never subscribed."""
        self._beats += 1
        if not self._has_asked and open_s > SUBSCRIBE_S:
            yield Hangup(1008, "No subscription within 5 seconds")
        for channel, every, send in self._clocked():
            if self._beats % every == 0:
                for symbol in self._subscribed.get(channel, ()):
                    if symbol in self._changed:
                        yield send(symbol)
        if self._beats % BATCH_BEATS == 0:
            self._changed = set()
        if self._beats % 10 == 0 and "heartbeats" in self._subscribed:
            self._heartbeats += 1
            now = rfc3339(self._view.now())
            event = {"current_time": now, "heartbeat_counter": self._heartbeats}
            yield self._envelope(Kind.BEAT, "heartbeats", [event])

    def _clocked(self) -> Iterable[tuple[str, int, Callable[[str], Frame]]]:
        yield "ticker", 2, lambda symbol: self._ticker("ticker", symbol, "update")
        yield "ticker_batch", BATCH_BEATS, lambda symbol: self._ticker("ticker_batch", symbol, "update")
        yield "candles", 10, lambda symbol: self._candles(symbol, "update", 1)

    def farewell(self) -> Iterable[Outgoing]:
        """Say nothing: Coinbase closes without a word."""
        return ()

    # Objects

    def _envelope(self, kind: Kind, channel: str, events: Sequence[object]) -> Frame:
        number, self._number = self._number, self._number + 1
        head = {"channel": channel, "client_id": "", "timestamp": nine(self._view.now()), "sequence_num": number}
        return Frame(kind, encoded(head | {"events": events}))

    def _picture(self, symbol: str) -> Frame:
        picture = self._view.pictured(self._view.market.pairs[symbol])
        at = nine(picture.at or self._view.now())
        updates = [*_updates("bid", picture.bids, at), *_updates("offer", picture.asks, at)]
        event = {"type": "snapshot", "product_id": product_of(symbol), "updates": updates}
        return self._envelope(Kind.BOOK, "l2_data", [event])

    def _update(self, what: BookHeard) -> Frame:
        at = nine(what.at)
        updates = [*_updates("bid", what.bids, at), *_updates("offer", what.asks, at)]
        event = {"type": "update", "product_id": product_of(what.native), "updates": updates}
        return self._envelope(Kind.BOOK, "l2_data", [event])

    def _trades(self, symbol: str, kind: str, prints: Sequence[PrintHeard]) -> Frame:
        trades = [
            {
                "trade_id": str(each.trade_id), "product_id": product_of(symbol), "price": each.price,
                "size": each.qty, "side": MAKER[each.side].upper(), "time": rfc3339(each.at),
            }
            for each in prints
        ]  # fmt: skip
        return self._envelope(Kind.TRADES, "market_trades", [{"type": kind, "trades": trades}])

    def _ticker(self, channel: str, symbol: str, kind: str) -> Frame:
        market = self._view.market
        shown, day = market.pairs[symbol], day_of(market, symbol)
        bid, ask = (shown.best(side) or ("0", "0") for side in (Side.BUY, Side.SELL))
        figures: dict[str, Any] = {
            "type": "ticker", "product_id": product_of(symbol), "price": day.close,
            "volume_24_h": volume_text(day.volume), "low_24_h": day.low, "high_24_h": day.high, "low_52_w": day.low,
            "high_52_w": day.high, "price_percent_chg_24_h": percent(day), "best_bid": bid[0],
            "best_bid_quantity": bid[1], "best_ask": ask[0], "best_ask_quantity": ask[1],
        }  # fmt: skip
        return self._envelope(Kind.TICKER, channel, [{"type": kind, "tickers": [figures]}])

    def _candles(self, symbol: str, kind: str, count: int) -> Frame:
        bars = self._view.market.bars(symbol, CANDLE_S, count=count)
        candles = [
            {
                "start": str(bar.start // 1_000_000_000), "high": bar.high, "low": bar.low, "open": bar.open,
                "close": bar.close, "volume": volume_text(bar.volume), "product_id": product_of(symbol),
            }
            for bar in reversed(bars)
        ]  # fmt: skip
        return self._envelope(Kind.TICKER, "candles", [{"type": kind, "candles": candles}])


def _updates(side: str, levels: Iterable[WireLevel], at: str) -> list[dict[str, str]]:
    return [{"side": side, "event_time": at, "price_level": price, "new_quantity": qty} for price, qty in levels]


def _error(message: str) -> Frame:
    return Frame(Kind.ANSWER, encoded({"type": "error", "message": message}))
