"""The drawings' file of a profile: JSON, replaced atomically, with earlier versions beside it.

The first save of a run keeps what was there; the ten kept are so the last ten sittings, not the last ten strokes. A
file that cannot be read is moved aside, never overwritten, and the newest version that can be read takes its place.
Saving happens on a thread: a disk may take its time, the chart may not.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.observe.failpoint import reached

KEPT = 10
"""Earlier versions that are kept."""
VERSION = 1
DIGITS = "[0-9]" * 6
"""What numbers an earlier version; a file with another name beside them is the user's own."""


class DrawingFile:
    """One file; `None` for a path keeps nothing (an engine in memory)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = False
        self.problem: Sentence = NOTHING
        """Why drawings could not be read, or are not being saved."""

    @property
    def keeps(self) -> bool:
        """Whether anything is written at all."""
        return self._path is not None

    def load(self) -> dict[str, Any]:
        """Return what is in the file; empty, or an earlier version, and a `problem`, if it is damaged."""
        if self._path is None:
            return {}
        try:
            return _read(self._path)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.problem = say("The drawings could not be read: {reason}.", reason=error.strerror or "")
            self._path = None  # what cannot be read must not be overwritten
            return {}
        except (ValueError, RecursionError):
            return self._set_aside(self._path)

    def save(self, data: dict[str, Any]) -> bool:
        """Write everything; durable when it returns True. False, and a `problem`, if the disk refuses."""
        if self._path is None:
            return True
        temporary = self._path.with_suffix(".part")
        try:
            self._keep_earlier(self._path)
            with temporary.open("w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **data}, file, separators=(",", ":"))  # ASCII holds half a character too
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            reached("drawings.before_rename")
            temporary.replace(self._path)
        except OSError as error:
            reason = error.strerror or str(error)
            self.problem = say("Drawings are not being saved: {reason}. The next change tries again.", reason=reason)
            return False
        self.problem = NOTHING
        return True

    def _keep_earlier(self, path: Path) -> None:
        if self._kept or not path.exists():
            self._kept = True
            return
        folder = path.with_name(f"{path.stem}-history")
        folder.mkdir(exist_ok=True)
        kept = sorted(folder.glob(f"drawings-{DIGITS}.json"))
        number = int(kept[-1].stem.rpartition("-")[2]) + 1 if kept else 1
        (folder / f"drawings-{number:06d}.json").write_bytes(path.read_bytes())
        for old in kept[: max(0, len(kept) + 1 - KEPT)]:
            old.unlink(missing_ok=True)
        self._kept = True

    def _set_aside(self, path: Path) -> dict[str, Any]:
        number = 1
        while (aside := path.with_name(f"{path.stem}-damaged-{number}.json")).exists():
            number += 1
        try:
            path.replace(aside)
        except OSError:
            self._path = None
        folder = path.with_name(f"{path.stem}-history")
        for earlier in sorted(folder.glob("drawings-*.json"), reverse=True) if folder.is_dir() else ():
            try:
                found = _read(earlier)
                if not path.exists():  # they are there the next time too, with no change in between
                    path.write_bytes(earlier.read_bytes())
            except (OSError, ValueError, RecursionError):
                continue
            self.problem = say(
                "The file of drawings was damaged and is set aside as {file}. Those of {earlier} are shown.",
                file=aside.name,
                earlier=earlier.name,
            )
            return found
        self.problem = say("The file of drawings was damaged and is set aside as {file}.", file=aside.name)
        return {}


def _read(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_bytes().decode("utf-8"))
    if not isinstance(data, dict) or not isinstance(data.get("pairs", {}), dict):
        raise ValueError("not the drawings of a profile")
    return data
