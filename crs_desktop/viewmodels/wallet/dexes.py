"""The exchanges and farms of the chain in use, as the desk's panes see them; part of the wallet's front.

`crs_desktop.wiring.dex_front` puts it over `engine.bootstrap.chaindesk`; tests put it over memory. Every coroutine
leaves the loop free and raises `CrsError` with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.defi.token import Token, TokenAmount

if TYPE_CHECKING:
    from engine.services.dex.quoterow import DexQuotes, QuoteRow


class Following(Protocol):
    """Quotes that are made anew at each block, until it is closed."""

    problem: str
    """Why the last block brought none; empty if it did."""

    def close(self) -> None:
        """Follow no more."""
        ...


class DexFront(Protocol):
    """What the panes of the desk ask and do on one chain, for one account."""

    @property
    def spec(self) -> ChainSpec: ...  # noqa: D102 - the names say it
    @property
    def account(self) -> str:
        """Whose money it is, by address."""
        ...

    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens that are known, the coin first."""
        ...

    async def token(self, address: str) -> Token:
        """Return a token that nobody here knows, by its contract."""
        ...

    async def holdings(self) -> Mapping[Token, int]:
        """Return how much of each known token the account has."""
        ...

    async def quotes(self, sell: Token, buy: Token, units: int, *, exact_in: bool) -> DexQuotes:
        """Return what every exchange gives."""
        ...

    def follow(self, quotes: DexQuotes, heard: Callable[[DexQuotes], None]) -> Following:
        """Make quotes anew at each block and tell them."""
        ...

    async def swap(self, row: QuoteRow, *, slippage_bps: int, deadline_s: int) -> list[Intent]:
        """Return what has to be signed to take a row, in order."""
        ...

    async def most_of_coin(self) -> TokenAmount:
        """Return how much of the coin can be swapped so that the gas is still paid."""
        ...

    async def tell_prices(self, prices: Mapping[str, Decimal]) -> None:
        """On the practice chain: say what the simulated market pays, so that its pools follow; nothing elsewhere."""
        ...
