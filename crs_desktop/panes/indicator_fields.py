"""The fields of an indicator's dialog: one per typed parameter, one row of looks per output."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.indicators.form import StudyForm
from crs_desktop.viewmodels.indicators.setup import PALETTE, WIDTHS, Look
from crs_desktop.viewmodels.indicators.study import param_text
from crs_desktop.widgets.color_button import ColorButton
from engine.indicators.spec import ChoiceParam, FloatParam, IntParam, Param, Value

FIELD = 150
OFFERED = (*PALETTE, "up", "down")


class ParamField:
    """One parameter's editor; `tried` is called with what was entered."""

    def __init__(self, param: Param, value: Value, tried: Callable[[Param, Value], None]) -> None:
        self.param = param
        self._tried = tried
        self.editor: QSpinBox | QDoubleSpinBox | QComboBox | QLineEdit = self._made()
        self.editor.setFixedWidth(theme.current().px(FIELD))
        self.editor.setAccessibleName(self.title)
        self.show_value(value)

    @property
    def title(self) -> str:
        """What the parameter is called."""
        return tr(self.param.title) if self.param.title else self.param.name.replace("_", " ").capitalize()

    def show_value(self, value: Value) -> None:
        """Show a value that came from elsewhere."""
        editor = self.editor
        with QSignalBlocker(editor):
            if isinstance(editor, QSpinBox):
                editor.setValue(int(value))
            elif isinstance(editor, QDoubleSpinBox):
                editor.setValue(float(value))
            elif isinstance(editor, QComboBox):
                editor.setCurrentText(str(value))
            else:
                editor.setText(param_text(self.param, value) if value else "")

    def _made(self) -> QSpinBox | QDoubleSpinBox | QComboBox | QLineEdit:
        param = self.param
        if isinstance(param, IntParam):
            spin = QSpinBox()
            spin.setRange(param.low, param.high)
            spin.setToolTip(tr("From {low} to {high}", low=param.low, high=param.high))
            spin.valueChanged.connect(self._take)
            return _figures(spin)
        if isinstance(param, FloatParam):
            number = QDoubleSpinBox()
            number.setDecimals(_decimals(param.step))
            number.setRange(param.low, param.high)
            number.setSingleStep(param.step)
            number.setToolTip(tr("From {low} to {high}", low=f"{param.low:g}", high=f"{param.high:g}"))
            number.valueChanged.connect(self._take)
            return _figures(number)
        if isinstance(param, ChoiceParam):
            box = QComboBox()
            box.addItems(list(param.choices))
            box.currentTextChanged.connect(self._take)
            return box
        line = QLineEdit()
        line.setPlaceholderText(tr("2026-01-31 12:00, UTC"))
        line.editingFinished.connect(lambda: self._take(line.text().strip() or 0))
        return line

    def _take(self, value: Value) -> None:
        self._tried(self.param, value)


class LookRow(QWidget):
    """Whether, in which colour and how wide an output is drawn."""

    def __init__(self, form: StudyForm, at: int, name: str) -> None:
        super().__init__()
        self._form, self._at = form, at
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        shown = name.replace("_", " ")
        self.visible = QCheckBox(shown)
        self.visible.setAccessibleName(tr("Show {output}", output=shown))
        self.color = ColorButton(form.look(at).color, OFFERED)
        self.color.setAccessibleName(tr("Colour of {output}", output=shown))
        self.width_box = QComboBox()
        self.width_box.addItems([f"{each:g} px" for each in WIDTHS])
        self.width_box.setAccessibleName(tr("Width of {output}", output=shown))
        row.addWidget(self.visible, 1)
        row.addWidget(self.color)
        row.addWidget(self.width_box)
        self.show_look()
        self.visible.toggled.connect(self._take)
        self.color.picked.connect(self._take)
        self.width_box.currentIndexChanged.connect(self._take)

    def show_look(self) -> None:
        """Show how the output is drawn now."""
        look = self._form.look(self._at)
        with QSignalBlocker(self.visible), QSignalBlocker(self.width_box):
            self.visible.setChecked(look.visible)
            nearest = min(range(len(WIDTHS)), key=lambda at: abs(WIDTHS[at] - look.width))
            self.width_box.setCurrentIndex(nearest)
        self.color.show_color(look.color)

    def _take(self, _change: object = None) -> None:
        look = Look(self.color.color, WIDTHS[self.width_box.currentIndex()], self.visible.isChecked())
        self._form.set_look(self._at, look)


def _figures(spin: QSpinBox | QDoubleSpinBox) -> QSpinBox | QDoubleSpinBox:
    theme.set_font(spin, "number")
    spin.setAlignment(Qt.AlignmentFlag.AlignRight)
    spin.setKeyboardTracking(True)
    spin.setAccelerated(True)
    return spin


def _decimals(step: float) -> int:
    text = f"{step:.8f}".rstrip("0")
    return max(len(text.partition(".")[2]), 2)
