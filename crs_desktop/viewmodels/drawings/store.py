"""All drawings of a profile, by pair, with undo and redo.

An edit replaces the tuple of a pair's drawings (the last is in front) by another one, so a step of undo is two
references. What is half done (a line being dragged) is not here: an edit is one when the user has finished it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from crs_desktop.viewmodels.drawings.codec import Strange, decode, encode
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.tools import Tools
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.viewmodels.writer import Writer

MOST_STEPS = 500
"""Undo goes this far back."""
Shapes = tuple[Shape, ...]


class Step(NamedTuple):
    """One edit of a pair."""

    before: Shapes
    after: Shapes


class DrawingStore:
    """The drawings of one profile; every chart of a pair shows the same ones."""

    def __init__(self, file: DrawingFile) -> None:
        self._file = file
        data = file.load()
        self._shapes: dict[str, Shapes] = {}
        self._strange: dict[str, tuple[Strange, ...]] = {}
        self._lost: dict[str, Any] = {name: data[name] for name in data if name not in ("version", "pairs", "tools")}
        self._done: dict[str, list[Step]] = {}
        self._undone: dict[str, list[Step]] = {}
        self._changed: Hook[str] = Hook()
        self._writer = Writer(file.save, "drawings")
        self._last_id = 0
        for symbol, drawings in data.get("pairs", {}).items():
            self._take(symbol, drawings)
        self.tools = Tools(data.get("tools", {}), self._save)

    @property
    def problem(self) -> Sentence:
        """Why drawings could not be read, or are not being saved; empty if all is well."""
        return self._file.problem

    def shapes(self, symbol: str) -> Shapes:
        """Return the drawings of a pair, the front one last."""
        return self._shapes.get(symbol, ())

    def find(self, symbol: str, shape_id: str | None) -> Shape | None:
        """Return a drawing by its id."""
        return next((each for each in self.shapes(symbol) if each.id == shape_id), None)

    def new_id(self) -> str:
        """Return an id that no drawing of the profile has, or had since the start."""
        self._last_id += 1
        return f"d{self._last_id}"

    # -- edits ------------------------------------------------------------------------------------

    def edit(self, symbol: str, after: Shapes) -> None:
        """Replace the drawings of a pair, as one step of undo; nothing happens if they are the same."""
        before = self.shapes(symbol)
        if after == before:
            return
        done = self._done.setdefault(symbol, [])
        done.append(Step(before, after))
        del done[:-MOST_STEPS]
        self._undone.pop(symbol, None)
        self._put(symbol, after)

    def add(self, symbol: str, *shapes: Shape) -> None:
        """Add drawings, in front."""
        self.edit(symbol, (*self.shapes(symbol), *shapes))

    def change(self, symbol: str, *shapes: Shape) -> None:
        """Give drawings another form; each keeps its place and id. One that is gone stays gone."""
        new = {shape.id: shape for shape in shapes}
        self.edit(symbol, tuple(new.get(each.id, each) for each in self.shapes(symbol)))

    def remove(self, symbol: str, ids: Iterable[str]) -> None:
        """Remove drawings."""
        gone = frozenset(ids)
        self.edit(symbol, tuple(each for each in self.shapes(symbol) if each.id not in gone))

    def clear(self, symbol: str) -> int:
        """Remove every drawing of a pair that is not locked; return how many went."""
        kept = tuple(each for each in self.shapes(symbol) if each.locked)
        gone = len(self.shapes(symbol)) - len(kept)
        self.edit(symbol, kept)
        return gone

    def bring_to_front(self, symbol: str, shape_id: str) -> None:
        """Let a drawing lie over all others."""
        shapes = self.shapes(symbol)
        front = [each for each in shapes if each.id == shape_id]
        self.edit(symbol, (*(each for each in shapes if each.id != shape_id), *front))

    def show_hidden(self, symbol: str) -> None:
        """Show every drawing that was hidden on its own."""
        self.edit(symbol, tuple(replace(each, hidden=False) if each.hidden else each for each in self.shapes(symbol)))

    # -- undo -------------------------------------------------------------------------------------

    def can_undo(self, symbol: str) -> bool:
        """Whether an edit of the pair can be taken back."""
        return bool(self._done.get(symbol))

    def can_redo(self, symbol: str) -> bool:
        """Whether an edit that was taken back can be made again."""
        return bool(self._undone.get(symbol))

    def undo(self, symbol: str) -> bool:
        """Take the last edit of a pair back; False if there is none."""
        if not self.can_undo(symbol):
            return False
        step = self._done[symbol].pop()
        self._undone.setdefault(symbol, []).append(step)
        self._put(symbol, step.before)
        return True

    def redo(self, symbol: str) -> bool:
        """Make the edit again that was taken back last; False if there is none."""
        if not self.can_redo(symbol):
            return False
        step = self._undone[symbol].pop()
        self._done.setdefault(symbol, []).append(step)
        self._put(symbol, step.after)
        return True

    # -- the file ---------------------------------------------------------------------------------

    def on_change(self, call: Callable[[str], object]) -> Link[str]:
        """Be told which pair has other drawings now."""
        return self._changed.add(call)

    def flush(self) -> None:
        """Wait until every edit is on the disk, or refused."""
        self._writer.flush()

    def _put(self, symbol: str, shapes: Shapes) -> None:
        self._shapes[symbol] = shapes
        self._save()
        self._changed.fire(symbol)

    def _save(self) -> None:
        if not self._file.keeps:
            return
        shapes, tools = dict(self._shapes), self.tools.encoded()
        self._writer.put(lambda: self._encoded(shapes, tools))

    def _encoded(self, shapes: dict[str, Shapes], tools: dict[str, Any]) -> dict[str, Any]:
        symbols = {*shapes, *self._strange}
        pairs: dict[str, list[dict[str, Any]]] = {}
        for symbol in sorted(symbols):
            drawings: list[Shape | Strange] = [*shapes.get(symbol, ()), *self._strange.get(symbol, ())]
            if drawings:
                pairs[symbol] = [encode(each) for each in drawings]
        return {**self._lost, "tools": tools, "pairs": pairs}

    def _take(self, symbol: str, drawings: list[Any]) -> None:
        found: list[Shape | Strange] = []
        for each in drawings if isinstance(drawings, list) else ():
            try:
                shape = decode(each)
            except ValueError:
                continue
            found.append(shape)
            if shape.id[1:].isdecimal():
                self._last_id = max(self._last_id, int(shape.id[1:]))
        self._shapes[symbol] = tuple(each for each in found if isinstance(each, Shape))
        self._strange[symbol] = tuple(each for each in found if isinstance(each, Strange))
