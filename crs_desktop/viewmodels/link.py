"""Link groups: charts that show the same pair, and point at the same instant and price.

A group holds a pair, a timeframe and the crosshair. Group A is the desk's own selection: ticket, book, tape and top
bar follow it. A chart looks at its group through a `ChartLink`; it may keep a timeframe of its own while it follows
the group's pair and crosshair. A chart that is in no group has one to itself, without a letter.

A pair that the venue lists and does not carry yet is *coming*: the group goes on showing what it shows, and changes
over when the pair is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from crs_desktop.viewmodels.hook import Hook, Link
from engine.domain.market import Timeframe
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput

LETTERS = ("A", "B", "C")
"""The groups that there are; the first is the desk's."""
ALONE = ""
"""The name of a group with one chart, which nothing else follows."""


class Cursor(NamedTuple):
    """Where a crosshair is: the start of a bar (ns UTC), the price in ticks of a pair (None beside the price pane)."""

    instant: int
    price: float | None
    symbol: str


class LinkGroup:
    """What the charts of one group show."""

    def __init__(
        self, name: str, pairs: Mapping[str, TradingPair], symbol: str, timeframe: Timeframe,
        lists: Callable[[str], bool] = lambda _symbol: False,
    ) -> None:  # fmt: skip
        """`lists` says whether a pair that is not among `pairs` can come to be."""
        self.name = name
        self._pairs, self._lists = pairs, lists
        self.symbol, self.timeframe = symbol, timeframe
        self.absent = ""
        """The pair that a workspace names and this market does not have; remembered until another one is chosen."""
        self.coming = ""
        """The pair that is shown as soon as it is carried."""
        self.cursor: Cursor | None = None
        self._pointer: object = None
        self._changed: Hook[LinkGroup] = Hook()
        self._pointed: Hook[LinkGroup] = Hook()
        self.told: Callable[[LinkGroup], None] = lambda _group: None
        """Called after all who are told of a change."""

    @property
    def pair(self) -> TradingPair:
        """The pair on show."""
        return self._pairs[self.symbol]

    def select(self, symbol: str) -> None:
        """Show another pair.

        Raises:
            InvalidInput: the venue does not list it.
        """
        self.show(symbol, self.timeframe)

    def set_timeframe(self, timeframe: Timeframe) -> None:
        """Show bars of another length."""
        if timeframe is not self.timeframe:
            self.timeframe = timeframe
            self._fire()

    def show(self, symbol: str, timeframe: Timeframe) -> None:
        """Show a pair and a timeframe with one change.

        Raises:
            InvalidInput: the venue does not list the pair.
        """
        if symbol not in self._pairs:
            if not self._lists(symbol):
                raise InvalidInput(f"{symbol} is not listed here.")
            self.coming, self.timeframe = symbol, timeframe
            self._fire()
            return
        if symbol != self.symbol:
            self.absent = ""
        waited, self.coming = self.coming, ""
        if waited or (symbol, timeframe) != (self.symbol, self.timeframe):
            self.symbol, self.timeframe = symbol, timeframe
            self._fire()

    def recall(self, symbol: str, timeframe: Timeframe) -> None:
        """Show what a workspace remembers: the timeframe in any case, the pair if the venue lists it."""
        listed = symbol in self._pairs or self._lists(symbol)
        self.show(symbol if listed else self.symbol, timeframe)
        self.absent = "" if listed else symbol

    @property
    def remembered(self) -> str:
        """The pair for a workspace to remember."""
        return self.absent or self.coming or self.symbol

    def give_up(self, symbol: str) -> None:
        """Wait no more for a pair: it cannot be had."""
        if self.coming == symbol:
            self.coming = ""
            self._fire()

    def _fire(self) -> None:
        self._changed.fire(self)
        self.told(self)

    def point(self, by: object, cursor: Cursor | None) -> None:
        """Take a crosshair to where somebody points; only who pointed last can take it away (None)."""
        if cursor == self.cursor or (cursor is None and by is not self._pointer):
            return
        self.cursor, self._pointer = cursor, None if cursor is None else by
        self._pointed.fire(self)

    def cursor_for(self, by: object) -> Cursor | None:
        """Return where the others point, None if nobody does or it is oneself."""
        return None if by is self._pointer else self.cursor

    def on_change(self, call: Callable[[LinkGroup], object]) -> Link[LinkGroup]:
        """Be told when pair or timeframe change."""
        return self._changed.add(call)

    def on_point(self, call: Callable[[LinkGroup], object]) -> Link[LinkGroup]:
        """Be told when the crosshair moves."""
        return self._pointed.add(call)

    @property
    def link_count(self) -> int:
        """How many callbacks are open."""
        return len(self._changed) + len(self._pointed)


class LinkGroups:
    """The lettered groups of one desk; all begin at the same pair and timeframe."""

    def __init__(self, pairs: Mapping[str, TradingPair], symbol: str, timeframe: Timeframe) -> None:
        self.pairs = pairs
        self.lists: Callable[[str], bool] = lambda _symbol: False
        """Whether a pair that is not among `pairs` can come to be; set by whoever can bring it."""
        self._changed: Hook[LinkGroup] = Hook()
        self._groups = {name: self._made(name, symbol, timeframe) for name in LETTERS}

    @property
    def a(self) -> LinkGroup:
        """The desk's own selection."""
        return self._groups["A"]

    def named(self, name: str, like: LinkGroup) -> LinkGroup:
        """Return the group of a letter; for any other name a fresh one that shows what `like` shows."""
        return self._groups.get(name) or self._made(ALONE, like.symbol, like.timeframe)

    def on_change(self, call: Callable[[LinkGroup], object]) -> Link[LinkGroup]:
        """Be told when any group shows something else."""
        return self._changed.add(call)

    def _made(self, name: str, symbol: str, timeframe: Timeframe) -> LinkGroup:
        group = LinkGroup(name, self.pairs, symbol, timeframe, lambda wanted: self.lists(wanted))
        group.told = self._changed.fire
        return group

    @property
    def lettered(self) -> tuple[LinkGroup, ...]:
        """All groups with a letter, the desk's first."""
        return tuple(self._groups.values())


class ChartLink:
    """What one chart shows: its group's pair and timeframe, or a timeframe that it keeps for itself."""

    def __init__(self, group: LinkGroup, kept: Timeframe | None = None) -> None:
        self.group = group
        self.kept = kept
        """The chart's own timeframe, None to follow the group's."""
        self._changed: Hook[ChartLink] = Hook()
        self._pointed: Hook[ChartLink] = Hook()
        self._links: tuple[Link[LinkGroup], ...] = ()
        self._listen()

    @property
    def symbol(self) -> str:
        """The pair's symbol."""
        return self.group.symbol

    @property
    def pair(self) -> TradingPair:
        """The pair on show."""
        return self.group.pair

    @property
    def timeframe(self) -> Timeframe:
        """The length of bars on show."""
        return self.kept or self.group.timeframe

    def select(self, symbol: str) -> None:
        """Show another pair in the whole group.

        Raises:
            InvalidInput: the venue does not list it.
        """
        self.group.select(symbol)

    def set_timeframe(self, timeframe: Timeframe) -> None:
        """Show bars of another length, in the whole group unless the chart keeps its own."""
        if self.kept is None:
            self.group.set_timeframe(timeframe)
        elif timeframe is not self.kept:
            self.kept = timeframe
            self._changed.fire(self)

    def keep_timeframe(self, own: bool) -> None:
        """Keep the present timeframe whatever the group does, or follow the group again."""
        if own != (self.kept is not None):
            self.kept = self.timeframe if own else None
            self._changed.fire(self)

    def join(self, group: LinkGroup) -> None:
        """Go over to another group and show what it shows."""
        if group is self.group:
            return
        self.group.point(self, None)
        self._release()
        self.group = group
        self._listen()
        self._changed.fire(self)
        self._pointed.fire(self)

    def point(self, cursor: Cursor | None) -> None:
        """Say where this chart's crosshair is."""
        self.group.point(self, cursor)

    @property
    def cursor(self) -> Cursor | None:
        """Where the others of the group point."""
        return self.group.cursor_for(self)

    def on_change(self, call: Callable[[ChartLink], object]) -> Link[ChartLink]:
        """Be told when group, pair or timeframe change."""
        return self._changed.add(call)

    def on_point(self, call: Callable[[ChartLink], object]) -> Link[ChartLink]:
        """Be told when the group's crosshair moves."""
        return self._pointed.add(call)

    @property
    def link_count(self) -> int:
        """How many callbacks are open."""
        return len(self._changed) + len(self._pointed)

    def close(self) -> None:
        """Leave the group; safe to call twice."""
        self.group.point(self, None)
        self._release()

    def _listen(self) -> None:
        self._links = (
            self.group.on_change(lambda _group: self._changed.fire(self)),
            self.group.on_point(lambda _group: self._pointed.fire(self)),
        )

    def _release(self) -> None:
        for link in self._links:
            link.close()
        self._links = ()
