"""The dialog that takes a number apart: real widgets, real trades behind them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.actions import ActionBook
from crs_desktop.app import QtTimer
from crs_desktop.panes.balances import BalancesPane
from crs_desktop.panes.explain import ExplainDialog
from crs_desktop.panes.positions import PositionsPane
from crs_desktop.pulse import Pulse
from crs_desktop.shell.topbar import AskedFigure, TopBar
from crs_desktop.viewmodels.balances import BalancesModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.explain import ExplainModel
from crs_desktop.viewmodels.positions import PositionsModel
from crs_desktop.viewmodels.statements import StatementsModel
from crs_desktop.widgets.table import Table
from engine.domain.order import LotMethod
from engine.errors import StorageUnavailable
from engine.services.explain import Number, Question
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.test_explain import SYMBOL, answered, seated, until

pytestmark = pytest.mark.gui


POPUP = pytest.mark.qt_log_ignore("does not support", extend=True)
"""The offscreen platform complains of every menu."""


def child(item: QTreeWidgetItem | None, at: int) -> QTreeWidgetItem:
    found = None if item is None else item.child(at)
    assert found is not None
    return found


def first(dialog: ExplainDialog) -> QTreeWidgetItem:
    found = dialog.tree.topLevelItem(0)
    assert found is not None
    return found


async def opened(parent: QWidget, desk: Desk, question: Question) -> ExplainDialog:
    dialog = ExplainDialog(parent, ExplainModel(desk, question), StatementsModel(desk), Pulse(QtTimer()))
    dialog.open()
    await answered(dialog.model)
    await until(lambda: dialog.statements.year)
    dialog.refresh()
    return dialog


async def test_it_shows_number_formula_and_a_tree_that_opens_to_the_lots(parent: QWidget) -> None:
    _floor, desk = await seated()
    await desk.lots.choose(LotMethod.FIFO)
    dialog = await opened(parent, desk, Question(Number.REALISED))

    assert (dialog.title.text(), dialog.number.text()) == ("Realised profit", dialog.model.shown)
    pair = child(first(dialog), 0)
    assert (pair.text(0), pair.isExpanded()) == (SYMBOL, True)
    sale = child(pair, 0)
    assert sale.childCount() == 0
    sale.setExpanded(True)
    assert [child(sale, at).text(0) for at in range(3)] == ["Proceeds", "Selling fee", "Cost from lot 1"]
    assert dialog.tree.columnWidth(0) < dialog.tree.viewport().width() // 2
    dialog.close()


async def test_keys_walk_open_and_copy_a_line(parent: QWidget, qtbot: QtBot) -> None:
    _floor, desk = await seated()
    dialog = await opened(parent, desk, Question(Number.AVERAGE, SYMBOL))

    qtbot.keyClick(dialog.tree, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    line = dialog.tree.line()
    assert line is not None
    assert QGuiApplication.clipboard().text() == f"{line.label}\t{line.exact}\t{line.how}"
    assert dialog.detail.text() == line.told
    dialog.tree.setCurrentItem(first(dialog))
    qtbot.keyClick(dialog.tree, Qt.Key.Key_Return)
    assert not first(dialog).isExpanded()
    dialog.close()


async def test_the_lot_method_can_be_chosen_and_is_hidden_where_it_says_nothing(parent: QWidget) -> None:
    _floor, desk = await seated()
    dialog = await opened(parent, desk, Question(Number.REALISED))
    before = dialog.number.text()

    at = dialog.method.findData(LotMethod.HIFO)
    dialog.method.setCurrentIndex(at)
    dialog.method.activated.emit(at)
    await answered(dialog.model)
    await until(lambda: dialog.model.version == 2)
    dialog.refresh()

    assert (desk.lots.method, dialog.method.currentText()) == (LotMethod.HIFO, "Highest cost first (HIFO)")
    assert dialog.number.text() != before
    dialog.close()
    equity = await opened(parent, desk, Question(Number.EQUITY))
    assert equity.method.isHidden()
    equity.close()


async def test_an_error_is_a_sentence_with_a_way_to_try_again(parent: QWidget, qtbot: QtBot) -> None:
    floor, desk = await seated()
    dialog = await opened(parent, desk, Question(Number.REALISED))
    floor.past.error = StorageUnavailable("The disk is away.")
    dialog.model.ask()
    await answered(dialog.model)
    dialog.refresh()
    assert (dialog.state.text(), dialog.again.isHidden()) == ("The disk is away.", False)
    assert dialog.tree.topLevelItemCount() == 0

    floor.past.error = None
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    await answered(dialog.model)
    dialog.refresh()

    assert (dialog.state.text(), dialog.again.isHidden()) == ("", True)
    dialog.close()


async def test_a_statement_is_saved_where_the_user_says(parent: QWidget, qtbot: QtBot, tmp_path: Path) -> None:
    _floor, desk = await seated()
    dialog = await opened(parent, desk, Question(Number.REALISED))
    bar = dialog.bar

    bar.report.setCurrentIndex(1)
    bar.report.activated.emit(1)
    bar.year.activated.emit(0)
    qtbot.mouseClick(bar.json, Qt.MouseButton.LeftButton)
    (chooser,) = bar.findChildren(QFileDialog)
    chooser.fileSelected.emit(str(tmp_path / "out.json"))
    chooser.close()
    await answered(dialog.statements)
    dialog.refresh()

    assert '"report": "account"' in (tmp_path / "out.json").read_text()
    assert bar.notice.text() == "Saved out.json."
    assert (bar.progress.isHidden(), bar.cancel.isHidden()) == (True, True)
    dialog.close()


async def test_a_closed_dialog_leaves_nothing_behind(parent: QWidget) -> None:
    _floor, desk = await seated()
    links = desk.link_count
    pulse = Pulse(QtTimer())
    dialog = ExplainDialog(parent, ExplainModel(desk, Question(Number.EQUITY)), StatementsModel(desk), pulse)
    dialog.open()
    await answered(dialog.model)
    assert dialog.dirty

    dialog.reject()

    assert desk.link_count == links


# -- where one asks -------------------------------------------------------------------------------------


def cell(table: Table, row: int, field: str) -> QModelIndex:
    column = [each.field for each in table.row_model.columns].index(field)
    return table.row_model.index(row, column)


async def heard(floor: Floor, desk: Desk) -> list[Question]:
    floor.portfolio.mark()
    questions: list[Question] = []
    desk.on_number(questions.append)
    return questions


async def test_double_click_and_enter_on_a_number_of_a_position_explain_it(qtbot: QtBot) -> None:
    floor, desk = await seated()
    questions = await heard(floor, desk)
    pane = PositionsPane(PositionsModel(desk))
    qtbot.addWidget(pane)
    pane.resize(1200, 300)
    pane.show()
    pane.refresh()
    opened: list[str] = []
    pane.table.opened.connect(opened.append)

    for field in ("average", "unrealised", "realised"):
        pane.table.setCurrentIndex(cell(pane.table, 0, field))
        qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    pane.table.doubleClicked.emit(cell(pane.table, 0, "realised"))
    pane.table.doubleClicked.emit(cell(pane.table, 0, "last"))
    pane.table.grab()

    numbers = [Number.AVERAGE, Number.UNREALISED, Number.REALISED, Number.REALISED]
    assert questions == [Question(each, SYMBOL) for each in numbers]
    assert opened == [SYMBOL]
    pane.dispose()


@POPUP
async def test_the_menu_offers_to_explain_numbers_and_nothing_else(qtbot: QtBot) -> None:
    floor, desk = await seated()
    questions = await heard(floor, desk)
    pane = BalancesPane(BalancesModel(desk))
    qtbot.addWidget(pane)
    pane.resize(1200, 300)
    pane.show()
    pane.refresh()

    for field in ("total", "value"):
        place = pane.table.visualRect(cell(pane.table, 0, field)).center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, pane.table.viewport().mapToGlobal(place))
        pane.table.contextMenuEvent(event)
    (menu,) = pane.table.findChildren(QMenu)
    menu.actions()[0].trigger()
    menu.close()

    assert questions == [Question(Number.EQUITY)]
    pane.dispose()


@POPUP
async def test_the_menu_key_offers_it_for_the_number_with_the_cursor(qtbot: QtBot) -> None:
    floor, desk = await seated()
    questions = await heard(floor, desk)
    pane = BalancesPane(BalancesModel(desk))
    qtbot.addWidget(pane)
    pane.show()
    pane.refresh()

    pane.table.setCurrentIndex(cell(pane.table, 0, "value"))
    pane.table.contextMenuEvent(QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    (menu,) = pane.table.findChildren(QMenu)
    menu.actions()[0].trigger()
    menu.close()

    assert questions == [Question(Number.EQUITY)]
    pane.dispose()


def test_equity_and_the_profit_of_the_day_can_be_asked_by_mouse_and_keyboard(qtbot: QtBot) -> None:
    book, asked = ActionBook(), list[str]()
    for action in ("account.explain_equity", "account.explain_day"):
        book.provide(book.get(action).needs)
        book.bind(action, partial(asked.append, action))
    bar = TopBar(book)
    qtbot.addWidget(bar)
    bar.show()

    qtbot.mouseClick(bar.equity, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar.equity, Qt.MouseButton.RightButton)
    bar.day.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(bar.day, Qt.Key.Key_Return)
    qtbot.keyClick(bar.day, Qt.Key.Key_A)
    bar.day.clearFocus()

    assert asked == ["account.explain_equity", "account.explain_day"]
    assert isinstance(bar.day, AskedFigure)
    assert QApplication.focusWidget() is not bar.day
