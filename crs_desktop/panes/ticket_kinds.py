"""The ticket's choice of what to send: three kinds one click away, all in a menu, a list's entry and exit below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_kind import ENTRIES, FIRST_CHIPS, KINDS, LEGS, Kind, Leg
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.tip import plain_tip

_LEGS = tuple(Leg)


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
        self.entry_row, self.entries = self._choice(
            tr("Entry"), [(KINDS[kind].short, KINDS[kind].about) for kind in ENTRIES],
            lambda number: model.set_entry(ENTRIES[number]),
        )  # fmt: skip
        self.then_row, self.thens = self._choice(
            tr("Then"), list(LEGS.values()), lambda number: model.set_then(_LEGS[number])
        )
        column.addWidget(self.entry_row)
        column.addWidget(self.then_row)

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

    def _choice(
        self, title: str, chips: list[tuple[Sentence, Sentence]], choose: Callable[[int], None]
    ) -> tuple[QWidget, QButtonGroup]:
        """Return a row of chips of which one is on: each a name and a sentence."""
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        label = plain_label(title, role="small", tone="muted")
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(tr("Entry")))
        row.addWidget(label)
        row.addSpacing(6)
        group = QButtonGroup(self)
        for number, (name, about) in enumerate(chips):
            button = chip(spoken(name))
            button.setToolTip(plain_tip(spoken(about)))
            button.clicked.connect(lambda _on=False, number=number: choose(number))
            group.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        return widget, group

    def refresh(self) -> None:
        """Show what is chosen."""
        form = self._model.form
        for number, kind in enumerate(self._model.recent.chips):
            button, spec = self.chips.button(number), KINDS[kind]
            button.setText(spoken(spec.short))
            button.setToolTip(spoken(spec.about))
            button.setAccessibleName(spoken(spec.title))
            button.setChecked(kind is form.kind)
        self.entry_row.setVisible(form.opens)
        self.entries.button(ENTRIES.index(form.entry)).setChecked(True)
        self.then_row.setVisible(form.kind is Kind.OTO)
        self.thens.button(_LEGS.index(form.then)).setChecked(True)
        for button in (*self.chips.buttons(), *self.entries.buttons(), *self.thens.buttons()):
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
