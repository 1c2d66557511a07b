"""The calculator of impermanent loss, with its curve."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.panes.dex.loss_curve import LossCurve
from crs_desktop.shell.dex.act import ActDialog
from crs_desktop.viewmodels.dex.loss import LossForm


class LossDialog(ActDialog):
    """Shows a `LossForm`."""

    def __init__(self, parent: QWidget, form: LossForm) -> None:
        self._losses = form
        self.curve = LossCurve()
        super().__init__(parent, form, self.curve)

    def refresh(self) -> None:
        """Show the figures and the curve."""
        super().refresh()
        self.curve.show_curve(self._losses.curve(), self._losses.ratio)
