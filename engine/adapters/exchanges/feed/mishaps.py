"""What went wrong with a pair, here or in what its venue sends: logged, an error of ours with a number, said once."""

from __future__ import annotations

import logging
import secrets
import traceback

from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.domain.market import TradeTick

MOST = 200
"""Kinds of errors that are remembered as said."""

log = logging.getLogger(__name__)


class Mishaps:
    """Logs mishaps of one venue's pairs, and makes the sentences about them."""

    def __init__(self, spec: VenueSpec) -> None:
        self._spec = spec
        self._met: dict[tuple[str, str], int] = {}
        """How often an error was met at a place, by pair."""

    def met(self, symbol: str, error: Exception) -> str:
        """Log an error of this program; return a sentence the first time, then nothing."""
        where = traceback.extract_tb(error.__traceback__)
        kind = symbol, f"{type(error).__name__} in {where[-1].name}:{where[-1].lineno}" if where else repr(error)[:80]
        if len(self._met) >= MOST and kind not in self._met:
            self._met.clear()
        self._met[kind] = times = self._met.get(kind, 0) + 1
        if times & (times - 1):  # the 1st, 2nd, 4th, 8th …: one that comes with every frame must not fill the log
            return ""
        number = secrets.token_hex(4)
        about = {"venue": self._spec.name, "symbol": symbol, "incident": number, "times": times}
        log.error("a pair of a feed failed", extra=about, exc_info=error)
        if times > 1:
            return ""
        return f"This program met an error with {symbol} of {self._spec.title} (incident {number}); it begins anew."

    def leapt(self, pair: FollowedPair) -> str:
        """Log a book that leapt; return a sentence."""
        log.warning("a book leapt", extra={"venue": self._spec.name, "symbol": pair.symbol, "times": pair.leaps.count})
        return (
            f"The book of {pair.symbol} leapt by more than a fifth at once; "
            "nothing is traded on it until a new one bears it out."
        )

    def quarantined(self, pair: FollowedPair, tick: TradeTick) -> None:
        """Log a print that nothing bore out."""
        price = pair.instrument.pair.price_text(tick.price)
        about = {"venue": self._spec.name, "symbol": pair.symbol, "price": price, "trade_id": tick.trade_id}
        log.warning("a print far from the market was left out", extra=about)
