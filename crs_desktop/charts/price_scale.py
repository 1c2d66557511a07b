"""Where the ticks of a price axis go on a linear, logarithmic or percent scale, and how a price is written there."""

from __future__ import annotations

from math import ceil, floor, log, log10

from crs_desktop.charts.scale import NICE, NumberGrid, PriceTick, number_ticks
from crs_desktop.charts.viewport import LEAST_PRICE, Viewport
from crs_desktop.viewmodels.chart_style import Scale
from crs_desktop.viewmodels.format import MINUS

HUNDREDTHS = NumberGrid(2)
WIDE = 8.0
"""A logarithmic scale over this factor has ticks at 1, 2 and 5 of each power of ten; a narrower one at even steps."""


def price_ticks(view: Viewport, spacing: float, grid: NumberGrid, base: float) -> list[PriceTick]:
    """Return ticks at least `spacing` pixels apart, lowest first; `base` is the price of 0 %, in ticks."""
    if view.scale is Scale.PERCENT and base > 0:
        low, high = (_hundredths(price, base) for price in (view.low, view.high))
        found = number_ticks(low, high, view.height, spacing, HUNDREDTHS)
        return [PriceTick(base * (1 + tick.value / 10_000), percent_text(tick.value)) for tick in found]
    if view.scale is Scale.LOG:
        return _log_ticks(view, spacing, grid)
    return number_ticks(view.low, view.high, view.height, spacing, grid)


def scaled_text(view: Viewport, price: float, grid: NumberGrid, base: float) -> str:
    """Return a price as the axis writes it: in percent on such a scale."""
    if view.scale is Scale.PERCENT and base > 0:
        return percent_text(_hundredths(price, base))
    return grid.text(round(price))


def percent_text(hundredths: float) -> str:
    """Return hundredths of a percent as `+1.25%`."""
    rounded = round(hundredths)
    sign = MINUS if rounded < 0 else "+" if rounded else ""
    return f"{sign}{HUNDREDTHS.text(abs(rounded))}%"


def _hundredths(price: float, base: float) -> float:
    return (price / base - 1) * 10_000


def _log_ticks(view: Viewport, spacing: float, grid: NumberGrid) -> list[PriceTick]:
    low, high = max(view.low, LEAST_PRICE), max(view.high, 2 * LEAST_PRICE)
    if high / low < WIDE:
        # as if the whole height were as dense as the upper end, where equal steps lie nearest to each other
        dense = view.height * (high - low) / (high * log(high / low))
        return number_ticks(low, high, dense, spacing, grid)
    powers = range(floor(log10(low * grid.unit)), ceil(log10(high * grid.unit)) + 1)
    wanted = [nice * 10**power for power in powers if power >= 0 for nice in NICE]
    found: list[PriceTick] = []
    for major in (10, 5, 2):  # powers of ten first, then what fits between them
        for units in wanted:
            price = units / grid.unit
            if not low <= price <= high or _leading(units) not in (1, major):
                continue
            y = view.y(price)
            if all(abs(view.y(tick.value) - y) >= spacing for tick in found):
                found.append(PriceTick(price, grid.text(price)))
    return sorted(found)


def _leading(units: int) -> int:
    while units >= 10:
        units //= 10
    return units
