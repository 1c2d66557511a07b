"""Why an order filled, asked in the whole desktop: by key after a fill, and what the disk says of the same order."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from crs_desktop.panes.history import HistoryPane
from crs_desktop.panes.why import WhyDialog
from engine.adapters.sql.why import SqlStories
from tests.crs_desktop.running import Running, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]


async def test_w_says_why_the_last_order_filled_and_the_disk_says_the_same(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_W)
        assert desk.dialog(WhyDialog) is None
        assert desk.wiring.console.toasts.shown[-1].title.text() == "No order yet"
        await desk.press(Qt.Key.Key_B)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: desk.engine.orders.fill_count)
        fill = desk.engine.orders.fills()[0]

        await desk.press(Qt.Key.Key_W)
        dialog = desk.dialog(WhyDialog)
        await desk.until(lambda: "as taker" in dialog.headline.text())

        stored = SqlStories(desk.engine.profile.database).read(fill.account, fill.order_id)
        assert dialog.model.told == stored
        dialog.close()


async def test_w_on_a_row_asks_about_that_row(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        for key in (Qt.Key.Key_B, Qt.Key.Key_S):
            await desk.press(key)
            await desk.press(Qt.Key.Key_Return)
            await desk.until(partial(_has_ended, desk, key))
        first = desk.engine.orders.fills()[-1].order_id
        desk.window.docks.focus("history")
        pane = desk.window.pane("history")
        assert isinstance(pane, HistoryPane)
        table = pane.table
        await desk.until(lambda: len(table.row_model.rows) == 2)
        table.setFocus()
        table.selectRow(1)

        await desk.press(Qt.Key.Key_W, at=table)

        dialog = desk.dialog(WhyDialog)
        await desk.until(lambda: dialog.model.told is not None)
        assert dialog.model.told.order_id == first
        dialog.close()


def _has_ended(desk: Running, key: Qt.Key) -> bool:
    """Whether the order of that key is among the finished ones."""
    return len(desk.engine.orders.history()) == (1 if key is Qt.Key.Key_B else 2)
