"""Faults of the wire, each a small thing that a stream of outgoing frames passes through.

A fault is of one venue; for every connection it makes a new `Line`, which may hold frames back. When it strikes is
decided by a `When` that all its lines share, so that `next` means the next frame of any.
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Protocol

from engine.adapters.exchanges.loopback.frame import Frame, Hangup, Kind, Outgoing

DATA = frozenset({Kind.BOOK, Kind.TRADES, Kind.TICKER})
"""What faults strike unless told otherwise: answers and beats come through."""

Line = Callable[[Outgoing], Iterable[Outgoing]]


class When(Protocol):
    """Decides which frames are struck."""

    def strikes(self) -> bool:
        """Whether this frame is; asked once for each."""
        ...


class Share:
    """Each with a probability, drawn from a seed."""

    def __init__(self, share: float, seed: int) -> None:
        self._share, self._draw = share, random.Random(seed)  # noqa: S311 - faults are to be the same again

    def strikes(self) -> bool:
        """Draw."""
        return self._draw.random() < self._share


class Every:
    """Each of which the number is a multiple."""

    def __init__(self, count: int) -> None:
        self._count, self._seen = count, 0

    def strikes(self) -> bool:
        """Count."""
        self._seen += 1
        return self._seen % self._count == 0


class Next:
    """The next ones, after some that are let through."""

    def __init__(self, count: int = 1, after: int = 0) -> None:
        self.left, self._after = count, after

    def strikes(self) -> bool:
        """Use one up."""
        if self._after:
            self._after -= 1
            return False
        if not self.left:
            return False
        self.left -= 1
        return True


class Fault(ABC):
    """What happens to frames of some kinds; `hits` counts them."""

    def __init__(self, when: When, kinds: frozenset[Kind] = DATA) -> None:
        self._when, self._kinds = when, kinds
        self.hits = 0

    @abstractmethod
    def line(self) -> Line:
        """Return the fault on a new connection."""


class Strike(Fault):
    """A fault that is done with each frame that it meets."""

    def line(self) -> Line:
        """Return the fault on a new connection."""

        def pass_on(item: Outgoing) -> Iterable[Outgoing]:
            if isinstance(item, Frame) and item.kind in self._kinds and self._when.strikes():
                self.hits += 1
                return self.strike(item)
            return (item,)

        return pass_on

    @abstractmethod
    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return what is sent instead of a frame."""


class Drop(Strike):
    """It never comes."""

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return nothing."""
        return ()


class Duplicate(Strike):
    """It comes twice."""

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return two."""
        return (frame, frame)


class Truncate(Strike):
    """Half of it comes."""

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return its beginning."""
        return (frame._replace(text=frame.text[: len(frame.text) // 2]),)


class Delay(Strike):
    """It comes later, and everything behind it too."""

    def __init__(self, when: When, kinds: frozenset[Kind] = DATA, *, seconds: float = 0.0) -> None:
        super().__init__(when, kinds)
        self._seconds = seconds

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return it with a wait."""
        return (frame._replace(wait_s=frame.wait_s + self._seconds),)


class BadChecksum(Strike):
    """Its checksum is another number; frames without one are left alone."""

    _CHECKSUM = re.compile(r'("checksum":)(\d+)')

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return it with the last bit of the checksum turned."""
        return (frame._replace(text=self._CHECKSUM.sub(lambda found: f"{found[1]}{int(found[2]) ^ 1}", frame.text)),)


class Spike(Strike):
    """Prices of its prints are a hundred times as high; levels of books are left alone."""

    _PRICE = re.compile(r'("(?:p|price)":"?)(\d+)\.(\d\d)')

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return it with the points of its prices moved."""
        return (frame._replace(text=self._PRICE.sub(r"\g<1>\2\3.0", frame.text)),)


class Disconnect(Strike):
    """The connection is cut instead of sending it."""

    def strike(self, frame: Frame) -> Iterable[Outgoing]:
        """Return the end."""
        return (Hangup(),)


class Reorder(Fault):
    """It comes after the next frame of its kind."""

    def line(self) -> Line:
        """Return the fault on a new connection."""
        held: list[Frame] = []

        def pass_on(item: Outgoing) -> Iterable[Outgoing]:
            if not isinstance(item, Frame) or item.kind not in self._kinds:
                return (item,)
            if held and item.kind is held[0].kind:
                return (item, held.pop())
            if not held and self._when.strikes():
                self.hits += 1
                held.append(item)
                return ()
            return (item,)

        return pass_on
