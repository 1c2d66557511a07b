"""The top bar: pair, price, day, timeframes, account, equity, kill switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import spoken, tr
from crs_desktop.widgets.hold_button import HoldButton
from crs_desktop.widgets.tip import plain_tip
from engine.domain.market import Timeframe

if TYPE_CHECKING:
    from crs_desktop.viewmodels.header import HeaderModel

HEIGHT = 44
KILL_TIP = "Hold for one second: stop trading as set under Risk"


class Figure(QWidget):
    """A small heading over a figure."""

    def __init__(self, title: str) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 4)
        box.setSpacing(0)
        self._title, self.value = QLabel(title), QLabel("–")  # noqa: RUF001
        theme.set_font(self._title, "small")
        theme.set_tone(self._title, "faint")
        theme.set_font(self.value, "number")
        self.value.setTextFormat(Qt.TextFormat.PlainText)
        box.addWidget(self._title)
        box.addWidget(self.value)
        self.setAccessibleName(title)

    def show_value(self, text: str, tone: str = "text") -> None:
        """Show a figure in the colour of its meaning."""
        if self.value.text() != text:
            self.value.setText(text)
            self.setAccessibleDescription(text)
        theme.set_tone(self.value, tone)


class AskedFigure(Figure):
    """A figure that says where it comes from when it is clicked, or Enter is pressed on it."""

    asked = Signal()

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Click or Enter: where it comes from"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask, if the mouse is still on it."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ask on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show where the keyboard is."""
        super().focusInEvent(event)
        theme.set_tone(self._title, "accent")

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show that it has gone."""
        super().focusOutEvent(event)
        theme.set_tone(self._title, "faint")


class AccountBox(QToolButton):
    """The account in use; its menu offers the others, a new one, and accounts on servers. "" is a line between."""

    def __init__(self) -> None:
        super().__init__()
        self._offers: Callable[[], list[tuple[str, Callable[[], object]]]] | None = None
        self.setProperty("kind", "ghost")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolTip(tr("Account in use; accounts on servers are in its menu"))
        self.setAccessibleName(tr("Venue and account"))
        theme.set_font(self, "number")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)

    def offer(self, offers: Callable[[], list[tuple[str, Callable[[], object]]]]) -> None:
        """Ask `offers` for the menu's entries (title, what it does) whenever it opens."""
        self._offers = offers

    def _fill(self) -> None:
        self._menu.clear()
        for title, act in self._offers() if self._offers is not None else ():
            if title:
                self._menu.addAction(title.replace("&", "&&"), act)
            else:
                self._menu.addSeparator()


class TopBar(QFrame):
    """36 px of facts, refreshed by the pulse."""

    visible = True

    def __init__(self, book: ActionBook) -> None:
        super().__init__()
        self.model: HeaderModel | None = None
        self._on_title: Callable[[str], None] | None = None
        self.setProperty("kind", "bar")
        self._fit()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(16)
        self.symbol = self._symbol_box(book)
        row.addWidget(self.symbol)
        self.last = QLabel("–")  # noqa: RUF001
        theme.set_font(self.last, "large")
        self.last.setTextFormat(Qt.TextFormat.PlainText)
        self.last.setAccessibleName(tr("Last price"))
        row.addWidget(self.last)
        self.change, self.high = Figure(tr("24h change")), Figure(tr("24h high"))
        self.low, self.volume = Figure(tr("24h low")), Figure(tr("24h volume"))
        for figure in (self.change, self.high, self.low, self.volume):
            row.addWidget(figure)
        row.addStretch(1)
        row.addWidget(self._timeframes(book))
        row.addStretch(1)
        self.account, self.equity, self.day = AccountBox(), AskedFigure(tr("Equity")), AskedFigure(tr("Day P&L"))
        self.equity.asked.connect(lambda: book.trigger("account.explain_equity"))
        self.day.asked.connect(lambda: book.trigger("account.explain_day"))
        for part in (self.account, self.equity, self.day):
            row.addWidget(part)
        self.state = QLabel()
        theme.set_font(self.state, "small")
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setAccessibleName(tr("Trading state"))
        row.addWidget(self.state)
        self.kill = HoldButton(tr("KILL"))
        self.kill.setToolTip(tr(KILL_TIP))
        self.kill.setAccessibleName(tr("Kill switch, hold for one second"))
        self.kill.held.connect(lambda: book.trigger("risk.kill"))
        row.addWidget(self.kill)

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model is not None and self.model.dirty

    def show_model(self, model: HeaderModel, on_title: Callable[[str], None]) -> None:
        """Show an engine's figures from now on."""
        self.model, self._on_title = model, on_title
        self.refresh()

    def show_halted(self, halted: bool) -> None:
        """Let the button offer what is possible now."""
        self.kill.setText(tr("RESUME") if halted else tr("KILL"))
        self.kill.setToolTip(tr("Trading is halted. Hold for one second to trade again.") if halted else tr(KILL_TIP))

    def refresh(self) -> None:
        """Show the model's figures."""
        model = self.model
        if model is None:
            return
        model.dirty = False
        _say(self.symbol, f"{model.symbol}  ▾")
        _say(self.last, f"{model.last} {model.arrow}")
        theme.set_tone(self.last, model.last_tone)
        self.change.show_value(*model.change)
        high, low, volume = model.day
        self.high.show_value(high)
        self.low.show_value(low)
        self.volume.show_value(volume)
        _say(self.account, f"{model.account} ▾")
        self.equity.show_value(model.equity)
        word, tone = model.trading
        _say(self.state, spoken(word))
        theme.set_tone(self.state, tone)
        self.state.setToolTip(plain_tip(spoken(model.trading_tip)))
        self.day.show_value(*model.day_result)
        chip = self._chips[model.timeframe]
        if not chip.isChecked():
            chip.setChecked(True)
        if self._on_title is not None:
            self._on_title(model.title)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(HEIGHT, theme.current().px(HEIGHT)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Drop the less important figures first when the bar is narrow."""
        super().resizeEvent(event)
        width = self.width() / theme.current().font_scale
        self.volume.setVisible(width >= 1380)
        self.high.setVisible(width >= 1260)
        self.low.setVisible(width >= 1260)
        self.account.setVisible(width >= 1040)
        self.change.setVisible(width >= 820)

    def _symbol_box(self, book: ActionBook) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "ghost")
        theme.set_font(button, "title")
        button.setText(tr("Loading…"))
        button.setToolTip(tr("Change the pair ({key})", key=book.shortcut("view.palette")))
        button.setAccessibleName(tr("Pair"))
        button.setMinimumWidth(104)
        button.clicked.connect(lambda: book.trigger("view.palette"))
        return button

    def _timeframes(self, book: ActionBook) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._chips: dict[Timeframe, QPushButton] = {}
        group = QButtonGroup(self)
        for timeframe in Timeframe:
            chip = QPushButton(timeframe.value)
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setAccessibleName(tr("Timeframe {name}", name=timeframe.value))
            action = f"chart.{timeframe.value}"
            chip.setToolTip(tr("{title} ({key})", title=tr(book.get(action).title), key=book.shortcut(action)))
            chip.clicked.connect(lambda _=False, name=action: book.trigger(name))
            group.addButton(chip)
            row.addWidget(chip)
            self._chips[timeframe] = chip
        return holder


def _say(widget: QLabel | QToolButton, text: str) -> None:
    """Change a text only if it is another one: every change lays the whole bar out again."""
    if widget.text() != text:
        widget.setText(text)
