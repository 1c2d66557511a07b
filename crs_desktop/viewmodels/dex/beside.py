"""The order book beside the best route: which of both is better for what the swap form asks, all costs counted."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.positions import figure
from crs_desktop.viewmodels.wallet.dexes import DexFront
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.token import Token
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import CrsError

if TYPE_CHECKING:
    from engine.services.dex.quoterow import DexQuotes
    from engine.services.dex.venue_compare import VenueComparison

AGAIN_S = 4.0
"""Between two comparisons of the same swap: each asks the exchanges once more."""


class Beside:
    """Compares, and says it in a sentence."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.found: VenueComparison | None = None
        self._at = float("-inf")

    def forget(self) -> None:
        """The swap is another one."""
        self.found, self._at = None, float("-inf")

    async def look(self, dex: DexFront, quotes: DexQuotes) -> bool:
        """Compare, unless that was done a moment ago; whether there is something new to show."""
        now, best = time.monotonic(), quotes.best
        if now - self._at < AGAIN_S or best is None:
            return False
        self._at = now
        market = self._market(dex, best.token_in, best.token_out)
        if market is None:
            had, self.found = self.found, None
            return had is not None
        pair, side = market
        base = best.amount_in if side is Side.SELL else best.amount_out
        lots = int(base.exact / pair.lot)
        if not lots:
            return False
        _, taker = self._desk.fees(pair)
        try:
            self.found = await dex.compare(pair, side, lots, self._desk.book(pair.symbol), taker)
        except CrsError:
            self.found = None
        return True

    @property
    def said(self) -> Sentence:
        """Return what both come to; NOTHING where there is no book for these tokens."""
        found = self.found
        if found is None:
            return NOTHING
        unit, qty = found.pair.quote.code, f"{figure(found.qty)} {found.pair.base.code}"
        book = _money(found.book.total, unit, found.book.problem)
        chain = _money(found.chain.total, unit, found.chain.problem)
        if found.by_bps is None or not found.better:
            return say("{qty} · order book: {book} · here: {chain}", qty=qty, book=book, chain=chain)
        part = f"{found.by_bps / 100:.2f}"
        if found.better == "book":
            return say(
                "{qty} · order book: {book}, better by {part} % · here: {chain}",
                qty=qty, book=book, chain=chain, part=part,
            )  # fmt: skip
        return say(
            "{qty} · order book: {book} · here: {chain}, better by {part} %", qty=qty, book=book, chain=chain, part=part
        )

    @property
    def assumptions(self) -> Sentence:
        """Return what both sides take for granted."""
        return NOTHING if self.found is None else verbatim("\n".join(plain(each) for each in self.found.assumptions))

    def _market(self, dex: DexFront, sell: Token, buy: Token) -> tuple[TradingPair, Side] | None:
        """Return the pair of the desk that trades the same, and which side of it the swap is."""
        wrapped = dex.spec.wrapped
        wanted = [wrapped if each.is_native else each for each in (sell, buy)]
        for pair in self._desk.pairs.values():
            tokens = dex.tokens_of(pair)
            if tokens is None:
                continue
            found = [wrapped if each.is_native else each for each in tokens]
            if found == wanted:
                return pair, Side.SELL
            if found[::-1] == wanted:
                return pair, Side.BUY
        return None


def _money(total: Decimal | None, unit: str, problem: str) -> str:
    return plain(problem) or "not known" if total is None else f"{total:,.2f} {unit}"
