"""Several charts: crosshairs meet, focus is never in doubt, and what is closed or hidden costs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.shared_cursor import place_of
from crs_desktop.panes.chart_cell import ChartCell
from crs_desktop.panes.charts import ChartsPane
from crs_desktop.pulse import Attention, Pulse
from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.chart_tab import ChartTab
from crs_desktop.viewmodels.workspace import Workspace
from engine.domain.market import Timeframe
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import SECOND, Floor

pytestmark = pytest.mark.gui


class Timer:
    """Beats when the test says so."""

    def start(self, interval_ms: int) -> None:
        pass

    def stop(self) -> None:
        pass


class Room:
    """The chart place of a desk, under a pulse that the test beats."""

    def __init__(self, qtbot: QtBot, floor: Floor, archive: Archive) -> None:
        self.floor, self.archive = floor, archive
        self.desk = desk_of(floor)
        self.board = self.desk.board
        self.pulse = Pulse(Timer())
        self.pulse.set_attention(Attention.UNFOCUSED)
        self.pane = ChartsPane(self.desk)
        self.pane.join(self.pulse)
        self.pane.resize(1000, 640)
        qtbot.addWidget(self.pane)
        with qtbot.waitExposed(self.pane):
            self.pane.show()
        self.pane.activateWindow()
        qtbot.waitUntil(self.pane.isActiveWindow)

    @property
    def tab(self) -> ChartTab:
        return self.board.active_tab

    def cells(self) -> list[ChartCell]:
        return [self.pane.area.page.cells[slot] for slot in self.tab.shown]

    async def refresh(self) -> None:
        for _ in range(3):
            await settle()
            for cell in self.cells():
                cell.pane.refresh()

    async def split(self, name: str) -> list[ChartCell]:
        self.board.split(self.tab, name)
        await self.refresh()
        return self.cells()


@pytest.fixture
async def room(qtbot: QtBot) -> AsyncIterator[Room]:
    archive = Archive(count=4_000)
    made = Room(qtbot, await floor_with(archive), archive)
    await made.refresh()
    yield made
    made.pane.dispose()
    made.pane.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0
    assert made.desk.link_count == 0


def point(cell: ChartCell, x: float, y: float) -> None:
    """Hold the pointer over a part of the price pane, given as shares."""
    frame = cell.chart.frame
    cell.chart.hover = (x * frame.plot_width, y * frame.price_height)


async def test_four_charts_show_four_timeframes_of_one_pair(room: Room) -> None:
    cells = await room.split("four")

    assert [cell.chart.model.timeframe.value for cell in cells] == ["1m", "5m", "15m", "1h"]
    assert all(len(cell.chart.model.series) > 300 for cell in cells)
    assert len({cell.mapTo(room.pane, QPoint()).toTuple() for cell in cells}) == 4


async def test_pointing_in_one_chart_shows_the_containing_bar_and_the_price_in_the_others(room: Room) -> None:
    one, two = await room.split("side")
    point(one, 0.8, 0.5)
    assert one.chart.hover is not None
    instant = one.chart.plane.series.start(int(one.chart.view.bar(one.chart.hover[0])))

    cursor = two.chart.shared_cursor
    assert cursor is not None
    bar, x, y = place_of(two.chart.plane, cursor)

    start = two.chart.plane.series.start(bar)
    assert start <= instant < start + Timeframe.M5.nanos
    assert x == two.chart.view.x(bar + 0.5)
    assert two.chart.pointed_bar == bar
    price = one.chart.view.price(one.chart.hover[1])
    assert y is None or two.chart.view.price(y) == pytest.approx(price)
    assert one.chart.shared_cursor is None

    one.chart.hover = None
    assert two.chart.shared_cursor is None


async def test_the_shared_crosshair_is_painted(room: Room) -> None:
    one, two = await room.split("side")
    point(one, 0.9, 0.5)
    cursor = two.chart.shared_cursor
    assert cursor is not None
    _, x, _ = place_of(two.chart.plane, cursor)
    assert x is not None

    image = two.chart.grab().toImage()
    column = {QColor(image.pixel(round(x), at)).name() for at in range(0, int(two.chart.frame.time_top))}

    assert theme.current().crosshair in column
    two.chart.shared_cursor = None
    bare = two.chart.grab().toImage()
    assert theme.current().crosshair not in {
        QColor(bare.pixel(round(x), at)).name() for at in range(0, int(two.chart.frame.time_top))
    }


async def test_a_price_of_another_pair_is_not_shown_but_the_instant_is(room: Room) -> None:
    one, two = await room.split("side")
    room.board.link(two.slot, "B")
    room.desk.links.named("B", room.desk.links.a).select("ETH/USDT")
    await room.refresh()
    point(one, 0.8, 0.5)
    assert two.chart.shared_cursor is None, "another group"

    cursor = two.slot.link.group
    cursor.point(one, one.slot.link.group.cursor)
    assert two.chart.shared_cursor is not None
    _, x, y = place_of(two.chart.plane, two.chart.shared_cursor)
    assert (x is not None, y) == (True, None)


async def test_a_crosshair_in_the_volume_has_an_instant_and_no_price(room: Room) -> None:
    one, two = await room.split("side")
    one.chart.hover = (one.chart.frame.plot_width * 0.8, one.chart.frame.price_height + 10)

    assert two.chart.shared_cursor is not None
    assert two.chart.shared_cursor.price is None


async def test_a_click_focuses_a_chart_and_only_its_frame_is_lit(room: Room) -> None:
    cells = await room.split("four")
    for cell in cells:
        QTest.mouseClick(cell.chart, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
        await room.refresh()

        lit = [QColor(each.grab().toImage().pixel(0, each.height() // 2)).name() for each in cells]
        assert [each == theme.current().focus for each in lit] == [each is cell for each in cells]
        assert room.board.active is cell.slot
        assert room.pane.chart is cell.chart


async def test_the_frame_is_quiet_while_the_keyboard_is_elsewhere(room: Room) -> None:
    cells = await room.split("side")
    cells[0].chart.setFocus()
    room.pane.area.strip.bar.setFocus()

    lit = [QColor(each.grab().toImage().pixel(0, each.height() // 2)).name() for each in cells]

    assert lit == [theme.current().border_strong, theme.current().border]


async def test_closed_charts_leave_no_subscription_no_watch_and_no_widget(room: Room) -> None:
    before, links = room.floor.bus.subscriber_count, room.desk.link_count
    await room.split("four")
    room.board.add_tab()
    await room.refresh()
    assert len(room.floor.bars._watchers) == 4

    room.board.close_tab(room.tab)
    await room.split("one")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    assert len(room.pane.findChildren(ChartCell)) == 1
    assert room.floor.bus.subscriber_count == before
    assert room.desk.link_count == links
    assert room.floor.bars._watchers == {("BTC/USDT", Timeframe.M1): 1}


async def test_a_hidden_tab_is_neither_made_before_it_is_shown_nor_refreshed_after(room: Room) -> None:
    hidden = room.cells()[0].pane
    tab = room.board.add_tab()
    await room.refresh()
    hidden.chart.model.hurry()

    room.pulse.beat()

    assert hidden.dirty
    assert not hidden.visible
    room.board.show_tab(room.board.main.tabs[0])
    room.pulse.beat()
    assert not hidden.chart.model.dirty
    assert tab in room.pane.pages._pages


async def test_tabs_that_a_workspace_names_are_made_when_they_are_shown(room: Room) -> None:
    room.board.add_tab()
    state = room.board.remember(Workspace())
    room.board.take(state)
    await room.refresh()

    assert len(room.pane.pages._pages) == 1
    room.board.step_tab(1)
    assert len(room.pane.pages._pages) == 2


async def test_a_charts_memory_survives_its_closing_and_a_workspace(room: Room) -> None:
    cells = await room.split("side")
    cells[1].pane.restore({"style": {"kind": "bars"}})

    await room.split("one")
    assert room.board.main.tabs[0].slots[1].extra["style"]["kind"] == "bars"
    state = room.board.remember(Workspace())
    room.board.take(state)
    cells = await room.split("side")

    assert cells[1].chart.look.kind is BarKind.OHLC
    assert cells[0].chart.look.kind is BarKind.CANDLES


async def test_the_head_of_a_chart_changes_its_group_and_timeframe(room: Room) -> None:
    cell = (await room.split("side"))[1]
    links, frames = cell.header.chip.menu(), cell.header.timeframe.menu()

    links.aboutToShow.emit()
    next(each for each in links.actions() if each.text().startswith("Group C")).trigger()
    frames.aboutToShow.emit()
    next(each for each in frames.actions() if each.text() == "4h").trigger()
    await room.refresh()

    assert cell.slot.link.group.name == "C"
    assert cell.chart.model.timeframe is Timeframe.H4
    assert (cell.header.chip.text(), cell.header.timeframe.text()) == ("C", "4h ▾")
    assert room.cells()[0].chart.model.timeframe is Timeframe.M1
    assert "group C" in cell.accessibleName()


async def test_a_lone_chart_has_no_head_before_it_is_active_either(room: Room) -> None:
    """As in a window that was restored behind another one."""
    cell = ChartCell(room.desk, room.tab.shown[0])
    cell.show_state(number=1, count=1, active=False, keyed=False)

    assert cell.header.isHidden()

    cell.show_state(number=1, count=2, active=False, keyed=False)
    assert not cell.header.isHidden()
    cell.dispose()
    cell.deleteLater()


async def test_the_strip_renames_moves_and_closes(room: Room) -> None:
    strip = room.pane.area.strip
    strip.plus.click()
    strip.bar.tabBarDoubleClicked.emit(1)
    field = strip.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "A & B")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert [tab.name for tab in room.board.main.tabs] == ["", "A & B"]
    assert strip.bar.tabText(1) == "A && B"

    strip.bar.moveTab(1, 0)
    assert [tab.name for tab in room.board.main.tabs] == ["A & B", ""]
    assert room.tab.name == "A & B"

    button = strip.bar.tabButton(0, strip.bar.ButtonPosition.RightSide)
    assert isinstance(button, QToolButton)
    button.click()
    assert [tab.name for tab in room.board.main.tabs] == [""]
    await room.refresh()


async def test_escape_leaves_a_tabs_name_as_it_was(room: Room) -> None:
    room.pane.area.rename_current()
    field = room.pane.area.strip.field
    assert field is not None
    QTest.keyClicks(field, "never")
    QTest.keyClick(field, Qt.Key.Key_Escape)

    assert room.tab.name == ""


async def test_dividers_move_together_and_are_remembered(room: Room) -> None:
    await room.split("four")
    page = room.pane.area.page
    above, below = page._rows
    above.moveSplitter(300, 1)

    assert below.sizes() == above.sizes()
    share = above.sizes()[0] / sum(above.sizes())
    assert share < 0.49
    assert room.tab.across == round(1000 * share)
    room.board.take(room.board.remember(Workspace()))
    await room.refresh()
    again = room.pane.area.page._rows[0].sizes()
    assert again[0] / sum(again) == pytest.approx(share, abs=0.01)


async def test_a_price_picked_in_a_chart_of_another_pair_takes_the_desk_there(room: Room) -> None:
    cell = (await room.split("side"))[1]
    room.board.link(cell.slot, "B")
    cell.slot.link.select("ETH/USDT")
    await room.refresh()
    picked: list[int] = []
    link = room.desk.on_price(picked.append)

    cell.chart.model.pick_price(344_000)  # type: ignore[arg-type]
    link.close()

    assert (room.desk.symbol, picked) == ("ETH/USDT", [344_000])


async def test_a_minute_that_passes_moves_every_chart(room: Room) -> None:
    cells = await room.split("side")
    stops = [cell.chart.model.series.stop for cell in cells]
    room.floor.now = type(room.floor.now)(room.floor.now + 5 * 60 * SECOND)
    room.floor.stock(middle=6_425_100)
    await room.refresh()

    assert [cell.chart.model.series.stop - stop for cell, stop in zip(cells, stops, strict=True)] == [5, 1]


async def test_a_tab_that_was_never_shown_can_be_torn_off(room: Room) -> None:
    tab = room.board.add_tab()
    room.board.show_tab(room.board.main.tabs[0])
    room.board.take(room.board.remember(Workspace()))
    hidden = room.board.main.tabs[1]
    assert tab is not hidden

    room.board.tear_off(hidden)
    await settle()

    assert room.pane.chart_model is room.pane.pages.of(hidden).focused.chart.model


async def test_a_drawing_in_hand_is_let_go_when_its_own_chart_turns_to_another_pair(room: Room) -> None:
    cell = (await room.split("side"))[1]
    room.board.link(cell.slot, "B")
    await room.refresh()
    overlay, _ = cell.pane.drawing._parts()
    overlay.hand.handle = 1

    room.desk.select("ETH/USDT")
    assert overlay.hand.handle == 1, "the desk's pair is not this chart's"
    cell.slot.link.select("ETH/USDT")
    assert overlay.hand.handle is None
