"""The desk's tables as panes: pools, liquidity, farms, orders; each with the buttons that belong to it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.wallet.tables import WalletTablePane
from crs_desktop.viewmodels.dex.farms import FarmsModel
from crs_desktop.viewmodels.dex.orders import DexOrdersModel
from crs_desktop.viewmodels.dex.pools import PoolsModel
from crs_desktop.viewmodels.dex.positions import PositionsModel


class PoolsPane(WalletTablePane):
    """Enter adds liquidity to the pool of a row."""

    name = "dex.pools"

    def __init__(self, model: PoolsModel, parent: QWidget | None = None) -> None:
        self.pools = model
        super().__init__(model, tr("Pools"), (tr("Impermanent loss…"), model.door.doing.dex.loss), parent=parent)
        self.table.opened.connect(model.open)
        self.table.acted.connect(lambda key, _field: model.open(key))

    def tell(self) -> str:
        """Return over which window figures are."""
        return spoken(self.pools.said)


class LiquidityPane(WalletTablePane):
    """Enter takes liquidity out."""

    name = "dex.liquidity"

    def __init__(self, model: PositionsModel, parent: QWidget | None = None) -> None:
        self.positions = model
        super().__init__(model, tr("Liquidity"), (tr("Impermanent loss…"), model.door.doing.dex.loss), parent=parent)
        self.table.opened.connect(model.open)
        self.table.acted.connect(model.act)

    def tell(self) -> str:
        """Return as of when it is."""
        return spoken(self.positions.said)


class FarmsPane(WalletTablePane):
    """Enter stakes."""

    name = "dex.farms"

    def __init__(self, model: FarmsModel, parent: QWidget | None = None) -> None:
        self.farms = model
        super().__init__(model, tr("Farms"), parent=parent)
        self.table.opened.connect(model.open)
        self.table.acted.connect(model.act)

    def tell(self) -> str:
        """Return what rates suppose, or what a plan waits for."""
        return spoken(self.farms.said)


class DexOrdersPane(WalletTablePane):
    """Enter changes an order, Delete cancels it."""

    name = "dex.orders"

    def __init__(self, model: DexOrdersModel, parent: QWidget | None = None) -> None:
        self.orders = model
        super().__init__(model, tr("Orders"), parent=parent)
        self.said.setWordWrap(True)
        self.table.opened.connect(model.open)
        self.table.removed.connect(model.remove)
        self.table.acted.connect(model.act)

    def tell(self) -> str:
        """Return what happens while the program is closed."""
        return spoken(self.orders.said)
