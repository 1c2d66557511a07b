"""The indicators of a chart pane: the picker, the dialogs, the menu of one, and what is undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QMenu, QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.study_board import StudyBoard
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.indicators.setup import PRICE
from crs_desktop.viewmodels.indicators.studies import Studies
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from crs_desktop.panes.indicator_dialog import IndicatorDialog
    from crs_desktop.panes.indicator_picker import IndicatorPicker


class ChartIndicators:
    """Belongs to one chart; what cannot be done is told through the desk."""

    def __init__(self, chart: ChartView, studies: Studies, parent: QWidget) -> None:
        self.studies = studies
        self.board = StudyBoard(chart, studies)
        self.board.opened = self.open_dialog
        self.changed: Callable[[], object] = _nothing
        """Called when what is remembered of them changed."""
        self.alert_wanted: Callable[[Study], object] = _nobody
        """Called with an indicator that is to be watched by an alert."""
        self._parent, self._desk = parent, chart.model.desk
        self._link = studies.on_change(lambda _: self.changed())

    def close(self) -> None:
        """Hear of no more changes."""
        self._link.close()
        self.board.close()

    def open_picker(self) -> IndicatorPicker:
        """Open the list of indicators."""
        from crs_desktop.panes.indicator_picker import IndicatorPicker

        picker = IndicatorPicker(self._parent.window(), self.studies, self._want_own)
        picker.open()
        return picker

    def open_dialog(self, study: Study) -> IndicatorDialog:
        """Open the settings of an indicator."""
        from crs_desktop.panes.indicator_dialog import IndicatorDialog
        from crs_desktop.viewmodels.indicators.form import StudyForm

        dialog = IndicatorDialog(self._parent.window(), StudyForm(self.studies, study))
        dialog.show()
        return dialog

    def undo_remove(self) -> None:
        """Bring back what was taken off last."""
        try:
            if self.studies.undo_remove() is None:
                self._say(say("No indicator was taken off."))
        except InvalidInput as error:
            self._say(verbatim(str(error)))

    def menu_at(self, at: QPoint) -> QMenu | None:
        """Return the menu of the indicator at a point of the chart, None if there is none."""
        study = self.board.study_at(QPointF(at))
        return None if study is None else self.menu_of(study)

    def menu_of(self, study: Study) -> QMenu:
        """Return the menu of an indicator."""
        studies, menu = self.studies, QMenu(self._parent)
        menu.addAction(study.title.replace("&", "&&")).setEnabled(False)
        menu.addSeparator()
        warning = studies.warning(study)
        if warning.source:
            wrong = menu.addAction(spoken(warning).replace("&", "&&"))
            wrong.setEnabled(False)
            menu.addAction(tr("Try again"), lambda: studies.retry(study))
            menu.addSeparator()
        menu.addAction(tr("Settings…"), lambda: self.open_dialog(study))
        menu.addAction(tr("Alert on this…"), lambda: self.alert_wanted(study))
        hidden = study.setup.hidden
        menu.addAction(tr("Show") if hidden else tr("Hide"), lambda: studies.set_hidden(study, not hidden))
        self._offer_places(menu, study)
        menu.addAction(tr("Move up"), lambda: studies.move(study, -1))
        menu.addAction(tr("Move down"), lambda: studies.move(study, 1))
        menu.addAction(tr("Duplicate"), lambda: self._do(lambda: studies.duplicate(study)))
        menu.addSeparator()
        menu.addAction(tr("Remove"), lambda: studies.remove(study))
        return menu

    def fill(self, menu: QMenu) -> None:
        """Add what concerns indicators to the menu of the chart."""
        menu.addSeparator()
        menu.addAction(tr("Add indicator…"), self.open_picker)
        if len(self.studies):
            shown = menu.addMenu(tr("Indicators"))
            for study in self.studies:
                part = self.menu_of(study)
                part.setParent(shown, part.windowFlags())
                part.setTitle(study.title.replace("&", "&&"))
                shown.addMenu(part)
        for sentence in self.studies.missing:
            menu.addAction(spoken(sentence).replace("&", "&&")).setEnabled(False)
        menu.addAction(tr("Bring the removed indicator back"), self.undo_remove)

    def _offer_places(self, menu: QMenu, study: Study) -> None:
        places = self.studies.places(study)
        if not places:
            return
        into = menu.addMenu(tr("Move to"))
        in_use = self.studies.panes
        for place in places:
            others = [each.title for each in self.studies if each.setup.pane == place]
            text = tr("Over the candles") if place == PRICE else tr("A pane of its own")
            if place in in_use:
                text = tr("The pane of {names}", names=", ".join(others))
            move = into.addAction(text.replace("&", "&&"))
            move.triggered.connect(lambda _=False, to=place: self._do(lambda: self.studies.set_pane(study, to)))

    def _want_own(self) -> None:
        self._desk.want_indicator(self.studies)

    def _say(self, sentence: Sentence) -> None:
        self._desk.tell(say("Indicators"), sentence)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except InvalidInput as error:
            self._say(verbatim(str(error)))


def _nobody(_study: Study) -> None:
    """Nobody watches it."""


def _nothing() -> None:
    """Nobody is there to do it."""
