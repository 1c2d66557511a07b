"""The venues of a window in one line: each with its state, what can be done with it, and how to watch another one."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.connected import Connected, VenueShown
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.tip import plain_tip

MARKS = {"text": "●", "warn": "◐", "error": "○"}
"""Before a venue's name, so that colour is not alone."""


class VenueStrip(QWidget):
    """Chips; a click on one offers what can be done with that venue. Where there is no room, those in step are one."""

    def __init__(self, connected: Connected, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connected = connected
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.chips: dict[str, QToolButton] = {}
        self._add_text = tr("Also watch…")
        self._whole = 0
        """The width that everything needs."""
        self.add = QPushButton(self._add_text)
        self.add.setAccessibleName(self._add_text)
        self.add.setProperty("kind", "chip")
        self.add.setToolTip(tr("Watch another exchange besides; your orders go on where they go now"))
        theme.set_font(self.add, "small")
        self.add.clicked.connect(lambda: connected.choose())
        self._row.addWidget(self.add)
        self._shown: list[VenueShown] = []
        self.rest = self._chip()
        menu = QMenu(self.rest)
        menu.aboutToShow.connect(partial(self._fill_rest, menu))
        self.rest.setMenu(menu)
        self._row.insertWidget(0, self.rest)
        self._row.insertStretch(0, 1)
        self.rest.hide()
        self.setMinimumWidth(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

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
            _say(chip, _said(each))
            chip.setVisible(True)
            theme.set_tone(chip, {"text": "muted"}.get(each.tone, each.tone))
            chip.setToolTip(plain_tip(_told(each)))
            chip.setAccessibleName(f"{each.title}, {spoken(each.state)}")
        _say(self.add, self._add_text)
        widths = [each.sizeHint().width() for each in (*self.chips.values(), self.add)]
        self._whole = sum(widths) + self._row.spacing() * (len(widths) + 1)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show as many chips as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The way to another venue, and one chip for all."""
        return QSize(1, self.add.sizeHint().height())

    def _fit(self) -> None:
        """Say as much as there is room for; with less, those in step together and the others by name."""
        if self.width() < self._whole:
            well = [each for each in self._shown if each.tone == "text"]
            together = len(well) > 1
        else:
            well, together = [], False
        for each in self._shown:
            chip = self.chips[each.name]
            _say(chip, f"{MARKS[each.tone]} {each.title}" if together else _said(each))
            chip.setVisible(not together or each not in well)
        _say(self.add, "+" if together else self._add_text)
        self.rest.setVisible(together)
        if together:
            _say(self.rest, tr("{mark} {count} venues", mark=MARKS["text"], count=len(well)))
            self.rest.setToolTip(plain_tip("\n".join(_told(each) for each in well)))

    def _fill_rest(self, menu: QMenu) -> None:
        menu.clear()
        for each in self._shown:
            if each.tone == "text":
                inner = menu.addMenu(each.title.replace("&", "&&"))
                inner.aboutToShow.connect(partial(self._fill, inner, each.name))

    def _chip(self) -> QToolButton:
        chip = QToolButton(self)
        chip.setProperty("kind", "chip")
        theme.set_font(chip, "small")
        chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return chip

    def _rebuild(self, venues: list[VenueShown]) -> None:
        for chip in self.chips.values():
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        for at, each in enumerate(venues):
            chip = self._chip()
            menu = QMenu(chip)
            menu.aboutToShow.connect(partial(self._fill, menu, each.name))
            chip.setMenu(menu)
            self._row.insertWidget(2 + at, chip)
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


def _said(each: VenueShown) -> str:
    said = f"{MARKS[each.tone]} {each.title}"
    return said if each.tone == "text" else f"{said} · {spoken(each.state)}"


def _say(button: QAbstractButton, text: str) -> None:
    if button.text() != text:
        button.setText(text)


def _told(each: VenueShown) -> str:
    count = tr("{count} instruments", count=f"{each.instruments:,}") if each.instruments else ""
    parts = (f"{each.title}: {spoken(each.state)}", count, _short(each.text))
    return " · ".join(part for part in parts if part)


def _short(text: Sentence, longest: int = 120) -> str:
    said = spoken(text)
    return said if len(said) <= longest else f"{said[:longest]}…"
