"""The DEX desk's dock: subjects at the left, one of them at a time beside them.

A subject is made when it is first looked at. Nothing of the wallet is loaded before the dock is first seen.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.dex.swap import SwapPane
from crs_desktop.panes.dex.tables import DexOrdersPane, FarmsPane, LiquidityPane, PoolsPane
from crs_desktop.panes.table_pane import EmptyState
from crs_desktop.panes.wallet.tables import WalletTablePane
from crs_desktop.viewmodels.dex.farms import FarmsModel
from crs_desktop.viewmodels.dex.head import DexModel
from crs_desktop.viewmodels.dex.orders import DexOrdersModel
from crs_desktop.viewmodels.dex.pools import PoolsModel
from crs_desktop.viewmodels.dex.positions import PositionsModel
from crs_desktop.viewmodels.dex.swap import SwapModel
from crs_desktop.viewmodels.words import NOTHING

RAIL, ROW = 104, 22
LOOK_MS = 2_000
"""How often the table in view is asked whether what it shows is old."""
SUBJECTS = ("swap", "orders", "pools", "liquidity", "farms")


class DexPane(Pane):
    """Keys: up and down in the rail choose a subject, Enter goes to it, Escape back to the rail."""

    name = "dex"

    def __init__(self, model: DexModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("DEX"), parent)
        self.desk_of = model
        self.panes: dict[str, Pane] = {}
        self.rail = QListWidget()
        self.empty = EmptyState()
        self.empty.button.clicked.connect(lambda _=False: model.take_offer())
        self._holders, self._stack, self._open = QStackedWidget(), QStackedWidget(), QWidget()
        self._fill_rail()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # until there is something in it that takes the keyboard
        row = QHBoxLayout(self._open)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._holders, 1)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._open)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        model.door.open()
        self.refresh()

    @property
    def subject(self) -> str:
        """Which subject is chosen."""
        return SUBJECTS[max(0, self.rail.currentRow())]

    @property
    def shown(self) -> Pane | None:
        """The subject in view; None while the desk is shut."""
        return self.panes.get(self.subject) if self.desk_of.shut == NOTHING else None

    @property
    def dirty(self) -> bool:
        """Whether the desk or the subject in view has something new to show."""
        shown = self.shown
        return self.desk_of.dirty or (shown is not None and shown.dirty)

    def show_subject(self, subject: str) -> None:
        """Show a subject, and give it the keyboard if the desk is open."""
        self.rail.setCurrentRow(SUBJECTS.index(subject))
        self.enter()

    def enter(self) -> None:
        """Give the subject in view the keyboard."""
        shown = self.shown
        if shown is not None:
            shown.refresh()  # what takes the keyboard follows from what there is
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(shown, WalletTablePane):
                shown.table.focus_first()

    def refresh(self) -> None:
        """Show why the desk is shut, or the subject in view."""
        if self.desk_of.dirty:
            self._refresh_desk()
        shown = self.shown
        if shown is not None and shown.dirty:
            shown.refresh()

    def dispose(self) -> None:
        """Close the subjects with the pane."""
        self._timer.stop()
        for each in self.panes.values():
            each.dispose()
        super().dispose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter in the rail goes to the subject, Escape in it back to the rail."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.rail.hasFocus():
            self.enter()
        elif event.key() == Qt.Key.Key_Escape and not self.rail.hasFocus():
            self.rail.setFocus()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------

    def _refresh_desk(self) -> None:
        model = self.desk_of
        is_open = model.shut == NOTHING
        focused = self.focusWidget()
        had_keyboard = self.hasFocus() or (focused is not None and focused.hasFocus())
        front = self._open if is_open else self.empty
        changed = self._stack.currentWidget() is not front
        if changed:
            self._stack.setCurrentWidget(front)
        if is_open:
            self._make(self.subject)
        else:
            self.empty.sentence.setText(spoken(model.shut))
            self.empty.button.setText(spoken(model.offer))
            self.empty.button.setVisible(model.offer != NOTHING)
        target = self.rail if is_open else None if self.empty.button.isHidden() else self.empty.button
        if self.focusProxy() is not target:
            self.setFocusProxy(target)  # type: ignore[arg-type] # the stubs do not know that None takes it away
            if had_keyboard and target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)
        if changed and is_open and had_keyboard:
            self.enter()
        super().refresh()

    def _fill_rail(self) -> None:
        titles = {
            "swap": tr("Swap"), "orders": tr("Orders"), "pools": tr("Pools"), "liquidity": tr("Liquidity"),
            "farms": tr("Farms"),
        }  # fmt: skip
        scale = theme.current().px
        self.rail.setFixedWidth(max(RAIL, scale(RAIL)))
        self.rail.setAccessibleName(tr("Subjects of the DEX desk"))
        for subject in SUBJECTS:
            item = QListWidgetItem(titles[subject])
            item.setSizeHint(QSize(0, max(ROW, scale(ROW))))
            self.rail.addItem(item)
            self._holders.addWidget(QWidget())
        self.rail.setCurrentRow(0)
        self.rail.currentRowChanged.connect(self._chosen)

    def _chosen(self, at: int) -> None:
        if self.desk_of.shut == NOTHING:
            self._make(SUBJECTS[at])
            self._holders.setCurrentIndex(at)
            self._look()
            self.panes[SUBJECTS[at]].refresh()

    def _make(self, subject: str) -> None:
        """Make a subject when it is first looked at."""
        if subject in self.panes:
            return
        made = self.panes[subject] = self._makers()[subject]()
        at = SUBJECTS.index(subject)
        before = self._holders.widget(at)
        self._holders.insertWidget(at, made)
        if before is not None:
            self._holders.removeWidget(before)
            before.deleteLater()
        self._holders.setCurrentIndex(self.rail.currentRow())

    def _makers(self) -> dict[str, Callable[[], Pane]]:
        desk, door = self.desk_of.desk, self.desk_of.door
        return {
            "swap": lambda: SwapPane(SwapModel(desk, door)),
            "orders": lambda: DexOrdersPane(DexOrdersModel(desk, door)),
            "pools": lambda: PoolsPane(PoolsModel(desk, door)),
            "liquidity": lambda: LiquidityPane(PositionsModel(desk, door)),
            "farms": lambda: FarmsPane(FarmsModel(desk, door)),
        }

    def _look(self) -> None:
        shown = self.shown
        if not self.visible:
            return
        if isinstance(shown, WalletTablePane):
            shown.wallet.look()
        elif isinstance(shown, SwapPane):
            shown.form.look()
