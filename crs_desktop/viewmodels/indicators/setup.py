"""What an indicator on a chart is set to: parameters, looks, its place; as plain data that a file can keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import InvalidInput
from engine.indicators.spec import Indicator, Mark, Value

PRICE = "price"
"""The place over the candles; every other place is the name of a pane."""
PALETTE = tuple(f"series_{number}" for number in range(1, 9))
"""Tokens of the theme that lines are drawn in, in the order in which they are handed out."""
DIRECTIONS = ("up", "down", "accent", "warn", "text_muted", "text_faint")
"""Further tokens that an output may ask for."""
BANDS = ("upper", "lower")
"""What the names of a band's edges begin with: both have one colour."""
WIDTHS = (1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Look:
    """How one output is drawn: a token of the theme or `#rrggbb`, a line's width in px, whether at all."""

    color: str
    width: float = 1.5
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """One indicator as it is set; `looks` has one entry per output."""

    name: str
    values: Mapping[str, Value]
    looks: tuple[Look, ...]
    pane: str = PRICE
    hidden: bool = False

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name,
            "values": dict(self.values),
            "looks": [[each.color, each.width, each.visible] for each in self.looks],
            "pane": self.pane,
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of parameters and looks of one indicator."""

    values: Mapping[str, Value] = field(default_factory=dict)
    looks: tuple[Look, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "values": dict(self.values),
            "looks": [[each.color, each.width, each.visible] for each in self.looks],
        }


def first_setup(indicator: Indicator, pane: str, used: Iterable[str] = (), preset: Preset | None = None) -> Setup:
    """Return how an indicator begins: a preset of it, or its defaults in the colours that are `used` least."""
    looks = default_looks(indicator, used)
    if preset is None:
        return Setup(indicator.name, indicator.values(), looks, pane)
    return Setup(indicator.name, kept_values(indicator, preset.values), merged(looks, preset.looks), pane)


def default_looks(indicator: Indicator, used: Iterable[str] = ()) -> tuple[Look, ...]:
    """Return the looks of outputs as the indicator asks for them, the others from the palette."""
    counted = Counter(used)
    free = iter(sorted(PALETTE, key=lambda color: counted[color]) * len(indicator.outputs))
    given: dict[str, str] = {}
    looks = []
    for output in indicator.outputs:
        kin = "band" if output.name.startswith(BANDS) else output.name
        if is_color(output.token):
            given[kin] = output.token
        elif output.mark is Mark.HISTOGRAM:
            given[kin] = "up"
        elif kin not in given:
            given[kin] = PALETTE[0] if output.mark is Mark.HIDDEN else next(free)
        looks.append(Look(given[kin]))
    return tuple(looks)


def merged(looks: tuple[Look, ...], kept: tuple[Look, ...]) -> tuple[Look, ...]:
    """Return what was kept as far as it reaches; the file of an indicator may have gained an output since."""
    return kept[: len(looks)] + looks[len(kept) :]


def kept_values(indicator: Indicator, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return every parameter: the kept ones where the indicator still takes them, the defaults for the rest."""
    found = indicator.values()
    for param in indicator.params:
        if param.name in values:
            try:
                found[param.name] = param.read(values[param.name])
            except InvalidInput:
                continue
    return found


def with_indicator(setup: Setup, indicator: Indicator) -> Setup:
    """Return a setup that fits an indicator whose parameters or outputs changed."""
    looks = merged(default_looks(indicator), setup.looks)
    return replace(setup, values=kept_values(indicator, setup.values), looks=looks)


def setup_of(data: object) -> Setup:
    """Return a setup from plain data.

    Raises:
        TypeError, ValueError, KeyError: it is not what `plain` made.
    """
    if not isinstance(data, dict):
        raise TypeError("not an object")
    values, looks = preset_parts(data)
    name, pane, hidden = data["name"], data.get("pane", PRICE), data.get("hidden", False)
    if not (isinstance(name, str) and isinstance(pane, str) and isinstance(hidden, bool)):
        raise TypeError("name, pane or hidden")
    return Setup(name, values, looks, pane, hidden)


def preset_parts(data: Mapping[str, Any]) -> tuple[dict[str, Value], tuple[Look, ...]]:
    """Return values and looks from plain data; raises as `setup_of` does."""
    values = data["values"]
    if not isinstance(values, dict) or not all(isinstance(each, int | float | str) for each in values.values()):
        raise TypeError("values")
    looks = []
    for color, width, visible in data["looks"]:
        if not (is_color(color) and isinstance(visible, bool) and 0.5 <= float(width) <= 8):
            raise ValueError("looks")
        looks.append(Look(color, float(width), visible))
    return values, tuple(looks)


def is_color(text: object) -> bool:
    """Whether a text names a colour that can be drawn."""
    if not isinstance(text, str):
        return False
    if text.startswith("#"):
        return len(text) == 7 and all(each in "0123456789abcdefABCDEF" for each in text[1:])
    return text in PALETTE or text in DIRECTIONS
