"""A decimal field whose unit can be switched: figures, and a button behind them that says what they mean."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from crs_desktop.i18n import tr
from crs_desktop.widgets.decimal_field import DecimalField

BUTTON_WIDTH = 52


class LevelField(QWidget):
    """A row of the two; `switched` asks for the next unit."""

    switched = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.figures = DecimalField("")
        self.unit = QPushButton()
        self.unit.setFixedWidth(BUTTON_WIDTH)
        self.unit.clicked.connect(self.switched)
        row.addWidget(self.figures, 1)
        row.addWidget(self.unit)
        self.setFocusProxy(self.figures)

    def show_unit(self, unit: str, *, switches: bool) -> None:
        """Show the unit, as a button if there are others."""
        self.unit.setVisible(switches)
        self.figures.set_unit("" if switches else unit)
        if switches and self.unit.text() != unit:
            self.unit.setText(unit)
            self.unit.setToolTip(tr("In {unit}; click for the next unit", unit=unit))
            self.unit.setAccessibleName(self.unit.toolTip())
