"""A test aid: named places at which a running program can be killed, made to fail, or held up.

The places are where a fault would hurt: between a match and its record, inside a transaction, between two
renames. Nothing happens at them unless the environment variable `CRS_FAILPOINT` names some before the start:

    CRS_FAILPOINT="NAME[:NTH[+]][=kill | =error ENOSPC | =error EIO | =pause SECONDS]; …"

NTH counts how often the place is reached, from 1; `+` means every time from then on. `kill` (what happens unless
told otherwise) ends the process as `kill -9` does, `error` raises the system's error as a refusing disk would,
`pause` holds up the thread that is there. No user needs this; tests/faults does.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.errors import InvalidInput

VARIABLE = "CRS_FAILPOINT"

DECISIONS = (
    "venue.before_match",  # a command came in; nothing knows it yet
    "venue.after_match",  # the exchange has carried it out; nothing of that is queued for the disk
    "venue.before_reply",  # it is durable and published; whoever sent it does not know
    "market.after_advance",  # the market moved and may have filled us; nothing of that is queued for the disk
    "journal.before_acknowledge",  # committed; nobody was told
)
"""Places where nothing is written: a program can only end there, or be slow."""

WRITES = (
    "journal.before_write",  # a batch is at hand; its transaction has not begun
    "journal.half_written",  # the records are written, the tables made from them are not
    "journal.before_commit",  # all rows are written
    "journal.after_commit",  # they are durable; here an error leaves in doubt whether they are
    "snapshot.before_blob",  # the state is dumped
    "snapshot.before_delete",  # it is written, older ones not removed
    "account_snapshot.before_blob",  # the accounts are dumped
    "account_snapshot.before_delete",  # they are written, older ones not removed
    "migration.before_commit",  # the tables are changed
    "backup.before_rename",  # the copy is whole, under a temporary name
    "backup.before_manifest",  # it has its name, and nothing says what is in it
    "restore.staged",  # the copy has the name by which the next start finds it
    "restore.between_moves",  # the log of the present database is moved aside, the database is not
    "restore.moved_aside",  # both are; nothing is in their place
    "settings.before_rename",  # the new text is on the disk, under a temporary name
    "layout.before_rename",  # likewise
    "drawings.before_rename",  # likewise
    "alerts.before_rename",  # likewise
)
"""Places where the disk can refuse as well."""

POINTS = DECISIONS + WRITES

WALLET_WRITES = (
    "wallet.before_rename",  # a keystore, the accounts, the address book: on the disk, under a temporary name
)
"""Places in the wallet where the disk can refuse as well."""

WALLET = (
    *WALLET_WRITES,
    "wallet.kept",  # a transaction is signed and on the disk; no node has it
    "order.noted",  # an order names the transaction that it will send; nothing is signed
    "order.sent",  # its transaction was handed to a node; the order does not know more
    "order.before_settled",  # its fate is known and not written down
)
"""Places in the wallet, which no exchange comes to."""

_GRAMMAR = re.compile(
    r"(?P<name>[a-z_.]+)(:(?P<nth>[1-9][0-9]*)(?P<on>\+)?)?"
    r"(=(?P<act>kill|error (?P<error>ENOSPC|EIO)|pause (?P<seconds>[0-9.]+)))?"
)


@dataclass(slots=True)
class _Armed:
    """What happens at one point."""

    nth: int
    on: bool
    error: int | None
    seconds: float | None
    seen: int = 0


_armed: dict[str, _Armed] = {}


def reached(name: str) -> None:
    """Say that the program is at a point; one look-up in an empty dictionary unless something is armed.

    Raises:
        OSError: the point was told to.
    """
    if _armed:
        _act(name)


def arm(text: str) -> None:
    """Arm points in addition to those that are; see the module for how they are written.

    Raises:
        InvalidInput: it is not written so, or there is no such point.
    """
    for part in filter(None, (each.strip() for each in text.split(";"))):
        match = _GRAMMAR.fullmatch(part)
        if match is None or match["name"] not in POINTS + WALLET:
            raise InvalidInput(f"{VARIABLE} names {part!r}; the points are {', '.join(POINTS + WALLET)}.")
        if match["error"] and match["name"] not in WRITES + WALLET_WRITES:
            raise InvalidInput(f"Nothing is written at {match['name']}, so nothing can be refused there.")
        error = getattr(errno, match["error"]) if match["error"] else None
        seconds = float(match["seconds"]) if match["seconds"] else None
        _armed[match["name"]] = _Armed(int(match["nth"] or 1), match["on"] is not None, error, seconds)


def disarm() -> None:
    """Let nothing happen at any point."""
    _armed.clear()


def times(name: str) -> int:
    """Return how often an armed point was reached since it was armed."""
    return _armed[name].seen


@contextmanager
def armed(text: str) -> Iterator[None]:
    """Arm points for a while."""
    arm(text)
    try:
        yield
    finally:
        disarm()


def _act(name: str) -> None:
    point = _armed.get(name)
    if point is None:
        return
    point.seen += 1
    if point.seen != point.nth and not (point.on and point.seen > point.nth):
        return
    if point.error is not None:
        raise OSError(point.error, os.strerror(point.error))
    if point.seconds is not None:
        time.sleep(point.seconds)
        return
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


arm(os.environ.get(VARIABLE, ""))
