"""Values of indicators in words: in the legend, on axes, under the crosshair."""

from __future__ import annotations

from math import floor, isnan, log10

from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.scale import NumberGrid, PriceTick, number_ticks
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.format import grouped
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.words import Sentence
from engine.domain.number import fixed
from engine.domain.pair import TradingPair
from engine.indicators.spec import Mark

MOST_PLACES = 10
NONE = "\u2013"
"""An en dash: there is no value."""
TEXT_TOKENS = {"up": "up_text", "down": "down_text"}
"""Tokens of shapes, and the same hue where it is read."""


def places(reach: float) -> int:
    """Return the decimals with which values within a range of `reach` can be told apart."""
    if not reach > 0:
        return 2
    return min(max(2 - floor(log10(reach)), 0), MOST_PLACES)


def number(value: float, decimals: int) -> str:
    """Return a value with so many decimals, in a few characters if it is large; `NONE` for NaN."""
    if isnan(value):
        return NONE
    if abs(value) >= 1e6:
        return NumberGrid(0).short(value)
    return grouped(fixed(round(value * 10**decimals), decimals))


def study_places(study: Study) -> int:
    """Return the decimals of an indicator's values: four figures of the newest of them."""
    newest = [abs(column.at(column.stop - 1)) * study.unit for column in study.columns if len(column)]
    return places(max((each for each in newest if each == each), default=0.0))


def value_text(study: Study, output: int, index: int, pair: TradingPair) -> str:
    """Return a value as it is read; a price as prices are."""
    if study.indicator.overlay:
        value = study.columns[output].at(index)
        return NONE if isnan(value) else NumberGrid.of_price(pair).text(value)
    return number(study.value(output, index), study_places(study))


def study_parts(study: Study, index: int, pair: TradingPair, warning: Sentence) -> list[Part]:
    """Return the legend of an indicator for a bar: its name, its values in their colours, what is wrong."""
    parts: list[Part] = [(study.title, "text_muted")]
    if study.setup.hidden:
        parts.append((tr("hidden"), "text_faint"))
    elif not warning.source or any(len(column) for column in study.columns):
        for at, look in enumerate(study.setup.looks):
            if look.visible and study.drawn(at):
                shown = index - study.shift(at)
                parts.append((value_text(study, at, shown, pair), _token(study, at, shown)))
    if study.busy:
        parts.append((tr("computing…"), "text_faint"))
    if warning.source:
        parts.append((spoken(warning), "error"))
    return parts


def _token(study: Study, at: int, index: int) -> str:
    """Return the colour in which a value is read; that of a histogram's bar says on which side of zero it is."""
    color = study.setup.looks[at].color
    if study.indicator.outputs[at].mark is Mark.HISTOGRAM and not color.startswith("#"):
        return "down_text" if study.columns[at].at(index) < 0 else "up_text"
    return TEXT_TOKENS.get(color, color)


def value_ticks(low: float, high: float, height: float, spacing: float) -> list[PriceTick]:
    """Return round values between `low` and `high` at least `spacing` px apart, lowest first."""
    if not high > low:
        return []
    decimals = min(max(1 - floor(log10(high - low)), 0), MOST_PLACES)
    ticks = number_ticks(low, high, height, spacing, NumberGrid(decimals, 10**decimals))
    if max(abs(low), abs(high)) < 1e6:
        return ticks
    short = [PriceTick(each.value, NumberGrid(0).short(each.value)) for each in ticks]
    return short if len({each.text for each in short}) == len(short) else ticks
