"""What the window does for the desk of swaps: its forms over the window (`viewmodels.wallet.dexdoing.DexDoing`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.dex_asking import DexAsking
from engine.defi.orders.order import DexOrder
from engine.defi.orders.plan import YieldPlan
from engine.defi.token import Token
from engine.domain.pair import TradingPair

if TYPE_CHECKING:
    from crs_desktop.panes.dex.pane import DexPane
    from crs_desktop.viewmodels.dex.adding import AddForm
    from crs_desktop.viewmodels.dex.form import ActForm
    from engine.services.dex.analytics import PoolReport
    from engine.services.dex.positions import LpPosition
    from engine.services.dex.staking import FarmView

SUBJECTS = ("swap", "orders", "pools", "liquidity", "farms")


class DexActions:
    """The group `dex`."""

    def __init__(self, console: Console, door: WalletDoor) -> None:
        self._console, self._door = console, door
        self._asking = DexAsking(console, door)

    def close(self) -> None:
        """Ask nothing more."""
        self._asking.close()

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "dex.show": lambda: self._console.window.docks.focus("dex"),
            **{f"dex.{each}": partial(self.show, each) for each in SUBJECTS},
            "dex.loss": self.loss,
            "dex.answer": self._asking.look_at_first,
            "dex.limit": lambda: self._order(series=False),
            "dex.series": lambda: self._order(series=True),
        }

    def add_liquidity(self, report: PoolReport) -> None:
        """Put tokens into a pool."""
        from crs_desktop.viewmodels.dex.adding import AddForm

        form = AddForm(self._door, report)
        pair = self._market_of(form) if form.is_range else None
        if pair is None:
            self._open(form)
        else:
            self._open_range(form, pair)

    def take_out(self, position: LpPosition) -> None:
        """Take liquidity out."""
        from crs_desktop.viewmodels.dex.removing import TakeOutForm

        self._open(TakeOutForm(self._door, position))

    def loss(self) -> None:
        """Reckon with impermanent loss."""
        from crs_desktop.shell.dex.loss import LossDialog
        from crs_desktop.viewmodels.dex.loss import LossForm

        LossDialog(self._console.window, LossForm(self._door)).open()

    def stake(self, view: FarmView) -> None:
        """Stake in a farm."""
        from crs_desktop.viewmodels.dex.staking import StakeForm

        self._open(StakeForm(self._door, view))

    def unstake(self, view: FarmView) -> None:
        """Take a part of a stake back."""
        from crs_desktop.viewmodels.dex.staking import StakeForm

        self._open(StakeForm(self._door, view, back=True))

    def plan(self, view: FarmView, plan: YieldPlan | None) -> None:
        """Make or change a plan for rewards."""
        from crs_desktop.viewmodels.dex.staking import PlanForm

        self._open(PlanForm(self._door, view, plan))

    def order(self, sell: Token, buy: Token, amount: str, *, series: bool) -> None:
        """Make an order."""
        from crs_desktop.viewmodels.dex.order_form import OrderForm

        self._open(OrderForm(self._door, sell, buy, amount, series=series))

    def edit_order(self, order: DexOrder) -> None:
        """Give an order other terms."""
        from crs_desktop.viewmodels.dex.order_form import OrderForm

        amount = order.sell.units(order.amount).text
        self._open(OrderForm(self._door, order.sell, order.buy, amount, series=order.is_series, order=order))

    # -- inside -------------------------------------------------------------------------------------

    def _open(self, form: ActForm) -> None:
        from crs_desktop.shell.dex.act import ActDialog

        ActDialog(self._console.window, form).open()

    def _open_range(self, form: AddForm, pair: TradingPair) -> None:
        from crs_desktop.shell.dex.range import RangeDialog

        desk = self._console.open_desk
        if desk is None:
            self._open(form)
        else:
            RangeDialog(self._console.window, form, desk, pair, self._console.window.pulse).open()

    def _market_of(self, form: AddForm) -> TradingPair | None:
        """Return the pair of the market whose candles stand for a pool's price; None: there is none that way round."""
        desk, dex = self._console.open_desk, form.dex
        if desk is None:
            return None
        wrapped = dex.spec.wrapped
        wanted = [wrapped if each.is_native else each for each in (form.first, form.second)]
        for pair in desk.pairs.values():
            tokens = dex.tokens_of(pair)
            if tokens is not None and [wrapped if each.is_native else each for each in tokens] == wanted:
                return pair
        return None

    def _order(self, *, series: bool) -> None:
        """Make an order from what the swap form says."""
        from crs_desktop.panes.dex.swap import SwapPane

        self.show("swap")
        swap = self._pane.shown if self._pane is not None else None
        if isinstance(swap, SwapPane):
            swap.form.order(series=series)

    def show(self, subject: str) -> None:
        """Show a subject of the desk."""
        self._console.window.docks.focus("dex")
        pane = self._pane
        if pane is not None:
            pane.show_subject(subject)

    @property
    def _pane(self) -> DexPane | None:
        from crs_desktop.panes.dex.pane import DexPane

        pane = self._console.window.docks.hosts["dex"].pane
        return pane if isinstance(pane, DexPane) else None
