"""Folding prints and bars, beside a brute recount."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.market import Bar, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.bars import BarBuilder, empty, fill, from_bars, joined, part, resample
from engine.market.history import LIVE_SECONDS, SLACK, LiveBars

S = NANOS_PER_SECOND
PRINTS = st.lists(st.tuples(st.integers(0, 300 * 10), st.integers(1, 50), st.integers(1, 9)), max_size=60).map(sorted)


def ticks(rows: list[tuple[int, int, int]]) -> list[TradeTick]:
    return [
        TradeTick("A/B", Ticks(price), Lots(qty), Side.BUY, Nanos(at * S // 10), number)
        for number, (at, price, qty) in enumerate(rows)
    ]


def folded(prints: list[TradeTick], timeframe: Timeframe) -> list[Bar]:
    builder = BarBuilder("A/B", timeframe)
    for tick in prints:
        builder.add(tick)
    builder.roll(10**12)
    return builder.closed


def brute(prints: list[TradeTick], length: int) -> list[tuple[int, ...]]:
    groups: dict[int, list[TradeTick]] = {}
    for tick in prints:
        groups.setdefault(tick.at // length * length, []).append(tick)
    return [
        (
            start,
            group[0].price,
            max(tick.price for tick in group),
            min(tick.price for tick in group),
            group[-1].price,
            sum(tick.qty for tick in group),
            len(group),
        )
        for start, group in sorted(groups.items())
    ]


@given(PRINTS)
def test_bars_of_prints_equal_a_recount(rows: list[tuple[int, int, int]]) -> None:
    prints = ticks(rows)

    assert [bar[1:] for bar in folded(prints, Timeframe.S1)] == brute(prints, S)


@given(PRINTS)
def test_resampled_seconds_equal_bars_of_the_prints(rows: list[tuple[int, int, int]]) -> None:
    prints = ticks(rows)

    longer = resample(from_bars(folded(prints, Timeframe.S1)), Timeframe.M1)

    columns = (longer.start, longer.open, longer.high, longer.low, longer.close, longer.volume)
    assert [row[:6] for row in brute(prints, 60 * S)] == [tuple(row) for row in zip(*columns, strict=True)]


@given(PRINTS, st.none() | st.just(7.0))
def test_filled_bars_are_unbroken_and_hold_the_last_price(
    rows: list[tuple[int, int, int]], price: float | None
) -> None:
    bars = from_bars(folded(ticks(rows), Timeframe.S1))

    whole = fill(bars, Timeframe.S1, Nanos(0), Nanos(301 * S), price)

    if not len(bars) and price is None:
        assert len(whole) == 0
        return
    known = dict(zip(bars.start.tolist(), bars.close.tolist(), strict=True))
    held = price
    starts = range(0, 301 * S, S) if price is not None else range(int(bars.start[0]), 301 * S, S)
    assert whole.start.tolist() == list(starts)
    for start, close, volume in zip(whole.start.tolist(), whole.close.tolist(), whole.volume.tolist(), strict=True):
        held = known.get(start, held)
        assert close == held
        assert (volume > 0) == (start in known)


def test_a_builder_goes_on_from_an_open_bar() -> None:
    builder = BarBuilder("A/B", Timeframe.M1)
    builder.resume(Bar("A/B", Nanos(0), Ticks(5), Ticks(9), Ticks(4), Ticks(6), Lots(10), 3))

    builder.add(TradeTick("A/B", Ticks(7), Lots(2), Side.SELL, Nanos(30 * S), 1))

    assert builder.forming == Bar("A/B", Nanos(0), Ticks(5), Ticks(9), Ticks(4), Ticks(7), Lots(12), 4)


def test_a_builder_has_no_bar_before_the_first_print() -> None:
    builder = BarBuilder("A/B", Timeframe.M1)
    builder.roll(10**12)

    assert builder.forming is None
    assert builder.closed == []


def test_joining_prefers_the_second_where_both_have_bars() -> None:
    old = from_bars([Bar("A/B", Nanos(n * S), Ticks(1), Ticks(1), Ticks(1), Ticks(1), Lots(1), 1) for n in range(4)])
    new = from_bars([Bar("A/B", Nanos(n * S), Ticks(2), Ticks(2), Ticks(2), Ticks(2), Lots(1), 1) for n in range(2, 5)])

    both = joined(old, new)

    assert both.start.tolist() == [n * S for n in range(5)]
    assert both.close.tolist() == [1, 1, 2, 2, 2]
    assert joined(old, empty()) is old
    assert len(resample(empty(), Timeframe.M1)) == 0
    np.testing.assert_array_equal(part(both, 1, 3).start, both.start[1:3])


def test_live_bars_keep_the_latest_and_come_back_from_a_dump_as_they_were() -> None:
    live = LiveBars("A/B")
    for second in range(LIVE_SECONDS + SLACK + 40):
        live.add([TradeTick("A/B", Ticks(second + 1), Lots(7), Side.BUY, Nanos(second * S), second)], Nanos(second * S))
        if second == LIVE_SECONDS - 1:
            assert live.oldest(Timeframe.S1) is None  # the last second is not over
    again = LiveBars("A/B")
    again.load(live.freeze()())  # type: ignore[arg-type]

    for each in (live, again):
        kept = each.span(Timeframe.S1, Nanos(0), Nanos(10_000 * S))
        assert len(kept) == LIVE_SECONDS
        assert each.oldest(Timeframe.S1) == kept.start[0] == (SLACK + 39) * S
        assert (kept.close == kept.start // S + 1).all()
        assert (kept.volume == 7).all()
    assert again.freeze()() == live.freeze()()
