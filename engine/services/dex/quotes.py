"""Quotes for a swap from every exchange of a chain, kept as new as its newest block.

Pools are read, the work on them is done on a thread, and where a swap would leave what is known of a pool, that pool
is read further and the work is done again: a figure is never guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from engine.bus import Bus
from engine.defi.chain import ChainSpec
from engine.defi.routes.search import MOST_HOPS
from engine.defi.routes.taxed import NO_TAX, Taxes
from engine.defi.token import SYMBOL_SHOWN, Token
from engine.errors import CrsError, InvalidInput, Unavailable
from engine.ports.chain import ChainClient
from engine.services.dex.gasprice import gas_price
from engine.services.dex.pools import PoolBook, PoolView
from engine.services.dex.quoterow import DexQuotes
from engine.services.dex.quoting import Asked, Quoting
from engine.services.dex.taxes import TokenTaxes
from engine.services.offload import offload
from engine.services.task import TaskOwner
from engine.services.wallet.events import QuotesChanged

MOST_WIDENED = 4
"""How often pools are read further for one quote."""
LEAST_PAUSE_S, MOST_PAUSE_S = 0.5, 6.0


class Following:
    """A quote that is made anew at each block until it is closed."""

    def __init__(self, owner: TaskOwner) -> None:
        self._owner = owner
        self.quotes: DexQuotes | None = None
        self.problem = ""
        """Why there is no newer quote; empty while all is well."""

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._owner.close()

    async def join(self) -> None:
        """Stop and wait until nothing runs any more."""
        await self._owner.join()


@dataclass(slots=True)
class _GasPrice:
    block: int = -1
    wei: int = 0


class Quotes:
    """Quotes on one chain. It belongs to the loop that it is used on."""

    def __init__(
        self,
        chain: ChainClient,
        spec: ChainSpec,
        book: PoolBook,
        *,
        bus: Bus | None = None,
        taxes: TokenTaxes | None = None,
    ) -> None:
        self._chain, self._spec, self._book, self._bus = chain, spec, book, bus
        self._taxes = taxes or TokenTaxes(chain)
        self._price = _GasPrice()
        self.pause_s = min(max(spec.block_s / 2, LEAST_PAUSE_S), MOST_PAUSE_S)
        """How often it is looked for a new block while quotes are followed."""

    async def best(
        self, token_in: Token, token_out: Token, amount: int, exact_in: bool = True, *, hops: int = MOST_HOPS
    ) -> DexQuotes:
        """Return what every exchange gives for an amount, the best of all of them, and the best division.

        Args:
            token_in: what is given; may be the coin.
            token_out: what is wanted; may be the coin.
            amount: smallest units of `token_in`, or of `token_out` where exactly that is to come out.
            exact_in: whether it is what goes in.
            hops: pools on a path at most, 1 to 4.

        Raises:
            InvalidInput: nothing to swap, the same token twice, or a token of another chain.
            ChainUnavailable: nobody answers.
        """
        self._check(token_in, token_out, amount)
        view = await self._book.between(token_in, token_out)
        return await self._quoted(view, Asked(token_in, token_out, amount, exact_in, hops))

    async def again(self, quotes: DexQuotes) -> DexQuotes:
        """Return the same quotes as of the newest block; the same object if there is no newer one."""
        if await self._chain.block_number() == quotes.block:
            return quotes
        ends = quotes.token_in, quotes.token_out
        return await self.best(*ends, quotes.amount.units, quotes.is_exact_in, hops=quotes.hops)

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Following:
        """Make quotes anew at each block and tell them, until the answer is closed; called on the loop."""
        owner = TaskOwner("quotes")
        following = Following(owner)
        following.quotes = quotes
        owner.start(self._follow(following, heard))
        return following

    async def _follow(self, following: Following, heard: Callable[[DexQuotes], None]) -> None:
        while (before := following.quotes) is not None:
            await asyncio.sleep(self.pause_s)
            try:
                now = await self.again(before)
            except CrsError as error:  # the next block may be better
                following.problem = str(error)
                continue
            following.problem = ""
            if now is not before:
                following.quotes = now
                heard(now)
                if self._bus is not None:
                    self._bus.publish(QuotesChanged(self._spec.chain_id))

    async def _quoted(self, view: PoolView, asked: Asked) -> DexQuotes:
        taxes = await self._taxes.of(view.graph)
        if not asked.is_exact_in:
            self._check_exact_out(asked, taxes)
        price = await self._gas_price(view.block)
        symbols = {each.address: each.symbol for each in (asked.token_in, asked.token_out)}
        for _ in range(MOST_WIDENED):
            quotes = await offload(Quoting(self._spec, view, asked, price, taxes, symbols).run)
            if not quotes.unread:
                break
            view = await self._book.wider(view, quotes.unread)
        return quotes

    async def _gas_price(self, block: int) -> int:
        """Return what a gas costs now in wei; as before, or nothing at all, where nobody tells."""
        if self._price.block != block:
            with suppress(Unavailable):
                wei = await gas_price(self._chain, self._spec)
                if wei is not None:
                    self._price = _GasPrice(block, wei)
        return self._price.wei

    def _check(self, token_in: Token, token_out: Token, amount: int) -> None:
        if amount <= 0:
            raise InvalidInput("The amount must be more than 0.")
        first, second = self._book.address_of(token_in), self._book.address_of(token_out)
        if first == second:
            if token_in == token_out:
                raise InvalidInput(f"Both sides are {token_in.symbol[:SYMBOL_SHOWN]}.")
            coin, wrapped = self._spec.native.symbol, self._spec.wrapped.symbol
            raise InvalidInput(f"{coin} and {wrapped} are one for one: wrap or unwrap it, there is nothing to swap.")

    def _check_exact_out(self, asked: Asked, taxes: Taxes) -> None:
        for token in (asked.token_in, asked.token_out):
            tax = taxes.get(self._book.address_of(token), NO_TAX)
            if tax.is_some:
                raise InvalidInput(
                    f"{token.symbol[:SYMBOL_SHOWN]} keeps a part of each transfer, so no exact amount out can be asked "
                    "for. Say what goes in instead."
                )
