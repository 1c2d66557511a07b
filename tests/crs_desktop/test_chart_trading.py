"""Trading on the chart in the whole desktop, by keyboard: bought, guarded, moved, taken back, reversed."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from crs_desktop.charts.trading.keys import OWN
from crs_desktop.charts.trading.overlay import TradingOverlay
from crs_desktop.viewmodels.drawings.desk import drawings_of
from engine.domain.order import ListKind, OrderType, Side
from tests.crs_desktop.running import running

pytestmark = pytest.mark.gui
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


async def test_a_position_is_opened_guarded_and_left_from_the_chart_without_the_mouse(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        orders = desk.engine.orders
        pane: Any = desk.window.pane("chart")
        await desk.until(lambda: len(pane.chart.model.series))
        pane.chart.hover = (200.0, pane.chart.frame.price_height - 20)  # far below the market: it rests
        await desk.press(Qt.Key.Key_B, SHIFT)
        model = next(each.model for each in pane.chart.overlays if isinstance(each, TradingOverlay))
        assert model.draft is not None
        assert model.draft.form.side is Side.BUY
        await desk.press(Qt.Key.Key_Return)
        await desk.until(orders.open)
        assert orders.open()[0].order_type is OrderType.LIMIT
        await desk.press(Qt.Key.Key_Z, CTRL)
        await desk.until(lambda: not orders.open())
        before = len(orders.fills())

        await desk.press(Qt.Key.Key_B)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: len(orders.fills()) > before and not orders.open())
        await desk.until(lambda: model.position is not None)
        await desk.press(Qt.Key.Key_Escape)
        await desk.press(Qt.Key.Key_E, SHIFT)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: len([each for each in orders.open() if each.list_kind is ListKind.OCO]) == 2)

        await desk.press(Qt.Key.Key_F, SHIFT)
        await desk.turn(0.3)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: model.notice is not None and "no further" in str(model.notice))
        assert orders.open() == []


async def test_undo_takes_an_order_that_was_just_sent_before_a_drawing(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        orders = desk.engine.orders
        pane: Any = desk.window.pane("chart")
        await desk.until(lambda: len(pane.chart.model.series))
        await desk.turn(0.2)
        assert desk.session.desk is not None
        store = drawings_of(desk.session.desk)
        await desk.press(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
        chart: Any = QApplication.focusWidget()
        await desk.until(lambda: "Return" in str(chart.property(OWN)).split())  # the tool has the keyboard
        await desk.press(Qt.Key.Key_Left)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: len(store.shapes("BTC/USDT")) == 1)

        pane.chart.hover = (200.0, pane.chart.frame.price_height - 20)
        await desk.press(Qt.Key.Key_B, SHIFT)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(orders.open)
        await desk.turn(0.2)
        await desk.press(Qt.Key.Key_Z, CTRL)
        await desk.until(lambda: not orders.open())
        assert len(store.shapes("BTC/USDT")) == 1

        chart = QApplication.focusWidget()
        await desk.until(lambda: "Ctrl+Z" in str(chart.property(OWN)).split())  # the drawing has the key again
        await desk.press(Qt.Key.Key_Z, CTRL)
        assert store.shapes("BTC/USDT") == ()
