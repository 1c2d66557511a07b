"""The desk's front over the services of a chain: `engine.bootstrap.chaindesk`. Imported with the wallet's front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.bootstrap.chaindesk import ChainDesk
from engine.bootstrap.wallet import WalletEngine
from engine.defi.address import parsed_address
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.token import Token, TokenAmount
from engine.services.dex.quoterow import DexQuotes, QuoteRow
from engine.services.dex.quotes import Following
from engine.services.dex.swap import Ticket

SWAP_GAS = 400_000
"""What a swap through several pools takes at most: so much of the coin is left for it."""
PERCENTILES = (50.0,)


class EngineDex:
    """`DexFront` over the desk of one chain, for one account."""

    def __init__(self, engine: WalletEngine, desk: ChainDesk, account: str) -> None:
        self._engine, self._desk, self.account = engine, desk, account

    @property
    def spec(self) -> ChainSpec:
        """The chain."""
        return self._desk.spec

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are known, the coin first."""
        followed = self._engine.tokens.followed(self.spec)
        return (self.spec.native, *(each for each in followed if not each.is_native))

    async def token(self, address: str) -> Token:
        """Return a token by its contract."""
        entry = await self._engine.tokens.look_up(self._desk.client, self.spec, parsed_address(address))
        return entry.token

    async def holdings(self) -> Mapping[Token, int]:
        """Return how much of each known token there is."""
        found = await self._desk.balances.refresh(self.account, self.tokens())
        return {token: amount.units for token, amount in found.items()}

    async def quotes(self, sell: Token, buy: Token, units: int, *, exact_in: bool) -> DexQuotes:
        """Return what every exchange gives."""
        return await self._desk.quotes.best(sell, buy, units, exact_in)

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Following:
        """Make quotes anew at each block."""
        return self._desk.quotes.follow(quotes, heard)

    async def swap(self, row: QuoteRow, *, slippage_bps: int, deadline_s: int) -> list[Intent]:
        """Return what has to be signed."""
        return await self._desk.swaps.intents(row, Ticket(self.account, slippage_bps, deadline_s))

    async def most_of_coin(self) -> TokenAmount:
        """Return the balance less the gas of a long swap at twice the next block's price."""
        fees = await self._desk.client.fee_history(1, PERCENTILES)
        tip = fees.rewards[-1][0] if fees.rewards else 0
        balance = await self._desk.client.balance(self.account)
        return self.spec.native.units(max(balance - SWAP_GAS * (2 * fees.base_fees[-1] + tip), 0))

    async def tell_prices(self, prices: Mapping[str, Decimal]) -> None:
        """Say what the simulated market pays."""
        if self.spec.is_practice:
            await self._engine.practice.tell(prices)
