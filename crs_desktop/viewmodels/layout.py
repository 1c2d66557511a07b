"""What the window remembers between runs: where it stood, its docks, the pair and timeframe, the introduction.

One small JSON file per profile, replaced atomically; the ten versions before it are kept beside it. A
file that cannot be read is set aside with a sentence, never a reason not to open.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple

from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.observe.failpoint import reached

KEPT = 10
"""Earlier layouts that are kept."""


class Rect(NamedTuple):
    """A rectangle on the desktop, px."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """One arrangement of the window."""

    window: Rect | None = None
    maximised: bool = False
    docks: str = ""
    symbol: str = ""
    timeframe: str = "1m"
    introduced: bool = False
    menu_bar: bool = True


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
        except (ValueError, TypeError, KeyError, RecursionError):
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
        kept = sorted(self.history_dir.glob("layout-*.json"))
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
    known = {each.name: data[each.name] for each in fields(Layout) if each.name in data}
    window = known.pop("window", None)
    rect = None if window is None else Rect(*(int(each) for each in window))
    if rect is not None and max(abs(each) for each in rect) > 2**20:
        raise ValueError("no such screen")
    defaults = Layout()
    for name, value in known.items():
        if type(value) is not type(getattr(defaults, name)):
            raise TypeError(name)
    return Layout(window=rect, **known)
