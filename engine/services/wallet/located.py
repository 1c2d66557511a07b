"""On which line of a JSON text a value stands, so that an error can say it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from engine.errors import InvalidInput

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
PLACE = re.compile(r" - at `(?:key in )?\$?(.*)`$")
BYTE = re.compile(r"\(byte (\d+)\)")


def line_of(text: str, path: str) -> int | None:
    """Return the line (from 1) of a value by its path (".chains[0].dexes[1].factory"), None if there is no such."""
    return lines_of(text, [path])[0]


def lines_of(text: str, paths: Iterable[str]) -> list[int | None]:
    """Return the lines of several values, reading the text once."""
    places = dict(_places(text))
    return [_line(text, places, each) for each in paths]


def wrong(name: str, text: str, path: str, what: str) -> InvalidInput:
    """Return the error of a value: which file, which line, which key, and what is the matter."""
    line = line_of(text, path)
    where = f", line {line}" if line else ""
    return InvalidInput(f"{name}{where}{f' ({path[1:]})' if path else ''}: {what}")


def unreadable(name: str, text: str, error: msgspec.MsgspecError) -> InvalidInput:
    """Return the error of a text that is no JSON, or not of the shape that was wanted."""
    said = str(error)
    if place := PLACE.search(said):
        return wrong(name, text, place.group(1), said[: place.start()])
    if byte := BYTE.search(said):
        line = text.encode()[: int(byte.group(1))].count(b"\n") + 1
        return InvalidInput(f"{name}, line {line}: {said[: byte.start()].strip()}.")
    return InvalidInput(f"{name}: {said}.")


def _line(text: str, places: Mapping[str, int], path: str) -> int | None:
    while path not in places:
        if not path:
            return None
        path = path[: max(0, path.rfind("."), path.rfind("["))]
    return text.count("\n", 0, places[path]) + 1


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Yield the path of each value, and where it begins."""
    prefixes: list[str] = [""]
    counts: list[int] = [-1]
    key = ""
    last = ("", 0)
    for token in TOKEN.finditer(text):
        word, at = token.group(), token.start()
        if word == ":":
            key = last[0].strip('"')
        elif word in "}]":
            prefixes.pop()
            counts.pop()
        elif word == "," and counts[-1] >= 0:
            counts[-1] += 1
        elif word != ",":
            is_value = counts[-1] >= 0 or last[0] == ":" or len(prefixes) == 1
            path = f"{prefixes[-1]}[{counts[-1]}]" if counts[-1] >= 0 else f"{prefixes[-1]}.{key}"
            path = "" if len(prefixes) == 1 else path
            if is_value:
                yield path, at
            if word in "{[":
                prefixes.append(path)
                counts.append(0 if word == "[" else -1)
        last = (word, at)
