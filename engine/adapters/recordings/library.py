"""The recordings of a profile: files by venue and pair, as many as there is room for. It blocks: off the loop."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from engine.adapters.files.folder import folder_of, make_private
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError, InvalidInput, StorageUnavailable
from engine.market.columns import head_of
from engine.market.recording import Recording
from engine.market.tape import FORMAT, VERSION
from engine.ports.recording import Recorded as Recorded

ENDING = ".tape"
LONGEST_HEAD = 100_000
MOST_JOINED = 32_000_000
"""Bytes of files that are played as one: some hours of a busy pair, which take twenty times as much memory."""
LONGEST_NAME = 80
"""Letters of the venue's and the pair's names that a head may tell."""
LARGEST = 2 * 2**30
"""Bytes of a recording; a file that is written here ends at half of it at the latest."""
LAST = 2**62
"""The last instant that a head may tell (ns): in the year 2116."""
NAMES = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")


def _order(path: Path) -> tuple[str, int]:
    """Return by what the files of a pair are in order: `20261129T175100Z-2.tape` is the second of its second."""
    stamp, _, number = path.stem.partition("-")
    return stamp, int(number) if number.isdigit() else 1


class Library:
    """Where recordings are."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def new_file(self, venue: str, symbol: str, at: int) -> Path:
        """Return the path of a recording that begins now; its folder is there.

        Raises:
            StorageUnavailable: the folder cannot be made.
        """
        folder = self.directory / venue / folder_of(symbol)
        stamp = datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            make_private(folder)
        except OSError as error:
            raise StorageUnavailable(f"Nothing can be recorded in {folder}: {error.strerror}.") from error
        path, number = folder / f"{stamp}{ENDING}", 1
        while path.exists():
            number += 1
            path = folder / f"{stamp}-{number}{ENDING}"
        return path

    def found(self) -> tuple[list[Recorded], list[CrsError]]:
        """Return all recordings, newest first, and what could not be read."""
        recordings: list[Recorded] = []
        damaged: list[CrsError] = []
        for path in self.directory.glob(f"*/*/*{ENDING}"):
            try:
                recordings.append(self._about(path))
            except (InvalidInput, StorageUnavailable) as error:
                damaged.append(error)
        recordings.sort(key=lambda each: (-each.started, each.name))
        return recordings, damaged

    def look(self, name: str) -> Recorded:
        """Return what is known of a recording; errors as `open`."""
        return self._about(self._path(name))

    def open(self, name: str) -> Recording:
        """Return a recording by its name, with the files that follow it without a gap, as far as memory allows.

        Raises:
            InvalidInput: there is none of that name, or it is damaged.
            StorageUnavailable: it cannot be read.
        """
        try:
            path = self._path(name)
            if path.stat().st_size > LARGEST:
                raise InvalidInput(f"The recording {name} is larger than can be read here.")
            return self._joined(path)
        except FileNotFoundError as error:
            raise InvalidInput(f"There is no recording {name}; it may have been removed to make room.") from error
        except OSError as error:
            raise StorageUnavailable(f"The recording {name} cannot be read: {error.strerror}.") from error

    def remove(self, name: str) -> None:
        """Delete a recording.

        Raises:
            InvalidInput: there is none of that name.
            StorageUnavailable: it cannot be deleted.
        """
        try:
            self._path(name).unlink()
        except FileNotFoundError as error:
            raise InvalidInput(f"There is no recording {name}.") from error
        except OSError as error:
            raise StorageUnavailable(f"The recording {name} cannot be deleted: {error.strerror}.") from error

    def make_room(self, most_bytes: int, keep: frozenset[Path]) -> list[str]:
        """Delete the oldest recordings until all together take at most so much, those in `keep` never; name them."""
        sized = [(path.stat().st_mtime_ns, path.stat().st_size, path) for path in self.directory.glob(f"*/*/*{ENDING}")]
        surplus, gone = sum(size for _, size, _ in sized) - most_bytes, list[str]()
        for _, size, path in sorted(sized):
            if surplus <= 0:
                break
            if path not in keep:
                with suppress(OSError):
                    path.unlink()
                    surplus -= size
                    gone.append(path.relative_to(self.directory).as_posix())
        return gone

    def _joined(self, path: Path) -> Recording:
        data = path.read_bytes()
        whole, size = Recording(data), len(data)
        for each in self._later(path):
            size += each.stat().st_size
            if whole.torn or size > MOST_JOINED:
                break
            try:
                part = Recording(each.read_bytes())
            except InvalidInput:  # what is before it is sound
                break
            if not whole.is_followed_by(part):
                break
            whole = whole.joined(part)
        return whole

    def _later(self, path: Path) -> list[Path]:
        """Return the files of the same pair that began later, or at the same second with a higher number."""
        found = sorted((_order(each), each) for each in path.parent.glob(f"*{ENDING}"))
        return [each for order, each in found if order > _order(path)]

    def _about(self, path: Path) -> Recorded:
        name = path.relative_to(self.directory).as_posix()
        try:
            with path.open("rb") as file:
                head = head_of(file.readline(LONGEST_HEAD), FORMAT, VERSION)
            stat = path.stat()
            venue, symbol, started = _name(head["venue"]), _name(head["symbol"]), _instant(head["started"])
            title = _name(head.get("title", venue))
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"{name}: it does not say what it is of.") from error
        except FileNotFoundError as error:
            raise InvalidInput(f"There is no recording {name}; it may have been removed to make room.") from error
        except OSError as error:
            raise StorageUnavailable(f"{name} cannot be read: {error.strerror}.") from error
        ended = Nanos(max(started, stat.st_mtime_ns))
        return Recorded(name, venue, symbol, started, ended, stat.st_size, title)

    def _path(self, name: str) -> Path:
        if not name.endswith(ENDING) or ".." in name or name.startswith("/") or not NAMES.issuperset(name):
            raise InvalidInput(f"{name[:80]!r} is no name of a recording.")
        return self.directory / name


def _instant(told: object) -> Nanos:
    if not isinstance(told, int) or not 0 <= told <= LAST:
        raise ValueError
    return Nanos(told)


def _name(told: object) -> str:
    """Return a name that can be shown on a line."""
    if not isinstance(told, str) or not 0 < len(told) <= LONGEST_NAME or not told.isprintable():
        raise ValueError
    return told
