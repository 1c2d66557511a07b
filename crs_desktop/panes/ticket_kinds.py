"""The ticket's choice of what to send: three kinds one click away, all of them in a menu, a bracket's entry below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_kind import ENTRIES, FIRST_CHIPS, KINDS, Kind
from crs_desktop.widgets.label import plain_label


class KindChooser(QWidget):
    """Chips for the kinds used last, a menu of all; what was chosen goes to the model."""

    def __init__(self, model: Ticket, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(2)
        self.chips = QButtonGroup(self)
        for number in range(len(FIRST_CHIPS)):
            button = chip("")
            button.clicked.connect(lambda _on=False, number=number: self._model.set_kind(model.recent.chips[number]))
            self.chips.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        self.more = QToolButton()
        self.more.setProperty("kind", "ghost")
        self.more.setText(tr("More"))
        self.more.setToolTip(tr("All order types"))
        self.more.setAccessibleName(self.more.toolTip())
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands behind the word
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._menu())
        row.addWidget(self.more)
        column.addLayout(row)
        column.addWidget(self._entries())

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for kind, spec in KINDS.items():
            action = menu.addAction(spoken(spec.title))
            action.setToolTip(spoken(spec.about))
            action.setData(kind.value)
            action.triggered.connect(lambda _on=False, kind=kind: self._model.set_kind(kind))
            if kind is Kind.TRAILING_STOP:
                menu.addSeparator()
        return menu

    def _entries(self) -> QWidget:
        self.entry_row = QWidget()
        row = QHBoxLayout(self.entry_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(plain_label(tr("Entry"), role="small", tone="muted"))
        row.addSpacing(6)
        self.entries = QButtonGroup(self)
        for number, kind in enumerate(ENTRIES):
            button = chip(spoken(KINDS[kind].short))
            button.setToolTip(spoken(KINDS[kind].about))
            button.clicked.connect(lambda _on=False, kind=kind: self._model.set_entry(kind))
            self.entries.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        return self.entry_row

    def refresh(self) -> None:
        """Show what is chosen."""
        form = self._model.form
        for number, kind in enumerate(self._model.recent.chips):
            button, spec = self.chips.button(number), KINDS[kind]
            button.setText(spoken(spec.short))
            button.setToolTip(spoken(spec.about))
            button.setAccessibleName(spoken(spec.title))
            button.setChecked(kind is form.kind)
        self.entry_row.setVisible(form.kind is Kind.BRACKET)
        self.entries.button(ENTRIES.index(form.entry)).setChecked(True)
        for button in (*self.chips.buttons(), *self.entries.buttons()):
            if button.minimumWidth() != (width := button.sizeHint().width()):
                button.setMinimumWidth(width)  # whole words at every size of letters

    def theme_changed(self) -> None:
        """Redraw the arrow."""
        self.more.setIcon(theme.icon("chevron-down"))


def chip(title: str) -> QPushButton:
    """Return a button that is on or off."""
    button = QPushButton(title)
    button.setProperty("kind", "chip")
    button.setCheckable(True)
    return button
