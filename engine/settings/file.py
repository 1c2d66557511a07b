"""The settings file: TOML, made for hands as well as for the program.

`load` refuses a bad value by naming file, key, value and what was expected, and never touches the file.
`save` changes only the lines whose values changed, so comments, order and keys of other versions stay;
a new file carries each setting's sentence as a comment. Writing is atomic.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import InvalidSetting, StorageUnavailable
from engine.observe.failpoint import reached
from engine.settings.declared import Settings, changed, describe, value_of

_KEY = re.compile(r"""\s*(?P<key>[A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_SECTION = re.compile(r"\s*\[(?P<name>[^\[\]]+)\]\s*(#.*)?$")


def load(path: Path) -> Settings:
    """Return the settings of a file; the defaults if there is none.

    Raises:
        InvalidSetting: the file is no TOML or a value is not allowed; the file stays as it is.
        StorageUnavailable: the file cannot be read.
    """
    text = _read(path)
    return Settings() if text is None else _settings(_parsed(text, path), path)


def save(settings: Settings, path: Path) -> None:
    """Write the settings, keeping everything else that the file says.

    Raises:
        InvalidSetting: the file holds a bad value, which is not overwritten.
        StorageUnavailable: the disk refuses; the old file is whole.
    """
    text = _read(path)
    if text is None:
        _write(path, _fresh(settings))
        return
    old = _settings(_parsed(text, path), path)
    kept = msgspec.structs.replace(settings, unknown=old.unknown)
    edited = _edited(text, old, kept)
    if not _means(edited, kept, path):  # a layout we cannot edit line by line: write it anew, losing comments only
        edited = _fresh(kept)
    _write(path, edited)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise InvalidSetting(f"{path} is not UTF-8 text. Correct it or move it away.") from error
    except OSError as error:
        raise StorageUnavailable(f"The settings in {path} cannot be read: {error.strerror}.") from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(f"{path} is not valid TOML: {error}. Correct it or move it away.") from error


def _settings(table: dict[str, Any], path: Path) -> Settings:
    settings, rest = Settings(), dict(table)
    for info in describe():
        section, _, name = info.path.partition(".")
        if section not in rest:
            continue
        if name and not isinstance(rest[section], dict):
            raise InvalidSetting(f"{path}: {section} is {rest[section]!r}; expected a section [{section}].")
        if name and name not in rest[section]:
            continue
        try:
            settings = changed(settings, info.path, rest[section][name] if name else rest[section])
        except InvalidSetting as error:
            raise InvalidSetting(f"{path}: {error}") from None
        if name:
            rest[section] = {key: value for key, value in rest[section].items() if key != name}
        else:
            del rest[section]
    unknown = {key: value for key, value in rest.items() if value != {} or key not in Settings.__struct_fields__}
    return msgspec.structs.replace(settings, unknown=unknown)


def _items(settings: Settings) -> Iterator[tuple[str, str, object]]:
    """Yield (section, key, value) of every line the settings need."""
    for info in describe():
        value = value_of(settings, info.path)
        if isinstance(value, dict):
            yield from ((info.path, key, each) for key, each in value.items())
        else:
            section, _, name = info.path.partition(".")
            yield section, name, value


def _edited(text: str, old: Settings, new: Settings) -> str:
    before = {(section, key): value for section, key, value in _items(old)}
    after = {(section, key): value for section, key, value in _items(new)}
    differ = {place: after.get(place) for place in {**before, **after} if before.get(place) != after.get(place)}
    gone = {place for place in differ if place not in after}
    lines, section, written, ends = [], "", set(), {"": 0}
    for line in text.splitlines():
        if match := _SECTION.match(line):
            section = match["name"].strip()
        elif (match := _KEY.match(line)) and (place := (section, match["key"].strip("\"'"))) in differ:
            written.add(place)
            if place in gone:
                continue
            line = f"{match[0].rstrip()} {_toml(differ[place])}"
        lines.append(line)
        if line.strip():
            ends[section] = len(lines)
    for place, value in sorted(differ.items(), key=lambda item: ends.get(item[0][0], len(lines)), reverse=True):
        if place in written or place in gone:
            continue
        if place[0] in ends:
            lines.insert(ends[place[0]], f"{_name(place[1])} = {_toml(value)}")
        else:
            ends[place[0]] = len(lines) + 2
            lines += ["", f"[{place[0]}]", f"{_name(place[1])} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _means(text: str, settings: Settings, path: Path) -> bool:
    try:
        return _settings(_parsed(text, path), path) == settings
    except InvalidSetting:
        return False


def _fresh(settings: Settings) -> str:
    lines = ["# Settings of CRS Desktop. Lines may be edited by hand while the program is closed."]
    section = ""
    unknown = {**settings.unknown}
    infos = sorted(describe(), key=lambda info: isinstance(info.default, dict))
    for info in infos:
        value = value_of(settings, info.path)
        own = info.path if isinstance(value, dict) else info.path.partition(".")[0]
        if own != section:
            lines += _unknown_lines(unknown, section)
            section = own
            lines += ["", f"[{section}]"]
        unit = f" In {info.unit}." if info.unit else ""
        lines.append(f"# {info.sentence} {_sentence(info.expected)}{unit}")
        if isinstance(value, dict):
            lines += [f"{_name(key)} = {_toml(each)}" for key, each in value.items()]
        else:
            lines.append(f"{info.path.partition('.')[2]} = {_toml(value)}")
    lines += _unknown_lines(unknown, section)
    for name in list(unknown):
        value = unknown[name]
        if isinstance(value, dict):
            lines += ["", f"[{_name(name)}]", *_unknown_lines(unknown, name)]
        else:
            lines.insert(1, f"{_name(name)} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _unknown_lines(unknown: dict[str, Any], section: str) -> list[str]:
    values = unknown.pop(section, {})
    return [f"{_name(key)} = {_toml(value)}" for key, value in values.items()]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _name(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)


def _toml(value: object) -> str:
    match value:
        case None:
            return '"off"'
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Decimal():
            return f'"{value:f}"'
        case dict():
            return "{ " + ", ".join(f"{_name(key)} = {_toml(each)}" for key, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(_toml(each) for each in value) + "]"
        case str():
            return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")  # else a JSON string is a TOML one
        case _:
            return str(value)  # dates and times: TOML writes them as Python does


def _write(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        reached("settings.before_rename")
        partial.replace(path)
    except OSError as error:
        raise StorageUnavailable(f"The settings cannot be written to {path}: {error.strerror}.") from error
