"""Whether a frame that cannot be read may have held a diff of a pair: by the words that are left of it."""

from __future__ import annotations

import re

_BOOK = re.compile(rb'@depth|depthUpdate|l2update|l2_data|"snapshot"|diff_order_book|book-\d+|"channel": ?"book"')
_OTHER = re.compile(
    rb'lastUpdateId|@(?:trade|aggTrade|bookTicker|kline|ticker|miniTicker|markPrice)'
    rb'|"e": ?"(?:trade|aggTrade|bookTicker|kline|24hr\w+|markPriceUpdate)"'
    rb'|"type": ?"(?:match|last_match|ticker|heartbeat|subscriptions)"'
    rb'|"channel": ?"(?:trade|ticker|ohlc|heartbeat|status|live_trades\w*)"|"event": ?"(?:heartbeat|systemStatus)"'
)  # fmt: skip
_PAIR = re.compile(
    rb'"stream": ?"(\w+)@|"s": ?"(\w+)"|"product_id": ?"([\w-]+)"|"symbol": ?"([\w/-]+)"'
    rb'|(?:diff_order_book|live_trades)_(\w+)"'
)
_CUT_PAIR = re.compile(rb'"(?:product_id|symbol|s|stream)": ?"([\w/-]*)$')
"""A pair's name that the end of the text cuts off."""
_NUMBERED = re.compile(rb"\[(\d+),")


class Doubt:
    """What is known of a capture while it is played."""

    def __init__(self) -> None:
        self._numbered: dict[bytes, str] = {}

    def learn(self, frame: bytes, native: str) -> None:
        """Remember of which pair a frame was, where frames are numbered by channel and pair (Kraken v1)."""
        if found := _NUMBERED.match(frame):
            self._numbered[found[1]] = native

    def may_hold_diff(self, frame: bytes, native: str) -> bool:
        """Whether a diff of the pair may be lost in what is left of a frame."""
        if (found := _NUMBERED.match(frame)) and (pair := self._numbered.get(found[1])):
            return pair == native
        if _OTHER.search(frame) and not _BOOK.search(frame):
            return False
        if cut := _CUT_PAIR.search(frame):
            return native.upper().startswith(cut[1].decode().upper())
        pairs = {next(word for word in each if word).decode().upper() for each in _PAIR.findall(frame)}
        return not pairs or native.upper() in pairs
