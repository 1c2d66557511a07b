"""What the window does for the desk's panes: forms over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from engine.defi.orders.order import DexOrder
    from engine.defi.orders.plan import YieldPlan
    from engine.defi.token import Token
    from engine.services.dex.analytics import PoolReport
    from engine.services.dex.positions import LpPosition
    from engine.services.dex.staking import FarmView


class DexDoing(Protocol):
    """Forms of the desk; each ends in the confirmation, or in an order or a plan that is kept."""

    def show(self, subject: str) -> None:
        """Show a subject of the desk: swap, orders, pools, liquidity or farms."""
        ...

    def add_liquidity(self, report: PoolReport) -> None: ...  # noqa: D102 - the names say it
    def take_out(self, position: LpPosition) -> None: ...  # noqa: D102
    def loss(self) -> None:
        """Reckon with impermanent loss."""
        ...

    def stake(self, view: FarmView) -> None: ...  # noqa: D102
    def unstake(self, view: FarmView) -> None: ...  # noqa: D102
    def plan(self, view: FarmView, plan: YieldPlan | None) -> None:
        """Make or change a plan that puts rewards to work again."""
        ...

    def order(self, sell: Token, buy: Token, amount: str, *, series: bool) -> None:
        """Make a limit order, or a series of purchases."""
        ...

    def edit_order(self, order: DexOrder) -> None: ...  # noqa: D102
