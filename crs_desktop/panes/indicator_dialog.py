"""The dialog of one indicator, made from its typed parameters. What is changed shows at once; Escape takes it back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.indicator_fields import LookRow, ParamField
from crs_desktop.viewmodels.indicators.form import DEFAULTS, StudyForm
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label
from engine.indicators.spec import Param, Value

WIDTH = 380
MOST_HEIGHT = 640


class IndicatorDialog(QDialog):
    """Changes one indicator on a chart while one looks at it; not modal, so that the chart can be moved meanwhile."""

    def __init__(self, parent: QWidget, form: StudyForm) -> None:
        super().__init__(parent)
        self.form = form
        self.fields: dict[str, ParamField] = {}
        self.looks: list[LookRow] = []
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(form.study.indicator.title)
        self.problem = plain_label(tone="error", role="small", wrap=True)
        self.problem.hide()
        self.presets = QComboBox()
        self.presets.setAccessibleName(tr("Preset"))
        self.presets.activated.connect(self._choose)
        self._lay_out()
        self._show_presets()
        self.rejected.connect(form.revert)
        self._link = form.studies.on_change(lambda _: self._study_changed())
        self.finished.connect(lambda _: self._link.close())
        if self.fields:
            next(iter(self.fields.values())).editor.setFocus()

    def show_form(self) -> None:
        """Show everything as it is set now."""
        for name, field in self.fields.items():
            field.show_value(self.form.value(name))
        for look in self.looks:
            look.show_look()
        self._show_presets()

    def accept(self) -> None:
        """Keep what was tried; as long as something entered is refused, stay."""
        if not self.problem.isVisible():
            super().accept()

    # -- layout -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        scale = theme.current().px
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(8)
        outer.addWidget(plain_label(tr(self.form.study.indicator.sentence), tone="muted", wrap=True))
        outer.addLayout(self._preset_row())
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 4, 0)
        box.setSpacing(4)
        self._add_params(box)
        self._add_looks(box)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        outer.addWidget(area, 1)
        outer.addWidget(self.problem)
        outer.addLayout(self._buttons())
        self.resize(scale(WIDTH), min(page.sizeHint().height() + scale(170), scale(MOST_HEIGHT)))

    def _add_params(self, box: QVBoxLayout) -> None:
        if not self.form.params:
            box.addWidget(plain_label(tr("It has no parameters."), tone="faint"))
            return
        box.addWidget(plain_label(tr("Parameters"), role="strong"))
        grid = QGridLayout()
        grid.setSpacing(6)
        for row, param in enumerate(self.form.params):
            field = ParamField(param, self.form.value(param.name), self._try)
            label = plain_label(field.title)
            label.setBuddy(field.editor)
            grid.addWidget(label, row, 0)
            grid.addWidget(field.editor, row, 1, Qt.AlignmentFlag.AlignRight)
            self.fields[param.name] = field
        box.addLayout(grid)

    def _add_looks(self, box: QVBoxLayout) -> None:
        box.addSpacing(8)
        box.addWidget(plain_label(tr("Lines"), role="strong"))
        for at, name in self.form.outputs():
            look = LookRow(self.form, at, name)
            self.looks.append(look)
            box.addWidget(look)

    def _preset_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(plain_label(tr("Preset")))
        row.addWidget(self.presets, 1)
        more = QToolButton()
        more.setIcon(theme.icon("settings"))
        more.setProperty("kind", "ghost")
        more.setToolTip(tr("Save, delete and choose presets"))
        more.setAccessibleName(tr("Presets"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(more)
        self.menu.aboutToShow.connect(self.fill_menu)
        more.setMenu(self.menu)
        row.addWidget(more)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        reset = QPushButton(tr("Defaults"))
        reset.setAutoDefault(False)
        reset.clicked.connect(lambda: self._chosen(DEFAULTS))
        cancel = QPushButton(tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        done = QPushButton(tr("Done"))
        done.setProperty("kind", "primary")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        row.addWidget(reset)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(done)
        return row

    # -- presets ------------------------------------------------------------------------------------

    def fill_menu(self) -> None:
        """Offer what can be done with presets now."""
        form, menu, name = self.form, self.menu, self.form.preset
        menu.clear()
        menu.addAction(tr("Save as preset…"), self._ask_name)
        if name:
            menu.addAction(tr("Delete “{name}”", name=name), lambda: self._done(form.delete_preset(name)))
        menu.addSeparator()
        self._offer_default(menu, tr("New ones begin with the defaults"), DEFAULTS)
        for each in form.presets:
            self._offer_default(menu, tr("New ones begin with “{name}”", name=each), each)

    def save_preset(self, name: str) -> None:
        """Keep what is set now under a name."""
        self._done(self.form.save_preset(name))

    def _offer_default(self, menu: QMenu, text: str, name: str) -> None:
        entry: QAction = menu.addAction(text, lambda: self._done(self.form.set_default(name)))
        entry.setCheckable(True)
        entry.setChecked(self.form.default_preset == name)

    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(tr("Save as preset"))
        dialog.setLabelText(tr("Name of the preset"))
        dialog.setTextValue(self.form.preset)
        dialog.textValueSelected.connect(self.save_preset)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _show_presets(self) -> None:
        names = self.form.presets
        self.presets.clear()
        self.presets.addItem(tr("none") if names else tr("none saved yet"))
        self.presets.addItems(names)
        now = self.form.preset
        self.presets.setCurrentIndex(names.index(now) + 1 if now else 0)

    def _choose(self, at: int) -> None:
        if at > 0:
            self._chosen(self.presets.itemText(at))

    def _chosen(self, name: str) -> None:
        self.form.choose(name)
        self.show_form()

    def _done(self, problem: Sentence) -> None:
        self._say(problem)
        self._show_presets()

    # -- changes ------------------------------------------------------------------------------------

    def _try(self, param: Param, value: Value) -> None:
        self._say(self.form.set_value(param, value))
        self._show_presets()

    def _say(self, problem: Sentence) -> None:
        self.problem.setText(spoken(problem))
        self.problem.setVisible(bool(problem.source))

    def _study_changed(self) -> None:
        """Close if the indicator was taken off the chart, or its file has other parameters now."""
        form = self.form
        gone = form.study not in list(form.studies)
        if gone or [each.name for each in form.params] != list(self.fields):
            self.done(QDialog.DialogCode.Accepted if not gone else QDialog.DialogCode.Rejected)
