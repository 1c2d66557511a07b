"""The market of one V2 exchange by its router alone, for tests of orders: quotes are the router's own."""

from __future__ import annotations

from engine.defi.chain import DexKind, DexSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.intents.allow import exact_allowance
from engine.defi.intents.swap import Leg, RouterCall, Terms, pair_swap, range_swap
from engine.defi.token import Token
from engine.errors import InvalidInput, Reverted
from engine.services.dex.market import Offer
from tests.dexdesk import Desk


class PairMarket:
    """Swaps two tokens (not the coin) in one pair of the first exchange that has it."""

    def __init__(self, desk: Desk, *dexes: str, gas_cost: int = 0) -> None:
        self._desk, self._gas_cost = desk, gas_cost
        self._dexes = [desk.dex(each) for each in dexes or ("uniswap-v2", "sushiswap")]

    async def offer(self, sell: Token, buy: Token, amount: int) -> Offer:
        for dex in self._dexes:
            try:
                (amounts,) = await self._desk.ask(
                    dex.router, "getAmountsOut(uint256,address[])", "(uint256[])", amount, [sell.address, buy.address]
                )
            except Reverted:
                continue
            return Offer(sell, buy, amount, amounts[1], amounts[1] - self._gas_cost, dex.title, dex)
        raise InvalidInput(f"No pool of {sell.symbol} and {buy.symbol}.")

    async def intents(self, offer: Offer, account: str, slippage_bps: int, least: int) -> list[Intent]:
        dex = offer.quote
        assert isinstance(dex, DexSpec)
        floor = max(least, offer.bought * (10_000 - slippage_bps) // 10_000)
        return await swap_of(self._desk, dex, offer.sell, offer.buy, offer.amount, floor, offer.bought, slippage_bps)


async def swap_of(
    desk: Desk,
    dex: DexSpec,
    sell: Token,
    buy: Token,
    amount: int,
    least: int = 1,
    expected: int = 0,
    slippage_bps: int | None = None,
    fee: int = 0,
) -> list[Intent]:
    """Return an exact approval, if one is missing, and the swap of two tokens in one pool."""
    title, now = f"{dex.title}'s router", desk.clock.wall() // 10**9
    deadline = max(now, await desk.now()) + 1_200
    (allowed,) = await desk.ask(sell.address, "allowance(address,address)", "(uint256)", desk.account, dex.router)
    sold = sell.units(amount)
    before = [] if allowed >= amount else [exact_allowance(desk.spec, desk.account, sold, dex.router, title)]
    path = (sell.address, buy.address)
    call: RouterCall
    if dex.kind is DexKind.V3:
        call = range_swap([Leg(path, (fee,), amount, least)], Terms(desk.account, deadline))
    else:
        call = pair_swap(Leg(path, (), amount, least), Terms(desk.account, deadline))
    swap = Intent(
        IntentKind.SWAP,
        desk.spec.chain_id,
        desk.account,
        dex.router,
        title,
        call.data,
        leaves=(sold,),
        arrives=(buy.units(least),),
        deadline=deadline,
        expected=(buy.units(expected),) if expected else (),
        slippage_bps=slippage_bps,
        impact_bps=1,
    )
    return [*before, swap]
