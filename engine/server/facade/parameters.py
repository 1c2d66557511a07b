"""The parameters of a request: read from the raw text that was signed, each asked for by name and kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import TypeVar
from urllib.parse import parse_qsl

from engine.server.facade.fault import Fault, illegal, missing, too_precise

E = TypeVar("E", bound=Enum)

MOST = 64
"""Parameters of one request."""

LAST_MS = 4_102_444_800_000
"""The year 2100."""

_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?\Z", re.ASCII)
_DECIMAL_RANGE = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
_INTEGER = re.compile(r"[0-9]{1,18}\Z", re.ASCII)
_INTEGER_RANGE = "^[0-9]{1,18}$"
_SYMBOL = re.compile(r"[A-Z0-9_.-]{1,20}\Z", re.ASCII)
_SYMBOL_RANGE = "^[A-Z0-9-_.]{1,20}$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PRINTABLE_RANGE = r"^[^\x00-\x1f\x7f]+$"
_PLACES = 8
"""Decimals that every amount of Binance's has."""

SIGNATURE = "signature"


class Parameters:
    """What was sent; whatever is asked for counts as read, what nobody reads is refused."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = dict(told)

    def __contains__(self, name: str) -> bool:
        return name in self._told

    @property
    def names(self) -> frozenset[str]:
        """What was sent."""
        return frozenset(self._told)

    def check(self, known: Iterable[str]) -> None:
        """Refuse names that nobody reads.

        Raises:
            Fault: -1104.
        """
        read = len(self.names & set(known))
        if read != len(self._told):
            text = f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{len(self._told)}'."
            raise Fault(-1104, text)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        told = self._told.get(name)
        if told is None:
            if default is None:
                raise missing(name)
            return default
        if not told:
            raise Fault(-1105, f"Parameter '{name}' was empty.")
        if _CONTROL.search(told):
            raise illegal(name, _PRINTABLE_RANGE)
        return told

    def choice(self, name: str, names: Mapping[str, E] | type[E], code: int, default: E | None = None) -> E:
        """Return one of several words, refused with `code` if it is another."""
        if name not in self._told and default is not None:
            return default
        told = self.text(name)
        known = names if isinstance(names, Mapping) else {str(each.value): each for each in names}
        if told not in known:
            raise Fault(code, f"Invalid {name}.")
        return known[told]

    def decimal(self, name: str) -> Decimal | None:
        """Return an amount, None if it was not sent."""
        if name not in self._told:
            return None
        told = self.text(name)
        if not _DECIMAL.match(told):
            raise illegal(name, _DECIMAL_RANGE)
        if len(told.partition(".")[2].rstrip("0")) > _PLACES:
            raise too_precise(name)
        return Decimal(told)

    def integer(self, name: str, default: int | None = None, *, most: int | None = None) -> int | None:
        """Return a whole number, at most `most`; `default` if it was not sent."""
        if name not in self._told:
            return default
        told = self.text(name)
        if not _INTEGER.match(told):
            raise illegal(name, _INTEGER_RANGE)
        return int(told) if most is None else min(int(told), most)

    def instant(self, name: str, default: int | None = None) -> int | None:
        """Return an instant in milliseconds; what is beyond all calendars here counts as their end."""
        return self.integer(name, default, most=LAST_MS)

    def limit(self, default: int, most: int) -> int:
        """Return how many are asked for."""
        value = self.integer("limit", default)
        if value is None or not value > 0:
            raise Fault(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(value, most)

    def switch(self, name: str, *, default: bool) -> bool:
        """Return a yes or no."""
        told = self.text(name, "true" if default else "false").lower()
        if told not in ("true", "false"):
            raise Fault(-1130, f"Data sent for parameter '{name}' is not valid.")
        return told == "true"

    def symbol(self, name: str = "symbol") -> str:
        """Return a symbol as written; whether it is traded is another question."""
        told = self.text(name)
        if not _SYMBOL.match(told):
            raise illegal(name, _SYMBOL_RANGE)
        return told


def unsigned(raw: str) -> tuple[str, str | None]:
    """Return a raw query or body without its signature, and the signature."""
    parts = raw.split("&") if raw else []
    kept = [part for part in parts if not part.startswith(f"{SIGNATURE}=")]
    found = [part.removeprefix(f"{SIGNATURE}=") for part in parts if part.startswith(f"{SIGNATURE}=")]
    return "&".join(kept), found[-1] if found else None


def parse(*raws: str) -> Parameters:
    """Return the parameters of raw queries and bodies.

    Raises:
        Fault: they cannot be read, or a name comes twice.
    """
    pairs: list[tuple[str, str]] = []
    for raw in raws:
        try:
            pairs += parse_qsl(
                raw, keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MOST, errors="strict"
            )
        except ValueError:
            raise Fault(-1101, "The parameters cannot be read, or there are too many.") from None
    told = dict(pairs)
    if len(told) != len(pairs):
        raise Fault(-1101, "Duplicate values for a parameter detected.")
    return Parameters(told)
