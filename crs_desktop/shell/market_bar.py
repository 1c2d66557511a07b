"""Controls of market time: source, pause, step, speed, jump; and the market's own clock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.i18n import spoken, tr
from crs_desktop.widgets.tip import plain_tip

if TYPE_CHECKING:
    from crs_desktop.viewmodels.desk import Desk
    from crs_desktop.viewmodels.market_time import MarketTime
    from crs_desktop.viewmodels.recordings.state import RecordingState


SOURCES = (
    "market.simulated",
    "market.replay",
    "market.restart",
    "market.leave",
    "market.offline",
    "market.recordings",
    "",
    "market.binance",
    "market.coinbase",
    "market.kraken",
    "market.binance_usdm",
    "market.coinbase_exchange",
    "market.other",
)
"""What the source menu offers, as far as it can be done; "" is a line between."""
NARROW = 940
"""A window narrower than this shows the time without its date, px at 100 % text."""


class MarketBar(QFrame):
    """One row: source ▾ | clock | pause step | speed ▾ | jump."""

    visible = True

    def __init__(self, book: ActionBook) -> None:
        super().__init__()
        self.model: MarketTime | None = None
        self.recording: RecordingState | None = None
        self._book = book
        self._icons: list[tuple[QToolButton, str, str]] = []
        self.setProperty("kind", "bar")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 8, 0)
        row.setSpacing(4)
        self.source = self._menu_button(tr("Market source"))
        self._source_menu.aboutToShow.connect(self._fill)
        self.clock = QLabel()
        self.clock.setTextFormat(Qt.TextFormat.PlainText)
        self.clock.setAccessibleName(tr("Market time"))
        self.clock.setToolTip(tr("The market's own time, UTC"))
        theme.set_font(self.clock, "number")
        theme.set_tone(self.clock, "muted")
        self.pause = self._button("market.pause", "player-pause")
        self.step = self._button("market.step", "player-track-next")
        self.speed = QToolButton()
        self.speed.setProperty("kind", "ghost")
        self.speed.setToolTip(tr("Speed of market time"))
        self.speed.setAccessibleName(tr("Speed of market time"))
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._speed_menu = QMenu(self.speed)
        self.speed.setMenu(self._speed_menu)
        self.jump = self._button("market.jump", "calendar")
        self.record = self._button("market.record", "player-record")
        self.record.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        theme.set_font(self.record, "small")
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_font(self.note, "small")
        theme.set_tone(self.note, "warn")
        for widget in (self.source, self.record, self.pause, self.step, self.speed, self.jump, self.clock, self.note):
            row.addWidget(widget)
        self.setEnabled(False)

    @property
    def dirty(self) -> bool:
        """Whether there is something new to show."""
        return self.model is not None and self.model.dirty

    def show_desk(self, desk: Desk) -> None:
        """Control this desk's market from now on; of a public exchange only source and clock; hidden on a server."""
        from crs_desktop.viewmodels.market_time import MarketTime
        from crs_desktop.viewmodels.recordings.state import RecordingState

        self.model = MarketTime(desk)
        self.setVisible(self.model.has_source)
        self.setEnabled(True)
        for control in (self.pause, self.step, self.speed, self.jump):
            control.setVisible(self.model.is_ours)
        self.recording = RecordingState(desk)
        self.record.setVisible(self.recording.is_offered)
        self._speed_menu.clear()
        for speed in self.model.speeds:
            self._speed_menu.addAction(self.model.speed_text(speed), partial(self._set_speed, speed))
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "jump"):
            for button, icon, tone in self._icons:
                button.setIcon(theme.icon(icon, tone))

    def release(self) -> None:
        """Control nothing."""
        if self.model is not None:
            self.model.close()
            self.model = self.recording = None
        self.setEnabled(False)

    def refresh(self) -> None:
        """Show the market's time and how it passes."""
        model = self.model
        if model is None or not model.has_source:
            return
        model.dirty = False
        self.source.setText(f"{tr(model.source)} ▾")
        self._show_time(model)
        if model.is_ours:
            self._show_pace(model)
        if self.recording is not None and self.recording.is_offered:
            self._show_recording(self.recording)

    def _show_recording(self, recording: RecordingState) -> None:
        """Say in words whether the pair is being recorded, for how long and how large it is."""
        text = spoken(recording.text)
        if self.record.text() != text:
            self.record.setText(text)
            self.record.setAccessibleDescription(text)
        tone = "error" if recording.is_on else "text_muted"
        place = next(at for at, (button, _, _) in enumerate(self._icons) if button is self.record)
        if self._icons[place][2] != tone:
            self._icons[place] = self.record, "player-record", tone
            self.record.setIcon(theme.icon("player-record", tone))
            theme.set_tone(self.record, "error" if recording.is_on else "muted")
        key = self._book.shortcut("market.record")
        tip = spoken(recording.tip)
        self.record.setToolTip(plain_tip(f"{tip} ({key})" if key else tip))

    def _show_time(self, model: MarketTime) -> None:
        narrow = self.window().width() < NARROW * theme.current().font_scale
        self.clock.setText(model.clock.rpartition(" ")[2] if narrow else model.clock)
        note = model.note
        self.note.setText(tr(note.source, **note.values) if note.source else "")
        self.note.setVisible(bool(note.source))

    def _show_pace(self, model: MarketTime) -> None:
        icon = "player-play" if model.paused else "player-pause"
        if self._icons[0] != (self.pause, icon, "text_muted"):
            self._icons[0] = (self.pause, icon, "text_muted")
            self.pause.setIcon(theme.icon(icon))
        self.pause.setAccessibleName(tr("Resume") if model.paused else tr("Pause"))
        self.step.setEnabled(model.paused)
        self.speed.setText(f"{model.speed_text(model.speed)} ▾")

    def _fill(self) -> None:
        """Offer the sources that can be chosen now."""
        menu = self._source_menu
        menu.clear()
        for action in SOURCES:
            if not action:
                menu.addSeparator()
            elif self._book.is_enabled(action):
                menu.addAction(tr(self._book.get(action).title), partial(self._book.trigger, action))

    def _set_speed(self, speed: float) -> None:
        if self.model is not None:
            self.model.set_speed(speed)

    def _button(self, action: str, icon: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "ghost")
        button.setIcon(theme.icon(icon))
        self._icons.append((button, icon, "text_muted"))
        title = tr(self._book.get(action).title)
        key = self._book.shortcut(action)
        button.setToolTip(f"{title} ({key})" if key else title)
        button.setAccessibleName(title)
        button.clicked.connect(lambda: self._book.trigger(action))
        return button

    def _menu_button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "ghost")
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._source_menu = QMenu(button)
        button.setMenu(self._source_menu)
        return button
