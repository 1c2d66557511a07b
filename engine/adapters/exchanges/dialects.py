"""The dialects that are known, by the names of their venues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.bitstamp.dialect import BitstampDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.kraken.v1 import KrakenV1Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.errors import Garbled, InvalidInput


@runtime_checkable
class Answering(Protocol):
    """A dialect whose books begin with the answer to a request."""

    def snapshot(self, native: str, answer: str | bytes) -> BookHeard:
        """Return a picture of a pair's book.

        Raises:
            Garbled: the answer is none.
        """
        ...


DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "binance": BinanceDialect,
    "binance_usdm": lambda: BinanceDialect(is_perpetual=True),
    "kraken": KrakenV1Dialect,
    "kraken_v2": KrakenDialect,
    "coinbase_exchange": CoinbaseExchangeDialect,
    "coinbase": CoinbaseAdvancedDialect,
    "bitstamp": BitstampDialect,
}
"""By the venue's name, in the order in which they are offered."""


def dialect_of(venue: str) -> Dialect:
    """Return a new dialect of a venue.

    Raises:
        InvalidInput: the venue is not known; the message lists those that are.
    """
    make = DIALECTS.get(venue)
    if make is None:
        raise InvalidInput(f"{venue[:40]!r} is no venue here; choose one of {', '.join(DIALECTS)}.")
    return make()


def answer_of(dialect: Dialect, native: str, answer: bytes) -> BookHeard:
    """Return what a request for a pair's book was answered.

    Raises:
        Garbled: it is no picture of a book, or the venue's books do not begin with an answer.
    """
    if not isinstance(dialect, Answering):
        raise Garbled(f"A book of {dialect.venue} begins with a frame, not with the answer to a request.")
    return dialect.snapshot(native, answer)
