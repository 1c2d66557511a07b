"""The board: every chart of a desk, in tabs, in windows; what is done with them, and how they become a workspace.

Window 0 is the main one. One chart of the board is active: it gets the timeframe keys and the actions on a chart. A
split that shows fewer charts than a tab holds leaves the others waiting, so that a larger one brings them back.
Nothing is drawn here: panes follow `on_change`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from crs_desktop.viewmodels.chart_tab import BoardWindow, ChartSlot, ChartTab
from crs_desktop.viewmodels.hook import Hook, Link
from crs_desktop.viewmodels.link import LETTERS, ChartLink, LinkGroup, LinkGroups
from crs_desktop.viewmodels.workspace import COUNTS, MOST_CHARTS, ChartSpec, Rect, Shown, TabSpec, WindowSpec, Workspace
from engine.domain.market import Timeframe
from engine.errors import InvalidInput

MOST_TABS = 32
"""In one window; a file that names more is cut."""
MOST_WINDOWS = 8
CLOSED_KEPT = 20
"""Closed tabs that can be brought back."""
LEAST_SHARE, MOST_SHARE = 100, 900


class Board:
    """All charts of a desk."""

    def __init__(self, links: LinkGroups) -> None:
        self._links = links
        self._changed: Hook[Board] = Hook()
        self._pair_wanted: Hook[ChartSlot] = Hook()
        self._follow: dict[ChartSlot, Link[ChartLink]] = {}
        self._closed: list[TabSpec] = []
        self.windows = [BoardWindow([self._tab(TabSpec())])]
        self._active_window = self.windows[0]

    # -- what there is --------------------------------------------------------------------------------

    @property
    def main(self) -> BoardWindow:
        """The main window's tabs."""
        return self.windows[0]

    @property
    def active_window(self) -> BoardWindow:
        """The window that was looked at last."""
        return self._active_window

    @property
    def active_tab(self) -> ChartTab:
        """The tab in front of that window."""
        return self._active_window.current

    @property
    def active(self) -> ChartSlot:
        """The chart that gets timeframe keys and actions."""
        return self.active_tab.focused

    @property
    def can_reopen(self) -> bool:
        """Whether a closed tab can be brought back."""
        return bool(self._closed)

    def tabs(self) -> Iterator[ChartTab]:
        """Go through all tabs of all windows."""
        for window in self.windows:
            yield from window.tabs

    def groups(self) -> list[LinkGroup]:
        """Return every group that a chart shows, and the desk's own first."""
        shown = (slot.link.group for tab in self.tabs() for slot in tab.slots)
        return list(dict.fromkeys((self._links.a, *shown)))

    def in_use(self) -> list[str]:
        """Return the pairs that are on show or coming, the desk's own first."""
        return [symbol for group in self.groups() for symbol in (group.coming, group.symbol) if symbol]

    def arrived(self, symbols: Collection[str]) -> None:
        """Show pairs where they were waited for."""
        for group in {*self.groups(), *self._links.lettered}:
            if group.coming in symbols and group.coming in self._links.pairs:
                group.select(group.coming)

    def give_up(self, symbol: str) -> None:
        """Wait for a pair nowhere any more."""
        for group in {*self.groups(), *self._links.lettered}:
            group.give_up(symbol)

    def window_of(self, tab: ChartTab) -> BoardWindow:
        """Return where a tab is."""
        return next(each for each in self.windows if tab in each.tabs)

    # -- tabs -----------------------------------------------------------------------------------------

    def add_tab(self, window: BoardWindow | None = None) -> ChartTab:
        """Open a tab that shows what the active chart shows, behind the one in front."""
        like = self.active.link
        spec = ChartSpec(like.group.name, like.symbol, like.timeframe.value, like.kept is not None)
        return self._insert(window or self._active_window, TabSpec(charts=(spec,)))

    def close_tab(self, tab: ChartTab) -> bool:
        """Close a tab; False for the main window's last one. A window without tabs is gone."""
        window = self.window_of(tab)
        if window is self.main and len(window.tabs) == 1:
            return False
        self._closed = [*self._closed[1 - CLOSED_KEPT :], tab.spec()]
        self._take_out(window, tab)
        for slot in tab.slots:
            self._drop(slot)
        self._fire()
        return True

    def close_window(self, window: BoardWindow) -> None:
        """Close a window that is not the main one, with its tabs."""
        for tab in tuple(window.tabs):
            self.close_tab(tab)

    def reopen_tab(self) -> ChartTab | None:
        """Bring the tab that was closed last back into the active window."""
        return self._insert(self._active_window, self._closed.pop()) if self._closed else None

    def rename_tab(self, tab: ChartTab, name: str) -> None:
        """Call a tab by a name; an empty one calls it by what it shows again."""
        if tab.name != name.strip():
            tab.name = name.strip()
            self._fire()

    def move_tab(self, tab: ChartTab, index: int) -> None:
        """Put a tab at another place of its window; the tab in front stays in front."""
        window = self.window_of(tab)
        front = window.current
        window.tabs.remove(tab)
        window.tabs.insert(min(max(index, 0), len(window.tabs)), tab)
        window.at = window.tabs.index(front)
        self._fire()

    def show_tab(self, tab: ChartTab) -> None:
        """Bring a tab to the front of its window."""
        window = self.window_of(tab)
        if window is not self._active_window or window.current is not tab:
            self._active_window, window.at = window, window.tabs.index(tab)
            self._fire()

    def step_tab(self, steps: int) -> None:
        """Bring the next (or a previous) tab of the active window to the front, round the end."""
        window = self._active_window
        self.show_tab(window.tabs[(window.at + steps) % len(window.tabs)])

    def tear_off(self, tab: ChartTab, place: Rect | None = None) -> BoardWindow | None:
        """Move a tab into a window of its own; None if it is alone in one already, or there are too many."""
        window = self.window_of(tab)
        if len(self.windows) > MOST_WINDOWS or (window is not self.main and len(window.tabs) == 1):
            return None
        self._take_out(window, tab)
        made = BoardWindow([tab])
        made.place = place
        self.windows.append(made)
        self._active_window = made
        self._fire()
        return made

    def move_to(self, tab: ChartTab, window: BoardWindow) -> bool:
        """Move a tab behind those of another window; False if it is there."""
        before = self.window_of(tab)
        if before is window:
            return False
        self._take_out(before, tab)
        window.tabs.append(tab)
        window.at = len(window.tabs) - 1
        self._active_window = window
        self._fire()
        return True

    # -- charts of a tab ------------------------------------------------------------------------------

    def split(self, tab: ChartTab, split: str) -> None:
        """Show a tab's charts in another split; its focused chart stays on show."""
        if split == tab.split or split not in COUNTS:
            return
        count = COUNTS[split]
        while len(tab.slots) < count:
            tab.slots.append(self._beside(tab))
        if tab.at >= count:
            tab.slots[0], tab.slots[tab.at] = tab.slots[tab.at], tab.slots[0]
            tab.at = 0
        tab.split = split
        self._fire()

    def cycle_split(self, tab: ChartTab) -> None:
        """Go from one chart to two side by side, two stacked, four, and round."""
        names = list(COUNTS)
        self.split(tab, names[(names.index(tab.split) + 1) % len(names)])

    def divide(self, tab: ChartTab, across: int, down: int) -> None:
        """Remember where the dividers stand, thousandths."""
        shares = tuple(min(max(each, LEAST_SHARE), MOST_SHARE) for each in (across, down))
        if shares != (tab.across, tab.down):
            tab.across, tab.down = shares
            self._fire()

    def focus(self, slot: ChartSlot) -> None:
        """Make a chart the active one, its tab and window too."""
        tab = next((each for each in self.tabs() if slot in each.shown), None)
        if tab is None:
            return
        window = self.window_of(tab)
        before = self.active
        self._active_window, window.at, tab.at = window, window.tabs.index(tab), tab.slots.index(slot)
        if slot is not before:
            self._fire()

    def step_chart(self, steps: int) -> None:
        """Make the next (or a previous) chart of the tab in front the active one, round the end."""
        shown = self.active_tab.shown
        self.focus(shown[(self.active_tab.at + steps) % len(shown)])

    def link(self, slot: ChartSlot, name: str) -> None:
        """Put a chart into a group; no letter takes it out of all groups, and it goes on showing what it shows."""
        group = slot.link.group
        if name != group.name:
            slot.link.join(self._links.named(name, group))

    def step_link(self, slot: ChartSlot) -> None:
        """Put a chart into the next group: A, B, C, none, and round."""
        names = (*LETTERS, "")
        self.link(slot, names[(names.index(slot.link.group.name) + 1) % len(names)])

    def want_pair(self, slot: ChartSlot) -> None:
        """Ask for another pair of a chart: whoever can offers a choice."""
        self._pair_wanted.fire(slot)

    # -- as a workspace -------------------------------------------------------------------------------

    def remember(self, into: Workspace) -> Workspace:
        """Return a workspace with the board as it is now."""
        a, *others = self._links.lettered
        return replace(
            into,
            symbol=a.remembered,
            timeframe=a.timeframe.value,
            groups={each.name: Shown(each.remembered, each.timeframe.value) for each in others},
            tabs=tuple(tab.spec() for tab in self.main.tabs),
            current=self.main.at,
            windows=tuple(
                WindowSpec(each.place, each.maximised, tuple(tab.spec() for tab in each.tabs), each.at)
                for each in self.windows[1:]
            ),
        )

    def take(self, workspace: Workspace, *, keep_desk: bool = False) -> None:
        """Show a workspace instead of what is here; with `keep_desk` group A stays, and only remembers its pair."""
        old = [slot for tab in self.tabs() for slot in tab.slots]
        for group in self._links.lettered:
            desk = group is self._links.a
            shown = Shown(workspace.symbol, workspace.timeframe) if desk else workspace.groups.get(group.name)
            if desk and keep_desk:
                group.absent = workspace.symbol if workspace.symbol != group.symbol else ""
            elif shown is not None:
                _show(group, shown)
        self.windows = [self._window(workspace.tabs or (TabSpec(),), workspace.current)]
        for spec in workspace.windows[:MOST_WINDOWS]:
            if spec.tabs:
                window = self._window(spec.tabs, spec.current)
                window.place, window.maximised = spec.place, spec.maximised
                self.windows.append(window)
        self._active_window = self.main
        for slot in old:
            self._drop(slot)
        self._fire()

    def changed(self) -> None:
        """Say that something changed which a workspace remembers."""
        self._fire()

    def on_change(self, call: Callable[[Board], object]) -> Link[Board]:
        """Be told when tabs, charts, links or the active chart change."""
        return self._changed.add(call)

    def on_pair_wanted(self, call: Callable[[ChartSlot], object]) -> Link[ChartSlot]:
        """Be told that another pair is wanted for a chart."""
        return self._pair_wanted.add(call)

    @property
    def link_count(self) -> int:
        """How many callbacks others have open on the board, its charts and the groups."""
        slots = [slot.link for tab in self.tabs() for slot in tab.slots]
        ours = 2 * sum(1 for link in slots if link.group.name in LETTERS)
        groups = sum(each.link_count for each in self._links.lettered)
        return len(self._changed) + len(self._pair_wanted) + sum(each.link_count - 1 for each in slots) + groups - ours

    # -- within ---------------------------------------------------------------------------------------

    def _fire(self) -> None:
        self._changed.fire(self)

    def _insert(self, window: BoardWindow, spec: TabSpec) -> ChartTab:
        tab = self._tab(spec)
        window.tabs.insert(window.at + 1, tab)
        window.at += 1
        self._active_window = window
        self._fire()
        return tab

    def _take_out(self, window: BoardWindow, tab: ChartTab) -> None:
        """Take a tab out of its window; the main one always keeps a chart, another one goes with its last."""
        if window is self.main and len(window.tabs) == 1:
            window.tabs.append(self._tab(TabSpec(charts=(tab.focused.spec(),))))
        index = window.tabs.index(tab)
        window.tabs.remove(tab)
        if index < window.at or window.at == len(window.tabs):
            window.at = max(0, window.at - 1)
        if not window.tabs:
            self.windows.remove(window)
            self._active_window = self.main

    def _window(self, specs: tuple[TabSpec, ...], current: int) -> BoardWindow:
        window = BoardWindow([self._tab(each) for each in specs[:MOST_TABS]])
        window.at = min(max(current, 0), len(window.tabs) - 1)
        return window

    def _tab(self, spec: TabSpec) -> ChartTab:
        slots = [self._slot(each) for each in spec.charts[:MOST_CHARTS]] or [self._slot(ChartSpec())]
        tab = ChartTab(slots, spec.name, spec.split)
        while len(tab.slots) < COUNTS[tab.split]:
            tab.slots.append(self._beside(tab))
        tab.at = min(max(spec.focused, 0), len(tab.shown) - 1)
        tab.across, tab.down = (min(max(each, LEAST_SHARE), MOST_SHARE) for each in (spec.across, spec.down))
        return tab

    def _slot(self, spec: ChartSpec) -> ChartSlot:
        group = self._links.named(spec.link, self._links.a)
        if group.name not in LETTERS:
            _show(group, Shown(spec.symbol, spec.timeframe))
        kept = _timeframe(spec.timeframe, group.timeframe) if spec.kept else None
        return self._held(ChartSlot(ChartLink(group, kept), dict(spec.extra)))

    def _held(self, slot: ChartSlot) -> ChartSlot:
        self._follow[slot] = slot.link.on_change(lambda _link: self._fire())
        return slot

    def _drop(self, slot: ChartSlot) -> None:
        self._follow.pop(slot).close()
        slot.link.close()

    def _beside(self, tab: ChartTab) -> ChartSlot:
        """Return a chart to go with a tab's others: the same group, bars of another length."""
        link = tab.focused.link
        used = {slot.link.timeframe for slot in tab.slots}
        free = [each for each in Timeframe if each not in used]
        longer = [each for each in free if each.nanos > link.timeframe.nanos]
        return self._held(ChartSlot(ChartLink(link.group, longer[0] if longer else free[-1])))


def _show(group: LinkGroup, shown: Shown) -> None:
    """Let a group show what was remembered, as far as it is there."""
    group.recall(shown.symbol, _timeframe(shown.timeframe, group.timeframe))


def _timeframe(text: str, otherwise: Timeframe) -> Timeframe:
    try:
        return Timeframe.parse(text)
    except InvalidInput:
        return otherwise
