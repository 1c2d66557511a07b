"""The strip of a chart in replay: what it is, its time and how it moves, buying and selling, what it came to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.bar_replay import BarReplay
from crs_desktop.viewmodels.replay_result import tone
from crs_desktop.viewmodels.words import NOTHING
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label
from engine.domain.order import Side

SIZE_WIDTH, SMALL_SIZE_WIDTH = 150, 84
ROOMY, NARROW, TIGHT = 720, 540, 380
"""From these widths on, px at 100 % text, there is room for everything, for the finer controls, for the position."""


class ReplayBar(Pane):
    """Shows a `BarReplay`; closing it ends the replay."""

    name = "replay"
    wants_date = Signal()
    wants_result = Signal()
    wants_end = Signal()
    left = Signal()
    """The keyboard belongs to the chart again."""

    def __init__(self, model: BarReplay, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Bar replay"), parent)
        self._model = model
        self.on_refresh: Callable[[], object] = _nothing
        """Called with every refresh."""
        self._icons: list[tuple[QToolButton, str]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 2)
        column.setSpacing(2)
        column.addLayout(self._time_row())
        column.addLayout(self._trade_row())
        self.notice = plain_label(role="small", tone="warn", wrap=True)
        self.notice.setMinimumWidth(1)
        self.notice.hide()
        column.addWidget(self.notice)

    def refresh(self) -> None:
        """Show the replay as it is now."""
        super().refresh()
        model = self._model
        self._show_clock()
        self._set_icon(self.play, "player-pause" if model.is_busy else "player-play")
        self.play.setAccessibleName(tr("Pause the replay") if model.is_busy else tr("Play the replay"))
        self.play.setToolTip(tr("Pause (Space)") if model.is_busy else tr("Play (Space)"))
        for button in (self.play, self.step, self.fine, self.to_end):
            button.setEnabled(not model.ended or model.is_busy)
        self.back.setEnabled(model.can_go_back)
        self.back.setToolTip(
            tr("One bar back (Left)") if model.can_go_back else tr("No way back once an order was sent")
        )
        self.speed.setText(f"{spoken(model.speed_text(model.speed))} ▾")
        self.close_position.setEnabled(model.has_position)
        self.position.setText(spoken(model.position_text))
        self.equity.setText(model.equity_text)
        self.profit.setText(model.profit_text)
        theme.set_tone(self.profit, tone(model.profit))
        self.notice.setText(spoken(model.notice))
        self.notice.setVisible(model.notice != NOTHING)
        self.on_refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave out what has no room; all of it is in the palette as well."""
        super().resizeEvent(event)
        scale = theme.current()
        roomy, wide, fits = (self.width() >= scale.px(each) for each in (ROOMY, NARROW, TIGHT))
        for widget, there in (
            (self.to_end, roomy), (self.equity, roomy), (self.fine, wide), (self.jump, wide), (self.speed, wide),
            (self.position, wide), (self.result, fits), (self.profit, fits), (self.clock, fits),
        ):  # fmt: skip
            if widget.isHidden() == there:
                widget.setVisible(there)
        self.end.setText(tr("End the replay") if roomy else tr("End"))
        self.size_field.set_label(tr("Size") if fits else "")
        self.size_field.set_unit(self._model.pair.base.code if fits else "")
        self.size_field.setAccessibleName(tr("Size"))
        self.size_field.setFixedWidth(scale.px(SIZE_WIDTH if fits else SMALL_SIZE_WIDTH))
        self._show_clock()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Go back to the chart with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "notice"):
            for button, icon in self._icons:
                button.setIcon(theme.icon(icon))

    # -- inside -----------------------------------------------------------------------------------

    def _show_clock(self) -> None:
        clock = self._model.clock
        self.clock.setText(clock if self.width() >= theme.current().px(ROOMY) else clock[: len("2026-01-31 14:30")])

    def _time_row(self) -> QHBoxLayout:
        model, row = self._model, QHBoxLayout()
        row.setSpacing(4)
        self.mark = plain_label(tr("REPLAY"), role="strong", tone="replay")
        self.mark.setToolTip(tr("A replay of the past with a paper account of its own; the live market goes on"))
        self.clock = plain_label(role="number", tone="muted")
        self.clock.setAccessibleName(tr("Time of the replay"))
        self.back = self._button("chevron-left", tr("One bar back (Left)"), model.back)
        self.play = self._button("player-play", tr("Play (Space)"), model.toggle)
        self.step = self._button("player-track-next", tr("One bar on (Right)"), lambda: model.step())
        fine = tr("One of the finest bars on, {step} (Shift+Right)", step=model.session.market.step.value)
        self.fine = self._button("chevron-right", fine, model.step_finely)
        self.speed = QToolButton()
        self.speed.setProperty("kind", "ghost")
        self.speed.setAccessibleName(tr("Speed of the replay"))
        self.speed.setToolTip(tr("Speed of the replay"))
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.speed)
        for speed in model.speeds:
            menu.addAction(spoken(model.speed_text(speed)), partial(model.set_speed, speed))
        self.speed.setMenu(menu)
        self.jump = self._button("calendar", tr("Go to a date…"), self.wants_date.emit)
        self.to_end = self._text_button(tr("To the end"), model.to_end)
        self.result = self._text_button(tr("Result"), self.wants_result.emit)
        self.end = self._text_button(tr("End the replay"), self.wants_end.emit)
        for widget in (self.mark, self.clock, self.back, self.play, self.step, self.fine, self.speed, self.jump):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.to_end, self.result, self.end):
            row.addWidget(widget)
        return row

    def _trade_row(self) -> QHBoxLayout:
        model, row = self._model, QHBoxLayout()
        row.setSpacing(6)
        self.size_field = DecimalField(tr("Size"))
        self.size_field.set_unit(model.pair.base.code)
        self.size_field.show_text(model.size_text)
        self.size_field.setFixedWidth(theme.current().px(SIZE_WIDTH))
        self.size_field.edited.connect(model.set_size)
        self.buy = self._order_button(tr("Buy"), "buy", tr("Buy at the next price"), partial(model.trade, Side.BUY))
        self.sell = self._order_button(
            tr("Sell"), "sell", tr("Sell at the next price"), partial(model.trade, Side.SELL)
        )
        self.close_position = self._order_button(
            tr("Close"), "", tr("Cancel the orders and sell what is held at the next price"), model.flatten
        )
        self.position = plain_label(role="number")
        self.position.setAccessibleName(tr("Position in the replay"))
        self.equity = plain_label(role="number", tone="muted")
        self.equity.setAccessibleName(tr("Equity of the replay's account"))
        self.profit = plain_label(role="number")
        self.profit.setAccessibleName(tr("Profit of the replay"))
        for widget in (self.size_field, self.buy, self.sell, self.close_position, self.position):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.equity)
        row.addWidget(self.profit)
        return row

    def _button(self, icon: str, name: str, do: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "ghost")
        button.setIcon(theme.icon(icon))
        self._icons.append((button, icon))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: do())
        return button

    def _text_button(self, text: str, do: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "chip")
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: do())
        return button

    def _order_button(self, text: str, kind: str, name: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        if kind:
            button.setProperty("kind", kind)
        button.setAutoDefault(True)  # Enter presses it, as it sends an order from the ticket
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: do())
        button.clicked.connect(self.left)  # or the next Space would press it again
        return button

    def _set_icon(self, button: QToolButton, icon: str) -> None:
        for place, (known, before) in enumerate(self._icons):
            if known is button and before != icon:
                self._icons[place] = (button, icon)
                button.setIcon(theme.icon(icon))


def _nothing() -> None:
    """Nobody wants to know."""
