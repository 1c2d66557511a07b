"""The ladder pane: arming and size above, the painted ladder, and one line that asks, refuses or explains."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.ticket_kinds import chip
from crs_desktop.viewmodels.ladder import GROUPINGS, LadderModel
from crs_desktop.viewmodels.ladder_size import MULTIPLES
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.ladder_view import PriceLadder
from crs_desktop.widgets.tip import plain_tip


class LadderPane(Pane):
    """Depth by price around the market, with trading by one click; every click and key goes to the model."""

    name = "ladder"
    urgent = True

    def __init__(self, model: LadderModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Ladder"), parent)
        self._model = model
        self._hovered: int | None = None
        self.ladder = PriceLadder(model, self)
        self.ladder.setAccessibleName(tr("Ladder"))
        self.ladder.hovered.connect(self._hover)
        self.ladder.regroup.connect(self._regroup)
        self.note = plain_label(role="small", tone="muted", wrap=True)
        self.note.setContentsMargins(8, 2, 8, 4)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self._size_row())
        layout.addLayout(self._preset_row())
        layout.addLayout(self._group_row())
        layout.addWidget(self.ladder, 1)
        layout.addWidget(self.note)
        self.setFocusProxy(self.ladder)
        self.theme_changed()

    # -- parts --------------------------------------------------------------------------------------

    def _size_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        self.arm = QPushButton()
        self.arm.setCheckable(True)
        self.arm.setMinimumWidth(theme.current().px(64))
        self.arm.setAccessibleName(tr("Arm the ladder: one click sends an order"))
        self.arm.setToolTip(self.arm.accessibleName())
        self.arm.clicked.connect(self._model.set_armed)
        self.field = DecimalField(tr("Size"), self)
        self.field.edited.connect(self._typed)
        self.field.stepped.connect(self._model.step_size)
        row.addWidget(self.arm)
        row.addWidget(self.field, 1)
        return row

    def _preset_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(2)
        self.presets = QButtonGroup(self)
        for number in range(len(MULTIPLES)):
            button = chip("")
            button.clicked.connect(partial(self._choose, number))
            self.presets.addButton(button, number)
            row.addWidget(button, 1)
        self.presets.setExclusive(False)
        return row

    def _group_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(2)
        self.groups = QButtonGroup(self)
        for ticks in GROUPINGS:
            button = chip(f"{ticks}×")  # noqa: RUF001 - a multiplication sign
            button.setAccessibleName(tr("{ticks} ticks per row", ticks=ticks))
            button.setToolTip(button.accessibleName())
            self.groups.addButton(button, ticks)
            row.addWidget(button)
        self.groups.idClicked.connect(self._model.set_grouping)
        row.addStretch(1)
        self.auto = chip(tr("Follow"))
        self.auto.setAccessibleName(tr("Follow the market; C goes back to it"))
        self.auto.setToolTip(self.auto.accessibleName())
        self.auto.clicked.connect(self._model.set_auto)
        row.addWidget(self.auto)
        return row

    # -- what the user does -------------------------------------------------------------------------

    def _typed(self, text: str) -> None:
        self._model.size.read(text)
        self._model.hurry()

    def _choose(self, number: int, _on: bool = False) -> None:
        presets = self._model.size.presets()
        if number < len(presets):
            self._model.size.choose(presets[number][0])
        self._model.hurry()

    def _regroup(self, direction: int) -> None:
        at = GROUPINGS.index(self._model.grouping) + direction
        if 0 <= at < len(GROUPINGS):
            self._model.set_grouping(GROUPINGS[at])

    def _hover(self, price: object) -> None:
        self._hovered = price if isinstance(price, int) else None
        self._show_note()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for rows anew: there is room for more or fewer."""
        super().resizeEvent(event)
        self._model.hurry()

    # -- what is shown ------------------------------------------------------------------------------

    def theme_changed(self) -> None:
        """Keep two lines free for the note: the ladder must not jump when there is something to say."""
        self.note.setFixedHeight(2 * self.note.fontMetrics().lineSpacing() + 8)

    def refresh(self) -> None:
        """Show the ladder as it is now."""
        model = self._model
        super().refresh()  # first: a middle that is still on its way makes it dirty again
        self.ladder.sync()
        self._show_size()
        self.groups.button(model.grouping).setChecked(True)
        self.auto.setChecked(model.centre.auto)
        self.arm.setChecked(model.armed)
        self.arm.setText(tr("Armed") if model.armed else tr("Arm"))
        theme.set_tone(self.arm, "warn" if model.armed else "text")
        self._show_note()

    def _show_size(self) -> None:
        size, pair = self._model.size, self._model.desk.pair
        self.field.set_unit(pair.base.code)
        self.field.show_text(size.text)
        self.field.set_problem(spoken(size.problem))
        presets, lots = size.presets(), size.lots
        for number in range(len(MULTIPLES)):
            button = self.presets.button(number)
            there = number < len(presets)
            button.setVisible(there)
            if there:
                button.setText(presets[number][1])
                button.setChecked(presets[number][0] == lots)

    def _show_note(self) -> None:
        model = self._model
        question, note = spoken(model.question), spoken(model.note)
        if question:
            text, tone = tr("{question} Enter: yes. Esc: no.", question=question), "warn"
        elif note:
            text, tone = note, "error"
        else:
            text, tone = self._told(), "muted"
        self.note.setText(text)
        self.note.setToolTip(plain_tip(text))
        theme.set_tone(self.note, tone)
        self.note.setAccessibleName(text)

    def _told(self) -> str:
        """Return what is known of our orders under the pointer or the cursor, else what a click does."""
        model = self._model
        for price in (self._hovered, model.cursor):
            if price is not None and (told := model.told(price)) is not None:
                return spoken(told)
        if model.armed:
            return tr("Armed: a click sends, Ctrl+click a stop, right click cancels.")
        return tr("A click fills in the ticket. Arm to send with one click.")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter and Escape answer from the size field, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._model.enter()
        elif event.key() != Qt.Key.Key_Escape or not self._model.dismiss():
            super().keyPressEvent(event)
