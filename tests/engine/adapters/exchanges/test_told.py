"""A capture as events on a grid: the book it leads to is that of the venue's own texts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.exchanges.captures.lines import by_time, lines
from engine.adapters.exchanges.captures.player import Player
from engine.adapters.exchanges.captures.told import told_by
from engine.adapters.exchanges.dialects import dialect_of
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.market.l2 import L2Book

CASES = [
    ("kraken_v1_book1000_2021-04-17_5pairs_raw.txt.gz", None, "kraken", "ETH/CHF"),
    (
        "bitstamp_ws_diff_book_trades_2022-01-05_raw.txt.gz",
        "bitstamp_rest_order_book_2022-01-05.txt.gz",
        "bitstamp",
        "ETH/USD",
    ),
]


@pytest.mark.parametrize(("file", "answers", "venue", "symbol"), CASES)
def test_it_ends_with_the_book_that_the_capture_ends_with(
    file: str, answers: str | None, venue: str, symbol: str, shared_data: Path
) -> None:
    books = shared_data / "books"
    snapshot = books / answers if answers is not None else None
    dialect = dialect_of(venue)
    player = Player(dialect, dialect.native(symbol), lambda: None, lambda _: None)
    player.play(by_time(*(lines(each) for each in (snapshot, books / file) if each is not None)))

    told = told_by(books / file, venue, symbol, snapshot)

    book = L2Book(symbol)
    for event in told:
        if isinstance(event, BookSnapshot):
            book.apply_snapshot(event)
        elif isinstance(event, BookDiff):
            assert book.apply_diff(event)
    assert sum(isinstance(event, TradeTick) for event in told) == player.trades
    assert [event.at for event in told] == sorted(event.at for event in told)
    unit = None
    for side in Side:
        ours = book.top(side, 20)
        theirs = [(Decimal(price), Decimal(qty)) for price, qty in player.sync.book.top(side, 20)]
        unit = unit or (theirs[0][0] / ours[0].price, theirs[0][1] / ours[0].qty)
        assert [(level.price * unit[0], level.qty * unit[1]) for level in ours] == theirs


def test_a_capture_without_the_pair_is_named(shared_data: Path) -> None:
    path = shared_data / "books" / CASES[0][0]
    with pytest.raises(InvalidInput, match="holds no book of NO/SUCH"):
        told_by(path, "kraken", "NO/SUCH")
