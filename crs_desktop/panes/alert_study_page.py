"""The fields of an alert on an indicator, made from the indicator's typed parameters and outputs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.indicator_fields import ParamField
from crs_desktop.viewmodels.alert_study import StudyPart
from crs_desktop.widgets.label import plain_label
from engine.domain.market import Timeframe
from engine.indicators.spec import Param, Value

LABEL = 72
"""Width of the labels at the left, px at 100 % text, so that the fields stand below each other."""
LEVEL = ""
"""What stands for a level among the things to compare with."""


def row_label(text: str, field: QWidget | None = None) -> QLabel:
    """Return the label of a field of the dialog."""
    label = plain_label(text, tone="muted")
    label.setMinimumWidth(theme.current().px(LABEL))
    if field is not None:
        label.setBuddy(field)
    return label


class StudyPage(QWidget):
    """Changes a `StudyPart`; `changed` is called after each change.

    `other` and `level`, what the output is compared with, are placed by whoever owns the page.
    """

    def __init__(self, part: StudyPart, changed: Callable[[], object]) -> None:
        super().__init__()
        self._part, self._changed = part, changed
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        self.name = self._names()
        box.addWidget(self.name)
        self._params = QFormLayout()
        self._params.setSpacing(4)
        box.addLayout(self._params)
        self.output, self.other = QComboBox(), QComboBox()
        self.level = QLineEdit(part.level_text)
        theme.set_font(self.level, "number")
        self.timeframe, self.closing = QComboBox(), QComboBox()
        self._lay_out(box)
        self.fields: list[ParamField] = []
        self._show()
        self._connect()

    def _names(self) -> QComboBox:
        box = QComboBox()
        for name, title in self._part.names():
            box.addItem(tr(title), name)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(box.model(), box)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        box.setCompleter(completer)
        box.setCurrentIndex(box.findData(self._part.name))
        box.setAccessibleName(tr("Indicator"))
        return box

    def _lay_out(self, box: QVBoxLayout) -> None:
        for each in Timeframe:
            self.timeframe.addItem(each.value, each.value)
        self.timeframe.setCurrentIndex(self.timeframe.findData(self._part.timeframe))
        self.closing.addItem(tr("when a bar closes"), True)
        self.closing.addItem(tr("at once, within the bar"), False)
        self.closing.setCurrentIndex(self.closing.findData(self._part.on_close))
        names = (tr("Output"), tr("Compare with"), tr("Value to wait for"), tr("Timeframe"), tr("When to look"))
        fields = (self.output, self.other, self.level, self.timeframe, self.closing)
        for field, name in zip(fields, names, strict=True):
            field.setAccessibleName(name)
        bars = QHBoxLayout()
        bars.addWidget(self.timeframe)
        bars.addWidget(self.closing, 1)
        rows = QFormLayout()
        rows.setSpacing(4)
        rows.addRow(row_label(tr("Bars")), bars)
        rows.addRow(row_label(tr("Output")), self.output)
        box.addLayout(rows)

    def _connect(self) -> None:
        self.name.currentIndexChanged.connect(self._choose)
        self.output.currentIndexChanged.connect(lambda: self._set(output=self.output.currentText()))
        self.other.currentIndexChanged.connect(lambda: self._set(other=self.other.currentData() or None))
        self.level.textEdited.connect(lambda text: self._set(level_text=text))
        self.timeframe.currentIndexChanged.connect(lambda: self._set(timeframe=self.timeframe.currentData()))
        self.closing.currentIndexChanged.connect(lambda: self._set(on_close=self.closing.currentData()))

    def _choose(self) -> None:
        name = self.name.currentData()
        if name:
            self._part.choose(name)
            self._show()
            self._changed()

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self._part, name, value)
        self.level.setVisible(self._part.other is None)
        self._changed()

    def _show(self) -> None:
        """Show the fields of the indicator that is chosen now."""
        part = self._part
        while self._params.rowCount():
            self._params.removeRow(0)
        self.fields = [ParamField(each, part.values[each.name], self._try) for each in part.indicator.params]
        for field in self.fields:
            self._params.addRow(row_label(field.title, field.editor), field.editor)
        with QSignalBlocker(self.output), QSignalBlocker(self.other):
            self.output.clear()
            self.other.clear()
            self.other.addItem(tr("a value"), LEVEL)
            for name in part.outputs():
                self.output.addItem(name)
                self.other.addItem(name, name)
            self.output.setCurrentText(part.output)
            self.other.setCurrentIndex(max(0, self.other.findData(part.other or LEVEL)))
        self.output.setEnabled(self.output.count() > 1)
        self.level.setText(part.level_text)
        self.level.setVisible(part.other is None)

    def _try(self, param: Param, value: Value) -> None:
        self._part.set_value(param, value)
        self._changed()
