"""What venues charge, as data: `resources/venues/NAME.toml`, with where it was read and when.

Schedules change and depend on what a customer trades; paper accounts pay the first tier unless told otherwise.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from engine.domain.number import parse_decimal
from engine.domain.pair import FeeRate
from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class FeeTier:
    """The rates from a volume of 30 days on."""

    volume: Decimal
    """In US dollars."""
    maker: FeeRate
    taker: FeeRate


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """A venue's fees: at least one tier, by ascending volume, the first from 0."""

    venue: str
    title: str
    source: str
    """Where the venue publishes it."""
    seen: date
    """When it was written down here; how, a comment in the file says."""
    note: str
    tiers: tuple[FeeTier, ...]

    @property
    def first(self) -> FeeTier:
        """What a new customer pays."""
        return self.tiers[0]

    def of(self, volume: Decimal) -> FeeTier:
        """Return the tier of a volume of 30 days in US dollars."""
        return max((tier for tier in self.tiers if tier.volume <= volume), key=lambda tier: tier.volume)


@cache
def fee_schedule(venue: str) -> FeeSchedule:
    """Return a venue's schedule.

    Raises:
        InvalidInput: there is none of that name, or its file is not in order.
    """
    file = files("resources") / "venues" / f"{venue}.toml"
    if not venue.isidentifier() or not file.is_file():
        raise InvalidInput(f"There is no schedule of fees for {venue[:40]!r}.")
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        tiers = tuple(
            FeeTier(parse_decimal(each["volume"]), _rate(each["maker"]), _rate(each["taker"])) for each in read["tier"]
        )
        schedule = FeeSchedule(venue, read["title"], read["source"], read["seen"], read["note"], tiers)
    except KeyError as error:
        raise InvalidInput(f"The schedule of fees of {venue} lacks {error}.") from None
    volumes = [tier.volume for tier in tiers]
    if not volumes or volumes[0] != 0 or sorted(set(volumes)) != volumes:
        raise InvalidInput(f"The schedule of fees of {venue} must begin at 0 and ascend.")
    return schedule


def _rate(text: str) -> FeeRate:
    return FeeRate.parse(parse_decimal(text))
