"""The address book: who is who, whom was paid before, and which address is made to be mistaken for one of them.

An address counts as used only if something was sent to it from here. What arrives proves nothing: whoever wants to be
mistaken sends a token, or a transfer of nothing at all, to get into the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.defi.address import parsed_address
from engine.defi.lookalike import nearest, skeleton
from engine.errors import InvalidInput
from engine.services.offload import offload
from engine.services.task import TaskOwner
from engine.services.wallet.kept import KeptFile, Struct
from engine.services.wallet.label import parsed_label

MOST_USED = 2_000
"""Addresses that were paid, the newest ones."""
MOST_UNDO = 50
LONGEST_NOTE = 500


class Entry(msgspec.Struct, frozen=True):
    """A line of the book."""

    label: str
    address: str
    chain_id: int | None = None
    """None: on all chains."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Whom an address could be mistaken for."""

    label: str
    """Of the one that is meant, empty for one that was only paid before."""
    address: str
    why: str
    """In what they look alike."""

    @property
    def sentence(self) -> str:
        """What to say of it."""
        who = f"{self.label} ({self.address})" if self.label else f"{self.address}, which was paid before"
        return f"This is not {who}, although it looks like it: {self.why}."


class _Kept(Struct, frozen=True):
    """What is in the file."""

    entries: tuple[Entry, ...] = ()
    used: tuple[str, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A change that can be taken back."""

    before: tuple[Entry, ...]
    title: str


class AddressBook:
    """Entries and used addresses; `load` first. Coroutines raise StorageUnavailable where the disk refuses."""

    def __init__(self, path: Path, own: Callable[[], Iterable[tuple[str, str]]] = tuple) -> None:
        """`own` gives the wallet's own accounts: address and label."""
        self._file = KeptFile(path, _Kept, "The address book")
        self._own = own
        self._kept = _Kept()
        self._undo: list[_Step] = []
        self._turn = asyncio.Lock()
        self._tasks = TaskOwner("address book")
        self.on_changed: list[Callable[[], None]] = []

    def __repr__(self) -> str:
        return f"AddressBook({len(self._kept.entries)} entries)"

    @property
    def problem(self) -> str:
        """What was wrong with the file, in a sentence; empty: nothing."""
        return self._file.problem

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All lines, by label."""
        return tuple(sorted(self._kept.entries, key=lambda each: (each.label.casefold(), each.address)))

    @property
    def undoes(self) -> str:
        """What `undo` would take back ("Add Anna"); empty: nothing."""
        return self._undo[-1].title if self._undo else ""

    async def load(self) -> None:
        """Read the file; one that is damaged is set aside, see `problem`."""
        self._kept = await offload(self._file.read)

    async def close(self) -> None:
        """Wait for what is still to be written."""
        await self._tasks.finished()

    async def add(self, label: str, address: str, *, chain_id: int | None = None, note: str = "") -> Entry:
        """Put a line into the book.

        Raises:
            InvalidInput: no address, no name, or the address or the name is there already.
        """
        entry = self._parsed(label, address, chain_id, note)
        self._check(entry, self._kept.entries)
        await self._change((*self._kept.entries, entry), f"Add {entry.label}")
        return entry

    async def edit(
        self, before: Entry, *, label: str, address: str, chain_id: int | None = None, note: str = ""
    ) -> Entry:
        """Change a line; errors as `add`, and InvalidInput if `before` is not in the book."""
        entry = self._parsed(label, address, chain_id, note)
        others = self._without(before)
        self._check(entry, others)
        await self._change((*others, entry), f"Edit {before.label}")
        return entry

    async def remove(self, entry: Entry) -> None:
        """Take a line out; InvalidInput if it is not in the book."""
        await self._change(self._without(entry), f"Remove {entry.label}")

    async def undo(self) -> str:
        """Take the last change back and return what it was; InvalidInput if there is none."""
        if not self._undo:
            raise InvalidInput("There is nothing to undo in the address book.")
        step = self._undo[-1]
        await self._write(lambda kept: msgspec.structs.replace(kept, entries=step.before))
        self._undo.pop()
        return step.title

    def find(self, text: str) -> tuple[Entry, ...]:
        """Return the lines whose name, address or note has a text in it."""
        wanted = text.strip().casefold()
        return tuple(e for e in self.entries if any(wanted in t.casefold() for t in (e.label, e.address, e.note)))

    def title(self, address: str, chain_id: int | None = None) -> str:
        """Return what the user calls an address: an own account or a line of the book; empty if nothing."""
        wanted = address.lower()
        for own, label in self._own():
            if own.lower() == wanted:
                return label
        lines = [each for each in self._kept.entries if each.address.lower() == wanted]
        exact = [each for each in lines if each.chain_id in (None, chain_id) or chain_id is None]
        return exact[0].label if exact else ""

    def is_known(self, address: str) -> bool:
        """Return whether it is an own account, in the book, or was paid before."""
        wanted = address.lower()
        return any(wanted == each.lower() for each, _ in self._known())

    def look_alike(self, address: str) -> LookAlike | None:
        """Return whom an address could be mistaken for; None if it is known itself, or looks like nobody."""
        if self.is_known(address):
            return None
        known = dict(self._known())
        found = nearest(address, known)
        return None if found is None else LookAlike(known[found[0]], *found)

    def mistaken_for(self, address: str) -> str:
        """Return the same for the rules of the send pipeline: a label with the address, empty if nobody."""
        found = self.look_alike(address)
        if found is None:
            return ""
        return f"{found.label} ({found.address})" if found.label else found.address

    def label_alike(self, label: str, address: str = "") -> str:
        """Return a sentence if a name could be read as that of another address; empty if not."""
        wanted = skeleton(label)
        for known, name in (*self._own(), *((each.address, each.label) for each in self._kept.entries)):
            if name and known.lower() != address.lower() and skeleton(name) == wanted:
                return f"This name can be read as {name}, which is {known}. Choose one that cannot be mistaken."
        return ""

    def suspicion(self, counterparty: str, units: int) -> str:
        """Return a sentence about a transfer in the history that was made to mislead; empty if it looks honest.

        Args:
            counterparty: who sent it, or to whom it went.
            units: how much, of a token's smallest unit; below 0: it left, and not from here.
        """
        if (found := self.look_alike(counterparty)) is not None:
            return f"{found.sentence} Do not copy this address."
        if units < 0 and not self.is_known(counterparty):
            return (
                "Nothing was signed for it here: a contract took what it was allowed to, another program has this key, "
                "or the token lies about it to put a stranger's address into a history. Do not copy it."
            )
        if units == 0 and not self.is_known(counterparty):
            return "A transfer of nothing: such are made to put a stranger's address into a history. Do not copy it."
        return ""

    def seen(self, address: str) -> bool:
        """Return whether something was sent there from here."""
        return address.lower() in {each.lower() for each in self._kept.used}

    def remember(self, address: str) -> None:
        """Keep that something was sent there; written in the background."""
        parsed = parsed_address(address)
        used = (*(each for each in self._kept.used if each != parsed), parsed)[-MOST_USED:]
        self._kept = msgspec.structs.replace(self._kept, used=used)
        self._tasks.start(self._write(lambda kept: kept))

    def _known(self) -> Iterable[tuple[str, str]]:
        """Give all known addresses with their labels, own accounts first."""
        yield from self._own()
        yield from ((each.address, each.label) for each in self._kept.entries)
        yield from ((each, "") for each in reversed(self._kept.used) if not self._is_named(each))

    def _is_named(self, address: str) -> bool:
        return any(each.address == address for each in self._kept.entries) or any(a == address for a, _ in self._own())

    def _parsed(self, label: str, address: str, chain_id: int | None, note: str) -> Entry:
        if len(note) > LONGEST_NOTE:
            raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")
        return Entry(parsed_label(label), parsed_address(address), chain_id, note.strip())

    def _check(self, entry: Entry, others: Iterable[Entry]) -> None:
        for own, label in self._own():
            if own == entry.address:
                raise InvalidInput(f"This is your own account {label}; rename it there.")
        for each in others:
            overlaps = each.chain_id is None or entry.chain_id is None or each.chain_id == entry.chain_id
            if each.address == entry.address and overlaps:
                raise InvalidInput(f"This address is in the book already, as {each.label}.")
            if each.label.casefold() == entry.label.casefold() and each.address != entry.address:
                raise InvalidInput(f"{each.label} is the name of {each.address}; give this one another name.")

    def _without(self, entry: Entry) -> tuple[Entry, ...]:
        if entry not in self._kept.entries:
            raise InvalidInput(f"{entry.label} is not in the book any more.")
        return tuple(each for each in self._kept.entries if each != entry)

    async def _change(self, entries: tuple[Entry, ...], title: str) -> None:
        before = self._kept.entries
        await self._write(lambda kept: msgspec.structs.replace(kept, entries=entries))
        self._undo = [*self._undo, _Step(before, title)][-MOST_UNDO:]

    async def _write(self, change: Callable[[_Kept], _Kept]) -> None:
        """Write first, then believe it; addresses that are used meanwhile are not lost."""
        async with self._turn:
            changed = change(self._kept)
            await offload(self._file.write, changed)
            self._kept = msgspec.structs.replace(changed, used=self._kept.used)
        for listener in tuple(self.on_changed):
            listener()
