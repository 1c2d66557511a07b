"""The alerts pane and its dialog, worked with the keyboard at the width of the left dock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop.panes.alert_dialog import AlertDialog, open_alert
from crs_desktop.panes.alerts import AlertsPane
from crs_desktop.viewmodels.alert_form import Kind
from crs_desktop.viewmodels.alerts import AlertsModel
from engine.domain.order import Side
from engine.services.alerts import Cross, PriceRule, PriceSource, Repeat, StudyRule
from tests.crs_desktop.charts.gallery import close_floor, settle
from tests.crs_desktop.trading_floor import Floor

pytestmark = pytest.mark.gui
BTC = "BTC/USDT"
MIDDLE = 6_425_000


class Stand:
    """An alerts pane of 220 px over a real engine."""

    def __init__(self, qtbot: QtBot, floor: Floor, desk: Any) -> None:  # noqa: ANN401 - a desk
        self.floor, self.desk = floor, desk
        self.pane = AlertsPane(AlertsModel(desk))
        self.pane.resize(220, 400)
        qtbot.addWidget(self.pane)
        self.pane.show()
        self.pane.refresh()

    async def until(self, done: Callable[[], object]) -> None:
        import asyncio

        for _ in range(400):
            await asyncio.sleep(0.002)
            QApplication.processEvents()
            if done():
                self.pane.refresh()
                return
        raise AssertionError("it never happened")

    def dialog(self) -> AlertDialog:
        return next(each for each in self.pane.findChildren(AlertDialog) if each.isVisible())

    def trade(self, price: int) -> None:
        self.floor.other(Side.SELL, BTC, price, 2_000)
        self.floor.other(Side.BUY, BTC, price, 2_000)


@asynccontextmanager
async def standing(qtbot: QtBot) -> AsyncIterator[Stand]:
    floor = Floor()
    desk = await floor.sit()
    floor.other(Side.SELL, BTC, MIDDLE, 2_000)
    floor.other(Side.BUY, BTC, MIDDLE, 2_000)
    stand = Stand(qtbot, floor, desk)
    try:
        yield stand
    finally:
        for each in stand.pane.findChildren(AlertDialog):
            each.close()
        stand.pane.dispose()
        stand.pane._hand.close()
        await settle()
        await floor.alerts.close()
        close_floor(floor)
        assert floor.bus.subscriber_count == 0


async def test_the_first_alert_is_made_from_the_empty_state_with_the_keyboard(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        pane = stand.pane
        assert pane.focusProxy() is pane.empty.button
        QTest.keyClick(pane.empty.button, Qt.Key.Key_Space)
        dialog = stand.dialog()
        assert dialog.focusWidget() is dialog.level
        dialog.level.selectAll()
        QTest.keyClicks(dialog.level, "64250.005")
        assert dialog.problem.text() == "Price must be a multiple of 0.01."
        assert not dialog.keep.isEnabled()
        QTest.keyClick(dialog.level, Qt.Key.Key_Backspace)
        QTest.keyClick(dialog.level, Qt.Key.Key_Backspace)
        QTest.keyClick(dialog.level, Qt.Key.Key_Backspace)
        QTest.keyClick(dialog.level, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
        assert dialog.level.text() == "64250.10"
        dialog.source.setCurrentIndex(2)
        dialog.cross.setCurrentIndex(1)
        dialog.repeat.setCurrentIndex(2)
        QTest.keyClicks(dialog.note, "buy <i>now</i>")
        QTest.keyClicks(dialog.until, "+1h")
        QTest.keyClick(dialog.note, Qt.Key.Key_Return)
        await stand.until(stand.floor.alerts.all)

        (alert,) = stand.floor.alerts.all()
        assert alert.rule == PriceRule(MIDDLE + 10, Cross.UP, PriceSource.ASK)
        assert (alert.repeat, alert.note, alert.sound) == (Repeat.ALWAYS, "buy <i>now</i>", True)
        assert alert.expires_at is not None
        index = pane.list.lines.index(0)
        assert pane.list.lines.data(index).startswith("BTC/USDT, waiting, buy <i>now</i> · Best ask rises to 64,250.10")
        assert "<i>" not in pane.list.lines.data(index, Qt.ItemDataRole.ToolTipRole)


async def test_the_list_is_worked_by_keys(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        pane, alerts = stand.pane, stand.floor.alerts
        for number in (1, 2, 3):
            await alerts.add(BTC, PriceRule(MIDDLE + number))
        pane.refresh()
        pane.list.setFocus()
        pane.list.setCurrentIndex(pane.list.lines.index(0))
        newest = alerts.all()[-1].id
        QTest.keyClick(pane.list, Qt.Key.Key_Space)
        await stand.until(lambda: not alerts.all()[-1].active)
        assert "paused" in pane.list.lines.data(pane.list.lines.index(0))
        assert pane.list.current_key() == newest
        QTest.keyClick(pane.list, Qt.Key.Key_Return)
        dialog = stand.dialog()
        QTest.keyClick(dialog.level, Qt.Key.Key_Up)
        QTest.keyClick(dialog.level, Qt.Key.Key_Return)
        await stand.until(lambda: alerts.all()[-1].rule == PriceRule(MIDDLE + 4))
        assert alerts.all()[-1].active
        QTest.keyClick(pane.list, Qt.Key.Key_Delete)
        await stand.until(lambda: len(alerts.all()) == 2)
        assert newest not in [each.id for each in alerts.all()]
        QTest.keyClick(pane.list, Qt.Key.Key_Insert)
        assert stand.dialog().form.before is None


async def test_what_was_told_has_a_page_of_its_own_that_is_cleared(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        pane = stand.pane
        await stand.floor.alerts.add(BTC, PriceRule(MIDDLE + 10))
        stand.trade(MIDDLE + 20)
        pane.refresh()
        pane.told.click()
        assert (pane.waiting.text(), pane.told.text()) == ("Waiting 0", "Told 1")
        assert pane.log.isVisible()
        assert "Price crossed 64,250.10, 64,250.20" in pane.log.lines.data(pane.log.lines.index(0))
        pane.clear.click()
        await stand.until(lambda: not stand.floor.alerts.fired)
        assert pane.empty_log.isVisible()
        assert not pane.clear.isVisible()


async def test_rows_fit_into_the_dock_and_a_click_shows_the_pair(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        pane = stand.pane
        await stand.floor.alerts.add("ETH/USDT", PriceRule(100), note="a note that is far too long for such a dock")
        pane.refresh()
        rect = pane.list.visualRect(pane.list.lines.index(0))
        assert rect.width() <= 220
        assert pane.minimumSizeHint().width() <= 220
        QTest.mouseClick(pane.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, rect.center().y()))
        assert stand.desk.symbol == "ETH/USDT"


async def test_the_dialog_of_an_indicator_is_made_from_its_parameters(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        dialog = open_alert(stand.pane, stand.desk, None)
        dialog.kinds[Kind.STUDY].click()
        page = dialog.study
        assert page is not None
        page.name.setCurrentIndex(page.name.findData("macd"))
        assert [each.param.name for each in page.fields] == [each.name for each in page._part.indicator.params]
        assert page.level.text() == "0"
        page.level.setText("")
        page.level.textEdited.emit("")
        assert dialog.problem.text() == "Enter the value to wait for."
        page.fields[0].editor.setValue(8)  # type: ignore[union-attr]
        page.other.setCurrentIndex(2)
        page.closing.setCurrentIndex(1)
        assert not page.level.isVisible()
        dialog.keep.click()
        await stand.until(stand.floor.alerts.all)
        rule = stand.floor.alerts.all()[0].rule
        assert isinstance(rule, StudyRule)
        assert (rule.indicator, rule.on_close, rule.level) == ("macd", False, None)
        assert rule.other == page._part.outputs()[1]
        assert rule.values[page.fields[0].param.name] == 8


async def test_without_a_drawn_line_the_dialog_says_what_to_do(qtbot: QtBot) -> None:
    async with standing(qtbot) as stand:
        dialog = open_alert(stand.pane, stand.desk, None)
        dialog.kinds[Kind.LINE].click()
        assert dialog.problem.text() == "No line is drawn on BTC/USDT; draw one first."
        assert not dialog.keep.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert stand.floor.alerts.all() == []
