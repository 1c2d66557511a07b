"""What speaks against a transaction: notes, warnings with a box to tick each, refusals."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels.wallet.confirm import ConfirmModel
from crs_desktop.widgets.label import plain_label
from engine.defi.prepared import Remark, Weight

ICON = 16


class Warn(QFrame):
    """A warning: the box is ticked with Space, or with a click anywhere on it."""

    def __init__(self, model: ConfirmModel, remark: Remark) -> None:
        super().__init__()
        self.setProperty("kind", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        text = spoken(model.text_of(remark))
        self.box = QCheckBox()
        self.box.setAccessibleName(text)
        self.box.toggled.connect(lambda on: model.tick(remark, on))
        label = plain_label(text, tone="warn", wrap=True)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tick, or take it back."""
        self.box.toggle()
        event.accept()


class RemarkList(QWidget):
    """Notes and warnings; `refusals` stands elsewhere, above all the rest."""

    def __init__(self, model: ConfirmModel) -> None:
        super().__init__()
        self._model = model
        self._shown: tuple[Remark, ...] | None = None
        self.warnings: dict[tuple[str, str], Warn] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self.refusals = QWidget()
        self._refused = QVBoxLayout(self.refusals)
        self._refused.setContentsMargins(0, 0, 0, 0)
        self._refused.setSpacing(4)

    def refresh(self) -> None:
        """Show the remarks as they are; boxes of the same words stay as they are."""
        remarks = self._model.prepared.remarks
        if remarks != self._shown:
            self._shown = remarks
            self._make()
        for each in self._model.remarks(Weight.WARNING):
            warn = self.warnings[each.code, each.text]
            warn.box.setChecked(self._model.is_ticked(each))

    def first_open(self) -> QWidget | None:
        """Return the first box that is not ticked."""
        return next((each.box for each in self.warnings.values() if not each.box.isChecked()), None)

    def _make(self) -> None:
        focused = next((key for key, each in self.warnings.items() if each.box.hasFocus()), None)
        for layout in (self._box, self._refused):
            while (item := layout.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
        self.warnings = {}
        model = self._model
        for each in model.remarks(Weight.REFUSAL):
            self._refused.addWidget(_line("ban", "error", spoken(model.text_of(each))))
        for each in model.remarks(Weight.WARNING):
            warn = self.warnings[each.code, each.text] = Warn(model, each)
            self._box.addWidget(warn)
        for each in model.remarks(Weight.NOTE):
            self._box.addWidget(_line("info-circle", "muted", spoken(model.text_of(each))))
        self.refusals.setVisible(bool(model.remarks(Weight.REFUSAL)))
        self.setVisible(self._box.count() > 0)
        if focused in self.warnings:
            self.warnings[focused].box.setFocus()


def _line(icon: str, tone: str, text: str) -> QWidget:
    holder = QFrame()
    row = QHBoxLayout(holder)
    row.setContentsMargins(8, 4, 8, 4)
    row.setSpacing(8)
    mark = QLabel()
    mark.setPixmap(theme.icon(icon, "error" if tone == "error" else "text_muted").pixmap(ICON, ICON))
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(plain_label(text, tone=tone, wrap=True), 1)
    return holder
