"""The practice chain behind the window: starting it with a toast, and telling it what the market pays."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.wiring.console import Console
from engine.errors import CrsError
from engine.services.task import TaskOwner

events = logging.getLogger("crs.events")

MARKET = {"ETH": "ETH/USDT", "WBTC": "BTC/USDT"}
"""Whose prices the pools of the practice chain follow, by the token's symbol there."""
MARKET_S = 2.5


class Practice:
    """Starts the practice chain when told to; `follow` lets its pools move along with a made market."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._follows = False
        self._tasks = TaskOwner("wallet practice")

    async def start(self, front: WalletFront) -> None:
        """Start the chain and go there; a toast says how far it is."""
        toasts = self._console.toasts
        toast = toasts.say(tr("Starting the practice chain…"), tr("This takes some seconds."))

        def tell(progress: Sentence) -> None:
            if toast in toasts.shown:
                toast.say(tr("Starting the practice chain…"), spoken(progress))
                toasts.settle()

        try:
            await front.practise(tell)
        finally:
            toast.leave()
        self.follow(front)
        said = tr("Real contracts on this computer. Coins here are worth nothing.")
        toasts.say(tr("You are on the practice chain"), said, "replay")

    def follow(self, front: WalletFront) -> None:
        """Tell the chain what the market pays from now on, while it is in use and somebody looks at its docks."""
        if not self._follows:
            self._follows = True
            self._tasks.start(self._tell_market(front))

    async def close(self) -> None:
        """Tell it no more."""
        await self._tasks.join()

    # -- inside -------------------------------------------------------------------------------------

    async def _tell_market(self, front: WalletFront) -> None:
        while True:
            chain, hosts = front.chain, self._console.window.docks.hosts
            is_seen = any(hosts[each].in_view for each in ("wallet", "dex"))
            prices = self._prices() if is_seen and chain is not None and chain.spec.is_practice else {}
            if prices:
                try:
                    await front.tell_market(prices)
                except CrsError as error:
                    events.info("The practice chain was not told the market's prices: %s", error)
            await asyncio.sleep(MARKET_S)

    def _prices(self) -> dict[str, Decimal]:
        """Return what the market behind the window pays last, if that is a made one."""
        desk = self._console.open_desk
        if desk is None or desk.runner is None:
            return {}
        return {
            symbol: Decimal(desk.pairs[pair].price_text(last))
            for symbol, pair in MARKET.items()
            if pair in desk.markets and (last := desk.market_data.last_price(pair)) is not None
        }
