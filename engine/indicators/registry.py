"""Every built-in indicator, by name."""

from __future__ import annotations

from engine.errors import InvalidInput
from engine.indicators.averages import AVERAGES
from engine.indicators.crossing import CROSSING
from engine.indicators.momentum import MOMENTUM
from engine.indicators.oscillators import OSCILLATORS
from engine.indicators.spec import Indicator
from engine.indicators.stochastic import STOCHASTIC

FAMILIES: tuple[tuple[Indicator, ...], ...] = (
    AVERAGES,
    MOMENTUM,
    CROSSING,
    STOCHASTIC,
    OSCILLATORS,
)  # fmt: skip
"""One tuple per module: averages, momentum, volatility, volume, trend."""
BUILT_IN: dict[str, Indicator] = {each.name: each for family in FAMILIES for each in family}


def find(name: str) -> Indicator:
    """Return a built-in indicator.

    Raises:
        InvalidInput: there is none of that name.
    """
    try:
        return BUILT_IN[name]
    except KeyError:
        raise InvalidInput(f"There is no indicator {name!r}. There are: {', '.join(sorted(BUILT_IN))}.") from None
