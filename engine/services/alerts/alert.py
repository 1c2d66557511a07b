"""What an alert is: a pair, a rule that its market may come to meet, and how it is to be told.

Prices are ticks; those of lines may lie between two, and an indicator's level is what one reads on its chart. Instants
are ns UTC of the venue's time. Everything here is plain data, written to the profile and read back as it is.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from engine.domain.market import Timeframe
from engine.errors import InvalidInput

MOST_NOTE = 200
"""Characters of a note."""


class PriceSource(StrEnum):
    """Which price a rule looks at."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"


class Cross(StrEnum):
    """In which direction a level is to be met."""

    UP = "rises to"
    DOWN = "falls to"
    EITHER = "crosses"


class Repeat(StrEnum):
    """How often an alert tells."""

    ONCE = "once"
    PER_MINUTE = "once a minute"
    ALWAYS = "every time"


class PriceRule(msgspec.Struct, frozen=True, tag="price"):
    """The price meets a level (ticks)."""

    level: int
    cross: Cross = Cross.EITHER
    source: PriceSource = PriceSource.LAST


class Anchor(msgspec.Struct, frozen=True, array_like=True):
    """A point of a line: an instant and a price in ticks."""

    at: int
    price: float


class LineRule(msgspec.Struct, frozen=True, tag="line"):
    """The last price meets a drawn line through two anchors, which goes on beyond them where it is said to."""

    drawing: str
    """Id of the drawing; its alert moves with it."""
    first: Anchor
    second: Anchor
    extends_left: bool = False
    extends_right: bool = True
    cross: Cross = Cross.EITHER

    def level(self, at: int) -> float | None:
        """Return the line's price at an instant, None where it is not drawn."""
        early, late = (self.first, self.second) if self.first.at <= self.second.at else (self.second, self.first)
        if (at < early.at and not self.extends_left) or (at > late.at and not self.extends_right):
            return None
        if early.at == late.at:
            return early.price if at == early.at or self.extends_right else None
        return early.price + (late.price - early.price) * (at - early.at) / (late.at - early.at)


class StudyRule(msgspec.Struct, frozen=True, tag="study"):
    """An output of an indicator meets a level, or another output of it; levels as read, prices in the quote."""

    indicator: str
    timeframe: str
    output: str
    values: dict[str, int | float | str] = {}
    level: float | None = None
    other: str | None = None
    cross: Cross = Cross.EITHER
    on_close: bool = True
    """Whether only closed bars count; else the forming bar does too, and may take it back."""


Rule = PriceRule | LineRule | StudyRule


class Fired(msgspec.Struct, frozen=True):
    """One time that an alert told: when, at which price (ticks), and in which words."""

    alert: str
    symbol: str
    at: int
    price: int | None
    text: str


class Alert(msgspec.Struct, frozen=True):
    """One alert; `level_before` remembers on which side of it the market was, across a restart."""

    id: str
    symbol: str
    rule: Rule
    note: str = ""
    repeat: Repeat = Repeat.ONCE
    sound: bool = True
    expires_at: int | None = None
    created_at: int = 0
    active: bool = True
    fired: int = 0
    last_fired_at: int | None = None
    side: int = 0
    """-1 below, 1 above, 0 unknown: where the market was when last seen."""

    def check(self) -> None:
        """Check what a user can get wrong.

        Raises:
            InvalidInput: a level or a period that cannot be, an unknown indicator, output or parameter.
        """
        if len(self.note) > MOST_NOTE:
            raise InvalidInput(f"A note has at most {MOST_NOTE} characters, this one has {len(self.note)}.")
        rule = self.rule
        if isinstance(rule, PriceRule) and rule.level <= 0:
            raise InvalidInput("The price of an alert must be above 0.")
        if isinstance(rule, StudyRule):
            _check_study(rule)


def _check_study(rule: StudyRule) -> None:
    from engine.indicators.registry import find  # when an indicator is first asked for: it loads them all

    indicator = find(rule.indicator)
    indicator.values(rule.values)
    Timeframe.parse(rule.timeframe)
    outputs = [each.name for each in indicator.outputs]
    for name in (rule.output, *(() if rule.other is None else (rule.other,))):
        if name not in outputs:
            raise InvalidInput(f"{rule.indicator} has no output {name!r}; it has: {', '.join(outputs)}.")
    if (rule.level is None) == (rule.other is None):
        raise InvalidInput("An indicator's alert compares with a level or with another output, with one of the two.")
    if rule.other == rule.output:
        raise InvalidInput(f"{rule.output} never crosses itself; choose another output to compare with.")
