"""The market of one V2 pair by its router alone, for tests of orders: quotes are the router's own."""

from __future__ import annotations

from engine.defi import abi
from engine.defi.intent import Intent, IntentKind
from engine.defi.intents.allow import exact_allowance
from engine.defi.token import Token
from engine.services.dex.market import Offer
from tests.dexdesk import Desk

SWAP = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"


class PairMarket:
    """Swaps two tokens (not the coin) in one pair."""

    def __init__(self, desk: Desk, dex: str = "uniswap-v2", gas_cost: int = 0) -> None:
        self._desk, self._dex, self._gas_cost = desk, desk.dex(dex), gas_cost

    async def offer(self, sell: Token, buy: Token, amount: int) -> Offer:
        path = [sell.address, buy.address]
        (amounts,) = await self._desk.ask(
            self._dex.router, "getAmountsOut(uint256,address[])", "(uint256[])", amount, path
        )
        return Offer(sell, buy, amount, amounts[1], amounts[1] - self._gas_cost, self._dex.title)

    async def intents(self, offer: Offer, account: str, slippage_bps: int, least: int) -> list[Intent]:
        router, title = self._dex.router, f"{self._dex.title}'s router"
        (allowed,) = await self._desk.ask(
            offer.sell.address, "allowance(address,address)", "(uint256)", account, router
        )
        sold = offer.sell.units(offer.amount)
        before = [] if allowed >= offer.amount else [exact_allowance(self._desk.spec, account, sold, router, title)]
        floor = max(least, offer.bought * (10_000 - slippage_bps) // 10_000)
        deadline = self._desk.clock.wall() // 10**9 + 1_200
        path = [offer.sell.address, offer.buy.address]
        swap = Intent(
            IntentKind.SWAP,
            self._desk.spec.chain_id,
            account,
            router,
            title,
            abi.encode(SWAP, offer.amount, floor, path, account, deadline),
            leaves=(sold,),
            arrives=(offer.buy.units(floor),),
            deadline=deadline,
            expected=(offer.buy.units(offer.bought),),
            slippage_bps=slippage_bps,
            impact_bps=1,
        )
        return [*before, swap]
