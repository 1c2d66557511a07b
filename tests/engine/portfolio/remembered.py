"""Everything that an object remembers, attribute by attribute, as values that can be compared."""

from __future__ import annotations

from enum import Enum
from typing import Any


def remembered(value: Any, seen: tuple[int, ...] = ()) -> Any:  # noqa: ANN401 - any object
    """Return it as nested tuples, orders of dicts included; where it comes back to itself, that is said."""
    if value is None or isinstance(value, str | int | float | bytes | type | Enum):
        return value
    if id(value) in seen:
        return "the same"
    inner = (*seen, id(value))
    if isinstance(value, dict):
        return tuple((remembered(key, inner), remembered(each, inner)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(remembered(each, inner) for each in value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    names = sorted({*slots, *getattr(value, "__dict__", ())} - {"__weakref__"})
    if not names:
        return repr(value)
    return (type(value).__name__, *((name, remembered(getattr(value, name), inner)) for name in names))
