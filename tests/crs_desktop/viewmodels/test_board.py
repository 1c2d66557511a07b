"""The board: whatever is done to tabs and charts, one chart is active and shown, and nothing closed stays linked."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from crs_desktop.viewmodels.base import Closable
from crs_desktop.viewmodels.board import Board
from crs_desktop.viewmodels.link import LinkGroups
from crs_desktop.viewmodels.workspace import COUNTS, ChartSpec, Shown, TabSpec, Workspace
from engine.domain.market import Timeframe
from engine.domain.pair import TradingPair
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.spaces import workspace_of


@pytest.fixture(scope="module")
def pairs() -> dict[str, TradingPair]:
    return {pair.symbol: pair for pair in Floor().pairs}


@pytest.fixture
def groups(pairs: dict[str, TradingPair]) -> LinkGroups:
    return LinkGroups(pairs, "BTC/USDT", Timeframe.M1)


@pytest.fixture
def board(groups: LinkGroups) -> Board:
    return Board(groups)


def seen(workspace: Workspace) -> Workspace:
    """Return what of a workspace is the board's, as it looks: a chart in a group shows what the group shows."""
    shown = {"A": Shown(workspace.symbol, workspace.timeframe), **workspace.groups}

    def chart(spec: ChartSpec) -> ChartSpec:
        if spec.link not in shown:
            return spec
        group = shown[spec.link]
        return replace(spec, symbol=group.symbol, timeframe=spec.timeframe if spec.kept else group.timeframe)

    def tab(spec: TabSpec) -> TabSpec:
        return replace(spec, charts=tuple(chart(each) for each in spec.charts))

    windows = tuple(replace(each, tabs=tuple(map(tab, each.tabs))) for each in workspace.windows)
    return replace(workspace, tabs=tuple(map(tab, workspace.tabs)), windows=windows)


def check(board: Board) -> None:
    """Hold the board against what is always true of it."""
    assert board.windows[0] is board.main
    assert board.active_window in board.windows
    for window in board.windows:
        assert window.tabs
        assert window.current in window.tabs
    for tab in board.tabs():
        assert len(tab.shown) == COUNTS[tab.split]
        assert tab.focused in tab.shown
    slots = [slot for tab in board.tabs() for slot in tab.slots]
    assert len(set(slots)) == len(slots)
    assert board.link_count == 0, "the board itself does not count"


def test_two_hundred_random_workspaces_are_remembered_as_they_were_taken_up(board: Board) -> None:
    dice = Random(11)  # noqa: S311 - repeatable, not secret
    for _ in range(200):
        workspace = workspace_of(dice)

        board.take(workspace)

        assert board.remember(Workspace(workspace.name, workspace.window, workspace.maximised, workspace.docks)) == (
            seen(workspace)
        )
    check(board)


def test_whatever_is_done_the_board_holds_together(board: Board) -> None:
    dice = Random(5)  # noqa: S311 - repeatable, not secret
    doings = (
        lambda: board.add_tab(dice.choice(board.windows)),
        lambda: board.close_tab(dice.choice(list(board.tabs()))),
        lambda: board.reopen_tab(),
        lambda: board.move_tab(dice.choice(list(board.tabs())), dice.randrange(-1, 5)),
        lambda: board.show_tab(dice.choice(list(board.tabs()))),
        lambda: board.step_tab(dice.choice((-1, 1))),
        lambda: board.tear_off(dice.choice(list(board.tabs()))),
        lambda: board.move_to(dice.choice(list(board.tabs())), dice.choice(board.windows)),
        lambda: board.cycle_split(dice.choice(list(board.tabs()))),
        lambda: board.split(dice.choice(list(board.tabs())), dice.choice(list(COUNTS))),
        lambda: board.focus(dice.choice(dice.choice(list(board.tabs())).slots)),
        lambda: board.step_chart(1),
        lambda: board.step_link(board.active),
        lambda: board.take(workspace_of(dice)) if dice.random() < 0.1 else None,
    )
    for _ in range(1_500):
        dice.choice(doings)()
        check(board)


def test_a_fresh_split_shows_the_same_pair_in_longer_bars_of_the_same_group(board: Board) -> None:
    board.split(board.active_tab, "four")

    links = [slot.link for slot in board.active_tab.shown]
    assert [link.timeframe.value for link in links] == ["1m", "5m", "15m", "1h"]
    links[3].select("ETH/USDT")
    assert {link.symbol for link in links} == {"ETH/USDT"}


def test_ctrl_backslash_goes_round_and_finds_the_charts_again(board: Board) -> None:
    tab = board.active_tab
    splits = []
    for _ in range(4):
        board.cycle_split(tab)
        splits.append(tab.split)
    slots = list(tab.slots)
    for _ in range(4):
        board.cycle_split(tab)

    assert splits == ["side", "stacked", "four", "one"]
    assert tab.slots == slots


def test_the_focused_chart_stays_on_show_when_the_split_shrinks(board: Board) -> None:
    tab = board.active_tab
    board.split(tab, "four")
    board.focus(tab.slots[2])
    focused = tab.focused

    board.split(tab, "one")

    assert tab.shown == [focused]
    assert board.active is focused


def test_the_main_windows_last_tab_stays(board: Board) -> None:
    assert board.close_tab(board.active_tab) is False
    assert len(board.main.tabs) == 1


def test_a_closed_tab_comes_back_with_what_it_held(board: Board) -> None:
    tab = board.add_tab()
    board.rename_tab(tab, " Scalp ")
    board.split(tab, "side")
    board.link(tab.slots[1], "C")
    tab.slots[1].extra = {"style": "bars"}
    spec = tab.spec()
    board.close_tab(tab)

    back = board.reopen_tab()

    assert back is not None
    assert back.spec() == spec
    assert board.reopen_tab() is None


def test_a_tab_torn_off_leaves_a_chart_behind_and_comes_home(board: Board) -> None:
    tab = board.active_tab
    place = board.tear_off(tab)

    assert place is not None
    assert (place.tabs, board.active_window) == ([tab], place)
    assert len(board.main.tabs) == 1
    assert board.tear_off(tab) is None, "it is alone in its window"

    assert board.move_to(tab, board.main)
    assert board.windows == [board.main]
    assert board.main.current is tab
    assert not board.move_to(tab, board.main)


def test_closing_a_window_closes_its_tabs(board: Board) -> None:
    tab = board.active_tab
    place = board.tear_off(tab)
    assert place is not None

    board.close_window(place)

    assert board.windows == [board.main]
    assert tab not in board.tabs()


def test_a_pair_that_is_not_listed_any_more_leaves_the_chart_where_it_is(board: Board) -> None:
    gone = Workspace(
        symbol="MOON/USDT", timeframe="9m", groups={"B": Shown("MOON/USDT", "5m")},
        tabs=(TabSpec(charts=(ChartSpec("", "MOON/USDT", "1h"),)), TabSpec(charts=(ChartSpec("Z"),), split="nine")),
        current=7,
    )  # fmt: skip

    board.take(gone)

    assert [slot.link.symbol for tab in board.tabs() for slot in tab.shown] == ["BTC/USDT", "BTC/USDT"]
    assert board.main.tabs[0].focused.link.timeframe is Timeframe.H1
    back = board.remember(Workspace())
    assert (back.symbol, back.groups["B"].symbol, back.tabs[0].charts[0].symbol) == ("MOON/USDT",) * 3
    board.main.tabs[0].focused.link.select("ETH/USDT")
    assert board.remember(Workspace()).tabs[0].charts[0].symbol == "ETH/USDT", "a choice forgets the absent one"
    check(board)


def test_group_a_stays_where_the_desk_is_when_asked_and_remembers(board: Board, groups: LinkGroups) -> None:
    board.take(Workspace(symbol="ETH/USDT", timeframe="5m"), keep_desk=True)

    assert (groups.a.symbol, groups.a.timeframe) == ("BTC/USDT", Timeframe.M1)
    assert board.remember(Workspace()).symbol == "ETH/USDT"


def test_every_listener_is_counted_until_it_closes(board: Board) -> None:
    links: list[Closable] = [
        board.on_change(lambda _board: None),
        board.on_pair_wanted(lambda _slot: None),
        board.active.link.on_change(lambda _link: None),
        board.active.link.on_point(lambda _link: None),
    ]

    assert board.link_count == 4
    for link in links:
        link.close()
    check(board)


def test_moving_a_tab_leaves_the_one_in_front_in_front(board: Board) -> None:
    first = board.active_tab
    front = board.add_tab()
    third = board.add_tab()
    board.show_tab(front)

    board.move_tab(third, 0)

    assert board.main.tabs == [third, first, front]
    assert board.main.current is front
