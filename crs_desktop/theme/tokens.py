"""The design as data: colours, spacing, type scale. No Qt here.

Every colour of the program is a field of `Tokens`; panes and charts take them from
`theme.current()` and from nowhere else. `up`/`down` paint shapes (candles, bars, marks);
`up_text`/`down_text` are the same hues at a contrast of at least 4.5:1 on every surface;
`up_fill`/`down_fill` are button faces that carry `on_fill` text. Lengths are multiples of 4 px.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

ThemeName = Literal["dark", "light"]
UpDownName = Literal["standard", "red-up", "colour-blind"]
THEMES: tuple[ThemeName, ...] = ("dark", "light")
UP_DOWN: tuple[UpDownName, ...] = ("standard", "red-up", "colour-blind")

UNIT = 4
"""The grid, px: paddings, gaps and heights are multiples of it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme. Colours are `#rrggbb`; sizes are px at font scale 1."""

    name: ThemeName
    up_down: UpDownName
    # surfaces, from the back to the front
    window: str
    surface: str
    raised: str
    hover: str
    selected: str
    # lines
    border: str
    border_strong: str
    grid: str
    # text
    text: str
    text_muted: str
    text_faint: str
    # meaning
    accent: str
    accent_fill: str
    on_fill: str
    good: str
    """All is well; not a direction, so it stays when directions change their colours."""
    warn: str
    error: str
    error_fill: str
    focus: str
    # direction
    up: str
    down: str
    up_text: str
    down_text: str
    up_fill: str
    down_fill: str
    # where things come from: account and data
    paper: str
    live: str
    simulated: str
    replay: str
    # link groups
    link_a: str
    link_b: str
    link_c: str
    # chart
    crosshair: str
    gap: str
    alert: str
    # lines of indicators, told apart at a glance and read as text in the legend
    series_1: str
    series_2: str
    series_3: str
    series_4: str
    series_5: str
    series_6: str
    series_7: str
    series_8: str
    # type scale, px
    font_small: int = 11
    font_body: int = 12
    font_title: int = 13
    font_large: int = 18
    font_scale: float = 1.0
    # rhythm, px
    row: int = 20
    control: int = 24
    header: int = 28
    radius: int = 3

    def px(self, size: float) -> int:
        """Return a length of the type scale under the font scale, at least 1."""
        return max(1, round(size * self.font_scale))


DARK = Tokens(
    name="dark",
    up_down="standard",
    window="#0b0e13",
    surface="#12161d",
    raised="#1a1f28",
    hover="#212835",
    selected="#182740",
    border="#222934",
    border_strong="#37414f",
    grid="#1a2029",
    text="#e2e7ee",
    text_muted="#a0abba",
    text_faint="#8995a6",
    accent="#5aa2ff",
    accent_fill="#2563c9",
    on_fill="#ffffff",
    good="#2fbfb1",
    warn="#f0b429",
    error="#ff7b78",
    error_fill="#b93432",
    focus="#5aa2ff",
    up="#26a69a",
    down="#ef5350",
    up_text="#2fbfb1",
    down_text="#ff7370",
    up_fill="#12776d",
    down_fill="#c03a37",
    paper="#5aa2ff",
    live="#ff6b68",
    simulated="#b39bff",
    replay="#f0b429",
    link_a="#5aa2ff",
    link_b="#ee8fd0",
    link_c="#c9cf5a",
    crosshair="#75839a",
    gap="#3a4454",
    alert="#ffa05c",
    series_1="#5aa2ff",
    series_2="#f0b429",
    series_3="#e58bf5",
    series_4="#4fd1d9",
    series_5="#fb923c",
    series_6="#b39bff",
    series_7="#a3d94a",
    series_8="#a0abba",
)

LIGHT = Tokens(
    name="light",
    up_down="standard",
    window="#e9ecf1",
    surface="#ffffff",
    raised="#f4f6f9",
    hover="#e8edf3",
    selected="#d7e6fb",
    border="#dbe0e7",
    border_strong="#b6c0cd",
    grid="#eef1f5",
    text="#16202c",
    text_muted="#4c5a6c",
    text_faint="#576476",
    accent="#1659b8",
    accent_fill="#1f62c4",
    on_fill="#ffffff",
    good="#07695f",
    warn="#7d5300",
    error="#b3261e",
    error_fill="#b3261e",
    focus="#1f62c4",
    up="#26a69a",
    down="#ef5350",
    up_text="#07695f",
    down_text="#b02a27",
    up_fill="#0f766c",
    down_fill="#c03a37",
    paper="#1659b8",
    live="#b3261e",
    simulated="#6a3fcf",
    replay="#7d5300",
    link_a="#1659b8",
    link_b="#a3267c",
    link_c="#5a6000",
    crosshair="#6b7787",
    gap="#c4ccd7",
    alert="#9a4a00",
    series_1="#1659b8",
    series_2="#7d5300",
    series_3="#96189f",
    series_4="#0b6470",
    series_5="#a33c06",
    series_6="#6a3fcf",
    series_7="#446006",
    series_8="#4c5a6c",
)

_COLOUR_BLIND = {
    "dark": {
        "up": "#2f7ed8",
        "down": "#e69f00",
        "up_text": "#6cabf0",
        "down_text": "#f0b030",
        "up_fill": "#2468b8",
        "down_fill": "#8f5f00",
    },
    "light": {
        "up": "#2f7ed8",
        "down": "#e69f00",
        "up_text": "#1a5ba8",
        "down_text": "#7a4f00",
        "up_fill": "#1d62b4",
        "down_fill": "#8a5a00",
    },
}


def tokens(theme: ThemeName = "dark", up_down: UpDownName = "standard", font_scale: float = 1.0) -> Tokens:
    """Return the tokens of a theme with a choice of directions; `font_scale` is clamped to 0.8-2."""
    base = DARK if theme == "dark" else LIGHT
    scaled = replace(base, up_down=up_down, font_scale=min(2.0, max(0.8, font_scale)))
    if up_down == "red-up":
        return replace(
            scaled,
            up=base.down,
            down=base.up,
            up_text=base.down_text,
            down_text=base.up_text,
            up_fill=base.down_fill,
            down_fill=base.up_fill,
        )
    if up_down == "colour-blind":
        chosen = _COLOUR_BLIND[theme]
        return replace(
            scaled,
            up=chosen["up"],
            down=chosen["down"],
            up_text=chosen["up_text"],
            down_text=chosen["down_text"],
            up_fill=chosen["up_fill"],
            down_fill=chosen["down_fill"],
        )
    return scaled


def contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two `#rrggbb` colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
