"""The dialog that says why, by keyboard: real widgets, real trades behind them."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.app import QtTimer
from crs_desktop.charts.step_view import StepView
from crs_desktop.panes.fills import FillsPane
from crs_desktop.panes.history import HistoryPane
from crs_desktop.panes.orders import OrdersPane
from crs_desktop.panes.why import WhyDialog
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.desk import Desk, WhyAsked
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.why import WhyModel
from engine.domain.order import OrderId, Side
from engine.errors import StorageUnavailable
from tests.crs_desktop.viewmodels.test_why import BTC, MIDDLE, seated, send, settled

pytestmark = pytest.mark.gui


async def opened(parent: QWidget, desk: Desk, order_id: OrderId) -> WhyDialog:
    dialog = WhyDialog(parent, WhyModel(desk, WhyAsked(order_id)), Pulse(QtTimer()))
    dialog.open()
    await settled(dialog.model)
    dialog.refresh()
    return dialog


async def test_pages_turn_by_key_and_each_has_its_parts(parent: QWidget, qtbot: QtBot) -> None:
    floor, desk = await seated()
    order_id = send(floor, 4_000, MIDDLE + 10)  # takes 2,000; the rest comes to stand
    floor.other(Side.SELL, BTC, MIDDLE + 10, 500)
    dialog = await opened(parent, desk, order_id)
    assert (dialog.title.text(), dialog.place.text()) == ("Why has it not filled yet?", "What has not filled")
    assert not dialog.next.isEnabled()

    qtbot.keyClick(dialog, Qt.Key.Key_PageUp)
    dialog.refresh()

    assert (dialog.title.text(), dialog.place.text()) == ("Why did it fill?", "Fill 2 of 2")
    assert "as maker" in dialog.headline.text()
    assert (dialog.book_section.isHidden(), dialog.prints_section.isHidden()) == (False, False)
    qtbot.mouseClick(dialog.previous, Qt.MouseButton.LeftButton)
    dialog.refresh()
    assert "as taker" in dialog.headline.text()
    assert (dialog.queue_section.isHidden(), dialog.prints_section.isHidden()) == (True, True)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("Why did it fill?\n")
    qtbot.keyClick(dialog, Qt.Key.Key_PageDown)
    assert dialog.model.at == 1
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()


async def test_the_queue_over_time_is_walked_by_arrow_keys_and_read_aloud(parent: QWidget, qtbot: QtBot) -> None:
    floor, desk = await seated()
    order_id = send(floor, 500, MIDDLE - 10)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 1_500)
    floor.other(Side.SELL, BTC, MIDDLE - 10, 1_000)
    dialog = await opened(parent, desk, order_id)
    chart: StepView = dialog.chart
    assert chart.accessibleDescription() == "0.02000 ahead at first, 0.00000 at last"

    for key, read in (
        (Qt.Key.Key_Right, "0.02000 ahead from +0 ms on"),
        (Qt.Key.Key_Right, "0.00500 ahead from +1 ms on"),
        (Qt.Key.Key_Left, "0.02000 ahead from +0 ms on"),
        (Qt.Key.Key_End, "0.00000 ahead from +2 ms on"),
        (Qt.Key.Key_Home, "0.02000 ahead from +0 ms on"),
    ):
        qtbot.keyClick(chart, key)
        assert chart.accessibleDescription() == read
    qtbot.mouseMove(chart, QPoint(chart.width() - 90, 40))
    assert chart.at is not None
    chart.setFocus()
    assert not chart.grab().isNull()
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert dialog.isHidden()


async def test_an_error_is_a_sentence_with_a_way_to_try_again(parent: QWidget, qtbot: QtBot) -> None:
    floor, desk = await seated()
    floor.archive.error = StorageUnavailable("The disk is away.")
    dialog = await opened(parent, desk, OrderId("old"))
    assert (dialog.state.text(), dialog.again.isHidden()) == ("The disk is away.", False)
    assert not dialog.copy.isEnabled()

    floor.archive.error = None
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    await settled(dialog.model)
    dialog.refresh()

    assert "never sent an order old" in dialog.state.text()
    dialog.close()


@pytest.mark.qt_log_ignore("does not support", extend=True)
async def test_enter_and_the_menu_of_a_row_ask_why(parent: QWidget, qtbot: QtBot) -> None:
    floor, desk = await seated()
    done, waits = send(floor, 100), send(floor, 100, MIDDLE - 10)
    heard: list[OrderId] = []
    link = desk.on_why(lambda asked: heard.append(asked.order_id))
    fills, history, orders = FillsPane(FillsModel(desk)), HistoryPane(HistoryModel(desk)), OrdersPane(OrdersModel(desk))
    for pane in (fills, history, orders):
        qtbot.addWidget(pane)
        pane.resize(900, 300)
        pane.show()
        pane.refresh()
        pane.table.focus_first()
    for pane in (fills, history):
        qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    assert heard == [done, done]

    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(orders.table, event)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()
    offers = orders.menu.menu(orders.table.row_model.rows[0].key).actions()
    assert [each.text() for each in offers] == ["Why has it not filled?", "Amend", "Cancel"]
    offers[0].trigger()

    assert heard[-1] == waits
    link.close()
    for pane in (fills, history, orders):
        pane.dispose()
