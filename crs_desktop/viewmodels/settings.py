"""The settings as a form: each declared setting as text, checked when it is entered, in force at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crs_desktop.actions import Action, ActionBook, normalise
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.errors import CrsError, InvalidSetting
from engine.settings import SettingInfo, Settings, changed, describe, value_of

SECTIONS = {
    "appearance": "Appearance",
    "trading": "Trading",
    "market": "Market",
    "account": "Paper account",
    "risk": "Risk",
    "alerts": "Alerts",
    "recordings": "Recordings",
    "hotkeys": "Hotkeys",
}
OFF = "off"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting with its present text."""

    info: SettingInfo
    section: str
    text: str

    @property
    def is_default(self) -> bool:
        """Whether nobody has changed it."""
        return self.text == as_text(self.info, self.info.default)


class SettingsForm:
    """Reads and changes settings; `apply` makes a change effective and durable."""

    def __init__(self, settings: Settings, apply: Callable[[Settings], None], book: ActionBook) -> None:
        self.settings = settings
        self._apply = apply
        self._book = book

    def sections(self) -> list[tuple[str, str]]:
        """Return the sections as (name, title), in the order of declaration."""
        seen: dict[str, str] = {}
        for info in describe():
            name = info.path.split(".")[0]
            seen.setdefault(name, SECTIONS.get(name, name.capitalize()))
        return list(seen.items())

    def fields(self, section: str) -> list[Field]:
        """Return the settings of a section."""
        return [self.field(info.path) for info in describe() if info.path.split(".")[0] == section]

    def field(self, path: str) -> Field:
        """Return one setting as it is now."""
        info = next(each for each in describe() if each.path == path)
        return Field(info, path.split(".")[0], as_text(info, value_of(self.settings, path)))

    def set(self, path: str, text: str) -> Sentence:
        """Take what was entered; return why it cannot be used, or NOTHING when it is in force."""
        info = self.field(path).info
        try:
            value = from_text(info, text)
            settings = changed(self.settings, path, value)
        except InvalidSetting:
            return say("Expected {expected}.", expected=info.expected)
        except CrsError as error:
            return verbatim(str(error))
        if settings != self.settings:
            self.settings = settings
            self._apply(settings)
        return NOTHING

    def reset(self, path: str) -> None:
        """Take the default of a setting."""
        info = self.field(path).info
        self.settings = changed(self.settings, path, info.default)
        self._apply(self.settings)

    # -- keys ---------------------------------------------------------------------------------------

    def actions(self) -> tuple[Action, ...]:
        """Return what can have a key."""
        return self._book.actions()

    def key(self, action: str) -> str:
        """Return the key in force."""
        return self._book.shortcut(action)

    def set_key(self, action: str, key: str) -> Sentence:
        """Give an action a key ("" for none); return why it cannot have it, or NOTHING."""
        normal = normalise(key)
        problem = self._book.conflict(action, normal)
        if problem is not None:
            return verbatim(problem)
        keys = dict(self.settings.hotkeys)
        if normal == self._book.get(action).shortcut:
            keys.pop(action, None)
        else:
            keys[action] = normal
        self.settings = changed(self.settings, "hotkeys", keys)
        self._apply(self.settings)
        return NOTHING


def as_text(info: SettingInfo, value: Any) -> str:  # noqa: ANN401 - each setting has its own type
    """Return a setting's value as a person reads and writes it."""
    if value is None:
        return OFF
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    return _plain(value)


def from_text(info: SettingInfo, text: str) -> object:
    """Return what was entered in the shape that the setting reads.

    Raises:
        InvalidSetting: it cannot be read at all.
    """
    stripped = text.strip()
    if info.optional and stripped.casefold() in ("", OFF):
        return None
    if info.kind == "amounts":
        return _amounts(info, stripped)
    if info.kind in ("int", "number", "amount"):
        try:
            number = fmt.parse(stripped)
        except CrsError as error:
            raise InvalidSetting(str(error)) from None
        if info.kind == "int":
            if number != number.to_integral_value():
                raise InvalidSetting(info.expected)
            return int(number)
        return number
    return stripped


def _amounts(info: SettingInfo, text: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for part in text.replace(";", ",").split(","):
        words = part.split()
        if not words:
            continue
        if len(words) != 2:
            raise InvalidSetting(f"{info.path}: write each as “USDT 10000”.")
        try:
            found[words[0].upper()] = fmt.parse(words[1])
        except CrsError as error:
            raise InvalidSetting(str(error)) from None
    return found


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"{value:g}" if isinstance(value, float) else str(value)
