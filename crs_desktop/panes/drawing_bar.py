"""The strip of drawing tools at the left of a chart: tools by group, switches, remove all; it folds away.

Everything in it is an action or a switch of `Tools`, which all charts share, so every strip shows the same.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QToolButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.actions import ACTIONS
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.drawings.kinds import GROUPS, KINDS, Kind
from crs_desktop.viewmodels.drawings.store import DrawingStore

ICON = 18
BUTTON = 28
FOLDED = 12
SWITCHES = (
    ("magnet", "magnet", "Magnet: points snap to open, high, low, close"),
    ("stay", "pencil", "Keep the tool after a drawing"),
    ("lock_all", "lock", "Lock all drawings"),
    ("hide_all", "eye-off", "Hide all drawings"),
)
DEFAULTS = {each.id: each.shortcut for each in ACTIONS}
CORNER = 4.0
"""Side of the triangle that says that a button has more tools, px."""


class ToolButton(QToolButton):
    """A button of the strip; one with more tools under it has a small corner, and opens them when held."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the corner over the button."""
        super().paintEvent(event)
        if self.menu() is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text_faint"))
        right, bottom = self.width() - 3.0, self.height() - 3.0
        corner = [QPointF(right, bottom), QPointF(right - CORNER, bottom), QPointF(right, bottom - CORNER)]
        painter.drawPolygon(QPolygonF(corner))
        painter.end()


class DrawingBar(QFrame):
    """Tools for one chart; `store` is shared."""

    def __init__(self, store: DrawingStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = store.tools
        self.setProperty("kind", "bar")
        self.setAccessibleName(tr("Drawing tools"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.buttons: dict[str, QToolButton] = {}
        self._shown = {group: next(kind for kind in KINDS if kind.group == group) for group in GROUPS}
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(2, 4, 2, 4)
        self._column.setSpacing(2)
        self._fill()
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._inside)
        column.addWidget(self._scroll, 1)
        self.fold = self._button("fold", "", partial(self._tools.toggle, "folded"))
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignHCenter)
        self._link = self._tools.on_change(self._show)
        self._paint_icons()
        self._show(self._tools)

    def close_links(self) -> None:
        """Follow the tools no more; safe to call twice."""
        self._link.close()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Take the keys of the window it came to stand in."""
        super().showEvent(event)
        self._show(self._tools)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Take new colours and sizes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_link"):
            self._paint_icons()
            self._show(self._tools)

    # -- inside -----------------------------------------------------------------------------------

    def _fill(self) -> None:
        self._add("pointer", tr("Select and move drawings"), partial(self._tools.choose, None))
        for group in GROUPS:
            kinds = [kind for kind in KINDS if kind.group == group]
            button = self._add(group, "", partial(self._take, group))
            button.setCheckable(True)
            if len(kinds) > 1:
                button.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
                button.setMenu(self._menu(kinds, button))
                button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                button.customContextMenuRequested.connect(button.showMenu)
        self._line()
        for flag, _, title in SWITCHES:
            button = self._add(flag, tr(title), partial(self._tools.toggle, flag))
            button.setCheckable(True)
        self.buttons["pointer"].setCheckable(True)

    def _menu(self, kinds: list[Kind], button: QToolButton) -> QMenu:
        menu = QMenu(button)
        for kind in kinds:
            menu.addAction(theme.icon(kind.icon, size=ICON), "", partial(self._pick, kind))
        menu.aboutToShow.connect(lambda: self._name(menu, kinds))
        self._name(menu, kinds)
        return menu

    def _name(self, menu: QMenu, kinds: list[Kind]) -> None:
        for kind, action in zip(kinds, menu.actions(), strict=True):
            key = self._key(kind.action)
            action.setText(f"{tr(kind.title)}\t{key}" if key else tr(kind.title))
            action.setIcon(theme.icon(kind.icon, size=ICON))

    def _key(self, action_id: str) -> str:
        """Return the key in force for an action, the default one outside a main window."""
        book = getattr(self.window(), "book", None)
        return str(book.shortcut(action_id)) if book is not None else DEFAULTS.get(action_id, "")

    def _add(self, name: str, title: str, call: object) -> QToolButton:
        button = self.buttons[name] = self._button(name, title, call)
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return button

    def _button(self, name: str, title: str, call: object) -> QToolButton:
        button = ToolButton()
        button.setObjectName(f"draw.{name}")
        button.setProperty("kind", "ghost")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(title)
        button.setAccessibleName(title)
        button.clicked.connect(lambda _=False: call())  # type: ignore[operator]
        return button

    def _line(self) -> None:
        line = QFrame()
        line.setProperty("kind", "line")
        line.setFixedHeight(1)
        self._column.addWidget(line)

    def _pick(self, kind: Kind) -> None:
        self._shown[kind.group] = kind
        if self._tools.kind is not kind:
            self._tools.choose(kind.name)

    def _take(self, group: str) -> None:
        self._tools.choose(self._shown[group].name)

    def _paint_icons(self) -> None:
        side = theme.current().px(BUTTON)
        names = {"pointer": "pointer", **{flag: icon for flag, icon, _ in SWITCHES}}
        names |= {group: kind.icon for group, kind in self._shown.items()}
        for name, button in self.buttons.items():
            button.setIcon(theme.icon(names[name], size=ICON))
            button.setIconSize(QSize(ICON, ICON))
            button.setFixedSize(side, side)

    def _show(self, tools: object) -> None:
        """Show which tool is in the hand and which switches are on."""
        kind = self._tools.kind
        if kind is not None:
            self._shown[kind.group] = kind
        for group in GROUPS:
            shown, button = self._shown[group], self.buttons[group]
            taken = kind is not None and kind.group == group
            button.setChecked(taken)
            title = self._titled(tr(shown.title), shown.action)
            if button.menu() is not None:
                title = tr("{tool}; hold for more", tool=title)
            button.setToolTip(title)
            button.setAccessibleName(title)
            button.setIcon(theme.icon(shown.icon, "accent" if taken else "text_muted", ICON))
        self.buttons["pointer"].setChecked(kind is None)
        for flag, icon, title in SWITCHES:
            on = bool(getattr(self._tools, flag))
            self.buttons[flag].setChecked(on)
            self.buttons[flag].setToolTip(self._titled(tr(title), f"draw.{flag}"))
            self.buttons[flag].setIcon(theme.icon(icon, "accent" if on else "text_muted", ICON))
        folded = self._tools.folded
        self._scroll.setVisible(not folded)
        px = theme.current().px
        self.setFixedWidth(px(FOLDED) if folded else px(BUTTON) + 6)
        title = tr("Show the drawing tools") if folded else tr("Fold the drawing tools away")
        self.fold.setToolTip(title)
        self.fold.setAccessibleName(title)
        self.fold.setIcon(theme.icon("chevron-right" if folded else "chevron-left", size=12))
        self.fold.setFixedSize(px(FOLDED) if folded else px(BUTTON), px(48) if folded else px(20))

    def _titled(self, title: str, action_id: str) -> str:
        key = self._key(action_id)
        return f"{title} ({key})" if key else title
