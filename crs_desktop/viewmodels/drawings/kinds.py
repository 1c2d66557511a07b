"""What can be drawn: one row per kind."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crs_desktop.viewmodels.drawings.shape import Style

RETRACEMENT = tuple(Decimal(each) for each in ("0", "0.236", "0.382", "0.5", "0.618", "0.786", "1"))
PLAIN = Style()
EXTENSION = tuple(Decimal(each) for each in ("0", "0.382", "0.618", "1", "1.272", "1.618", "2.618"))

LEVELS_BACK = Style("text_muted", levels=RETRACEMENT, fill=6)
LEVELS_ON = Style("text_muted", levels=EXTENSION, fill=6)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of drawing; `title` is translated where it is shown."""

    name: str
    title: str
    icon: str
    group: str
    clicks: int
    """How many points are placed; 0 for a stroke drawn with the button held."""
    anchors: int
    """How many are kept; 0 for any number from two."""
    style: Style = PLAIN

    @property
    def action(self) -> str:
        """The id of the action that takes this tool."""
        return f"draw.{self.name}"


KINDS: tuple[Kind, ...] = (
    Kind("trend", "Trend line", "line", "lines", 2, 2),
    Kind("ray", "Ray", "draw-ray", "lines", 2, 2),
    Kind("extended", "Extended line", "draw-extended", "lines", 2, 2),
    Kind("horizontal", "Horizontal line", "draw-horizontal", "lines", 1, 1),
    Kind("vertical", "Vertical line", "draw-vertical", "lines", 1, 1),
    Kind("channel", "Parallel channel", "draw-channel", "lines", 3, 3),
    Kind("pitchfork", "Andrews' pitchfork", "draw-pitchfork", "lines", 3, 3),
    Kind(
        "fibonacci",
        "Fibonacci retracement",
        "draw-fibonacci",
        "fibonacci",
        2,
        2,
        LEVELS_BACK,
    ),
    Kind(
        "extension",
        "Fibonacci extension",
        "draw-extension",
        "fibonacci",
        3,
        3,
        LEVELS_ON,
    ),
    Kind("rectangle", "Rectangle", "rectangle", "shapes", 2, 2),
    Kind("brush", "Brush", "brush", "shapes", 0, 0, Style(width=2)),
    Kind("arrow", "Arrow", "arrow-up-right", "shapes", 2, 2, Style(width=2)),
    Kind("text", "Text", "letter-t", "text", 1, 1, Style("text")),
    Kind("label", "Price label", "tag", "text", 1, 1),
    Kind("long", "Long position", "draw-long", "position", 2, 3, Style("up_text", fill=14)),
    Kind("short", "Short position", "draw-short", "position", 2, 3, Style("down_text", fill=14)),
    Kind("measure", "Measure", "ruler-measure", "measure", 2, 2, Style(fill=16)),
)
BY_NAME = {each.name: each for each in KINDS}
GROUPS = ("lines", "fibonacci", "shapes", "text", "position", "measure")
POSITIONS = ("long", "short")
