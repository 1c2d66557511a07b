import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels.columns import Cell, Column, Row
from crs_desktop.viewmodels.words import say
from crs_desktop.widgets.table import RowModel, Table

pytestmark = pytest.mark.gui

COLUMNS = (
    Column("Name", "name", "left"),
    Column("Price", "price"),
    Column("Note", "note", "left"),
    Column("", "act", "left", action=True),
)


def row(key: str, price: str = "1.00", tone: str = "text") -> Row:
    cells = (Cell(key), Cell(price, tone, price.replace(",", "")), Cell(say("Working")), Cell(say("Cancel"), "accent"))
    return Row(key, cells)


def make(qtbot: QtBot, *keys: str) -> Table:
    table = Table(COLUMNS, spoken)
    qtbot.addWidget(table)
    table.resize(500, 120)
    table.set_rows([row(key) for key in keys])
    return table


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8), max_size=6))
def test_any_sequence_of_rows_ends_as_the_last_one_says(states: list[list[str]]) -> None:
    model = RowModel(COLUMNS, spoken)
    for number, keys in enumerate(states):
        wanted = [row(key, f"{number}.00") for key in keys]
        model.set_rows(wanted)
        assert model.rows == wanted
        assert model.rowCount() == len(wanted)


def test_only_the_cells_that_changed_are_announced(qtbot: QtBot) -> None:
    table = make(qtbot, "a", "b", "c")
    changes: list[tuple[int, int, int]] = []
    table.row_model.dataChanged.connect(lambda a, b, _roles: changes.append((a.row(), a.column(), b.column())))

    table.set_rows([row("a"), row("b", "2.00"), row("c")])

    assert changes == [(1, 1, 1)]


def test_selection_follows_its_row_when_others_come_and_go(qtbot: QtBot) -> None:
    table = make(qtbot, "a", "b", "c")
    table.selectRow(1)

    table.set_rows([row("new"), row("b"), row("c")])

    assert table.selected_keys() == ["b"]


def test_cells_have_text_tone_alignment_and_title(qtbot: QtBot) -> None:
    table = make(qtbot)
    table.set_rows([row("a", "1,000.00", "up")])
    model, index = table.row_model, table.row_model.index(0, 1)

    assert index.data() == "1,000.00"
    assert index.data(Qt.ItemDataRole.ForegroundRole) == theme.color("up_text")
    assert index.data(Qt.ItemDataRole.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)
    assert model.index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Working"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Price"
    assert model.headerData(1, Qt.Orientation.Vertical) is None
    assert model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) is None
    assert index.data(Qt.ItemDataRole.ToolTipRole) is None
    assert (model.rowCount(index), model.columnCount(index), model.columnCount(QModelIndex())) == (0, 0, 4)


def test_no_text_is_cut_off(qtbot: QtBot) -> None:
    table = make(qtbot)
    table.set_rows([row("a", "123,456,789,012.00000000")])

    metrics = table.fontMetrics()
    assert table.columnWidth(1) > metrics.horizontalAdvance("123,456,789,012.00000000")


def test_a_narrow_table_lets_go_of_what_is_spare_and_takes_it_back(qtbot: QtBot) -> None:
    columns = (Column("Name", "name", "left"), Column("Price", "price", spare=1), Column("Note", "note", spare=2))
    table = Table((*columns, Column("", "act", "left", action=True)), spoken)
    qtbot.addWidget(table)
    table.set_rows([row("a", "123,456.00")])
    hidden = []
    for width in (500, 220, 120, 500):
        table.resize(width, 100)
        with qtbot.waitExposed(table):
            table.show()
        hidden.append([at for at in range(4) if table.isColumnHidden(at)])

    assert hidden == [[], [2], [1, 2], []]


def test_keys_open_remove_and_copy(qtbot: QtBot) -> None:
    table = make(qtbot, "a", "b")
    heard: list[tuple[str, ...]] = []
    table.opened.connect(lambda key: heard.append(("open", key)))
    table.removed.connect(lambda key: heard.append(("remove", key)))
    table.acted.connect(lambda key, field: heard.append((key, field)))
    with qtbot.waitExposed(table):
        table.show()
    table.focus_first()

    for key in (Qt.Key.Key_Return, Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_B):
        qtbot.keyClick(table, key)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert heard == [("open", "a"), ("open", "a"), ("remove", "a")]
    assert QGuiApplication.clipboard().text() == "Name,Price,Note\na,1.00,Working\n"
    table.clicked.emit(table.row_model.index(1, 3))
    table.clicked.emit(table.row_model.index(1, 0))
    table.doubleClicked.emit(table.row_model.index(1, 0))
    table.doubleClicked.emit(table.row_model.index(1, 3))
    assert heard[3:] == [("b", "act"), ("open", "b")]
    table.clearSelection()
    assert table.csv().count("\n") == 3


def test_the_text_of_a_selected_row_keeps_its_colour(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp)
    table = make(qtbot)
    table.set_rows([row("a", "1.00", "up"), row("b", "2.00", "down")])
    table.show()
    inks = []
    for chosen in (False, True):
        table.selectAll() if chosen else table.clearSelection()
        image = table.viewport().grab().toImage()
        inks.append({image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())})

    up, down = theme.color("up_text").name(), theme.color("down_text").name()
    assert up != down
    for shades in inks:
        assert any(_near(each, up) for each in shades)
        assert any(_near(each, down) for each in shades)


def _near(one: str, other: str) -> bool:
    return all(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) < 24 for at in (1, 3, 5))
