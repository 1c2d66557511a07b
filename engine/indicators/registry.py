"""Every built-in indicator, by name."""

from __future__ import annotations

from engine.errors import InvalidInput
from engine.indicators.averages import AVERAGES
from engine.indicators.crossing import CROSSING
from engine.indicators.cycle import CYCLE
from engine.indicators.momentum import MOMENTUM
from engine.indicators.oscillators import OSCILLATORS
from engine.indicators.power import POWER
from engine.indicators.spec import Indicator
from engine.indicators.stochastic import STOCHASTIC
from engine.indicators.strength import STRENGTH
from engine.indicators.structure import STRUCTURE
from engine.indicators.trend import TREND
from engine.indicators.volatility import VOLATILITY
from engine.indicators.volume import VOLUME

FAMILIES: tuple[tuple[Indicator, ...], ...] = (
    AVERAGES,
    MOMENTUM,
    STRENGTH,
    CROSSING,
    STOCHASTIC,
    OSCILLATORS,
    POWER,
    CYCLE,
    VOLATILITY,
    VOLUME,
    TREND,
    STRUCTURE,
)
"""One tuple per module; larger families hold the tuples of their parts."""
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
