"""The part of an alert's form that is about an indicator: which one, how it is set, what it is compared with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import InvalidInput
from engine.services.alerts import Cross, StudyRule

if TYPE_CHECKING:
    from engine.indicators.spec import Indicator, Param, Value

FIRST = "rsi"


class StudyPart:
    """What is typed about an indicator; the registry is loaded when it is first looked at."""

    def __init__(self, timeframe: str) -> None:
        self.name, self.timeframe, self.on_close = FIRST, timeframe, True
        self.values: dict[str, Value] = {}
        self.output = ""
        self.other: str | None = None
        """The output to compare with, None for a level."""
        self.level_text = ""
        self._refused: dict[str, Sentence] = {}

    @property
    def indicator(self) -> Indicator:
        """The chosen indicator."""
        from engine.indicators.registry import find

        return find(self.name)

    def names(self) -> list[tuple[str, str]]:
        """Return every built-in indicator by name and title, by title."""
        from engine.indicators.registry import BUILT_IN

        return sorted(((each.name, each.title) for each in BUILT_IN.values()), key=lambda each: each[1].casefold())

    def outputs(self) -> list[str]:
        """Return the outputs of the indicator."""
        return [each.name for each in self.indicator.outputs]

    def choose(self, name: str) -> None:
        """Take another indicator with its defaults, and a level that means something to it."""
        self.name, self.other, self._refused = name, None, {}
        indicator = self.indicator
        self.values = indicator.values()
        self.output = indicator.outputs[0].name
        self.level_text = f"{indicator.levels[-1]:g}" if indicator.levels else ""

    def begin(self) -> None:
        """Take the first indicator, if none was taken yet."""
        if not self.output:
            self.choose(self.name)

    def take(self, rule: StudyRule) -> None:
        """Begin with what a rule says."""
        self.choose(rule.indicator)
        self.timeframe, self.on_close, self.other = rule.timeframe, rule.on_close, rule.other
        self.values = self.indicator.values(rule.values)
        if rule.output:
            self.output = rule.output
        if rule.level is not None:
            self.level_text = f"{Decimal(repr(rule.level)).normalize():f}"

    def set_value(self, param: Param, value: Value) -> None:
        """Take a parameter; what it refuses is a problem until it is corrected."""
        try:
            self.values[param.name] = param.read(value)
            self._refused.pop(param.name, None)
        except InvalidInput as error:
            self._refused[param.name] = verbatim(str(error))

    @property
    def problem(self) -> Sentence:
        """What is wrong, NOTHING if nothing is."""
        self.begin()
        if self._refused:
            return next(iter(self._refused.values()))
        if self.other is not None:
            if self.other == self.output:
                return say("{output} never crosses itself; compare it with another output.", output=self.output)
            return NOTHING
        if not self.level_text.strip():
            return say("Enter the value to wait for.")
        return self._level()[1]

    def rule(self, cross: Cross) -> StudyRule | None:
        """Return what is to be watched, None while something is wrong."""
        if self.problem.source:
            return None
        level = None if self.other is not None else self._level()[0]
        return StudyRule(
            self.name, self.timeframe, self.output, dict(self.values), level, self.other, cross, self.on_close
        )

    def _level(self) -> tuple[float | None, Sentence]:
        try:
            return float(fmt.parse(self.level_text)), NOTHING
        except InvalidInput as error:
            return None, verbatim(str(error))
