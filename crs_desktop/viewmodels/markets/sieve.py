"""What of everything that is listed is shown: by words, quote asset, venue, kind, volume and change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crs_desktop.viewmodels.markets.figures import Figures, Flags, Listed


@dataclass(frozen=True, slots=True)
class Sieve:
    """What passes has all of this; what is empty or None lets everything through."""

    text: str = ""
    """Words, each of which begins the symbol, an asset, the venue or the venue's own word."""
    quote: str = ""
    venue: str = ""
    kind: str = ""
    least: float | None = None
    """The least volume of 24 hours, in US dollars as `Figures` values it; what is not known does not pass."""
    low: float | None = None
    """The least change of 24 hours, as a fraction…"""
    high: float | None = None
    """…and the most; what is not known does not pass."""

    @property
    def is_open(self) -> bool:
        """Whether everything passes."""
        return self == Sieve()

    @property
    def still(self) -> Sieve:
        """The part of it that does not depend on prices."""
        return replace(self, least=None, low=None, high=None)

    def passes(self, listed: Listed) -> bool:
        """Whether an instrument passes, as far as prices do not matter."""
        instrument = listed.instrument
        if self.quote and instrument.pair.quote.code != self.quote:
            return False
        if (self.venue and listed.venue != self.venue) or (self.kind and instrument.kind.value != self.kind):
            return False
        words = self.text.upper().replace("-", "/").split()
        return not words or fits(listed, words)


def fits(listed: Listed, words: list[str]) -> bool:
    """Whether every word begins something by which an instrument is known."""
    instrument = listed.instrument
    pair = instrument.pair
    texts = (
        pair.symbol, pair.base.code, pair.quote.code, listed.venue.upper(), listed.title.upper(),
        instrument.native.upper(),
    )  # fmt: skip
    return all(any(text.startswith(word) for text in texts) for word in words)


def passing(sieve: Sieve, figures: Figures, still: Flags) -> Flags:
    """Return which rows pass, given those that pass without regard to prices."""
    flags = still
    for limit, name, is_least in (
        (sieve.least, "volume", True), (sieve.low, "change", True), (sieve.high, "change", False),
    ):  # fmt: skip
        if limit is not None:
            values = figures.columns[name]
            with np.errstate(invalid="ignore"):
                flags = flags & (values >= limit if is_least else values <= limit)
    return flags
