"""The scanner pane: every instrument of every connected venue, filtered and sorted, live."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.table_pane import EmptyState, Strip
from crs_desktop.panes.venue_strip import VenueStrip
from crs_desktop.viewmodels.markets.limits import read_limit
from crs_desktop.viewmodels.markets.scanner import COLUMNS, KINDS, PRESETS, ScannerModel
from crs_desktop.viewmodels.markets.sieve import Sieve
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.scan_table import ScanTable
from crs_desktop.widgets.tip import plain_tip


class ScannerPane(Pane):
    """Enter looks at an instrument, Insert puts it on the watchlist; titles sort, fields filter."""

    name = "scanner"

    def __init__(self, model: ScannerModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Scanner"), parent)
        self._model = model
        self.table = ScanTable(COLUMNS, model.cells, spoken, self)
        self.table.setAccessibleName(tr("Scanner"))
        self.table.opened.connect(model.open)
        self.table.added.connect(self._watch)
        self.table.wanted.connect(model.sort)
        self.table.asked.connect(self._offer)
        self.table.held.connect(self._hold)
        self.venues = VenueStrip(model.connected)
        self.empty = EmptyState(self)
        self.empty.button.clicked.connect(self._empty_clicked)
        self.problem = Strip(tr("Try again"), tr("Watch it no more"))
        self.problem.yes.clicked.connect(lambda: self._with_problem(model.connected.watch))
        self.problem.no.clicked.connect(lambda: self._with_problem(model.connected.unwatch))
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._sieve_row())
        box.addLayout(self._order_row())
        box.addLayout(self._stack, 1)
        box.addWidget(self.problem)
        self.setFocusProxy(self.table)
        self.refresh()

    # -- the two rows above -----------------------------------------------------------------------

    def _sieve_row(self) -> QHBoxLayout:
        self.text = self._field(tr("Filter: btc, eth kraken…"), 190)
        self.quote, self.venue, self.kind = QComboBox(), QComboBox(), QComboBox()
        self.least = self._field(tr("Volume ≥ $"), 96)
        self.low, self.high = self._field(tr("24 h ≥ %"), 76), self._field(tr("24 h ≤ %"), 76)
        self.clear = QPushButton(tr("Clear"))
        self.clear.setProperty("kind", "chip")
        self.clear.clicked.connect(self.clear_sieve)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 2)
        row.setSpacing(4)
        row.addWidget(self.text, 1)
        for combo, name in (
            (self.quote, tr("Quote asset")), (self.venue, tr("Venue")), (self.kind, tr("Kind")),
        ):  # fmt: skip
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMaximumWidth(theme.current().px(104))
            theme.set_font(combo, "small")
            combo.activated.connect(self._sift)
            row.addWidget(combo)
        for field in (self.least, self.low, self.high):
            row.addWidget(field)
        row.addWidget(self.clear)
        row.addStretch(1)
        return row

    def _field(self, hint: str, width: int) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText(hint)
        field.setAccessibleName(hint)
        field.setToolTip(hint)
        field.setMaxLength(64)
        field.setMinimumWidth(60)
        field.setMaximumWidth(theme.current().px(width))
        field.textChanged.connect(self._sift)
        theme.set_font(field, "small")
        return field

    def _order_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 8, 2)
        row.setSpacing(2)
        self.presets: dict[str, QPushButton] = {}
        for preset in PRESETS:
            chip = QPushButton(spoken(preset.title))
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            theme.set_font(chip, "small")
            chip.clicked.connect(partial(self._model.sort, preset.column, descending=preset.descending))
            self.presets[preset.name] = chip
            row.addWidget(chip)
        self.old = QPushButton(tr("Order held · sort now"))
        self.old.setProperty("kind", "chip")
        self.old.setToolTip(tr("Rows keep their places while you point at them or have selected one. Escape lets go."))
        theme.set_font(self.old, "small")
        theme.set_tone(self.old, "warn")
        self.old.clicked.connect(self._model.sort_now)
        row.addWidget(self.old)
        row.addSpacing(8)
        self.count = plain_label("", role="small", tone="muted")
        row.addWidget(self.count)
        row.addSpacing(8)
        row.addWidget(self.venues, 1)
        return row

    # -- showing ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what is new: places if rows may move, figures of rows in view."""
        model = self._model
        step = model.advance()
        if step.ordered or not len(self.table.row_model.numbers):
            self._fill_choices()
            self.table.show_order(model.shown, model.column, descending=model.descending)
        elif (model.column, model.descending) != (self.table.row_model.sorted, self.table.row_model.descending):
            self.table.show_order(model.shown, model.column, descending=model.descending)
        self.table.show_changes(step.changed)
        for name, chip in self.presets.items():
            chip.setChecked(name == model.preset)
        self.old.setVisible(model.held and model.pending)
        shown, total = len(model.shown), model.total
        self.count.setText(
            tr("{count} instruments", count=f"{total:,}") if shown == total else f"{shown:,} / {total:,}"
        )
        self.clear.setVisible(not model.sieve.is_open)
        self.venues.sync()
        problem = model.connected.problem()
        self.problem.say("" if problem is None else spoken(problem[1]), "error")
        self._show_empty(shown, total)
        super().refresh()
        if not model.complete:
            model.hurry()

    def _show_empty(self, shown: int, total: int) -> None:
        if not shown:
            filtered = total > 0
            self.empty.sentence.setText(
                tr("Nothing passes these filters.") if filtered
                else tr("No venue told yet what it lists. All instruments of all connected venues are shown here.")
            )  # fmt: skip
            self.empty.button.setText(tr("Clear the filters") if filtered else tr("Also watch an exchange…"))
        front: QWidget = self.table if shown else self.empty
        if self._stack.currentWidget() is not front:
            self._stack.setCurrentWidget(front)
            self.setFocusProxy(self.table if shown else self.empty.button)

    def _fill_choices(self) -> None:
        model = self._model
        _fill(self.quote, [(tr("All quotes"), ""), *((code, code) for code in model.quotes())])
        venues = [(each.title, each.name) for each in model.connected.venues() if each.instruments]
        _fill(self.venue, [(tr("All venues"), ""), *venues])
        kinds = model.kinds()
        _fill(self.kind, [(tr("All kinds"), ""), *((spoken(KINDS[kind]), kind.value) for kind in kinds)])
        self.kind.setVisible(len(kinds) > 1)
        self.table.silence(*(("kind",) if len(kinds) < 2 else ()))
        self.venue.setVisible(len(venues) > 1)

    # -- doing ------------------------------------------------------------------------------------

    def _sift(self) -> None:
        least, low, high = (read_limit(each.text()) for each in (self.least, self.low, self.high))
        for field, limit in ((self.least, least), (self.low, low), (self.high, high)):
            _mark(field, limit.problem)
        self._model.sift(
            Sieve(
                self.text.text().strip(), self.quote.currentData() or "", self.venue.currentData() or "",
                self.kind.currentData() or "", least.value, low.fraction, high.fraction,
            )
        )  # fmt: skip

    def clear_sieve(self) -> None:
        """Show everything again."""
        for field in (self.text, self.least, self.low, self.high):
            field.clear()
        for combo in (self.quote, self.venue, self.kind):
            combo.setCurrentIndex(0)
        self._sift()

    def _empty_clicked(self) -> None:
        if self._model.total:
            self.clear_sieve()
        else:
            self._model.connected.choose()

    def _hold(self, held: bool) -> None:
        if held != self._model.held:
            self._model.held = held
            self._model.touch()

    def _with_problem(self, do: object) -> None:
        problem = self._model.connected.problem()
        if problem is not None and callable(do):
            do(problem[0])

    def _watch(self, number: int) -> None:
        name, symbol = self._model.watch(number), self._model.figures.listed[number].symbol
        where = self._model.connected.lists
        said = Sentence("{symbol} is on “{name}”.") if name else Sentence("{symbol} is on the list already.")
        shown = where.shown.name if where.shown is not None else where.lists[0].name
        self._model.desk.tell(Sentence(said.source, {"symbol": symbol, "name": name or shown}), Sentence(""))

    def _offer(self, number: int, at: QPoint) -> None:
        model, listed = self._model, self._model.figures.listed[number]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open {symbol}", symbol=listed.symbol) + "\tEnter", partial(model.open, number))
        menu.addAction(tr("Add to the watchlist") + "\tIns", partial(self._watch, number))
        base = listed.instrument.pair.base.code
        menu.addAction(tr("Compare {asset} across venues", asset=base), partial(model.connected.compared, base))
        sorts = menu.addMenu(tr("Sort by"))
        for column in COLUMNS:
            sorts.addAction(spoken(Sentence(column.title)), partial(model.sort, column.field))
        menu.popup(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Down in the filter goes to the rows, Escape there empties it; F5 sorts now."""
        in_text = self.text.hasFocus()
        if event.key() == Qt.Key.Key_F5:
            self._model.sort_now()
        elif in_text and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.table.setFocus()
            if self.table.current_number() is None and len(self.table.row_model.numbers):
                self.table.selectRow(0)
        elif in_text and event.key() == Qt.Key.Key_Escape and self.text.text():
            self.text.clear()
        else:
            super().keyPressEvent(event)


def _fill(combo: QComboBox, choices: list[tuple[str, str]]) -> None:
    """Offer these; what was chosen stays chosen if it is still there."""
    if choices == [(combo.itemText(at), combo.itemData(at)) for at in range(combo.count())]:
        return
    chosen = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    for text, value in choices:
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    combo.blockSignals(False)


def _mark(field: QLineEdit, problem: Sentence) -> None:
    wrong = bool(problem.source)
    field.setToolTip(plain_tip(spoken(problem)) if wrong else field.placeholderText())
    if bool(field.property("invalid")) != wrong:
        field.setProperty("invalid", wrong)
        field.style().unpolish(field)
        field.style().polish(field)
