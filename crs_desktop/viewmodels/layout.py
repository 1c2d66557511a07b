"""What the program remembers between runs: the workspaces, which one is in use, and whether it introduced itself.

One small JSON file per profile, replaced atomically; the ten versions before it are kept beside it. A
file that cannot be read is set aside with a sentence, never a reason not to open. A file from before there were
workspaces becomes the first of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import msgspec

from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from crs_desktop.viewmodels.workspace import Rect, Workspace
from engine.observe.failpoint import reached

__all__ = ["KEPT", "MOST_WORKSPACES", "Layout", "LayoutFile", "Rect", "clamp"]

KEPT = 10
"""Earlier layouts that are kept."""
MOST_WORKSPACES = 9
"""As many as there are digits to switch to them."""
FARTHEST = 2**20
"""No screen reaches farther than this, px."""


@dataclass(frozen=True, slots=True)
class Layout:
    """All workspaces; there is always one."""

    workspaces: tuple[Workspace, ...] = (Workspace(),)
    current: int = 0
    introduced: bool = False
    menu_bar: bool = True

    @property
    def here(self) -> Workspace:
        """The workspace in use."""
        return self.workspaces[self.current]

    @property
    def names(self) -> tuple[str, ...]:
        """What the workspaces are called, in the order of their digits."""
        return tuple(each.name for each in self.workspaces)

    def with_here(self, workspace: Workspace) -> Layout:
        """Return the layout with the workspace in use as it is now."""
        return self._with(self.current, workspace)

    def at(self, index: int) -> Layout:
        """Return the layout with another workspace in use."""
        return replace(self, current=index)

    def with_copy(self, name: str) -> Layout:
        """Return the layout with a copy of the workspace in use as the last one, which is in use then."""
        added = (*self.workspaces, replace(self.here, name=name))
        return replace(self, workspaces=added, current=len(added) - 1)

    def with_name(self, name: str) -> Layout:
        """Return the layout with the workspace in use called so."""
        return self.with_here(replace(self.here, name=name))

    def without_here(self) -> Layout:
        """Return the layout without the workspace in use; the one before it is in use then, or else the next."""
        left = self.workspaces[: self.current] + self.workspaces[self.current + 1 :]
        return replace(self, workspaces=left, current=max(0, self.current - 1))

    def with_back(self, index: int, workspace: Workspace) -> Layout:
        """Return the layout with a deleted workspace at its old place, in use again."""
        index = min(index, len(self.workspaces))
        whole = (*self.workspaces[:index], workspace, *self.workspaces[index:])
        return replace(self, workspaces=whole, current=index)

    def problem_of(self, name: str, *, rename: bool = False) -> Sentence:
        """Return why a workspace cannot be called so; the empty sentence if it can."""
        others = [each for at, each in enumerate(self.names) if not (rename and at == self.current)]
        if not name.strip():
            return say("A workspace needs a name.")
        if name.strip().casefold() in [each.casefold() for each in others]:
            return say("There is a workspace {name} already.", name=name.strip())
        if not rename and len(self.workspaces) >= MOST_WORKSPACES:
            return say("There are {count} workspaces, as many as there are keys. Delete one first.", count=len(others))
        return NOTHING

    def _with(self, index: int, workspace: Workspace) -> Layout:
        whole = (*self.workspaces[:index], workspace, *self.workspaces[index + 1 :])
        return replace(self, workspaces=whole)


def clamp(wanted: Rect, screens: Sequence[Rect], least: tuple[int, int] = (640, 480)) -> Rect:
    """Return the rectangle moved and shrunk so that it lies on the screen it overlaps most.

    Args:
        wanted: where the window was.
        screens: usable areas of the monitors that are there now, the main one first; not empty.
        least: never smaller than this, unless the screen is.
    """
    screen = max(screens, key=lambda each: _overlap(wanted, each))
    width = min(max(wanted.width, least[0]), screen.width)
    height = min(max(wanted.height, least[1]), screen.height)
    x = min(max(wanted.x, screen.x), screen.x + screen.width - width)
    y = min(max(wanted.y, screen.y), screen.y + screen.height - height)
    return Rect(x, y, width, height)


def _overlap(one: Rect, other: Rect) -> int:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return width * height if width > 0 and height > 0 else 0


class LayoutFile:
    """The file of one profile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: Layout | None = None
        self.problem: Sentence = NOTHING

    @property
    def history_dir(self) -> Path:
        """Where earlier layouts are kept."""
        return self._path.with_name(f"{self._path.stem}-history")

    def load(self) -> Layout:
        """Return the remembered layout; the first one, and a `problem`, if the file is damaged."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Layout()
        except (OSError, UnicodeDecodeError):
            return self._give_up()
        try:
            self._saved = _decoded(json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError, msgspec.MsgspecError):
            return self._give_up()
        return self._saved

    def save(self, layout: Layout) -> bool:
        """Write the layout if it differs from the last one; False if the disk refuses."""
        if layout == self._saved:
            return True
        text = json.dumps(asdict(layout), indent=1) + "\n"
        temporary = self._path.with_suffix(".part")
        try:
            self._keep_earlier()
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            reached("layout.before_rename")
            temporary.replace(self._path)
        except OSError:
            return False
        self._saved = layout
        return True

    def _keep_earlier(self) -> None:
        if not self._path.exists():
            return
        self.history_dir.mkdir(exist_ok=True)
        kept = sorted(self.history_dir.glob(f"layout-{'[0-9]' * 6}.json"))
        number = int(kept[-1].stem.rpartition("-")[2]) + 1 if kept else 1
        (self.history_dir / f"layout-{number:06d}.json").write_bytes(self._path.read_bytes())
        for old in kept[: max(0, len(kept) + 1 - KEPT)]:
            old.unlink(missing_ok=True)

    def _give_up(self) -> Layout:
        self.problem = say(
            "The saved layout in {file} could not be read, so the window opens as at first. "
            "Earlier layouts are kept in {folder}.",
            file=self._path.name,
            folder=self.history_dir.name,
        )
        return Layout()


def _decoded(data: object) -> Layout:
    if not isinstance(data, dict):
        raise TypeError("not an object")
    if "workspaces" not in data:
        data = _of_one_workspace(data)
    layout = msgspec.convert(data, Layout)
    if not layout.workspaces or not 0 <= layout.current < len(layout.workspaces):
        raise ValueError("no such workspace")
    for workspace in layout.workspaces:
        places = (workspace.window, *(each.place for each in workspace.windows))
        if any(place is not None and max(abs(each) for each in place) > FARTHEST for place in places):
            raise ValueError("no such screen")
    return layout


def _of_one_workspace(data: dict[str, Any]) -> dict[str, Any]:
    """Return a layout from before there were workspaces as one that has them."""
    known = {each.name for each in fields(Workspace)}
    return {**data, "current": 0, "workspaces": [{name: value for name, value in data.items() if name in known}]}
