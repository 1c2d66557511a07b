"""Kraken's books: every recorded checksum, both interfaces as twins, and truncation against a naive venue."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.exchanges.book.sync import BookSync, Outcome
from engine.adapters.exchanges.dialect.stream import Channel, Dialect
from engine.adapters.exchanges.kraken.rule import KrakenRule
from engine.adapters.exchanges.kraken.v1 import KrakenV1Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.wire.heard import BookHeard, WireLevel
from engine.domain.order import Side
from tests.engine.adapters.exchanges.recorded import frames

V1, V2 = "kraken_v1_book1000_2021-04-17_5pairs_raw", "kraken_v2_book_DERIVED_5pairs"


def heard(dialect: Dialect, texts: list[str]) -> list[BookHeard]:
    return [each for text in texts for each in dialect.hear(text) if isinstance(each, BookHeard)]


def kept(dialect: Dialect, books: list[BookHeard]) -> dict[str, BookSync]:
    syncs: dict[str, BookSync] = {}
    for each in books:
        sync = syncs.setdefault(dialect.native(each.native), BookSync(dialect.rule()))
        assert sync.hear(each) in {Outcome.APPLIED, Outcome.REPLACED}
    return syncs


@pytest.mark.parametrize(("dialect", "name"), [(KrakenV1Dialect(), V1), (KrakenDialect(), V2)])
def test_reproduces_every_recorded_checksum(dialect: Dialect, name: str, shared_data: Path) -> None:
    syncs = kept(dialect, heard(dialect, list(frames(shared_data, name))))
    assert len(syncs) == 5
    assert sum(sync.checksums_ok for sync in syncs.values()) == 2577
    assert sum(sync.checksums_bad + sync.gaps for sync in syncs.values()) == 0


def test_hears_the_same_books_in_both_interfaces(shared_data: Path) -> None:
    old, new = KrakenV1Dialect(), KrakenDialect()
    first, second = heard(old, list(frames(shared_data, V1))), heard(new, list(frames(shared_data, V2)))
    assert [(each.native, each.is_snapshot, each.bids, each.asks) for each in first] == [
        (each.native, each.is_snapshot, each.bids, each.asks) for each in second
    ]
    assert [each.checksum for each in first if not each.is_snapshot] == [
        each.checksum for each in second if not each.is_snapshot
    ]


def test_a_missing_update_shows_at_the_next_one_if_the_best_ten_differ(shared_data: Path) -> None:
    dialect = KrakenDialect()
    of_pair = [each for each in heard(dialect, list(frames(shared_data, V2))) if each.native == "XMR/USD"]
    whole = BookSync(dialect.rule())
    tops: list[tuple[object, object]] = []
    for each in of_pair:
        whole.hear(each)
        tops.append((whole.book.top(Side.BUY, 10), whole.book.top(Side.SELL, 10)))
    seen = 0
    for missing in range(1, 200, 9):
        sync = BookSync(dialect.rule())
        outcomes = [sync.hear(each) for place, each in enumerate(of_pair[: missing + 2]) if place != missing]
        top = sync.book.top(Side.BUY, 10), sync.book.top(Side.SELL, 10)
        assert (outcomes[-1] is Outcome.GAP) == (top != tops[missing + 1])
        seen += outcomes[-1] is Outcome.GAP
    assert seen > 5


def naive_checksum(bids: dict[int, int], asks: dict[int, int]) -> int:
    """The rule once more, from whole numbers instead of texts: prices of cents, quantities of 1e-3."""
    best = [*sorted(asks.items())[:10], *sorted(bids.items(), reverse=True)[:10]]
    return zlib.crc32("".join(f"{price}{qty}" for price, qty in best).encode())


def levels(before: dict[int, int], after: dict[int, int]) -> list[WireLevel]:
    """What a venue sends that shows no more than `after`: nothing of what merely fell out of the depth."""
    changed = {price: qty for price, qty in after.items() if before.get(price) != qty}
    return [(f"{price / 100:.2f}", f"{qty / 1000:.3f}") for price, qty in changed.items()]


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 5)),  # bid or ask, place, quantity (0 removes)
        max_size=120,
    )
)
def test_keeps_to_the_depth_as_a_naive_venue_does(changes: list[tuple[bool, int, int]]) -> None:
    depth = 10
    full = ({900 + each: 7 for each in range(12)}, {1000 + each: 7 for each in range(12)})

    def shown(is_bid: bool) -> dict[int, int]:
        return dict(sorted(full[0 if is_bid else 1].items(), reverse=is_bid)[:depth])

    sync = BookSync(KrakenRule(depth))
    sync.hear(BookHeard("X/Y", True, levels({}, shown(True)), levels({}, shown(False))))
    for is_bid, place, qty in changes:
        side, price = full[0 if is_bid else 1], (890 if is_bid else 1000) + place
        before = shown(is_bid)
        if qty:
            side[price] = qty
        else:
            side.pop(price, None)
        after = shown(is_bid)
        sent = levels(before, after)
        if price in before and price not in side:
            sent.insert(0, (f"{price / 100:.2f}", "0.000"))
        if not sent:
            continue
        crc = naive_checksum(shown(True), shown(False))
        diff = BookHeard("X/Y", False, sent if is_bid else [], [] if is_bid else sent, checksum=crc)
        assert sync.hear(diff) is Outcome.APPLIED
        assert [text for text, _ in sync.book.top(Side.BUY, 99)] == [f"{price / 100:.2f}" for price in shown(True)]
        assert [text for text, _ in sync.book.top(Side.SELL, 99)] == [f"{price / 100:.2f}" for price in shown(False)]


def test_a_book_is_as_deep_as_its_channel_answer_or_full_side_says() -> None:
    old, new = KrakenV1Dialect(), KrakenDialect()
    (book,) = old.hear('[1,{"as":[["2.0","1.0","1.0"]],"bs":[["1.0","1.0","1.0"]]},"book-25","XBT/USD"]')
    assert isinstance(book, BookHeard)
    sync = BookSync(old.rule())
    sync.hear(book)
    assert (book.depth, sync.book.depth) == (25, 25)

    side = ",".join(f'{{"price":{100 + each}.0,"qty":1.0}}' for each in range(10))
    snapshot = '{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[],"asks":[' + side + "]}]}"
    (book,) = new.hear(snapshot)
    assert isinstance(book, BookHeard)
    assert book.depth == 10
    new.hear(
        '{"method":"subscribe","success":true,"result":{"channel":"book","symbol":"BTC/USD","depth":100},"req_id":1}'
    )
    (book,) = new.hear(snapshot)
    assert isinstance(book, BookHeard)
    assert book.depth == 100
    asking = KrakenDialect(depth=25)
    asking.subscribe(Channel.BOOK, ["BTC/USD"])
    (book,) = asking.hear(snapshot)
    assert isinstance(book, BookHeard)
    assert book.depth == 25  # no guess where it is known
