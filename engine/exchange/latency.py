"""Commands on their way to the exchange: how long each takes follows from a seed and its number, nothing else.

A delay is a constant and a tail, whole nanoseconds. Half of all tails are shorter than the model's `tail_ns`, half of
the rest shorter than twice that, and so on: each further `tail_ns` halves what is left, evenly within. So it is an
exponential tail made of whole numbers, the same on every machine. Commands may overtake each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any, NamedTuple

from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.course import Latency
from engine.domain.number import Nanos

Travelling = SubmitOrder | SubmitList | CancelOrder | AmendOrder
"""Commands that are sent to an exchange; the others set the stage."""

TRAVELLING = (SubmitOrder, SubmitList, CancelOrder, AmendOrder)

NEVER = 1 << 63
LONGEST = 16
"""Tails are cut at so many times the model's: longer ones are one in 65,536."""

_MASK = (1 << 64) - 1
_HALF = 32


class Sent(NamedTuple):
    """A command under way; in order of arrival, those of one instant in the order of sending."""

    arrives_at: int
    ticket: int
    sent_at: Nanos
    command: Travelling


class Line:
    """The way to the exchange; without a model it takes no time and is not used."""

    def __init__(self) -> None:
        self.latency: Latency | None = None
        self._ticket = 0
        """Counts commands sent; the delay of each is drawn by it."""
        self._under_way: list[Sent] = []
        """A heap."""

    @property
    def next_at(self) -> int:
        """When the next command arrives; `NEVER` if none is under way."""
        return self._under_way[0].arrives_at if self._under_way else NEVER

    @property
    def last_at(self) -> int | None:
        """When the last of those under way arrives."""
        return max((sent.arrives_at for sent in self._under_way), default=None)

    @property
    def under_way(self) -> list[Travelling]:
        """The commands under way, in the order of their arrival."""
        return [sent.command for sent in sorted(self._under_way)]

    def ticket_of(self, command: Travelling) -> int | None:
        """Return the ticket of a command under way that is equal in every field, the first to arrive."""
        return next((sent.ticket for sent in sorted(self._under_way) if sent.command == command), None)

    def tickets_of(self, *kinds: type) -> list[int]:
        """Return the tickets of the commands of these kinds that are under way."""
        return [sent.ticket for sent in sorted(self._under_way) if isinstance(sent.command, kinds)]

    def send(self, command: Travelling, now: Nanos) -> Sent:
        """Let a command travel, and return when it arrives.

        Raises:
            AssertionError: there is no model, so nothing travels; that is a bug of the caller.
        """
        assert self.latency is not None, "commands travel only where there is a latency"  # noqa: S101
        self._ticket += 1
        sent = Sent(now + delay(self.latency, command, self._ticket), self._ticket, now, command)
        heappush(self._under_way, sent)
        return sent

    def take(self, until: int) -> Sent | None:
        """Take out the next command that arrives until an instant."""
        return heappop(self._under_way) if self._under_way and self._under_way[0].arrives_at <= until else None

    # Keeping

    def dump(self) -> dict[str, object]:
        """Return everything, JSON-able."""
        import msgspec

        latency = self.latency
        return {
            "latency": None if latency is None else msgspec.to_builtins(latency),
            "ticket": self._ticket,
            "under_way": [
                [*sent[:3], type(sent.command).__name__, msgspec.to_builtins(sent.command)]
                for sent in sorted(self._under_way)
            ],
        }

    @classmethod
    def load(cls, dump: Mapping[str, Any]) -> Line:
        """Return what was dumped."""
        import msgspec

        line, kinds = cls(), {kind.__name__: kind for kind in TRAVELLING}
        if dump["latency"] is not None:
            line.latency = msgspec.convert(dump["latency"], Latency)
        line._ticket = dump["ticket"]
        for arrives_at, ticket, sent_at, kind, fields in dump["under_way"]:
            command: Any = msgspec.convert(fields, kinds[kind])
            line._under_way.append(Sent(arrives_at, ticket, Nanos(sent_at), command))
        return line


def delay(latency: Latency, command: Travelling, number: int) -> int:
    """Return how long a command travels, in ns; `number` counts commands from 1."""
    if isinstance(command, CancelOrder):
        constant = latency.cancel_ns
    elif isinstance(command, AmendOrder):
        constant = latency.amend_ns
    else:
        constant = latency.submit_ns
    return constant + tail(latency.seed, number, latency.tail_ns)


def tail(seed: int, number: int, half_ns: int) -> int:
    """Return the tail of one delay: half of them are below `half_ns`, the mean is 1.5 times that."""
    bits = _mixed(_mixed(seed) + number)
    low = bits & ((1 << LONGEST) - 1)
    halvings = LONGEST if not low else (low & -low).bit_length() - 1
    return halvings * half_ns + ((bits >> _HALF) * half_ns >> _HALF)


def _mixed(value: int) -> int:
    """Return 64 bits that look random: the finaliser of SplitMix64 (Steele, Lea, Flood 2014)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
