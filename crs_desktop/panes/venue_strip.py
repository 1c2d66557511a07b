"""The venues of a window in one line: each with its state, what can be done with it, and how to watch another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.markets.connected import Connected, VenueShown
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.tip import plain_tip

MARKS = {"text": "●", "warn": "◐", "error": "○"}
"""Before a venue's name, so that colour is not alone."""


class VenueStrip(QWidget):
    """Chips; a click on one offers what can be done with that venue."""

    def __init__(self, connected: Connected, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connected = connected
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.chips: dict[str, QToolButton] = {}
        self.add = QPushButton(tr("Also watch…"))
        self.add.setProperty("kind", "chip")
        self.add.setToolTip(tr("Watch another exchange besides; your orders go on where they go now"))
        theme.set_font(self.add, "small")
        self.add.clicked.connect(lambda: connected.choose())
        self._row.addWidget(self.add)
        self._shown: list[VenueShown] = []

    def sync(self) -> None:
        """Show the venues as they are now."""
        venues = self._connected.venues()
        if venues == self._shown:
            return
        if [each.name for each in venues] != list(self.chips):
            self._rebuild(venues)
        self._shown = venues
        for each in venues:
            chip = self.chips[each.name]
            said = f"{MARKS[each.tone]} {each.title}"
            chip.setText(said if each.tone == "text" else f"{said} · {spoken(each.state)}")
            theme.set_tone(chip, {"text": "muted"}.get(each.tone, each.tone))
            chip.setToolTip(plain_tip(_told(each)))
            chip.setAccessibleName(f"{each.title}, {spoken(each.state)}")

    def _rebuild(self, venues: list[VenueShown]) -> None:
        for chip in self.chips.values():
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        for at, each in enumerate(venues):
            chip = QToolButton(self)
            chip.setProperty("kind", "chip")
            theme.set_font(chip, "small")
            menu = QMenu(chip)
            menu.aboutToShow.connect(partial(self._fill, menu, each.name))
            chip.setMenu(menu)
            chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            self._row.insertWidget(at, chip)
            self.chips[each.name] = chip

    def _fill(self, menu: QMenu, name: str) -> None:
        menu.clear()
        each = next((each for each in self._connected.venues() if each.name == name), None)
        if each is None:
            return
        menu.addAction(_told(each).replace("&", "&&")).setEnabled(False)
        if each.failed:
            menu.addAction(tr("Try again"), lambda: self._connected.watch(name))
        if each.is_watched:
            menu.addAction(tr("Watch it no more"), lambda: self._connected.unwatch(name))


def _told(each: VenueShown) -> str:
    count = tr("{count} instruments", count=f"{each.instruments:,}") if each.instruments else ""
    parts = (f"{each.title}: {spoken(each.state)}", count, _short(each.text))
    return " · ".join(part for part in parts if part)


def _short(text: Sentence, longest: int = 120) -> str:
    said = spoken(text)
    return said if len(said) <= longest else f"{said[:longest]}…"
