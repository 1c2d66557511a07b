"""The pane of one asset across venues: best bid and ask of each, the best of all, the gap before and after fees."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCheckBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.panes.venue_strip import VenueStrip
from crs_desktop.viewmodels.markets.across import GAPS_SHOWN, AcrossModel
from crs_desktop.widgets.label import plain_label


class AcrossPane(TablePane):
    """Enter looks at the pair of a row; the field above chooses an asset, its button follows the desk again."""

    name = "across"

    def __init__(self, model: AcrossModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Across venues"), parent)
        self._model = model
        self.table.opened.connect(model.open)
        self.venues = VenueStrip(model.connected)
        self.lines: list[QLabel] = [plain_label("", role="number", tone="muted") for _ in range(GAPS_SHOWN)]
        head = QVBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(2)
        head.addLayout(self._choice())
        for line in self.lines:
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            line.setWordWrap(True)
            line.setMinimumWidth(1)
            head.addWidget(line)
        self.column.insertLayout(0, head)

    def _choice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.asset = QLineEdit()
        self.asset.setAccessibleName(tr("Asset to compare"))
        self.asset.setToolTip(tr("Asset to compare; Enter takes it"))
        self.asset.setMaxLength(24)
        self.asset.setMaximumWidth(theme.current().px(96))
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self.compare)
        self.asset.setCompleter(completer)
        self.asset.returnPressed.connect(lambda: self.compare(self.asset.text()))
        self.asset.textEdited.connect(self._edited)
        self.follow = QPushButton(tr("Follow the pair"))
        self.follow.setProperty("kind", "chip")
        self.follow.setToolTip(tr("Compare the base of the pair that the desk shows, whatever that is"))
        self.follow.clicked.connect(lambda: self.compare(""))
        self.dollar = QCheckBox(tr("Count USD, USDT and USDC as one dollar"))
        self.dollar.setToolTip(
            tr("They are not the same: a dollar coin trades above or below a dollar, and changing one costs a fee.")
        )
        self.dollar.toggled.connect(self._model.set_one_dollar)
        for each in (self.asset, self.follow, self.dollar):
            theme.set_font(each, "small")
            row.addWidget(each)
        row.addWidget(self.venues, 1)
        return row

    def compare(self, asset: str) -> None:
        """Compare an asset, or follow the desk if it is empty."""
        known = self._model.choose(asset)
        self._mark(not known)
        if known:
            self.asset.clearFocus()
            self.refresh()
            self.table.setFocus()

    def refresh(self) -> None:
        """Show rows, gaps and venues as they are now."""
        model = self._model
        if not self.asset.hasFocus() and self.asset.text() != model.asset:
            self.asset.setText(model.asset)
        self.follow.setVisible(bool(model.chosen))
        told = model.told() if model.quotes() else []
        for at, line in enumerate(self.lines):
            line.setVisible(at < len(told))
            if at < len(told):
                line.setText(spoken(told[at][0]))
                theme.set_tone(line, told[at][1])
        self.venues.sync()
        super().refresh()

    def _edited(self) -> None:
        if not self._known.rowCount():
            self._known.setStringList(list(self._model.assets()))
        self._mark(False)

    def _mark(self, wrong: bool) -> None:
        tip = tr("No connected venue lists that asset.") if wrong else tr("Asset to compare; Enter takes it")
        self.asset.setToolTip(tip)
        if bool(self.asset.property("invalid")) != wrong:
            self.asset.setProperty("invalid", wrong)
            self.asset.style().unpolish(self.asset)
            self.asset.style().polish(self.asset)
