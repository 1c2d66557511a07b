"""Scanner, prices across venues and watchlist with real keys and clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from crs_desktop.panes.across import AcrossPane
from crs_desktop.panes.scanner import ScannerPane
from crs_desktop.panes.watchlist import WatchlistPane
from crs_desktop.viewmodels.desk import Desk, Told
from crs_desktop.viewmodels.markets.across import AcrossModel
from crs_desktop.viewmodels.markets.scanner import ScannerModel
from crs_desktop.viewmodels.watch_lists import Item
from crs_desktop.viewmodels.watchlist import WatchlistModel
from engine.domain.market import FeedState
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.markets.stage import Hand, Venue, instrument, ticker

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("does not support", extend=True)]  # menus, offscreen

COUNT = 300


def scanner(qtbot: QtBot) -> tuple[ScannerPane, Desk, Hand, Venue]:
    desk = Floor().desk()
    Venue(desk, "simulated", *(instrument("simulated", symbol) for symbol in desk.markets))
    names = [f"C{number:03d}/USD" for number in range(COUNT)]
    venue = Venue(desk, "kraken", *(instrument("kraken", name) for name in names))
    venue.tell(*(ticker(name, 99, 101, 100 + at, 100, 1_000 - at) for at, name in enumerate(names)))
    hand = Hand()
    pane = ScannerPane(ScannerModel(desk, hand))
    qtbot.addWidget(pane)
    pane.resize(1_000, 320)
    pane.show()
    QApplication.processEvents()
    return pane, desk, hand, venue


def first(pane: ScannerPane) -> str:
    model = pane._model
    return model.figures.listed[int(pane.table.row_model.numbers[0])].symbol


def test_titles_sort_fields_filter_and_enter_opens(qtbot: QtBot) -> None:
    pane, desk, _, _ = scanner(qtbot)
    offered: list[str] = []
    desk.connected.go_to = lambda row: offered.append(row.symbol)
    told: list[Told] = []
    desk.on_tell(told.append)

    pane.table.horizontalHeader().sectionClicked.emit(4)
    pane.refresh()
    assert (first(pane), pane.presets["gainers"].isChecked()) == (f"C{COUNT - 1:03d}/USD", True)
    pane.presets["losers"].click()
    pane.refresh()
    assert first(pane) == "C000/USD"

    qtbot.keyClicks(pane.text, "c01")
    pane.refresh()
    assert (len(pane.table.row_model.numbers), pane.count.text()) == (10, f"10 / {COUNT + len(desk.markets)}")
    qtbot.keyClick(pane.text, Qt.Key.Key_Down)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    assert offered == ["C011/USD"]
    qtbot.keyClick(pane.table, Qt.Key.Key_Insert)
    assert desk.connected.lists.lists[0].items == (Item("kraken", "C011/USD"),)
    assert str(told[0].title) == "C011/USD is on “Watchlist”."

    pane.low.setText("a lot")
    pane.refresh()
    assert (pane.low.property("invalid"), len(pane.table.row_model.numbers)) == (True, 10)
    pane.low.setText("200 %")
    pane.refresh()
    assert pane._stack.currentWidget() is pane.empty
    pane.empty.button.click()
    pane.refresh()
    assert pane.count.text().startswith(str(COUNT + len(desk.markets)))
    pane.dispose()


def test_the_selected_row_keeps_its_place_until_it_is_let_go(qtbot: QtBot) -> None:
    pane, _, hand, venue = scanner(qtbot)
    pane._model.sort("last", descending=True)
    pane.refresh()
    pane.table.selectRow(2)
    kept = pane.table.current_number()
    venue.tell(ticker("C000/USD", 99, 101, 9_999, 100, 1))
    hand.at += 5
    pane.refresh()
    assert (first(pane), pane.old.isVisible()) == (f"C{COUNT - 1:03d}/USD", True)

    qtbot.keyClick(pane.table, Qt.Key.Key_F5)
    pane.refresh()
    assert (first(pane), pane.table.current_number(), pane.table.currentIndex().row()) == ("C000/USD", kept, 3)
    assert pane.table.selected_numbers() == [kept]
    qtbot.keyClick(pane.table, Qt.Key.Key_Escape)
    venue.tell(ticker("C001/USD", 99, 101, 99_999, 100, 1))
    hand.at += 5
    pane.refresh()
    assert first(pane) == "C001/USD"
    assert pane.table.csv().splitlines()[1].startswith("Kraken,C001/USD,spot,999.99,")
    pane.dispose()


def test_a_row_has_a_menu_and_a_venue_says_why_it_is_not_there(qtbot: QtBot) -> None:
    pane, desk, _, venue = scanner(qtbot)
    compared: list[str] = []
    desk.connected.compared = compared.append
    pane._offer(int(pane.table.row_model.numbers[0]), QPoint(10, 10))
    menu = next(each for each in pane.findChildren(QMenu) if each.isVisible())
    next(each for each in menu.actions() if each.text().startswith("Compare")).trigger()
    menu.close()
    assert len(compared) == 1

    venue.state(FeedState.STALE, "<b>silent</b>")
    tried: list[str] = []
    desk.connected.watch = tried.append
    desk.connected.coming("coinbase", "Coinbase")
    desk.connected.failed("coinbase", "It does not answer.")
    pane.refresh()
    assert pane.venues.chips["kraken"].text() == "◐ Kraken · stale"
    assert "<b>" not in pane.venues.chips["kraken"].toolTip()
    assert pane.problem.label.text() == "Coinbase cannot be watched: It does not answer."
    pane.problem.yes.click()
    assert tried == ["coinbase"]
    pane.dispose()


def test_the_mouse_over_rows_holds_them(qtbot: QtBot) -> None:
    pane, _, _, _ = scanner(qtbot)
    QTest.mouseMove(pane.table.viewport(), QPoint(50, 30))
    QApplication.processEvents()
    qtbot.waitUntil(lambda: pane._model.held)
    pane.table.viewport().grab()
    pane.table.clearSelection()  # a row that is worked with holds them, too
    assert pane._model.held
    QApplication.sendEvent(pane.table.viewport(), QEvent(QEvent.Type.Leave))
    assert not pane._model.held
    pane.dispose()


def test_an_asset_is_compared_by_its_name(qtbot: QtBot) -> None:
    desk = Floor().desk()
    kraken = Venue(desk, "kraken", instrument("kraken", "BTC/USDT"), instrument("kraken", "ETH/USDT"))
    binance = Venue(desk, "binance", instrument("binance", "BTC/USDT"))
    kraken.tell(ticker("BTC/USDT", 100, 101, 100))
    binance.tell(ticker("BTC/USDT", 103, 104, 103))
    pane = AcrossPane(AcrossModel(desk))
    qtbot.addWidget(pane)
    pane.resize(900, 240)
    pane.show()
    pane.refresh()
    assert pane.asset.text() == "BTC"
    assert pane.lines[0].text().startswith("USDT: buy on Kraken 1.01, sell on Binance 1.03 · gap +0.02 USDT")

    pane.asset.setFocus()
    pane.asset.selectAll()
    qtbot.keyClicks(pane.asset, "nope")
    qtbot.keyClick(pane.asset, Qt.Key.Key_Return)
    assert pane.asset.property("invalid")
    pane.asset.selectAll()
    qtbot.keyClicks(pane.asset, "eth")
    qtbot.keyClick(pane.asset, Qt.Key.Key_Return)
    pane.refresh()
    assert (pane.asset.text(), [row.key for row in pane.table.row_model.rows]) == ("ETH", ["kraken|ETH/USDT"])
    pane.follow.click()
    pane.dollar.click()
    assert (pane._model.asset, pane._model.one_dollar) == ("BTC", True)
    pane.dispose()


def test_a_list_is_filled_dragged_and_emptied(qtbot: QtBot) -> None:
    desk = Floor().desk()
    undo: list[Callable[[], object]] = []
    triggered: list[str] = []
    connected = desk.connected
    connected.removed = lambda _what, take_back: undo.append(take_back)
    connected.trigger = triggered.append
    pane = WatchlistPane(WatchlistModel(desk))
    qtbot.addWidget(pane)
    pane.resize(220, 400)
    pane.show()
    connected.lists.show(0)
    pane.refresh()
    assert pane._stack.currentWidget() is pane.empty
    pane.empty.button.click()
    assert triggered == ["watchlist.pick"]
    items = [Item("simulated", symbol) for symbol in ("BTC/USDT", "ETH/USDT", "SOL/USDT")]
    for item in items:
        connected.lists.add(item)
    pane.refresh()
    QApplication.processEvents()

    rows, row = pane.list, pane.list.height_of(1) - pane.list.height_of(0)
    at = [QPoint(60, rows.height_of(0) + row * place + row // 2) for place in range(3)]
    QTest.mousePress(rows, Qt.MouseButton.LeftButton, pos=at[0])
    QTest.mouseMove(rows, at[1])
    QTest.mouseMove(rows, at[2] + QPoint(0, row // 3))
    rows.grab()
    QTest.mouseRelease(rows, Qt.MouseButton.LeftButton, pos=at[2] + QPoint(0, row // 3))
    assert list(connected.lists.lists[0].items) == [items[1], items[2], items[0]]
    pane.refresh()
    QTest.mouseClick(rows, Qt.MouseButton.LeftButton, pos=at[1])
    assert desk.symbol == "SOL/USDT"
    qtbot.keyClick(rows, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    pane.refresh()
    assert list(connected.lists.lists[0].items) == [items[1], items[0]]
    undo[0]()
    pane.refresh()
    assert [each.name for each in rows._rows] == ["SOL/USDT", "ETH/USDT", "BTC/USDT"]
    pane.dispose()
