"""The socket of Coinbase Exchange: `subscriptions`, `snapshot`, `l2update`, `match`, `ticker`, `heartbeat`.

Source: docs.cdp.coinbase.com/exchange/websocket-feed (channels, errors).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from engine.adapters.exchanges.loopback.bars import volume_text
from engine.adapters.exchanges.loopback.coinbase.words import MAKER, SUBSCRIBE_S, day_of, product_of, products
from engine.adapters.exchanges.loopback.frame import Frame, Hangup, Kind, Outgoing
from engine.adapters.exchanges.loopback.instant import rfc3339
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import View
from engine.adapters.exchanges.loopback.written import encoded
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard, TradesHeard
from engine.domain.order import Side

BOOKS = ("level2", "level2_batch", "level2_50")
CHANNELS = (*BOOKS, "matches", "ticker", "ticker_batch", "heartbeat", "status")


class _Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A message that is refused, with the reason."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.message, self.reason = message, reason


class ExchangeSession:
    """One connection; `recorded` if the source's texts are of this very feed."""

    def __init__(self, view: View, *, recorded: bool) -> None:
        self._view, self._recorded = view, recorded
        self._products = products(view.market)
        self._subscribed: dict[str, list[str]] = {}
        """Our symbols by channel."""
        self._has_asked = False
        self._beats = 0
        self._changed: set[str] = set()
        self._sequences: dict[str, int] = {}

    def open(self) -> Iterable[Outgoing]:
        """Say nothing."""
        return ()

    # Messages

    def hear(self, text: str) -> Iterable[Outgoing]:
        """Answer a message."""
        try:
            kind, wanted = self._read(text)
        except _Refused as refused:
            error = {"type": "error", "message": refused.message, "reason": refused.reason}
            yield Frame(Kind.ANSWER, encoded(error))
            return
        follow: list[Outgoing] = []
        for channel, symbols in wanted:
            have = self._subscribed.setdefault(channel, [])
            for symbol in symbols:
                if kind == "subscribe" and symbol not in have:
                    have.append(symbol)
                    follow.extend(self._first(channel, symbol))
                elif kind == "unsubscribe" and symbol in have:
                    have.remove(symbol)
            if not have:
                del self._subscribed[channel]
        self._has_asked = True
        listed = [
            {"name": channel, "product_ids": [product_of(symbol) for symbol in have], "account_ids": None}
            for channel, have in self._subscribed.items()
        ]
        yield Frame(Kind.ANSWER, encoded({"type": "subscriptions", "channels": listed}))
        yield from follow

    def _read(self, text: str) -> tuple[str, list[tuple[str, list[str]]]]:
        try:
            read = msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise _Refused("Malformed JSON", "") from None
        if not isinstance(read, dict) or read.get("type") not in ("subscribe", "unsubscribe"):
            raise _Refused("Malformed JSON", "type has to be subscribe or unsubscribe")
        named, channels = read.get("product_ids", []), read.get("channels", [])
        if not isinstance(channels, list) or not channels:
            raise _Refused("Failed to subscribe", "no channels provided")
        return read["type"], [self._channel(each, named) for each in channels]

    def _channel(self, each: object, named: object) -> tuple[str, list[str]]:
        name = each.get("name") if isinstance(each, dict) else each
        if name not in CHANNELS:
            raise _Refused("Failed to subscribe", f"{str(name)[:40]} is not a valid channel")
        wanted = (each.get("product_ids") if isinstance(each, dict) else None) or named
        if not isinstance(wanted, list) or (not wanted and name != "status"):
            raise _Refused("Failed to subscribe", "no product_ids provided")
        for product in wanted:
            if product not in self._products:
                raise _Refused("Failed to subscribe", f"{str(product)[:40]} is not a valid product")
        return name, [self._products[product] for product in wanted]

    def _first(self, channel: str, symbol: str) -> Iterator[Outgoing]:
        shown = self._view.market.pairs[symbol]
        if channel in BOOKS and shown.last:
            yield self._picture(symbol)
        elif channel == "matches" and shown.prints:
            yield Frame(Kind.TRADES, self._match(symbol, shown.prints[-1], "last_match"))
        elif channel.startswith("ticker") and shown.prints:
            yield Frame(Kind.TICKER, self._ticker(symbol))

    def _picture(self, symbol: str) -> Frame:
        picture = self._view.pictured(self._view.market.pairs[symbol])
        what = {"type": "snapshot", "product_id": product_of(symbol), "asks": picture.asks, "bids": picture.bids}
        return Frame(Kind.BOOK, encoded(what | {"time": rfc3339(picture.at or self._view.now())}))

    # What happens

    def tell(self, told: Told) -> Iterable[Outgoing]:
        """Send what happened to those who subscribed to it."""
        what, recorded = told.what, told.recorded if self._recorded else ""
        self._changed.add(what.native)
        for channel, symbols in self._subscribed.items():
            if what.native not in symbols:
                continue
            if channel in BOOKS and isinstance(what, BookHeard):
                yield self._picture(what.native) if what.is_snapshot else Frame(Kind.BOOK, recorded or _update(what))
            elif channel == "matches" and isinstance(what, TradesHeard):
                for each in what.prints:
                    yield Frame(Kind.TRADES, recorded or self._match(what.native, each, "match"))
            elif channel == "ticker" and isinstance(what, TradesHeard):
                yield Frame(Kind.TICKER, self._ticker(what.native))

    def beat(self, open_s: float) -> Iterable[Outgoing]:
        """Send heartbeats each second; end a connection that never subscribed."""
        self._beats += 1
        if not self._has_asked and open_s > SUBSCRIBE_S:
            yield Hangup(1000, "Failed to subscribe within 5 seconds")
        if self._beats % 10:
            return
        for symbol in self._subscribed.get("heartbeat", ()):
            yield Frame(Kind.BEAT, self._heartbeat(symbol))
        if self._beats % 50 == 0:
            for symbol in self._subscribed.get("ticker_batch", ()):
                if symbol in self._changed and self._view.market.pairs[symbol].prints:
                    yield Frame(Kind.TICKER, self._ticker(symbol))
            self._changed = set()

    def farewell(self) -> Iterable[Outgoing]:
        """Say nothing: Coinbase closes without a word."""
        return ()

    # Objects

    def _sequence(self, symbol: str) -> int:
        self._sequences[symbol] = number = self._sequences.get(symbol, 0) + 1
        return number

    def _match(self, symbol: str, each: PrintHeard, kind: str) -> str:
        return encoded(
            {
                "type": kind, "trade_id": each.trade_id, "maker_order_id": _NOBODY, "taker_order_id": _NOBODY,
                "side": MAKER[each.side], "size": each.qty, "price": each.price, "product_id": product_of(symbol),
                "sequence": self._sequence(symbol), "time": rfc3339(each.at),
            }
        )  # fmt: skip

    def _ticker(self, symbol: str) -> str:
        market = self._view.market
        shown, day = market.pairs[symbol], day_of(market, symbol)
        last = shown.prints[-1]
        bid, ask = (shown.best(side) or ("0", "0") for side in (Side.BUY, Side.SELL))
        what: dict[str, Any] = {
            "type": "ticker", "sequence": self._sequence(symbol), "product_id": product_of(symbol),
            "price": last.price, "open_24h": day.open, "volume_24h": volume_text(day.volume), "low_24h": day.low,
            "high_24h": day.high, "volume_30d": volume_text(day.volume), "best_bid": bid[0], "best_bid_size": bid[1],
            "best_ask": ask[0], "best_ask_size": ask[1], "side": last.side.value, "time": rfc3339(last.at),
            "trade_id": last.trade_id, "last_size": last.qty,
        }  # fmt: skip
        return encoded(what)

    def _heartbeat(self, symbol: str) -> str:
        prints = self._view.market.pairs[symbol].prints
        last = prints[-1].trade_id if prints else 0
        what = {"type": "heartbeat", "last_trade_id": last, "product_id": product_of(symbol)}
        return encoded(what | {"sequence": self._sequence(symbol), "time": rfc3339(self._view.now())})


_NOBODY = "00000000-0000-0000-0000-000000000000"


def _update(what: BookHeard) -> str:
    changes = [*(("buy", *level) for level in what.bids), *(("sell", *level) for level in what.asks)]
    head = {"type": "l2update", "product_id": product_of(what.native), "changes": changes}
    return encoded(head | {"time": rfc3339(what.at)})
