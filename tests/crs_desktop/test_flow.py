"""Order flow in the whole desktop: F9, the palette's panes, toasts and Undo of what the ladder sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crs_desktop.panes.ladder import LadderPane
from crs_desktop.widgets.ladder_columns import Column
from tests.crs_desktop.running import running

pytestmark = [pytest.mark.gui, pytest.mark.integration]


async def test_f9_trades_on_the_ladder_with_toast_and_undo_and_goes_back(tmp_path: Path) -> None:
    async with running(tmp_path) as desktop:
        window, engine = desktop.window, desktop.engine
        hosts = window.docks.hosts
        assert hosts["ticket"].in_view
        assert not hosts["ladder"].in_view

        await desktop.press(Qt.Key.Key_F9)
        await desktop.until(lambda: hosts["ladder"].in_view and hosts["ladder"].pane is not None)
        pane = hosts["ladder"].pane
        assert isinstance(pane, LadderPane)
        await desktop.until(lambda: pane.ladder._picture is not None)
        pane.arm.click()
        picture = pane.ladder._picture
        assert picture is not None
        assert picture.bid_row is not None
        cell = pane.ladder.rect_of(Column.BID, min(picture.bid_row + 8, len(picture.prices) - 1)).center()
        QTest.mouseClick(pane.ladder, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, cell)
        await desktop.until(lambda: engine.orders.records())
        assert pane._model.ticket.outbox.newest_to_undo() is not None

        assert desktop.do("orders.undo")
        await desktop.until(lambda: not engine.orders.records())

        await desktop.press(Qt.Key.Key_F9, at=pane.ladder)
        await desktop.until(lambda: hosts["ticket"].in_view)
        for action, name in (("view.heatmap", "heatmap"), ("view.depth", "depth")):
            assert desktop.do(action)
            await desktop.until(lambda name=name: hosts[name].in_view and hosts[name].pane is not None)  # type: ignore[misc]
        await desktop.turn(0.3)
