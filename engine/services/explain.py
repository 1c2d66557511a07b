"""Where a number of the account in use comes from, and its statements: asked by a front, answered off its loop.

What follows from lots is worked out anew from the account's history on the disk, which takes a moment for a year of
trading, and then held against what the portfolio shows: a fill that comes in between is waited for.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from engine.domain.account import Position
from engine.domain.history import AccountHistory
from engine.domain.order import AccountId, LotMethod
from engine.errors import InvalidInput
from engine.portfolio import explain
from engine.portfolio.currency import currency_of
from engine.portfolio.equity import DAY
from engine.portfolio.explain import Price
from engine.portfolio.lots import LotBook
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.portfolio.term import Explanation, Term
from engine.portfolio.turnover import years_of
from engine.ports.feed import MarketFeed
from engine.ports.history import History
from engine.ports.venue import Venue
from engine.services.lots import AccountLots
from engine.services.offload import offload, offload_bulk
from engine.services.portfolio import Portfolio
from engine.services.statements import Progress, Report, statement, write_sheet

TRIES = 4
"""Readings of the history until it agrees with what is shown."""
PAUSE_S = 0.05

OPENED = 3
"""Levels of terms that are made off the loop with the explanation; a front can show them at once."""

LATE = "A fill came in while this was worked out; ask again."


class Number(StrEnum):
    """What can be explained."""

    REALISED = "realised"
    UNREALISED = "unrealised"
    AVERAGE = "average"
    EQUITY = "equity"
    DAY = "day"


class Question(NamedTuple):
    """One number of the account in use; `symbol` is None for all pairs together, which only realised profit has."""

    number: Number
    symbol: str | None = None


class Explainer:
    """Explains the numbers of the venue's account and writes its statements."""

    def __init__(self, venue: Venue, feed: MarketFeed, portfolio: Portfolio, lots: AccountLots) -> None:
        self._venue, self._feed, self._portfolio, self._lots = venue, feed, portfolio, lots

    async def explain(self, question: Question) -> Explanation:
        """Return where a number comes from; its upper levels are made already.

        Raises:
            InvalidInput: there is no such number, as nothing has a price yet.
            StorageUnavailable, StorageCorrupt: the past cannot be read.
        """
        if question.number is Number.EQUITY:
            return self._portfolio.explain_equity()
        if question.number is Number.DAY:
            return self._portfolio.explain_day()
        told, agrees = await self._tried(question)
        for _ in range(TRIES - 1):
            if agrees:
                return told
            await asyncio.sleep(PAUSE_S)
            told, agrees = await self._tried(question)
        return told if agrees else replace(told, note=f"{LATE} {told.note}".strip())

    async def years(self) -> list[Year]:
        """Return the years in which the account did anything, and the present one; the first one first.

        Raises:
            StorageUnavailable, StorageCorrupt: the past cannot be read.
        """
        days = await offload(self._lots.history.days, self._venue.account)
        return years_of({*days, self._feed.now // DAY})

    async def write(
        self, report: Report, year: Year, form: Format, path: Path, progress: Progress | None = None
    ) -> bool:
        """Write a statement of the account in use by its method; return False if `progress` called it off.

        `progress` is called from another thread.

        Raises:
            StorageUnavailable: the past cannot be read or the file not be written.
            StorageCorrupt: the past cannot be read.
        """
        account, method = self._venue.account, self._lots.method
        return await offload_bulk(_written, self._lots.history, account, method, report, year, form, path, progress)

    async def _tried(self, question: Question) -> tuple[Explanation, bool]:
        """Return an explanation, and whether it is of what the portfolio shows."""
        symbol, price = question.symbol, None
        if question.number is Number.UNREALISED and symbol is not None:
            price = self._portfolio.price(symbol)
            if price is None:
                raise InvalidInput(f"There is no price of {symbol} yet. Ask again when the market has opened.")
        told, positions = await offload_bulk(
            _explained, self._lots.history, self._venue.account, self._lots.method, question, price
        )
        shown = {view.position.symbol: view.position for view in self._portfolio.positions()}
        return told, all(shown.get(each.symbol) == each for each in positions)


def _explained(
    history: History, account: AccountId, method: LotMethod, question: Question, price: Price | None
) -> tuple[Explanation, list[Position]]:
    """Return an explanation from the disk, and the positions that it is of."""
    past = history.read(account)
    book = LotBook(past.pairs, method, past.fills)
    told = _of(past, book, question, price)
    pairs = book.pairs() if question.symbol is None else [book.pair(question.symbol)]
    return replace(told, total=_opened(told.total)), [lots.position() for lots in pairs if lots.disposals or lots.qty]


def _of(past: AccountHistory, book: LotBook, question: Question, price: Price | None) -> Explanation:
    if question.symbol is None:
        quotes = {pair.quote.code: pair.quote for pair in past.pairs.values()}
        return explain.realised_in(book, quotes[currency_of(past.pairs.values())])
    lots = book.pair(question.symbol)
    if question.number is Number.REALISED:
        return explain.realised(lots)
    if price is None:
        return explain.average(lots)
    return explain.unrealised(lots, price)


def _opened(term: Term, levels: int = OPENED) -> Term:
    """Return the term with its parts made, and theirs, so many levels down."""
    if term.more is None or not levels:
        return term
    parts = [_opened(part, levels - 1) for part in term.parts()]
    return term._replace(more=lambda: parts)


def _written(
    history: History,
    account: AccountId,
    method: LotMethod,
    report: Report,
    year: Year,
    form: Format,
    path: Path,
    progress: Progress | None,
) -> bool:
    return write_sheet(statement(history.read(account), report, year, method), form, path, progress)
