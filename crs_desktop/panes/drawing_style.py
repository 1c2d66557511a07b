"""The look of one drawing: colour, line, area, text, levels, risk. What is chosen shows at once and is kept on closing.

Escape takes everything back. Closing is one step of undo, however much was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent, QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.charts.drawing.overlay import DrawingOverlay
from crs_desktop.charts.drawing.painter import ink
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.drawings.codec import ratios
from crs_desktop.viewmodels.drawings.figures import ratio_text
from crs_desktop.viewmodels.drawings.kinds import POSITIONS
from crs_desktop.viewmodels.drawings.shape import DASHES, HEX, LONGEST_TEXT, TONES, WIDEST, Shape, Style
from crs_desktop.viewmodels.format import parse
from crs_desktop.widgets.label import plain_label
from engine.errors import InvalidInput

WITHOUT_LINES = ("text", "label", *POSITIONS, "measure")
WITH_AREAS = ("channel", "rectangle", "fibonacci", "extension", "measure", *POSITIONS)
WITH_TEXT = ("text", "label")
TONE_NAMES = {
    "accent": "Blue",
    "up_text": "Colour of rises",
    "down_text": "Colour of falls",
    "warn": "Amber",
    "simulated": "Violet",
    "text": "Text",
    "text_muted": "Grey",
}
DASH_NAMES = {"solid": "Solid", "dashed": "Dashed", "dotted": "Dotted"}
SWATCH = 12


class StyleCard(QFrame):
    """A card on the chart beside the drawing; it closes with the next click on the chart."""

    def __init__(self, overlay: DrawingOverlay, shape: Shape) -> None:
        super().__init__(overlay.chart)
        self._overlay, self._shape, self._cancelled = overlay, shape, False
        self._symbol = overlay.symbol
        self.style_now = shape.style
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setProperty("kind", "toast")
        self.setAccessibleName(tr("Look of the drawing"))
        self._form = QFormLayout(self)
        self._form.setContentsMargins(12, 12, 12, 12)
        self._form.setSpacing(8)
        self.problem = plain_label("", tone="error", wrap=True, role="small")
        kind = shape.kind
        if kind in WITH_TEXT:
            self._add_text()
        if kind not in POSITIONS:
            self._add_colors()
        if kind not in WITHOUT_LINES:
            self._add_lines()
        if kind in WITH_AREAS:
            self._add_fill()
        if kind in ("fibonacci", "extension"):
            self._add_field(tr("Levels"), ", ".join(ratio_text(each) for each in self.style_now.levels), self._levels)
        if kind in POSITIONS:
            text = f"{Decimal(self.style_now.risk_bps) / 100:f}"
            self._add_field(tr("Risk, % of equity"), text, self._risk)
        self._form.addRow(self.problem)
        self.problem.hide()

    def open_beside(self) -> None:
        """Open next to the drawing, inside the chart."""
        chart = self._overlay.chart
        found = next((each for shape_id, each in self._overlay.shown if shape_id == self._shape.id), None)
        at = found.handles[0] if found is not None and found.handles else None
        self.adjustSize()
        wanted = QPoint(round(at.x) + 16, round(at.y) + 16) if at is not None else QPoint(40, 80)
        x = max(min(wanted.x(), chart.width() - self.width() - 8), 8)
        y = max(min(wanted.y(), chart.height() - self.height() - 8), 8)
        self.move(x, y)
        self.show()
        self.raise_()
        first = self.findChild(QPlainTextEdit) or self.findChild(QLineEdit) or self.findChild(QPushButton)
        if isinstance(first, QWidget):
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape takes everything back, Enter keeps it; no other key reaches the chart behind."""
        if event.key() == Qt.Key.Key_Escape:
            self._cancelled = True
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
        event.accept()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep what was chosen, as one step."""
        super().closeEvent(event)
        overlay = self._overlay
        if overlay.hand.popover is not self:
            return
        overlay.hand.popover = overlay.hand.pending = None
        kept = overlay.store.find(self._symbol, self._shape.id)
        if kept is not None and not self._cancelled and self.style_now != kept.style:
            overlay.store.change(self._symbol, replace(kept, style=self.style_now))
            overlay.store.tools.remember(kept.kind, self.style_now)
        overlay.chart.setFocus(Qt.FocusReason.OtherFocusReason)
        overlay.chart.update()

    # -- rows -------------------------------------------------------------------------------------

    def _apply(self, style: Style) -> None:
        self.style_now = style
        self._overlay.hand.pending = replace(self._shape, style=style)
        self._overlay.chart.update()

    def _add_colors(self) -> None:
        row, group = _row()
        for tone in TONES:
            button = _chip(group, tr(TONE_NAMES[tone]), tone == self.style_now.color, icon=_swatch(tone))
            button.clicked.connect(lambda _=False, tone=tone: self._apply(replace(self.style_now, color=tone)))
            row.addWidget(button)
        self._form.addRow(tr("Colour"), row)
        own = self.style_now.color if HEX.match(self.style_now.color) else ""
        field = self._add_field(tr("Own colour"), own, self._color)
        field.setPlaceholderText("#rrggbb")

    def _add_lines(self) -> None:
        row, group = _row()
        for width in range(1, WIDEST + 1):
            button = _chip(group, tr("{width} px wide", width=width), width == self.style_now.width, text=str(width))
            button.clicked.connect(lambda _=False, width=width: self._apply(replace(self.style_now, width=width)))
            row.addWidget(button)
        self._form.addRow(tr("Width"), row)
        row, group = _row()
        for dash in DASHES:
            name = tr(DASH_NAMES[dash])
            button = _chip(group, name, dash == self.style_now.dash, text=name)
            button.clicked.connect(lambda _=False, dash=dash: self._apply(replace(self.style_now, dash=dash)))
            row.addWidget(button)
        self._form.addRow(tr("Line"), row)

    def _add_fill(self) -> None:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 60)
        slider.setValue(self.style_now.fill)
        slider.setAccessibleName(tr("Opacity of the area"))
        slider.valueChanged.connect(lambda fill: self._apply(replace(self.style_now, fill=fill)))
        self._form.addRow(tr("Area"), slider)

    def _add_text(self) -> None:
        field = QPlainTextEdit(self.style_now.text)
        field.setFixedHeight(theme.current().px(56))
        field.setTabChangesFocus(True)
        field.setAccessibleName(tr("Text"))
        field.textChanged.connect(lambda: self._apply(replace(self.style_now, text=field.toPlainText()[:LONGEST_TEXT])))
        self._form.addRow(tr("Text"), field)

    def _add_field(self, name: str, text: str, read: Callable[[str], Style]) -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.setMinimumWidth(theme.current().px(220))
        field.textEdited.connect(lambda typed: self._read(field, typed, read))
        self._form.addRow(name, field)
        return field

    def _read(self, field: QLineEdit, typed: str, read: Callable[[str], Style]) -> None:
        try:
            style = read(typed)
        except (InvalidInput, ValueError) as error:
            self._complain(field, str(error))
        else:
            self._complain(field, "")
            self._apply(style)

    def _complain(self, field: QLineEdit, text: str) -> None:
        field.setProperty("invalid", bool(text))
        field.style().unpolish(field)
        field.style().polish(field)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _color(self, typed: str) -> Style:
        if not HEX.match(typed.strip()):
            raise InvalidInput(tr("Write a colour as #rrggbb, such as #2f7ed8."))
        return replace(self.style_now, color=typed.strip().lower())

    def _levels(self, typed: str) -> Style:
        return replace(self.style_now, levels=ratios(typed.replace("\u2212", "-")))

    def _risk(self, typed: str) -> Style:
        share = parse(typed)
        if not Decimal("0.01") <= share <= 100:
            raise InvalidInput(tr("Write a percentage from 0.01 to 100."))
        return replace(self.style_now, risk_bps=int((share * 100).to_integral_value(ROUND_DOWN)))


def _row() -> tuple[QHBoxLayout, QButtonGroup]:
    row = QHBoxLayout()
    row.setSpacing(2)
    group = QButtonGroup(row)
    group.setExclusive(True)
    return row, group


def _chip(group: QButtonGroup, name: str, chosen: bool, *, text: str = "", icon: QIcon | None = None) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "chip")
    button.setCheckable(True)
    button.setChecked(chosen)
    button.setAccessibleName(name)
    button.setToolTip(name)
    if icon is not None:
        button.setIcon(icon)
        button.setIconSize(QSize(SWATCH, SWATCH))
    group.addButton(button)
    return button


def _swatch(tone: str) -> QIcon:
    made = QPixmap(SWATCH, SWATCH)
    made.fill(QColor(ink(tone)))
    return QIcon(made)
