"""What tests of panes stand on."""

from __future__ import annotations

from importlib import import_module

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def look(qapp: object) -> None:
    """The shipped look, so that widths are those of the program."""
    import_module("crs_desktop.theme").apply(qapp)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """A window for a dialog to stand on."""
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget
