"""Claims about a book as its venue writes it: the same as a naive one, whole after a bad level, bounded."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.book import wirebook
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import WireLevel
from engine.adapters.exchanges.wire.scaled import Prices, Scaled, is_number, left
from engine.domain.number import EXACT
from engine.domain.order import Side
from engine.errors import Garbled

PRICES = st.sampled_from(["0.5", "0.50", "1", "1.0", "1.00000001", "2.5", "3", "10.00", "99", "1E+2", "1E-8"])
AMOUNTS = st.sampled_from(["0", "0.0", "0.00000000", "0E-8", "1", "0.00000001", "5.00", "12E-4"])
SIDES = st.lists(st.tuples(PRICES, AMOUNTS), max_size=6)
NO_NUMBERS = [
    "",
    "-1",
    "+1",
    "NaN",
    "Infinity",
    "1_0",
    " 1",
    ".5",
    "5.",
    "1.1.1",
    "1e",
    "1e999",
    "9" * 41,
    "\u0661",
    "0x1",
]


class Naive:
    """Both sides as dictionaries by exact price, sorted anew for every question."""

    def __init__(self) -> None:
        self.sides: dict[Side, dict[Decimal, WireLevel]] = {Side.BUY: {}, Side.SELL: {}}

    def apply(self, bids: list[WireLevel], asks: list[WireLevel]) -> None:
        for side, changes in ((Side.BUY, bids), (Side.SELL, asks)):
            for price, qty in changes:
                self.sides[side].pop(Decimal(price), None)
                if Decimal(qty):
                    self.sides[side][Decimal(price)] = (price, qty)

    def top(self, side: Side, count: int) -> list[WireLevel]:
        levels = self.sides[side]
        return [levels[price] for price in sorted(levels, reverse=side is Side.BUY)[:count]]

    @property
    def is_crossed(self) -> bool:
        bids, asks = self.sides[Side.BUY], self.sides[Side.SELL]
        return bool(bids and asks) and max(bids) >= min(asks)


@given(st.lists(st.tuples(SIDES, SIDES), max_size=12))
def test_a_book_is_what_a_naive_one_is(diffs: list[tuple[list[WireLevel], list[WireLevel]]]) -> None:
    book, naive = WireBook(), Naive()
    for bids, asks in diffs:
        book.apply(bids, asks)
        naive.apply(bids, asks)
        assert book.is_crossed == naive.is_crossed
        assert [book.top(side, 4) for side in Side] == [naive.top(side, 4) for side in Side]


@given(SIDES, SIDES, st.sampled_from(NO_NUMBERS), st.booleans(), st.booleans())
def test_nothing_of_a_diff_with_a_bad_level_is_used(
    bids: list[WireLevel], asks: list[WireLevel], bad: str, is_price: bool, is_picture: bool
) -> None:
    book = WireBook()
    book.apply([("1", "1"), ("0.5", "2")], [("3", "1")])
    before = [book.top(side, 9) for side in Side]
    change = book.replace if is_picture else book.apply

    with pytest.raises(Garbled):
        change(bids, [*asks, (bad, "1") if is_price else ("1", bad)])

    assert [book.top(side, 9) for side in Side] == before


@pytest.mark.parametrize("level", [(), ("1",), ("1", "2", "3"), "123", (1, 2), ("1", None), (["1"], "1"), None, 5])
def test_a_level_that_is_no_pair_of_texts_is_refused(level: object) -> None:
    book = WireBook()
    with pytest.raises(Garbled):
        book.apply([level, ("1", "1")], [])  # type: ignore[list-item]
    assert book.top(Side.BUY, 9) == []


def test_a_price_of_zero_is_refused() -> None:
    with pytest.raises(Garbled):
        WireBook().apply([("0.00", "1")], [])


def test_a_book_keeps_its_depth_and_the_levels_nearest_to_the_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wirebook, "MOST", 100)
    for book, depth in ((WireBook(10), 10), (WireBook(), 100)):
        for number in range(1, 301):
            book.apply([(str(number), "1")], [(str(1_000 - number), "1")])
        assert (len(book.bids), len(book.asks)) == (depth, depth)
        assert book.top(Side.BUY, 1) == [("300", "1")]
        assert book.top(Side.SELL, 1) == [("700", "1")]


def test_what_a_book_remembers_of_levels_that_are_gone_is_bounded() -> None:
    book = WireBook()
    for number in range(1, 5_000):
        book.apply([(str(number), "1"), (str(number + 20_000), "0")], [])
        book.apply([(str(number), "0")], [])
    assert len(book._bids_heap) <= 1_001


@given(st.decimals(min_value=0, max_value=10**20, allow_nan=False, places=12))
def test_scaled_numbers_are_exact(value: Decimal) -> None:
    for text in (format(value, "f"), str(value)):
        assert Scaled()[text] == value.scaleb(12, EXACT)
        assert bool(left([text])[0]) == bool(value)
        assert [bool(each) for each in left(["1.5", text, "0.00"])] == [True, bool(value), False]
        assert is_number(text)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_refused_by_all(text: str) -> None:
    for numbers in (Scaled(), Prices()):
        with pytest.raises(Garbled):
            numbers[text]
    if text != "1e999":
        assert not is_number(text)
        with pytest.raises(Garbled):
            left([text])
        with pytest.raises(Garbled):
            left(["0.5", text, "7"])
