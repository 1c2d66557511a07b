"""The market of orders as the desk's quotes see it: the best route that is one transaction, its gas counted."""

from __future__ import annotations

from engine.defi.intent import Intent
from engine.defi.slippage import BPS
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.services.dex.market import Offer
from engine.services.dex.quoterow import QuoteRow
from engine.services.dex.quotes import Quotes
from engine.services.dex.swap import Swaps, Ticket


class RouteMarket:
    """`Market` by the quotes of all exchanges.

    An order takes one route: a split is several transactions, of which some could fail and some not.
    """

    def __init__(self, quotes: Quotes, swaps: Swaps) -> None:
        self._quotes, self._swaps = quotes, swaps

    async def offer(self, sell: Token, buy: Token, amount: int) -> Offer:
        """Return the best route for selling an amount; see `Market.offer`."""
        found = await self._quotes.best(sell, buy, amount)
        rows = [each for each in found.rows if each.is_executable and each.transactions == 1]
        if not rows:
            raise InvalidInput(found.refusal or f"No single transaction leads from {sell.symbol} to {buy.symbol}.")
        row = rows[0]
        return Offer(sell, buy, amount, row.amount_out.units, row.net.units, row.title, row)

    async def intents(self, offer: Offer, account: str, slippage_bps: int, least: int) -> list[Intent]:
        """Return what is to be signed to take an offer; see `Market.intents`.

        Raises:
            InvalidInput: it gives less than `least`.
            ChainUnavailable: nobody answers.
        """
        row = offer.quote
        if not isinstance(row, QuoteRow):
            raise InvalidInput("This offer was made elsewhere.")
        if offer.bought < least:
            raise InvalidInput(f"It gives {offer.buy.units(offer.bought)}; {offer.buy.units(least).text} are wanted.")
        spare = (offer.bought - least) * BPS // offer.bought if least else slippage_bps
        return await self._swaps.intents(row, Ticket(account, min(slippage_bps, spare)))
