"""All faults of one venue, by name and text: `drop=1%`, `delay=250ms:10%`, `disconnect=next`, `429=2`, `skew=1300ms`.

WHEN      1%  |  every:500  |  next  |  next:3  |  after:200 (the one after 200)     then @book, @trades, @ticker
drop duplicate reorder truncate checksum spike (prices of prints a hundredfold) disconnect = WHEN
delay = TIME or TIME:WHEN          stale = COUNT (of the next snapshots)        skew = TIME (of the clock, ±)
429 = COUNT  418 = COUNT  retry = TIME (their Retry-After)
silence = TIME or on     shutdown = now     hangup = now (an end as after 24 hours)      anything = off
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.adapters.exchanges.loopback.fault import (
    DATA,
    BadChecksum,
    Delay,
    Disconnect,
    Drop,
    Duplicate,
    Every,
    Fault,
    Next,
    Reorder,
    Share,
    Spike,
    Truncate,
    When,
)
from engine.adapters.exchanges.loopback.frame import Kind
from engine.adapters.exchanges.loopback.market import Picture, Shown
from engine.errors import InvalidInput

WIRE: Mapping[str, type[Fault]] = {
    "drop": Drop, "duplicate": Duplicate, "reorder": Reorder, "truncate": Truncate, "checksum": BadChecksum,
    "spike": Spike, "disconnect": Disconnect,
}  # fmt: skip
EVENTS = ("silence", "shutdown", "hangup")
NAMES = (*WIRE, "delay", "stale", "skew", "429", "418", "retry", *EVENTS)
OFF = "off"

_TIME = re.compile(r"([+-]?\d+(?:\.\d+)?)(ms|s)\Z")


def seconds(text: str) -> float:
    """Return a time such as `250ms` or `-1.3s`.

    Raises:
        InvalidInput: it is none.
    """
    found = _TIME.match(text)
    if found is None:
        raise InvalidInput(f"{text!r} is no time such as 250ms or 1.3s.")
    return float(found[1]) / (1_000 if found[2] == "ms" else 1)


class Faults:
    """What is wrong now; `seed` makes shares the same every time."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self.wire: dict[str, Fault] = {}
        """Faults of frames, in the order in which these pass through them."""
        self.skew_ns = 0
        self.retry_s = 1
        self._stale = 0
        self._limits: dict[int, int] = {}
        self.on_event: Callable[[str, float | None], None] = lambda _name, _seconds: None
        """Called for what happens to connections at once: a name of `EVENTS`, and for how long."""

    def put(self, name: str, text: str) -> None:
        """Set a fault, or take it back with `off`.

        Raises:
            InvalidInput: there is no such fault, or the text is not one of its.
        """
        if name not in NAMES:
            raise InvalidInput(f"{name!r} is no fault; there are {', '.join(NAMES)}.")
        if name in WIRE or name == "delay":
            self.wire.pop(name, None)
            if text != OFF:
                self.wire[name] = self._fault(name, text)
        elif name in EVENTS:
            forever = text in ("on", "now", OFF)
            self.on_event(name if text != OFF else f"{name} off", None if forever else seconds(text))
        elif name == "skew":
            self.skew_ns = 0 if text == OFF else round(seconds(text) * 1e9)
        elif name == "retry":
            self.retry_s = 1 if text == OFF else max(0, round(seconds(text)))
        elif name == "stale":
            self._stale = 0 if text == OFF else _count(text)
        else:
            self._limits[int(name)] = 0 if text == OFF else _count(text)

    def put_all(self, text: str) -> None:
        """Set several: `drop=1%,delay=250ms`; errors as `put`."""
        for each in filter(None, (part.strip() for part in text.split(","))):
            name, is_given, value = each.partition("=")
            if not is_given:
                raise InvalidInput(f"{each!r} is no fault such as drop=1%.")
            self.put(name, value)

    def clear(self) -> None:
        """Take all of them back."""
        self.wire.clear()
        self.skew_ns, self.retry_s, self._stale = 0, 1, 0
        self._limits.clear()

    def pictured(self, shown: Shown) -> Picture:
        """Return a book as a snapshot shows it: as it is, or as it was some time ago."""
        if self._stale and shown.old is not None:
            self._stale -= 1
            return shown.old
        return shown.picture()

    def take_limit(self) -> int:
        """Return the status that the next request is refused with, 0 if it is not."""
        for status, left in self._limits.items():
            if left:
                self._limits[status] = left - 1
                return status
        return 0

    def as_data(self) -> dict[str, Any]:
        """Return what is wrong, for `/_loopback/status`."""
        return {
            "wire": {name: fault.hits for name, fault in self.wire.items()}, "skew_ms": self.skew_ns // 1_000_000,
            "stale": self._stale, "limits": {str(status): left for status, left in self._limits.items() if left},
        }  # fmt: skip

    def _fault(self, name: str, text: str) -> Fault:
        text, _, kind = text.partition("@")
        try:
            kinds = frozenset({Kind(kind)}) if kind else DATA
        except ValueError:
            raise InvalidInput(f"{kind!r} is no kind of frame; there are {', '.join(Kind)}.") from None
        if name == "delay":
            time, _, when = text.partition(":")
            return Delay(self._when(when or "100%"), kinds, seconds=seconds(time))
        return WIRE[name](self._when(text), kinds)

    def _when(self, text: str) -> When:
        if text.endswith("%"):
            try:
                share = float(text[:-1]) / 100
            except ValueError:
                share = -1.0
            if 0 <= share <= 1:
                return Share(share, self._seed)
        word, _, count = text.partition(":")
        if word == "every":
            return Every(max(1, _count(count)))
        if word == "next":
            return Next(_count(count or "1"))
        if word == "after":
            return Next(1, _count(count))
        raise InvalidInput(f"{text!r} says not when: write 1%, every:500, next, next:3 or after:200.")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput(f"{text!r} is no count.")
    return int(text)
