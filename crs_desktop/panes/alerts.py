"""The alerts pane: what is waited for, and what was told; narrow, as tall as there is room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.table_pane import EmptyState, Strip
from crs_desktop.viewmodels.alerts import AlertsModel, state_of
from crs_desktop.widgets.line_list import LineList


class AlertsPane(Pane):
    """Enter changes an alert, Space pauses it, Delete removes it; a click looks at its pair."""

    name = "alerts"

    def __init__(self, model: AlertsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Alerts"), parent)
        self._model, self._hand = model, model.hand
        self.list, self.log = LineList(spoken, self), LineList(spoken, self)
        self.list.setAccessibleName(tr("Alerts"))
        self.log.setAccessibleName(tr("What alerts told"))
        self.list.opened.connect(self.edit)
        self.list.removed.connect(lambda keys: self._hand.remove(*keys))
        self.list.offers = self._offer
        for each in (self.list, self.log):
            each.chosen.connect(model.go_to)
        self.log.opened.connect(model.go_to)
        self.list.setProperty("ownKeys", "Space")
        self.empty, self.empty_log = EmptyState(self), EmptyState(self)
        self.empty.button.setText(tr("New alert…"))
        self.empty.button.clicked.connect(lambda: self.edit(None))
        self.empty_log.button.hide()
        self._stack = QStackedLayout()
        for view in (self.list, self.empty, self.log, self.empty_log):
            self._stack.addWidget(view)
        self.problem = Strip()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._bar())
        box.addLayout(self._stack, 1)
        box.addWidget(self.problem)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(4, 2, 4, 2)
        row.setSpacing(0)
        self.waiting, self.told = QPushButton(), QPushButton()
        group = QButtonGroup(self)
        for button in (self.waiting, self.told):
            button.setProperty("kind", "chip")
            button.setCheckable(True)
            theme.set_font(button, "small")
            group.addButton(button)
            row.addWidget(button)
        self.waiting.setChecked(True)
        group.buttonToggled.connect(lambda *_: self.refresh())
        row.addStretch(1)
        self.clear = self._button(tr("Clear"), tr("Forget what was told"), self._hand.clear_told)
        self.add = self._button(tr("New…"), tr("New alert"), lambda: self.edit(None))
        row.addWidget(self.clear)
        row.addWidget(self.add)
        return row

    def _button(self, text: str, name: str, does: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("kind", "chip")
        button.setToolTip(name)
        button.setAccessibleName(name)
        theme.set_font(button, "small")
        button.clicked.connect(lambda: does())
        return button

    def refresh(self) -> None:
        """Show both lists, whichever is in front."""
        rows, told = self._model.rows(), self._model.told()
        self.list.show_rows(rows)
        self.log.show_rows(told)
        self.waiting.setText(tr("Waiting {count}", count=self._model.waiting()))
        self.told.setText(tr("Told {count}", count=len(told)))
        in_log = self.told.isChecked()
        self.clear.setVisible(in_log and bool(told))
        self.add.setVisible(not in_log)
        self.empty.sentence.setText(spoken(self._model.empty))
        self.empty_log.sentence.setText(spoken(self._model.empty_told))
        if in_log:
            front: QWidget = self.log if told else self.empty_log
        else:
            front = self.list if rows else self.empty
        self._stack.setCurrentWidget(front)
        focus = {self.list: self.list, self.empty: self.empty.button, self.log: self.log}.get(front)
        if self.focusProxy() is not focus:
            self.setFocusProxy(focus)  # type: ignore[arg-type]  # the stubs do not know that None takes it away
        self.problem.say(spoken(self._model.problem), "error")
        super().refresh()

    def show_told(self) -> None:
        """Bring what was told to the front."""
        self.told.setChecked(True)

    def edit(self, key: str | None) -> None:
        """Open the dialog on an alert, or on a new one of the current pair."""
        from crs_desktop.panes.alert_dialog import open_alert

        open_alert(self, self._model.desk, self._hand.find(key))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space pauses or resumes the selected alerts; Insert makes one."""
        if self._stack.currentWidget() is self.list and event.key() == Qt.Key.Key_Space:
            for key in self.list.selected_keys():
                self._hand.toggle(key)
        elif event.key() == Qt.Key.Key_Insert:
            self.edit(None)
        else:
            super().keyPressEvent(event)

    def _offer(self, key: str, menu: QMenu) -> None:
        alert = self._hand.find(key)
        if alert is None:
            return
        menu.addAction(tr("Change…") + "\tEnter", lambda: self.edit(key))
        waits = state_of(alert, self._model.desk.feed.now) == "waiting"
        menu.addAction((tr("Pause") if waits else tr("Let it wait again")) + "\tSpace", lambda: self._hand.toggle(key))
        menu.addAction(tr("Duplicate"), lambda: self._hand.duplicate(key))
        menu.addSeparator()
        menu.addAction(tr("Remove") + "\tDel", lambda: self._hand.remove(key))
