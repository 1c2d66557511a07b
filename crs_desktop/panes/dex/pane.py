"""The DEX desk's dock: subjects at the left, one of them at a time beside them."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.dex.swap import SwapPane
from crs_desktop.panes.dex.tables import DexOrdersPane, FarmsPane, LiquidityPane, PoolsPane
from crs_desktop.panes.table_pane import EmptyState
from crs_desktop.panes.wallet.rail import Offered, RailPane, Shut
from crs_desktop.viewmodels.dex.farms import FarmsModel
from crs_desktop.viewmodels.dex.head import DexModel
from crs_desktop.viewmodels.dex.orders import DexOrdersModel
from crs_desktop.viewmodels.dex.pools import PoolsModel
from crs_desktop.viewmodels.dex.positions import PositionsModel
from crs_desktop.viewmodels.dex.swap import SwapModel
from crs_desktop.viewmodels.words import NOTHING

RAIL = 104


class ShutDesk(Shut):
    """Why the desk is shut, and the button that opens it."""

    def __init__(self, model: DexModel) -> None:
        super().__init__()
        self._model, self.empty = model, EmptyState()
        self.empty.button.clicked.connect(lambda _=False: model.take_offer())
        QVBoxLayout(self).addWidget(self.empty)

    def refresh(self) -> None:
        """Show why."""
        offer = self._model.offer
        self.empty.sentence.setText(spoken(self._model.shut))
        self.empty.button.setText(spoken(offer))
        self.empty.button.setVisible(offer != NOTHING)

    def target(self) -> QPushButton | None:
        """Return the button, if it is there."""
        return None if self.empty.button.isHidden() else self.empty.button


class DexPane(RailPane):
    """Keys: up and down in the rail choose a subject, Enter goes to it, Escape back to the rail."""

    name = "dex"

    def __init__(self, model: DexModel, parent: QWidget | None = None) -> None:
        self.desk_of = model
        desk, door = model.desk, model.door
        offered = {
            "swap": Offered(tr("Swap"), lambda: SwapPane(SwapModel(desk, door))),
            "orders": Offered(tr("Orders"), lambda: DexOrdersPane(DexOrdersModel(desk, door))),
            "pools": Offered(tr("Pools"), lambda: PoolsPane(PoolsModel(desk, door))),
            "liquidity": Offered(tr("Liquidity"), lambda: LiquidityPane(PositionsModel(desk, door))),
            "farms": Offered(tr("Farms"), lambda: FarmsPane(FarmsModel(desk, door))),
        }
        rail = tr("Subjects of the DEX desk")
        shut = ShutDesk(model)
        self.empty = shut.empty
        super().__init__(model, tr("DEX"), shut, offered, rail=rail, width=RAIL, parent=parent)
        door.open()
        self.refresh()

    @property
    def is_open(self) -> bool:
        """Whether something can be done."""
        return self.desk_of.shut == NOTHING

    def show_subject(self, subject: str) -> None:
        """Show a subject, and give it the keyboard if the desk is open."""
        super().show_subject(subject)
        self.enter()

    def opened(self) -> None:
        """Go on to the subject: that is what the desk was opened for."""
        self.enter()
