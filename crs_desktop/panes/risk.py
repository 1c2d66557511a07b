"""The risk pane: what passes now and why, and how much of each limit is used."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.risk import Headroom, RiskModel
from crs_desktop.widgets.headroom import HeadroomBar
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.tip import plain_tip


class RiskPane(Pane):
    """Shows a `RiskModel`."""

    name = "risk"

    def __init__(self, model: RiskModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Risk"), parent)
        self._model = model
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(self._head())
        self.notes = plain_label(role="body", tone="warn", wrap=True)
        column.addWidget(self.notes)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, HeadroomBar, QLabel]] = []
        column.addLayout(self._grid)
        self.hint = plain_label(role="small", tone="muted", wrap=True)
        self.hint.setText(tr("Limits are set under Settings, Risk: for everybody, one account, or one pair."))
        column.addWidget(self.hint)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setFocusProxy(area)
        self.refresh()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.state = plain_label(role="strong")
        self.state.setAccessibleName(tr("Trading state"))
        self.passes = plain_label(role="body", tone="muted")
        self.silence = plain_label(role="small", tone="muted")
        row.addWidget(self.state)
        row.addWidget(self.passes)
        row.addStretch(1)
        row.addWidget(self.silence)
        return row

    def refresh(self) -> None:
        """Show the state and every rule."""
        model = self._model
        word, tone, passes = model.state
        self.state.setText(f"● {spoken(word)}")
        theme.set_tone(self.state, tone)
        self.passes.setText(spoken(passes))
        sentence, tone = model.silence
        self.silence.setText(spoken(sentence))
        theme.set_tone(self.silence, tone)
        notes = [spoken(each) for each in (model.waits, model.why, model.refusal) if each is not None]
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        for number, headroom in enumerate(model.rows()):
            self._show(number, headroom)
        super().refresh()

    def _show(self, number: int, headroom: Headroom) -> None:
        if number == len(self._rows):
            parts = (plain_label(role="body"), HeadroomBar(), plain_label(role="number", tone="muted"))
            parts[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, part in enumerate(parts):
                self._grid.addWidget(part, number, place)
            self._rows.append(parts)
        title, bar, figures = self._rows[number]
        name = spoken(headroom.title)
        title.setText(name)
        bar.show_share(headroom.share, headroom.tone)
        text = spoken(headroom.figures)
        figures.setText(text)
        theme.set_tone(figures, headroom.tone if headroom.tone in ("warn", "error") else "muted")
        bar.setAccessibleName(f"{name}: {text}")
        for part in (title, bar, figures):
            part.setToolTip(plain_tip(spoken(headroom.tip)))
