"""Drawings as plain JSON values, and back.

A drawing of a kind, or with a field, that this version does not know is kept as it is and written again: opening a
profile with an older program loses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crs_desktop.viewmodels.drawings.kinds import BY_NAME
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape, Style
from engine.domain.number import parse_decimal
from engine.errors import InvalidInput

FIELDS = frozenset({"id", "kind", "anchors", "style", "locked", "hidden"})
EARLIEST, LATEST = -(2**62), 2**62
LONGEST_PRICE = 40
"""Characters of a price; longer ones are no prices, and beyond what a chart can place."""


@dataclass(frozen=True, slots=True)
class Strange:
    """A drawing that this version cannot show, as JSON text."""

    id: str
    text: str


def encode(shape: Shape | Strange) -> dict[str, Any]:
    """Return a drawing as JSON values; fields with their default value are left out."""
    if isinstance(shape, Strange):
        return dict(json.loads(shape.text))
    data: dict[str, Any] = json.loads(shape.more) if shape.more else {}
    data |= {"id": shape.id, "kind": shape.kind}
    data["anchors"] = [[anchor.at, f"{anchor.price:f}"] for anchor in shape.anchors]
    data["style"] = {**data.get("style", {}), **_style(shape.style)}
    return data | {name: True for name in ("locked", "hidden") if getattr(shape, name)}


def decode(data: object) -> Shape | Strange:
    """Return a drawing from JSON values; what cannot be understood is kept as a `Strange`.

    Raises:
        ValueError: it is no JSON object with an id.
    """
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise ValueError("a drawing without an id")
    try:
        return _shape(data)
    except (ValueError, TypeError, KeyError, InvalidInput):
        return Strange(data["id"], json.dumps(data, sort_keys=True))


def encode_style(style: Style) -> dict[str, Any]:
    """Return a style as JSON values."""
    return _style(style)


def decode_style(data: dict[str, Any]) -> Style:
    """Return a style from JSON values; unknown names are left out.

    Raises:
        ValueError, TypeError, InvalidInput: a value is not what it should be.
    """
    known: dict[str, Any] = {}
    for name in ("color", "width", "dash", "fill", "text", "risk_bps"):
        if name in data:
            if type(data[name]) is not type(getattr(Style(), name)):
                raise TypeError(name)
            known[name] = data[name]
    return Style(levels=tuple(parse_decimal(each) for each in data.get("levels", ())), **known)


def _shape(data: dict[str, Any]) -> Shape:
    kind = BY_NAME[data["kind"]]
    anchors = tuple(_anchor(*each) for each in data["anchors"])
    if len(anchors) != kind.anchors and (kind.anchors or len(anchors) < 2):
        raise ValueError("anchors are missing")
    style = data.get("style", {})
    if not isinstance(style, dict):
        raise TypeError("a style is an object")
    more: dict[str, Any] = {name: value for name, value in data.items() if name not in FIELDS}
    if newer := {name: value for name, value in style.items() if name not in Style.__slots__}:
        more["style"] = newer
    return Shape(
        data["id"],
        kind.name,
        anchors,
        decode_style(style),
        data.get("locked") is True,
        data.get("hidden") is True,
        json.dumps(more, sort_keys=True) if more else "",
    )


def _anchor(at: object, price: object) -> Anchor:
    if type(at) is not int or not EARLIEST < at < LATEST or not isinstance(price, str) or len(price) > LONGEST_PRICE:
        raise TypeError("an anchor is an instant and a price")
    return Anchor(at, parse_decimal(price))


def _style(style: Style) -> dict[str, Any]:
    plain = Style()
    names = ("color", "width", "dash", "fill", "text", "risk_bps")
    data = {name: getattr(style, name) for name in names if getattr(style, name) != getattr(plain, name)}
    if style.levels:
        data["levels"] = [f"{level:f}" for level in style.levels]
    return data


def ratios(text: str) -> tuple[Decimal, ...]:
    """Return the levels in a text such as `0, 0.5, 1`, in rising order, each once.

    Raises:
        InvalidInput: one is no number, none is given, or one is beyond ±100.
    """
    parts = text.replace(",", " ").replace(";", " ").split()
    found = tuple(sorted({parse_decimal(part) for part in parts}))
    if not found or len(found) > 32 or max(abs(each) for each in found) > 100:
        raise InvalidInput("Write up to 32 levels between -100 and 100, such as 0, 0.5, 1.")
    return found
