"""Windows and workspaces of the whole desktop, by keys: what is left is found again."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crs_desktop.shell.chart_windows import ChartWindow
from crs_desktop.shell.name_dialog import NameDialog
from crs_desktop.viewmodels.layout import LayoutFile
from crs_desktop.widgets.palette import Palette
from crs_desktop.widgets.tab_strip import TabStrip
from engine.domain.market import Timeframe
from tests.crs_desktop.running import Running, running

pytestmark = [
    pytest.mark.gui,
    pytest.mark.integration,
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),  # raise(), offscreen
]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def torn(desk: Running) -> list[ChartWindow]:
    opened = desk.wiring.charts.windows
    return list(opened.open) if opened is not None else []


@pytest.mark.no_cover
async def test_tabs_splits_and_links_by_keys(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        board = desk.session.desk.board
        await desk.press(Key.Key_T, CTRL)
        await desk.press(Key.Key_Backslash, CTRL)
        assert (len(board.main.tabs), board.active_tab.split) == (2, "side")

        await desk.press(Key.Key_F7)
        await desk.press(Key.Key_G, CTRL)
        await desk.press(Key.Key_6)
        await desk.press(Key.Key_PageDown)
        link = board.active.link
        assert (link.group.name, link.timeframe, link.symbol) == ("B", Timeframe.H4, "ETH/USDT")
        assert (desk.session.desk.symbol, desk.session.desk.timeframe) == ("BTC/USDT", Timeframe.M1)
        await desk.until(lambda: desk.window.top._chips[Timeframe.H4].isChecked())

        await desk.press(Key.Key_P, CTRL)
        await desk.write("doge")
        await desk.press(Key.Key_Return)
        assert link.symbol == "DOGE/USDT"

        await desk.press(Key.Key_PageUp, CTRL)
        assert board.main.at == 0
        await desk.press(Key.Key_PageDown, CTRL | SHIFT)
        assert board.main.at == 1
        await desk.press(Key.Key_W, CTRL)
        assert len(board.main.tabs) == 1
        desk.wiring.console.toasts.shown[-1].undo.click()
        assert len(board.main.tabs) == 2
        await desk.press(Key.Key_W, CTRL)
        await desk.press(Key.Key_T, CTRL | SHIFT)
        assert len(board.main.tabs) == 2
        desk.do("chart.close_tab")
        desk.do("chart.close_tab")
        assert desk.wiring.console.toasts.shown[-1].title.text() == "The last tab stays"
        await desk.turn()
        assert desk.pulse.failed == set()


async def test_a_window_of_its_own_takes_the_same_keys_and_stands_there_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        board = desk.session.desk.board
        await desk.press(Key.Key_T, CTRL)
        await desk.press(Key.Key_N, CTRL | SHIFT)
        await desk.until(lambda: torn(desk) and torn(desk)[0].isActiveWindow())
        [window] = torn(desk)
        await desk.press(Key.Key_4)
        assert board.active_window.tabs == [board.active_tab]
        assert board.active.link.timeframe is Timeframe.M15
        assert "15m" in window.windowTitle()
        pane = desk.window.pane("chart")
        assert pane is not None
        assert pane.model is window.area.page.focused.chart.model, "the active chart, in whichever window it is"

        await desk.press(Key.Key_K, CTRL)
        palette = window.findChild(Palette)
        assert palette is not None
        assert palette.isVisible()
        await desk.press(Key.Key_Escape)
        await desk.press(Key.Key_B)
        await desk.until(desk.window.isActiveWindow)
        assert (QApplication.focusWidget() or window).window() is desk.window

        window.setGeometry(100, 120, 700, 500)
        window.area.rename_current()
        assert window.area.strip.field is not None
        window.area.strip.field.setText("Second screen")
        window.area.strip._end_edit(take=True)
        await desk.turn(0.1)

    saved = LayoutFile(tmp_path / "layout.json").load().here
    assert [each.tabs[0].name for each in saved.windows] == ["Second screen"]
    assert QApplication.topLevelWidgets().count(window) == 0 or not window.isVisible()

    async with running(tmp_path) as desk:
        [window] = torn(desk)
        assert window.isVisible()
        assert window.geometry().getRect() == (100, 120, 700, 500)
        assert window.windowTitle() == "Second screen - CRS Desktop"
        await desk.until(lambda: len(window.area.page.focused.chart.model.series) > 0)

        window.close()
        await desk.until(lambda: not torn(desk))
        assert desk.session.desk is not None
        assert len(desk.session.desk.board.windows) == 1


@pytest.mark.no_cover
async def test_workspaces_are_saved_switched_renamed_deleted_and_brought_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        board, layout = desk.session.desk.board, lambda: desk.arrangement.layout
        await desk.press(Key.Key_S, CTRL | SHIFT)
        dialog = desk.dialog(NameDialog)
        dialog.field.setText("main")
        assert "already" in dialog.problem.text()
        dialog.field.setText("Scalping")
        await desk.press(Key.Key_Return, at=dialog)
        assert layout().names == ("Main", "Scalping")

        await desk.press(Key.Key_Backslash, CTRL)
        await desk.press(Key.Key_PageDown)
        desk.window.docks.dock("tape").hide()
        await desk.press(Key.Key_1, CTRL)
        await desk.turn(0.1)
        assert (board.active_tab.split, desk.session.desk.symbol) == ("one", "BTC/USDT")
        assert not desk.window.docks.dock("tape").isHidden()
        assert desk.window.workspace.text() == "Main ▾"

        await desk.press(Key.Key_2, CTRL)
        await desk.turn(0.1)
        assert (board.active_tab.split, desk.session.desk.symbol) == ("side", "ETH/USDT")
        assert desk.window.docks.dock("tape").isHidden()

        await desk.press(Key.Key_7, CTRL)
        assert desk.wiring.console.toasts.shown[-1].title.text() == "No workspace 7"
        desk.do("workspace.rename")
        desk.dialog(NameDialog).field.setText("Swing")
        await desk.press(Key.Key_Return, at=desk.dialog(NameDialog))
        desk.do("workspace.delete")
        assert (layout().names, desk.session.desk.symbol) == (("Main",), "BTC/USDT")
        desk.do("workspace.delete")
        assert layout().names == ("Main",), "the last one stays"
        desk.wiring.console.toasts.shown[-2].undo.click()
        assert (layout().names, layout().current, desk.session.desk.symbol) == (("Main", "Swing"), 1, "ETH/USDT")
        await desk.turn(0.1)

    file = json.loads((tmp_path / "layout.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in file["workspaces"]] == ["Main", "Swing"]
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        assert desk.session.desk.symbol == "ETH/USDT"
        assert desk.session.desk.board.active_tab.split == "side"


async def test_a_change_is_written_five_seconds_after_it_and_not_on_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as desk:
        await desk.turn(0.1)
        writers: list[threading.Thread] = []
        synced = os.fsync

        def noted(file: int) -> None:
            writers.append(threading.current_thread())
            synced(file)

        monkeypatch.setattr(os, "fsync", noted)
        desk.arrangement._timer.stop()
        desk.do("chart.split")

        assert desk.arrangement._timer.isActive()
        assert desk.arrangement._timer.interval() == 5_000
        desk.arrangement._timer.timeout.emit()
        await desk.until(lambda: LayoutFile(tmp_path / "layout.json").load().here.tabs[0].split == "side")
        assert writers
        assert threading.main_thread() not in writers


async def test_a_tab_dragged_off_the_strip_stands_where_it_was_dropped(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        board = desk.session.desk.board
        tab = board.add_tab()
        await desk.turn(0.1)
        bar = desk.window.findChild(TabStrip).bar  # type: ignore[union-attr]
        start = bar.tabRect(1).center()
        QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(bar, start + QPoint(20, 90))
        QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=start + QPoint(20, 90))
        await desk.until(lambda: torn(desk))

        [window] = torn(desk)
        assert window.place.tabs == [tab]
        assert window.geometry().topLeft() == bar.mapToGlobal(start + QPoint(20 - 60, 90))

        window.area.drop(0, bar.mapToGlobal(QPoint(100, 10)))
        await desk.until(lambda: not torn(desk))
        assert board.main.current is tab


async def test_tabs_and_windows_that_come_and_go_leave_nothing_behind(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        assert desk.session.desk is not None
        board = desk.session.desk.board

        async def left() -> tuple[int, int, int, int]:
            await desk.turn(0.05)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            assert desk.session.desk is not None
            links = desk.session.desk.link_count
            return len(QApplication.allWidgets()), desk.engine.bus.subscriber_count, links, len(desk.pulse._views)

        before = await left()
        for number in range(4):
            if number == 2:  # by now what is made once is made
                before = await left()
            tab = board.add_tab()
            board.split(tab, "four")
            await desk.turn(0.05)
            if number % 2:
                board.tear_off(tab)
                await desk.turn(0.05)
            board.split(tab, "side")
            board.close_tab(tab)
            desk.arrangement.save_as(f"W{number}")
            desk.arrangement.delete()

        assert await left() == before
