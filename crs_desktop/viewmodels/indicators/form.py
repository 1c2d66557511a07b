"""The settings of one indicator as a form: made from its typed parameters, in force while they are tried.

`revert` brings back what was before. Presets are named sets of parameters and looks.
"""

from __future__ import annotations

from dataclasses import replace

from crs_desktop.viewmodels.indicators.setup import Look, Preset, Setup, default_looks, is_color, kept_values, merged
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import InvalidInput
from engine.indicators.spec import Param, Value

DEFAULTS = ""
"""The name that stands for an indicator's own defaults among the presets."""


class StudyForm:
    """What the dialog of an indicator changes."""

    def __init__(self, studies: Studies, study: Study) -> None:
        self.studies, self.study = studies, study
        self._before = study.setup

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters, in the order of declaration."""
        return self.study.indicator.params

    def value(self, name: str) -> Value:
        """Return a parameter as it is now."""
        return self.study.setup.values[name]

    def set_value(self, param: Param, value: Value) -> Sentence:
        """Try another value; return why it cannot be used, or NOTHING."""
        try:
            read = param.read(value)
            values = self.study.indicator.values({**self.study.setup.values, param.name: read})
        except InvalidInput as error:
            return verbatim(str(error))
        self._try(replace(self.study.setup, values=values))
        return NOTHING

    def outputs(self) -> list[tuple[int, str]]:
        """Return the outputs that can be seen, with their places."""
        return [(at, each.name) for at, each in enumerate(self.study.indicator.outputs) if self.study.drawn(at)]

    def look(self, at: int) -> Look:
        """Return how an output is drawn."""
        return self.study.setup.looks[at]

    def set_look(self, at: int, look: Look) -> Sentence:
        """Draw an output otherwise; return why not, or NOTHING."""
        if not is_color(look.color):
            return say("A colour is written like #5aa2ff.")
        looks = self.study.setup.looks
        self._try(replace(self.study.setup, looks=(*looks[:at], look, *looks[at + 1 :])))
        return NOTHING

    # -- presets ------------------------------------------------------------------------------------

    @property
    def presets(self) -> list[str]:
        """The names of this indicator's presets."""
        return self.studies.presets.of(self.study.setup.name)

    @property
    def preset(self) -> str:
        """The preset that what is set now equals; `DEFAULTS` for none of them."""
        for name in self.presets:
            kept = self.studies.presets.get(self.study.setup.name, name)
            if kept is not None and kept == self._now():
                return name
        return DEFAULTS

    @property
    def default_preset(self) -> str:
        """The preset that new ones begin with."""
        return self.studies.presets.default(self.study.setup.name)

    def choose(self, name: str) -> None:
        """Set everything as a preset says; `DEFAULTS` is the indicator's own."""
        indicator, setup = self.study.indicator, self.study.setup
        kept = self.studies.presets.get(setup.name, name) or Preset()
        looks = merged(default_looks(indicator), kept.looks)
        self._try(replace(setup, values=kept_values(indicator, kept.values), looks=looks))

    def save_preset(self, name: str) -> Sentence:
        """Keep what is set now under a name; return why not, or NOTHING."""
        return self.studies.presets.save(self.study.setup.name, name, self._now())

    def delete_preset(self, name: str) -> Sentence:
        """Forget a preset."""
        return self.studies.presets.delete(self.study.setup.name, name)

    def set_default(self, name: str) -> Sentence:
        """Let new ones begin with a preset."""
        return self.studies.presets.set_default(self.study.setup.name, name)

    # -- the end ------------------------------------------------------------------------------------

    def revert(self) -> None:
        """Bring back what was before."""
        if self.study in list(self.studies) and self.study.setup != self._before:
            self._try(self._before)

    def _now(self) -> Preset:
        return Preset(dict(self.study.setup.values), self.study.setup.looks)

    def _try(self, setup: Setup) -> None:
        self.studies.configure(self.study, setup)
