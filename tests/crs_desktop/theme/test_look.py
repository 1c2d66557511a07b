"""What Qt makes of the tokens."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.app import application
from crs_desktop.theme.font import load_fonts

pytestmark = pytest.mark.gui


def test_the_shipped_typeface_is_used_and_its_figures_are_tabular(qapp: object) -> None:
    app = application()
    theme.apply(app)

    font = theme.font("number")
    metrics = QFontMetricsF(font)

    assert load_fonts()
    assert QFontInfo(font).family() == "Inter"
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_applying_a_theme_changes_palette_and_sheet_and_roles_follow_the_scale(qtbot: QtBot) -> None:
    app = application()
    theme.apply(app)
    label = QLabel("1,234")
    qtbot.addWidget(label)
    theme.set_font(label, "large")

    theme.apply(app, "light", "colour-blind", 1.5)
    try:
        assert theme.current().name == "light"
        assert app.palette().color(QPalette.ColorRole.Window).name() == theme.current().window
        assert theme.current().up_text in app.styleSheet()
        assert label.font().pixelSize() == round(theme.current().font_large * 1.5)
    finally:
        theme.apply(app)


def test_a_tone_colours_a_label(qtbot: QtBot) -> None:
    theme.apply(application())
    label = QLabel("up")
    qtbot.addWidget(label)

    theme.set_tone(label, "up")
    label.ensurePolished()

    assert label.palette().color(QPalette.ColorRole.WindowText).name() == theme.current().up_text


def test_every_icon_that_an_action_names_can_be_drawn(qapp: object) -> None:
    from crs_desktop.actions import ACTIONS

    empty = [each.icon for each in ACTIONS if each.icon and theme.pixmap(each.icon).isNull()]

    assert empty == []
    assert theme.color("up", 40).alpha() == 40
