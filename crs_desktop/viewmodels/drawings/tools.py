"""What is in the user's hand: the tool, magnet, lock and hide, the style last used, what was copied.

All charts share it: a tool is taken once and used on whichever chart is clicked. All but the tool itself and the copy
is kept with the drawings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crs_desktop.viewmodels.drawings.codec import decode_style, encode_style
from crs_desktop.viewmodels.drawings.kinds import BY_NAME, KINDS, Kind
from crs_desktop.viewmodels.drawings.shape import Shape, Style
from crs_desktop.viewmodels.hook import Hook, Link
from engine.errors import InvalidInput

FLAGS = ("magnet", "stay", "lock_all", "hide_all", "folded")


class Tools:
    """The state of the tool bar."""

    def __init__(self, data: dict[str, Any], save: Callable[[], None]) -> None:
        data = data if isinstance(data, dict) else {}
        self._save = save
        self._changed: Hook[Tools] = Hook()
        self.kind: Kind | None = None
        """What the next click on a chart draws; None selects."""
        self.magnet = data.get("magnet") is True
        """Whether points snap to the bar's open, high, low or close."""
        self.stay = data.get("stay") is True
        """Whether the tool stays in the hand after a drawing."""
        self.lock_all = data.get("lock_all") is True
        self.hide_all = data.get("hide_all") is True
        self.folded = data.get("folded") is True
        """Whether the tool bar is folded away."""
        self.copied: tuple[Shape, ...] = ()
        self.copied_level: float | None = None
        """The pair's last price, as a number, when that was copied."""
        self._styles = _styles(data.get("styles", {}))

    def choose(self, name: str | None) -> None:
        """Take a tool by its name, None for the pointer; the one in the hand is put down by taking it again."""
        kind = BY_NAME[name] if name is not None else None
        self.kind = None if kind is self.kind else kind
        self._changed.fire(self)

    def finished(self) -> None:
        """Put the tool down after a drawing, unless it is to stay."""
        if self.kind is not None and not self.stay:
            self.kind = None
            self._changed.fire(self)

    def toggle(self, flag: str) -> bool:
        """Turn magnet, stay, lock_all, hide_all or folded over; return what it is now."""
        if flag not in FLAGS:
            raise KeyError(flag)
        on = not getattr(self, flag)
        setattr(self, flag, on)
        self._save()
        self._changed.fire(self)
        return on

    def style(self, kind: str) -> Style:
        """Return the style for a new drawing: the one last given to its kind."""
        return self._styles.get(kind, BY_NAME[kind].style)

    def remember(self, kind: str, style: Style) -> None:
        """Let new drawings of a kind look like this; a text belongs to one drawing and is not taken."""
        self._styles[kind] = replace(style, text="")
        self._save()

    def copy(self, shapes: tuple[Shape, ...], level: float | None) -> None:
        """Keep copies, to be pasted on any chart; `level` is the last price of their pair."""
        self.copied, self.copied_level = shapes, level
        self._changed.fire(self)

    def on_change(self, call: Callable[[Tools], object]) -> Link[Tools]:
        """Be told when the tool or a switch changes."""
        return self._changed.add(call)

    def encoded(self) -> dict[str, Any]:
        """Return what is kept, as JSON values."""
        styles = {each.name: self._styles[each.name] for each in KINDS if each.name in self._styles}
        kept: dict[str, Any] = {flag: True for flag in FLAGS if getattr(self, flag)}
        return kept | {"styles": {name: encode_style(style) for name, style in styles.items()}}


def _styles(data: object) -> dict[str, Style]:
    found = {}
    for name, style in data.items() if isinstance(data, dict) else ():
        if name in BY_NAME and isinstance(style, dict):
            try:
                found[name] = decode_style(style)
            except (ValueError, TypeError, InvalidInput):
                continue
    return found
