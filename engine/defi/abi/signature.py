"""Signatures of functions, events and errors, read from the text that Solidity writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import InvalidInput

WORDS = frozenset({"indexed", "calldata", "memory", "payable", "storage"})
"""May stand between a type and its name."""
NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
ELEMENT = re.compile(
    r"(address payable|address|bool|string|bytes([1-9]|[12]\d|3[0-2])?|function"
    r"|u?int(8|16|24|32|40|48|56|64|72|80|88|96|1[0-2][048]|112|128|136|144|152|160|168|176|184|192|200|208|216|224|232"
    r"|240|248|256)?)((\[\d*\])*)"
)
ARRAY = re.compile(r"(\[\d*\])*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that goes in or is written."""

    type: str
    """Canonical: "uint256", "(address,bool,bytes)[]"."""
    name: str = ""
    indexed: bool = False
    """Events: it is a topic of its own."""
    parts: tuple[Parameter, ...] = ()
    """Of a tuple."""

    @property
    def is_dynamic(self) -> bool:
        """Whether its length is only known when it is there; as a topic it is only a hash."""
        if any(each.is_dynamic for each in self.parts):
            return True
        suffix = self.type.rpartition(")")[2]
        return "[]" in suffix or suffix.partition("[")[0] in ("string", "bytes")

    @property
    def is_hashed_as_topic(self) -> bool:
        """Whether a topic holds its hash and not itself."""
        return self.is_dynamic or self.type.endswith("]") or bool(self.parts)


@dataclass(frozen=True, slots=True)
class Signature:
    """What is called, written or refused with, and by which values."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def types(self) -> tuple[str, ...]:
        """The canonical types, in order."""
        return tuple(each.type for each in self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """What the values are called; their number where nobody named them."""
        return tuple(each.name or str(at) for at, each in enumerate(self.parameters))

    @property
    def listed(self) -> str:
        """The types alone, as `decode` takes them."""
        return f"({','.join(self.types)})"

    @property
    def canonical(self) -> str:
        """The text whose hash is the selector or the topic."""
        return self.name + self.listed


@lru_cache(maxsize=1024)
def parsed(text: str) -> Signature:
    """Return a signature that was given as text, with or without names; "(…)" alone is a list of types.

    Raises:
        InvalidInput: it is none.
    """
    name, bracket, rest = text.strip().partition("(")
    if not bracket or (name and not NAME.fullmatch(name)) or not rest.endswith(")"):
        raise _wrong(text)
    return Signature(name, tuple(_parameter(each, text) for each in _split(rest[:-1], text)))


def _split(inner: str, whole: str) -> list[str]:
    """Return what stands between the commas of the outermost level."""
    if not inner.strip():
        return []
    found, depth, start = [], 0, 0
    for at, letter in enumerate(inner):
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            raise _wrong(whole)
        if letter == "," and depth == 0:
            found.append(inner[start:at].strip())
            start = at + 1
    if depth:
        raise _wrong(whole)
    return [*found, inner[start:].strip()]


def _parameter(text: str, whole: str) -> Parameter:
    text = text.removeprefix("tuple")
    if text.startswith("("):
        inner, closing, after = text[1:].rpartition(")")
        suffix, words = _suffix(after)
        parts = tuple(_parameter(each, whole) for each in _split(inner, whole))
        if not closing or not parts:
            raise _wrong(whole)
        kind = f"({','.join(each.type for each in parts)}){suffix}"
    else:
        head, *words = text.split() or [""]
        if not ELEMENT.fullmatch(head):
            raise _wrong(whole)
        kind, parts = _canonical(head), ()
    indexed = "indexed" in words
    names = [each for each in words if each not in WORDS]
    if len(names) > 1 or (names and not NAME.fullmatch(names[0])):
        raise _wrong(whole)
    return Parameter(kind, names[0] if names else "", indexed, parts)


def _suffix(after: str) -> tuple[str, list[str]]:
    matched = ARRAY.match(after)
    suffix = matched.group() if matched else ""
    return suffix, after[len(suffix) :].split()


def _canonical(head: str) -> str:
    """Return a type as it is hashed: "uint" is short for "uint256"."""
    return re.sub(r"^(u?int)(?=\[|$)", r"\g<1>256", head)


def _wrong(text: str) -> InvalidInput:
    return InvalidInput(f'{text[:120]!r} is no signature: something like "transfer(address,uint256)" is wanted.')
