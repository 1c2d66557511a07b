"""A dialog over an `ActForm`: fields, what follows from them, what to mind, and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.shell.dialogs import Sheet
from crs_desktop.viewmodels.dex.form import ActForm, Field
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.line_grid import LineGrid, ShownLine

WIDTH = 460
LONGEST = 80


class FieldRow(QWidget):
    """A title, an editor or a choice, a unit, and buttons that fill it in."""

    def __init__(self, form: ActForm, field: Field) -> None:
        super().__init__()
        self.field, self._form = field, form
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        title = spoken(field.title)
        label = plain_label(title, tone="muted")
        label.setFixedWidth(theme.current().px(150))
        row.addWidget(label)
        self.line = QLineEdit()
        self.choice = QComboBox()
        editor: QWidget = self.choice if field.choices else self.line
        if field.choices:
            for value, text in field.choices:
                self.choice.addItem(spoken(text), value)
            self.choice.activated.connect(lambda _at: form.set(field.name, self.choice.currentData()))
        else:
            self.line.setMaxLength(LONGEST)
            self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
            theme.set_font(self.line, "number")
            self.line.textEdited.connect(lambda text: form.set(field.name, text))
        editor.setAccessibleName(title)
        row.addWidget(editor, 1)
        if field.unit:
            row.addWidget(plain_label(field.unit))
        box.addLayout(row)
        if field.chips:
            chips = QHBoxLayout()
            chips.setSpacing(4)
            chips.addStretch(1)
            for value, text in field.chips:
                chip = QPushButton(spoken(text))
                chip.setProperty("kind", "chip")
                theme.set_font(chip, "small")
                chip.clicked.connect(lambda _=False, value=value: form.set(field.name, value))
                chips.addWidget(chip)
            box.addLayout(chips)
        self.setFocusProxy(editor)
        self.refresh()

    def refresh(self) -> None:
        """Show what the form has."""
        text = self._form.texts.get(self.field.name, "")
        if self.field.choices:
            self.choice.setCurrentIndex(self.choice.findData(text))
        elif self.line.text() != text:
            self.line.setText(text)


class ActDialog(Sheet):
    """Shows an `ActForm`; Enter does it, Escape leaves. `beside` stands between the fields and what follows."""

    def __init__(self, parent: QWidget, form: ActForm, beside: QWidget | None = None, width: int = WIDTH) -> None:
        super().__init__(parent, spoken(form.title), width)
        self.setObjectName("desk form")
        self.form = form
        self.setMinimumWidth(theme.current().px(width))
        self.rows: dict[str, FieldRow] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        self.column.addLayout(self._grid)
        if beside is not None:
            self.column.addWidget(beside)
        self.lines = LineGrid(tr("What follows"))
        self.notes = plain_label(role="small", tone="warn", wrap=True)
        self.problem = plain_label(tone="error", wrap=True)
        self.hint = plain_label(role="small", tone="muted", wrap=True)
        for each in (self.lines, self.notes, self.problem, self.hint):
            self.column.addWidget(each)
        self.column.addStretch(1)
        if form.verb != NOTHING:
            self.yes, self.no = self.buttons(spoken(form.verb))
            self.yes.clicked.connect(lambda _=False: form.go(self, self.accept))
        else:
            self.yes, self.no = self.buttons(tr("Close"), "")
            self.yes.clicked.connect(self.accept)
            self.no.hide()
        self._link = form.on_change(lambda _form: self.refresh())
        self._lay_out_fields()
        self.refresh()
        first = next(iter(self.rows.values()), None)
        if first is not None:
            first.setFocus()
        form.ask()

    def refresh(self) -> None:
        """Show the form as it is."""
        form = self.form
        if tuple(self.rows) != tuple(each.name for each in form.fields):
            self._lay_out_fields()
        for row in self.rows.values():
            row.refresh()
        if form.outcome is not None:
            self.lines.show_lines(
                [ShownLine(spoken(each.title), spoken(each.text), each.tone) for each in form.outcome.lines]
            )
            self.notes.setText("\n".join(spoken(each) for each in form.outcome.notes))
        self.notes.setVisible(bool(self.notes.text()))
        for label, sentence in ((self.problem, form.problem), (self.hint, form.hint)):
            label.setText(spoken(sentence))
            label.setVisible(sentence != NOTHING)
        if form.verb != NOTHING:
            self.yes.setEnabled(form.can_go)
        needed = self.column.totalHeightForWidth(self.width())
        if needed > self.height():
            self.resize(self.width(), needed)

    def done(self, result: int) -> None:
        """Close: nothing more is asked."""
        self._link.close()
        self.form.close()
        super().done(result)

    def _lay_out_fields(self) -> None:
        for row in self.rows.values():
            self._grid.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = {each.name: FieldRow(self.form, each) for each in self.form.fields}
        for at, row in enumerate(self.rows.values()):
            self._grid.addWidget(row, at, 0)
