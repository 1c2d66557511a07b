import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from crs_desktop.widgets.decimal_field import DecimalField

pytestmark = pytest.mark.gui


def make(qtbot: QtBot) -> tuple[DecimalField, list[object]]:
    field = DecimalField("Price")
    qtbot.addWidget(field)
    field.set_unit("USDT")
    heard: list[object] = []
    field.edited.connect(heard.append)
    field.stepped.connect(heard.append)
    with qtbot.waitExposed(field):
        field.show()
    return field, heard


def test_it_takes_figures_and_leaves_letters_to_the_hotkeys(qtbot: QtBot) -> None:
    field, heard = make(qtbot)

    qtbot.keyClicks(field, "1b2e.5-")

    assert field.text() == "12.5"
    assert heard[-1] == "12.5"


def test_arrows_step_by_one_and_with_shift_by_ten(qtbot: QtBot) -> None:
    field, heard = make(qtbot)

    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)

    assert heard == [1, -10, 10]


def test_a_wrong_number_stays_and_is_marked(qtbot: QtBot) -> None:
    field, _ = make(qtbot)
    qtbot.keyClicks(field, "1..2")

    field.set_problem("No number.")

    assert (field.text(), field.property("invalid"), field.toolTip()) == ("1..2", True, "No number.")
    field.set_problem("")
    assert field.property("invalid") is False


def test_text_from_outside_keeps_the_cursor_and_a_full_selection(qtbot: QtBot) -> None:
    field, heard = make(qtbot)
    field.show_text("100.00")
    field.setCursorPosition(2)
    field.show_text("200.00")
    assert field.cursorPosition() == 2
    field.setFocus()
    field.selectAll()
    field.show_text("300.00")
    field.show_text("300.00")
    field.set_label("Stop")
    field.grab()
    assert (field.accessibleName(), heard) == ("Stop", [])
