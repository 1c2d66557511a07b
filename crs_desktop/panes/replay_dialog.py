"""The result of a replay: figures, the list of its trades, the list as a file, and whether to leave."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.replay_result import ReplayResult
from crs_desktop.widgets.label import plain_label

WIDTH, HEIGHT = 780, 480
ACROSS = 3
"""Figures side by side."""
INKS = {"up": "up_text", "down": "down_text", "text": "text"}


class ReplayDialog(QDialog):
    """Shows a `ReplayResult`; accepted, it throws the replay away."""

    def __init__(self, parent: QWidget, result: ReplayResult, name: str, *, leaving: bool) -> None:
        super().__init__(parent)
        self._result, self._name = result, name
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Result of the replay"))
        scale = theme.current()
        self.resize(scale.px(WIDTH), scale.px(HEIGHT))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.headline = plain_label(spoken(result.headline), role="title", wrap=True)
        column.addWidget(self.headline)
        column.addLayout(self._figures())
        self.table = self._table()
        column.addWidget(self.table, 1)
        self.said = plain_label(role="small", tone="muted", wrap=True)
        if leaving:
            self.said.setText(tr("The account of the replay is thrown away when you leave. Save the list to keep it."))
        column.addWidget(self.said)
        column.addLayout(self._buttons(leaving=leaving))

    def save_to(self, path: Path) -> None:
        """Write the list; says what became of it."""
        try:
            path.write_text(self._result.csv(), encoding="utf-8")
        except OSError as error:
            self.said.setText(tr("Not saved: {why}", why=error.strerror or str(error)))
            theme.set_tone(self.said, "error")
        else:
            self.said.setText(tr("Saved as {path}", path=str(path)))
            theme.set_tone(self.said, "good")

    def _figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        for number, figure in enumerate(self._result.figures):
            row, place = divmod(number, ACROSS)
            grid.addWidget(plain_label(spoken(figure.title), tone="muted"), row, 2 * place)
            grid.addWidget(plain_label(figure.text, role="number", tone=figure.tone), row, 2 * place + 1)
            grid.setColumnStretch(2 * place + 1, 1)
        return grid

    def _table(self) -> QTableWidget:
        columns, rows, tones = self._result.columns, self._result.rows(), self._result.tones()
        table = QTableWidget(len(rows), len(columns), self)
        table.setHorizontalHeaderLabels([spoken(each) for each in columns])
        table.setAccessibleName(tr("Trades of the replay"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setStretchLastSection(True)
        theme.set_font(table, "number")
        for at, (row, tone) in enumerate(zip(rows, tones, strict=True)):
            for place, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if place == len(row) - 1:
                    item.setForeground(theme.color(INKS[tone]))
                table.setItem(at, place, item)
        return table

    def _buttons(self, *, leaving: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        self.save = QPushButton(tr("Save the list as CSV…"))
        self.save.setEnabled(not self._result.is_empty)
        self.save.clicked.connect(self._ask_path)
        self.stay = QPushButton(tr("Go on with the replay") if leaving else tr("Close"))
        self.stay.clicked.connect(self.reject)
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.stay)
        if leaving:
            self.leave = QPushButton(tr("End it and go back to the live chart"))
            self.leave.setProperty("kind", "primary")
            self.leave.clicked.connect(self.accept)
            row.addWidget(self.leave)
        for button in (self.save, self.stay):
            button.setAutoDefault(False)
        return row

    def _ask_path(self) -> None:
        dialog = QFileDialog(self, tr("Save the list"), str(Path.home() / f"{self._name}.csv"), tr("CSV (*.csv)"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path)))
        dialog.open()
