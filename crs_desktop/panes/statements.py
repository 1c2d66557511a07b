"""The bar that writes a statement to a file: which one, which year, as CSV or JSON, and how far it has come."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.statements import REPORTS, StatementsModel
from crs_desktop.widgets.label import plain_label
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.services.statements import Report


class StatementBar(QFrame):
    """One row; the answer stands behind the buttons."""

    def __init__(self, model: StatementsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._years: list[Year] = []
        self.report, self.year = QComboBox(), QComboBox()
        self.report.setAccessibleName(tr("Statement"))
        self.year.setAccessibleName(tr("Year of the statement"))
        for report, words in REPORTS.items():
            self.report.addItem(spoken(words), report)
        self.report.activated.connect(self._report_chosen)
        self.year.activated.connect(self._year_chosen)
        self.csv, self.json = QPushButton(tr("Save as CSV…")), QPushButton(tr("Save as JSON…"))
        self.csv.clicked.connect(lambda: self._save(Format.CSV))
        self.json.clicked.connect(lambda: self._save(Format.JSON))
        self.progress, self.cancel = QProgressBar(), QPushButton(tr("Cancel"))
        self.progress.setRange(0, 1_000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the statement"))
        self.progress.setFixedWidth(theme.current().px(120))
        self.cancel.clicked.connect(model.cancel)
        self.notice = plain_label(role="small", tone="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(plain_label(tr("Statement"), tone="muted"))
        for widget in (self.report, self.year, self.csv, self.json, self.progress, self.cancel):
            row.addWidget(widget)
        row.addWidget(self.notice, 1)
        for button in (self.csv, self.json, self.cancel):
            button.setAutoDefault(False)
        self.refresh()

    def refresh(self) -> None:
        """Show the model's state."""
        model = self._model
        if self._years != model.years:
            self._years = list(model.years)
            self.year.clear()
            for year in reversed(self._years):
                self.year.addItem(str(year.number), year)
        if model.year is not None:
            self.year.setCurrentText(str(model.year.number))
        for button in (self.csv, self.json):
            button.setEnabled(model.year is not None and not model.busy)
        for choice in (self.report, self.year):
            choice.setEnabled(not model.busy)
        self.progress.setVisible(model.shows_progress)
        self.cancel.setVisible(model.shows_progress)
        self.progress.setValue(int(model.share * 1_000))
        self.notice.setText(spoken(model.notice))
        theme.set_tone(self.notice, model.notice_tone)
        model.dirty = False

    def _report_chosen(self, at: int) -> None:
        self._model.report = Report(self.report.itemData(at))

    def _year_chosen(self, at: int) -> None:
        self._model.year = self._years[len(self._years) - 1 - at]

    def _save(self, form: Format) -> None:
        """Ask where to, then write."""
        kinds = {Format.CSV: tr("CSV (*.csv)"), Format.JSON: tr("JSON (*.json)")}
        start = str(Path.home() / self._model.file_name(form))
        dialog = QFileDialog(self, tr("Save statement"), start, kinds[form])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(str(form))
        dialog.fileSelected.connect(lambda path: self._model.write(form, Path(path)))
        dialog.open()
