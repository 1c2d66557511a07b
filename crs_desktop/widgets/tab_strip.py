"""A row of tabs that can be added, closed, renamed in place and dragged to another place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTabBar, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr

ICON = 12
OFF = 32
"""A tab that is let go this far above or below the strip is dragged off it, px."""


class TabStrip(QWidget):
    """Shows titles; what the user does with them comes out as signals with the tab's index."""

    chosen = Signal(int)
    closed = Signal(int)
    renamed = Signal(int, str)
    moved = Signal(int, int)
    """From one index to another; the strip shows the new order already."""
    asked = Signal(int, QPoint)
    """A menu is wanted for a tab, at a point of the screen."""
    added = Signal()
    dropped = Signal(int, QPoint)
    """A tab was dragged off the strip and let go at a point of the screen."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._quiet = False
        self.bar = QTabBar(self)
        self.bar.setMovable(True)
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.setUsesScrollButtons(True)
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setAccessibleName(name)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.customContextMenuRequested.connect(self._ask)
        self.bar.currentChanged.connect(self._choose)
        self.bar.tabMoved.connect(self.moved)
        self.bar.tabBarDoubleClicked.connect(self.edit)
        self.bar.installEventFilter(self)
        self.plus = tool("plus", tr("New chart tab"), self.added.emit)
        self.field: QLineEdit | None = None
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 4, 0)
        self.row.setSpacing(2)
        self.row.addWidget(self.bar)
        self.row.addWidget(self.plus)
        self.row.addStretch(1)

    def show_tabs(self, titles: Sequence[str], current: int) -> None:
        """Show these tabs, one of them in front."""
        self._quiet = True
        bar = self.bar
        while bar.count() > len(titles):
            bar.removeTab(bar.count() - 1)
        while bar.count() < len(titles):
            bar.addTab("")
        for index, title in enumerate(titles):
            text = title.replace("&", "&&")
            if bar.tabText(index) != text:
                bar.setTabText(index, text)
                bar.setTabToolTip(index, tr("{title} (double click to rename)", title=title))
            self._offer_close(index, len(titles) > 1)
        if bar.currentIndex() != current:
            bar.setCurrentIndex(current)
        self._quiet = False

    def edit(self, index: int) -> None:
        """Let the user type a name over a tab; Enter takes it, Escape leaves it."""
        if not 0 <= index < self.bar.count():
            return
        self._end_edit(take=False)
        field = self.field = QLineEdit(self.bar.tabText(index).replace("&&", "&"), self.bar)
        field.setProperty("tab", index)
        field.setMaxLength(40)
        field.setAccessibleName(tr("Name of the tab"))
        box = self.bar.tabRect(index)
        box.setWidth(max(box.width(), 120))
        field.setGeometry(box)
        field.editingFinished.connect(lambda: self._end_edit(take=True))
        field.installEventFilter(self)
        field.selectAll()
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Close a tab on the middle button; let Escape leave the field."""
        kind = event.type()
        if watched is self.bar and kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            at = event.position().toPoint()
            if event.button() is Qt.MouseButton.LeftButton:
                self._let_go(at, event.globalPosition().toPoint())
                return False
            return event.button() is Qt.MouseButton.MiddleButton and self._close_at(at)
        if watched is self.field and kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() != Qt.Key.Key_Escape:
                return False
            self._end_edit(take=False)
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "plus"):
            for button in self.findChildren(QToolButton):
                if icon := button.property("icon_name"):
                    button.setIcon(theme.icon(str(icon), "text_muted", ICON))

    def _choose(self, index: int) -> None:
        if not self._quiet and index >= 0:
            self.chosen.emit(index)

    def _ask(self, at: QPoint) -> None:
        index = self.bar.tabAt(at)
        if index >= 0:
            self.asked.emit(index, self.bar.mapToGlobal(at))

    def _let_go(self, at: QPoint, on_screen: QPoint) -> None:
        """Say that the tab under drag was dropped outside, when the bar itself is done with the drag."""
        index = self.bar.currentIndex()
        if not -OFF <= at.y() < self.bar.height() + OFF:
            QTimer.singleShot(0, self, lambda: self.dropped.emit(index, on_screen))

    def _close_at(self, at: QPoint) -> bool:
        index = self.bar.tabAt(at)
        if index < 0 or self.bar.count() == 1:
            return False
        self.closed.emit(index)
        return True

    def _offer_close(self, index: int, wanted: bool) -> None:
        side = QTabBar.ButtonPosition.RightSide
        there = self.bar.tabButton(index, side)
        if wanted and there is None:
            button = tool("x", tr("Close the tab"), lambda: None)
            button.setFixedSize(22, 18)
            button.clicked.connect(lambda: self.closed.emit(self._of_button(button)))
            self.bar.setTabButton(index, side, button)
        elif not wanted and there is not None:
            self.bar.setTabButton(index, side, None)
            there.deleteLater()

    def _of_button(self, button: QWidget) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next((at for at in range(self.bar.count()) if self.bar.tabButton(at, side) is button), -1)

    def _end_edit(self, *, take: bool) -> None:
        field, self.field = self.field, None
        if field is None:
            return
        index, text = int(field.property("tab")), field.text()
        had_keys = field.hasFocus()
        field.hide()
        field.deleteLater()
        if had_keys:
            self.bar.setFocus(Qt.FocusReason.OtherFocusReason)
        if take:
            self.renamed.emit(index, text)


def tool(icon: str, tip: str, do: object) -> QToolButton:
    """Return a small flat button with an icon of the set."""
    button = QToolButton()
    button.setProperty("kind", "ghost")
    button.setProperty("icon_name", icon)
    button.setIcon(theme.icon(icon, "text_muted", ICON))
    button.setIconSize(QSize(ICON, ICON))
    button.setFixedSize(22, 22)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(do)
    return button
