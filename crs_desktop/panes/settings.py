"""The settings dialog, made from the declared settings: sections at the left, one row per setting at the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.theme.font import FontRole
from crs_desktop.viewmodels.settings import Field, SettingsForm
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.key import key_text

FIELD_WIDTH = 220


def _label(text: str, tone: str = "text", role: FontRole = "body") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    theme.set_font(label, role)
    theme.set_tone(label, tone)
    return label


class SettingRow(QWidget):
    """Title, sentence, editor, and what is wrong with what was entered."""

    def __init__(self, form: SettingsForm, field: Field) -> None:
        super().__init__()
        self.path, self._form = field.info.path, form
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 8)
        row.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(_label(tr(field.info.title), role="strong"))
        words.addWidget(_label(tr(field.info.sentence), "muted"))
        self.problem = _label("", "error", "small")
        self.problem.hide()
        words.addWidget(self.problem)
        row.addLayout(words, 1)
        unit = _label(field.info.unit, "faint", "small")
        unit.setFixedWidth(40)
        self.editor: QComboBox | QLineEdit = self._choice(field) if field.info.choices else self._line(field)
        self.editor.setFixedWidth(FIELD_WIDTH)
        self.editor.setAccessibleName(tr(field.info.title))
        self.editor.setAccessibleDescription(tr(field.info.sentence))
        row.addWidget(self.editor, 0, Qt.AlignmentFlag.AlignTop)
        unit.setMinimumHeight(self.editor.sizeHint().height())
        unit.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        row.addWidget(unit, 0, Qt.AlignmentFlag.AlignTop)
        self._undo = QToolButton()
        self._undo.setProperty("kind", "ghost")
        self._undo.setIcon(theme.icon("restore"))
        self._undo.setToolTip(tr("Back to the default"))
        self._undo.setAccessibleName(tr("Back to the default: {name}", name=tr(field.info.title)))
        self._undo.clicked.connect(self._reset)
        stays = self._undo.sizePolicy()
        stays.setRetainSizeWhenHidden(True)  # the fields stand in one column with and without it
        self._undo.setSizePolicy(stays)
        row.addWidget(self._undo, 0, Qt.AlignmentFlag.AlignTop)
        self._after(field)

    def take(self, text: str) -> None:
        """Enter a value, as the user does."""
        problem = self._form.set(self.path, text)
        self.problem.setText(spoken(problem))
        self.problem.setVisible(bool(problem.source))
        self.editor.setProperty("invalid", "true" if problem.source else "false")
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)
        if not problem.source:
            self._after(self._form.field(self.path))

    def _reset(self) -> None:
        self._form.reset(self.path)
        field = self._form.field(self.path)
        if isinstance(self.editor, QComboBox):
            self.editor.setCurrentText(field.text)
        else:
            self.editor.setText(field.text)
        self.take(field.text)

    def _after(self, field: Field) -> None:
        self._undo.setVisible(not field.is_default)

    def _choice(self, field: Field) -> QComboBox:
        box = QComboBox()
        box.addItems(list(field.info.choices))
        box.setCurrentText(field.text)
        box.currentTextChanged.connect(self.take)
        return box

    def _line(self, field: Field) -> QLineEdit:
        line = QLineEdit(field.text)
        theme.set_font(line, "number")
        if field.info.kind in ("int", "number", "amount"):
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
        line.editingFinished.connect(lambda: self.take(line.text()))
        return line


class KeyButton(QPushButton):
    """Shows a key; pressed, it listens for another one (Escape keeps it, Backspace removes it)."""

    def __init__(self, action: str, form: SettingsForm, tell: Callable[[Sentence], None]) -> None:
        super().__init__()
        self._action, self._form, self._tell = action, form, tell
        self._listening = False
        self.setProperty("ownKeys", "all")
        self.setFixedWidth(140)
        theme.set_font(self, "number")
        self.clicked.connect(self._listen)
        self.show_key()

    def show_key(self) -> None:
        """Show the key in force."""
        self._listening = False
        self.setText(self._form.key(self._action) or tr("none"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take the next key."""
        if not self._listening:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.show_key()
            return
        key = "" if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) else key_text(event)
        if key or event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._tell(self._form.set_key(self._action, key))
            self.show_key()

    def _listen(self) -> None:
        self._listening = True
        self.setText(tr("press a key…"))


class SettingsDialog(QDialog):
    """Every setting; a change is in force at once."""

    def __init__(self, parent: QWidget, form: SettingsForm, reset_account: Callable[[], None] | None) -> None:
        super().__init__(parent)
        self.form = form
        self._reset_account = reset_account
        self.rows: dict[str, SettingRow] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings"))
        self.resize(max(820, min(theme.current().px(820), parent.width() - 40)), 560)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._list = QListWidget()
        self._list.setFixedWidth(max(180, theme.current().px(150)))
        self._list.setAccessibleName(tr("Sections"))
        self._stack = QStackedWidget()
        outer.addWidget(self._list)
        outer.addWidget(self._stack, 1)
        self._names = [name for name, _ in form.sections()]
        for _, title in form.sections():
            self._list.addItem(tr(title))
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab goes from the sections to the first field
            self._stack.addWidget(area)
        self._list.currentRowChanged.connect(self._show_section)

    def open_at(self, path: str) -> None:
        """Open, at one setting if a path is given."""
        section = path.split(".")[0]
        self._list.setCurrentRow(self._names.index(section) if section in self._names else 0)
        self.open()
        if path in self.rows:
            self.rows[path].editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter finish a field instead of closing the dialog."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _show_section(self, at: int) -> None:
        """Show a section; it is made when it is first looked at: all at once would hold up the market."""
        area = self._stack.widget(at)
        if isinstance(area, QScrollArea) and area.widget() is None:
            area.setWidget(self._page(self._names[at], self._list.item(at).text()))
        self._stack.setCurrentIndex(at)

    def _page(self, section: str, title: str) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(4)
        box.addWidget(_label(title, role="title"))
        if section == "hotkeys":
            self._keys(box)
        else:
            for field in self.form.fields(section):
                row = SettingRow(self.form, field)
                self.rows[field.info.path] = row
                box.addWidget(row)
        if section == "account" and self._reset_account is not None:
            button = QPushButton(tr("Reset account…"))
            button.setProperty("kind", "danger")
            button.setToolTip(tr("Starts a new paper account with these balances and keeps the old one"))
            button.clicked.connect(self._reset_account)
            box.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch(1)
        return page

    def _keys(self, box: QVBoxLayout) -> None:
        problem = _label("", "error", "small")
        box.addWidget(
            _label(tr("Press a button, then the new key. Escape keeps the old one, Backspace removes it."), "muted")
        )
        box.addWidget(problem)
        problem.hide()

        def tell(row: QHBoxLayout, sentence: Sentence) -> None:
            box.removeWidget(problem)
            box.insertWidget(box.indexOf(row) + 1, problem)  # under the row that it is about
            problem.setText(spoken(sentence))
            problem.setVisible(bool(sentence.source))

        for action in self.form.actions():
            row = QHBoxLayout()
            row.addWidget(_label(tr(action.title)), 1)
            button = KeyButton(action.id, self.form, partial(tell, row))
            button.setAccessibleName(tr("Key of {name}", name=tr(action.title)))
            row.addWidget(button)
            box.addLayout(row)
