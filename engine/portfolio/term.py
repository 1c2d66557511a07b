"""Terms: a number as the sum of its parts, each with the words and numbers that say where it comes from.

Amounts are exact engine units of one asset. A term either has no parts, or its amount is the sum of theirs, which
is proved whenever they are looked at. Parts are made only then, as a year of trading has many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from engine.domain.asset import Asset
from engine.domain.number import NANOS_PER_SECOND, Units
from engine.domain.order import LotMethod

T = TypeVar("T")

MANY = 60
"""More parts than this are put together by month, day, hour, …"""

_WIDTHS = (len("2024-01"), len("2024-01-31"), len("2024-01-31 23"), len("2024-01-31 23:59"))


class Term(NamedTuple):
    """One line of an explanation."""

    label: str
    amount: Units
    """Signed, as it enters the sum above it."""
    how: str = ""
    """The formula with its numbers, or where the number was read."""
    more: Callable[[], Sequence[Term]] | None = None
    """Makes the parts; None for a term that has none."""

    def parts(self) -> Sequence[Term]:
        """Return the terms that this one is the sum of, none for a plain number.

        Raises:
            ArithmeticError: it is not their sum, which is a bug of whoever made it.
        """
        if self.more is None:
            return ()
        parts = self.more()
        off = self.amount - sum(part.amount for part in parts)
        if off:
            raise ArithmeticError(f"the parts of {self.label!r} are {off} units away from it")
        return parts


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number that was shown, and the terms that it is the sum of."""

    title: str
    formula: str
    """In words, before any number."""
    asset: Asset
    """Whose units the amounts are."""
    total: Term
    shown: str
    """The number as text, exact; of an average the quotient, rounded to a tick."""
    method: LotMethod | None = None
    """By which cost was taken; None where no cost is in it."""
    note: str = ""
    """What one has to know besides."""


def walk(term: Term, depth: int = 0) -> Iterator[tuple[int, Term]]:
    """Yield every term with its depth, from the top."""
    yield depth, term
    for part in term.parts():
        yield from walk(part, depth + 1)


def total_of(label: str, parts: Sequence[Term], how: str = "") -> Term:
    """Return the sum of terms as a term."""
    return Term(label, Units(sum(part.amount for part in parts)), how, lambda: parts)


def gathered(
    items: Sequence[T],
    at: Callable[[T], int],
    amount: Callable[[T], int],
    term: Callable[[T], Term],
    noun: str,
    level: int = 0,
) -> Sequence[Term]:
    """Return a term per item; of many items a term per month, and inside it per day, and so on.

    Args:
        items: in the order of happening.
        at: the instant of an item.
        amount: what an item's term would amount to, without making it.
        term: makes an item's term.
        noun: what the items are, in the plural.
        level: how fine the periods are, from 0.
    """
    if len(items) <= MANY or level == len(_WIDTHS):
        return [term(item) for item in items]
    periods: dict[str, list[T]] = {}
    for item in items:
        periods.setdefault(instant(at(item))[: _WIDTHS[level]], []).append(item)
    if len(periods) == 1:
        return gathered(items, at, amount, term, noun, level + 1)

    def of_period(name: str, held: list[T]) -> Term:
        return Term(
            name,
            Units(sum(amount(item) for item in held)),
            f"{len(held):,} {noun}",
            lambda: gathered(held, at, amount, term, noun, level + 1),
        )

    return [of_period(name, held) for name, held in periods.items()]


def instant(at: int) -> str:
    """Return an instant as `2024-05-01 12:00:00`, UTC."""
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).isoformat(" ")[:19]


def plain(asset: Asset, units: int) -> str:
    """Return an amount exactly, without needless zeros."""
    return trimmed(asset.text(units))


def trimmed(text: str) -> str:
    """Return a plain decimal text without needless zeros after the point."""
    return text.rstrip("0").rstrip(".") if "." in text else text
