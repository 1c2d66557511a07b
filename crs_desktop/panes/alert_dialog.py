"""The dialog of an alert: what it watches, when it tells and how; says at once what is wrong with what is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.alert_study_page import StudyPage, row_label
from crs_desktop.viewmodels.alert_form import AlertForm, Kind
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from engine.services.alerts import Alert, Cross, PriceSource, Repeat, Rule
from engine.services.alerts.alert import MOST_NOTE

WIDTH = 400
KINDS = {Kind.PRICE: "Price", Kind.STUDY: "Indicator", Kind.LINE: "Drawn line"}
SOURCES = {PriceSource.LAST: "Last price", PriceSource.BID: "Best bid", PriceSource.ASK: "Best ask"}
CROSSES = {Cross.EITHER: "crosses", Cross.UP: "rises to", Cross.DOWN: "falls to"}
REPEATS = {Repeat.ONCE: "Once", Repeat.PER_MINUTE: "Every time, once a minute at most", Repeat.ALWAYS: "Every time"}


def open_alert(
    parent: QWidget, desk: Desk, alert: Alert | None, *, symbol: str | None = None, rule: Rule | None = None
) -> AlertDialog:
    """Open the dialog on an alert, or on a new one that begins with `symbol` and `rule`."""
    from crs_desktop.viewmodels.drawings.desk import drawings_of

    dialog = AlertDialog(parent.window(), AlertForm(desk, drawings_of(desk).shapes, alert, symbol=symbol, rule=rule))
    dialog.open()
    return dialog


class AlertDialog(QDialog):
    """Changes an `AlertForm`; Enter keeps it, Escape does not."""

    def __init__(self, parent: QWidget, form: AlertForm) -> None:
        super().__init__(parent)
        self.form = form
        title = tr("New alert on {pair}", pair=form.symbol)
        if form.before is not None:
            title = tr("Alert on {pair}", pair=form.symbol)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.current().px(WIDTH))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 16, 20, 16)
        self.column.setSpacing(10)
        head = plain_label(title, role="title")
        self.column.addWidget(head)
        self.column.addLayout(self._kind_row())
        self._add_rule()
        self._add_telling()
        self.problem = plain_label(role="small", wrap=True)
        self.problem.setMinimumHeight(self.problem.fontMetrics().height() * 2)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self.problem)
        self._add_buttons()
        self._show_kind()
        self._focus_first()

    # -- parts --------------------------------------------------------------------------------------

    def _kind_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        group = QButtonGroup(self)
        self.kinds: dict[Kind, QPushButton] = {}
        for kind, title in KINDS.items():
            button = QPushButton(tr(title))
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            button.setChecked(kind is self.form.kind)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, kind=kind: self._choose(kind))
            group.addButton(button)
            row.addWidget(button)
            self.kinds[kind] = button
        row.addStretch(1)
        return row

    def _add_rule(self) -> None:
        form = self.form
        self.source = _box([(each.value, title) for each, title in SOURCES.items()], form.source.value, tr("Price"))
        self.source.currentIndexChanged.connect(lambda: self._set(source=PriceSource(self.source.currentData())))
        self.line = _box([(key, spoken(said)) for key, said in form.lines()], form.drawing, tr("Drawn line"))
        self.line.currentIndexChanged.connect(lambda: self._set(drawing=self.line.currentData() or ""))
        self.study: StudyPage | None = None
        self._study_place = QVBoxLayout()
        self.cross = _box([(each.value, title) for each, title in CROSSES.items()], form.cross.value, tr("Direction"))
        self.cross.currentIndexChanged.connect(lambda: self._set(cross=Cross(self.cross.currentData())))
        self.level = DecimalField(tr("Price"))
        self.level.set_unit(form.pair.quote.code)
        self.level.setText(form.level_text)
        self.level.edited.connect(lambda text: self._set(level_text=text))
        self.level.stepped.connect(self._step)
        for each in (self.source, self.line):
            self.column.addWidget(each)
        self.column.addLayout(self._study_place)
        self._meets = QHBoxLayout()
        self._meets.addWidget(self.cross)
        self._meets.addWidget(self.level, 1)
        self.column.addLayout(self._meets)

    def _add_telling(self) -> None:
        form = self.form
        self.repeat = _box([(each.value, title) for each, title in REPEATS.items()], form.repeat.value, tr("Tell"))
        self.repeat.currentIndexChanged.connect(lambda: self._set(repeat=Repeat(self.repeat.currentData())))
        self.until = QLineEdit(form.expiry_text)
        self.until.setPlaceholderText(tr("never; or +4h, +2d, 2026-01-31 14:30"))
        self.until.textEdited.connect(lambda text: self._set(expiry_text=text))
        self.note = QLineEdit(form.note)
        self.note.setPlaceholderText(tr("what to say, e.g. buy the breakout"))
        self.note.setMaxLength(MOST_NOTE)
        self.note.textEdited.connect(lambda text: self._set(note=text))
        self.sound = QCheckBox(tr("Play a sound"))
        self.sound.setChecked(form.sound)
        self.sound.toggled.connect(lambda on: self._set(sound=on))
        rows = QFormLayout()
        rows.setSpacing(6)
        for title, field in ((tr("Tell"), self.repeat), (tr("Until"), self.until), (tr("Note"), self.note)):
            field.setAccessibleName(title)
            rows.addRow(row_label(title, field), field)
        rows.addRow(row_label(""), self.sound)
        self.column.addLayout(rows)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.keep = QPushButton(tr("Set the alert") if self.form.before is None else tr("Keep"))
        self.keep.setProperty("kind", "primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._save)
        row.addWidget(cancel)
        row.addWidget(self.keep)
        self.column.addLayout(row)

    # -- what happens -------------------------------------------------------------------------------

    def _choose(self, kind: Kind) -> None:
        self.form.kind = kind
        self._show_kind()
        self._focus_first()

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self.form, name, value)
        self.check()

    def _step(self, steps: int) -> None:
        """Move the level by ticks."""
        self.form.step_level(steps)
        self.level.show_text(self.form.level_text)
        self.check()

    def _show_kind(self) -> None:
        form = self.form
        if form.kind is Kind.STUDY and self.study is None:
            form.study.begin()
            self.study = StudyPage(form.study, self.check)
            self._study_place.addWidget(self.study)
            self._meets.addWidget(self.study.other, 1)
            self._meets.addWidget(self.study.level, 1)
        self.source.setVisible(form.kind is Kind.PRICE)
        self.level.setVisible(form.kind is Kind.PRICE)
        self.line.setVisible(form.kind is Kind.LINE and bool(form.lines()))
        if self.study is not None:
            self.study.setVisible(form.kind is Kind.STUDY)
            self.study.other.setVisible(form.kind is Kind.STUDY)
            self.study.level.setVisible(form.kind is Kind.STUDY and form.study.other is None)
        self.check()
        self.adjustSize()

    def check(self) -> None:
        """Say what is wrong, or what somebody may not expect."""
        problem, hint = spoken(self.form.problem), spoken(self.form.hint)
        self.problem.setText(problem or hint)
        theme.set_tone(self.problem, "error" if problem else "muted")
        self.keep.setEnabled(not problem)

    def _focus_first(self) -> None:
        kind = self.form.kind
        first: QWidget = self.level if kind is Kind.PRICE else self.line
        if kind is Kind.STUDY and self.study is not None:
            first = self.study.name
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        if self.form.save():
            self.accept()


def _box(offers: list[tuple[str, str]], first: str, name: str) -> QComboBox:
    """Return a box with translated titles; the data of an entry is its value."""
    box = QComboBox()
    for value, title in offers:
        box.addItem(tr(title), value)
    box.setCurrentIndex(max(0, box.findData(first)))
    box.setAccessibleName(name)
    return box
