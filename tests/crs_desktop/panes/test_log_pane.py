"""The log pane shows what the program logs, each line once, however much there is."""

from __future__ import annotations

import logging

import pytest
from PySide6.QtWidgets import QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from crs_desktop.panes.log import LogPane
from crs_desktop.viewmodels.log import LogModel
from engine.observe.log import Tail
from engine.observe.redact import MASK
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with

pytestmark = pytest.mark.gui


def record(text: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": text, "levelno": level, "levelname": logging.getLevelName(level)})


async def test_each_line_is_shown_once_also_when_old_ones_are_forgotten_and_can_be_filtered(qtbot: QtBot) -> None:
    floor, tail = await floor_with(Archive()), Tail(length=4)
    model = LogModel(desk_of(floor), tail)
    pane = LogPane(model)
    qtbot.addWidget(pane)
    text, level = pane.findChild(QPlainTextEdit), pane.findChild(QComboBox)
    assert text is not None
    assert level is not None
    assert not model.lines()
    for number in range(10):
        tail.emit(record(f"line {number} password=hunter2", logging.WARNING if number == 8 else logging.INFO))
        if number % 3 == 2:
            pane.refresh()
    model.hurry()
    assert model.dirty
    pane.refresh()
    assert not model.dirty
    shown = text.toPlainText()

    assert [shown.count(f"line {number} ") for number in range(10)] == [1] * 10
    assert "hunter2" not in shown
    assert MASK in shown

    level.setCurrentIndex(1)
    pane.refresh()
    assert [line.split("  ")[1] for line in text.toPlainText().splitlines()] == [f"line 8 password={MASK}"]
    assert model.text.split(" ", 1)[1] == f"warning line 8 password={MASK}"
    pane.close()
    model.close()
    close_floor(floor)
