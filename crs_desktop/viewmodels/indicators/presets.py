"""Presets and favourites of indicators: one small file per profile.

Written atomically, like the layout. A file that cannot be read is set aside under another name with a sentence, never a
reason not to open.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crs_desktop.viewmodels.indicators.setup import Preset, preset_parts
from crs_desktop.viewmodels.words import NOTHING, Sentence, say

MOST_NAME = 60


class Presets:
    """What a profile keeps about indicators; every change is written at once."""

    def __init__(self, path: Path | None) -> None:
        """Read the file; without a path (in tests) nothing is kept."""
        self._path = path
        self.problem: Sentence = NOTHING
        self.favourites: list[str] = []
        self._presets: dict[str, dict[str, Preset]] = {}
        self._defaults: dict[str, str] = {}
        self._read()

    def of(self, indicator: str) -> list[str]:
        """Return the names of an indicator's presets."""
        return sorted(self._presets.get(indicator, {}), key=str.casefold)

    def get(self, indicator: str, name: str) -> Preset | None:
        """Return a preset."""
        return self._presets.get(indicator, {}).get(name)

    def default(self, indicator: str) -> str:
        """Return the name of the preset that new ones begin with, "" for the indicator's own defaults."""
        return self._defaults.get(indicator, "")

    def save(self, indicator: str, name: str, preset: Preset) -> Sentence:
        """Keep a preset under a name, over one of that name; return why not, or NOTHING."""
        name = " ".join(name.split())
        if not name:
            return say("Give the preset a name.")
        if len(name) > MOST_NAME:
            return say("The name may have {most} characters.", most=MOST_NAME)
        self._presets.setdefault(indicator, {})[name] = preset
        return self._written()

    def delete(self, indicator: str, name: str) -> Sentence:
        """Forget a preset."""
        self._presets.get(indicator, {}).pop(name, None)
        if self._defaults.get(indicator) == name:
            del self._defaults[indicator]
        return self._written()

    def set_default(self, indicator: str, name: str) -> Sentence:
        """Let new ones begin with a preset; "" for the indicator's own defaults."""
        if name:
            self._defaults[indicator] = name
        else:
            self._defaults.pop(indicator, None)
        return self._written()

    def set_favourite(self, indicator: str, favourite: bool) -> None:
        """Put an indicator among the favourites, or take it out."""
        others = [each for each in self.favourites if each != indicator]
        self.favourites = [*others, indicator] if favourite else others
        self._written()

    def _plain(self) -> dict[str, Any]:
        return {
            "favourites": self.favourites,
            "defaults": self._defaults,
            "presets": {
                indicator: {name: preset.plain() for name, preset in named.items()}
                for indicator, named in self._presets.items()
                if named
            },
        }

    def _written(self) -> Sentence:
        if self._path is None:
            return NOTHING
        temporary = self._path.with_suffix(".part")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(json.dumps(self._plain(), indent=1) + "\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        except OSError as error:
            return say("It could not be kept: {why}.", why=error.strerror or "the disk refuses")
        return NOTHING

    def _read(self) -> None:
        if self._path is None:
            return
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            self._take(data)
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self._set_aside(self._path)

    def _take(self, data: dict[str, Any]) -> None:
        presets = {
            str(indicator): {str(name): Preset(*preset_parts(each)) for name, each in named.items()}
            for indicator, named in data.get("presets", {}).items()
        }
        favourites = [str(each) for each in data.get("favourites", [])]
        defaults = {str(indicator): str(name) for indicator, name in data.get("defaults", {}).items()}
        self._presets, self.favourites, self._defaults = presets, favourites, defaults

    def _set_aside(self, path: Path) -> None:
        aside = path.with_suffix(".damaged.json")
        try:
            path.replace(aside)
        except OSError:
            return
        self.problem = say(
            "The presets of indicators in {file} could not be read. They were set aside as {aside}.",
            file=path.name,
            aside=aside.name,
        )
