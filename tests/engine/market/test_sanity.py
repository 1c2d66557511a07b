"""What is refused, what is flagged, and where: nothing is repaired."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.market.importers import PRICE_DECIMALS, RawBars, Unreadable
from engine.market.sanity import Kind, check

MINUTE = 60 * 10**9
FIRST = 1_672_531_200 * 10**9
UNIT = 10**PRICE_DECIMALS
FAR = Nanos(2**62)
CENT = Decimal("0.01")


def raw(count: int = 5) -> RawBars:
    start = FIRST + MINUTE * np.arange(count, dtype=np.int64)
    prices = np.array([[100], [102], [99], [101]], dtype=np.int64).repeat(count, axis=1) * UNIT
    return RawBars([f"line {n + 1}" for n in range(count)], start, prices, np.ones(count), [])


def test_sound_bars_pass_unchanged() -> None:
    rows = raw()

    report = check(rows, Timeframe.M1, tick=CENT, now=FAR)

    assert (report.errors, report.flags, report.gaps) == ([], [], [])
    assert report.bars is not None
    assert report.bars.start is rows.start
    assert report.bars.high.tolist() == [10_200.0] * 5


def spoil_order(rows: RawBars) -> None:
    rows.start[2] = rows.start[0] - MINUTE


def spoil_duplicate(rows: RawBars) -> None:
    rows.start[2] = rows.start[1]


def spoil_alignment(rows: RawBars) -> None:
    rows.start[2] += 1_000


def spoil_number(rows: RawBars) -> None:
    rows.prices[3, 2] = -1


def spoil_volume(rows: RawBars) -> None:
    rows.volume[2] = np.nan


def spoil_sign(rows: RawBars) -> None:
    rows.prices[2, 2] = 0


def spoil_negative_volume(rows: RawBars) -> None:
    rows.volume[2] = -1


def spoil_high(rows: RawBars) -> None:
    rows.prices[1, 2] = rows.prices[0, 2] - UNIT


def spoil_low(rows: RawBars) -> None:
    rows.prices[2, 2] = rows.prices[3, 2]


def spoil_tick(rows: RawBars) -> None:
    rows.prices[3, 2] += UNIT // 1_000


def spoil_cell(rows: RawBars) -> None:
    rows.unreadable.append(Unreadable("line 3", "x,y"))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (spoil_order, Kind.ORDER),
        (spoil_duplicate, Kind.DUPLICATE),
        (spoil_alignment, Kind.MISALIGNED),
        (spoil_number, Kind.NOT_FINITE),
        (spoil_volume, Kind.NOT_FINITE),
        (spoil_sign, Kind.NOT_POSITIVE),
        (spoil_negative_volume, Kind.NOT_POSITIVE),
        (spoil_high, Kind.IMPOSSIBLE),
        (spoil_low, Kind.IMPOSSIBLE),
        (spoil_tick, Kind.OFF_TICK),
        (spoil_cell, Kind.UNREADABLE),
    ],
)
def test_a_defect_refuses_the_file_and_names_its_line(spoil: Callable[[RawBars], None], kind: Kind) -> None:
    rows = raw()
    spoil(rows)

    report = check(rows, Timeframe.M1, tick=CENT, now=FAR)

    assert report.bars is None
    assert [(each.kind, each.where) for each in report.errors] == [(kind, "line 3")]
    assert str(report.errors[0]).startswith("line 3: ")


def test_gaps_are_listed_and_flagged_at_the_line_after() -> None:
    rows = raw(6)
    rows.start[2:] += 3 * MINUTE
    rows.start[5:] += MINUTE

    report = check(rows, Timeframe.M1, tick=CENT, now=FAR)

    assert [(gap.first, gap.until, gap.bars) for gap in report.gaps] == [
        (FIRST + 2 * MINUTE, FIRST + 5 * MINUTE, 3),
        (FIRST + 8 * MINUTE, FIRST + 9 * MINUTE, 1),
    ]
    assert [(each.kind, each.where) for each in report.flags] == [(Kind.GAP, "line 3"), (Kind.GAP, "line 6")]
    assert "3 bars are missing" in report.flags[0].text
    assert "1 bar is missing" in report.flags[1].text


def test_bars_without_volume_are_flagged() -> None:
    rows = raw()
    rows.volume[3] = 0

    assert [(each.kind, each.where) for each in check(rows, Timeframe.M1, tick=CENT, now=FAR).flags] == [
        (Kind.NO_VOLUME, "line 4")
    ]


def test_a_jump_beyond_fifteen_deviations_is_flagged() -> None:
    rows = raw(2_000)
    close = 100 * UNIT + (np.arange(2_000) % 2) * UNIT // 100
    close[1_000:] += 30 * UNIT
    rows.prices[:] = close

    flags = check(rows, Timeframe.M1, tick=CENT, now=FAR).flags

    assert [(each.kind, each.where) for each in flags] == [(Kind.JUMP, "line 1001")]


def test_a_last_bar_that_ends_after_now_is_flagged_as_open() -> None:
    rows = raw()

    closed = check(rows, Timeframe.M1, tick=CENT, now=Nanos(FIRST + 5 * MINUTE))
    still = check(rows, Timeframe.M1, tick=CENT, now=Nanos(FIRST + 5 * MINUTE - 1))

    assert closed.flags == []
    assert [(each.kind, each.where) for each in still.flags] == [(Kind.OPEN_LAST, "line 5")]


@pytest.mark.parametrize(("units", "tick"), [(UNIT, "1"), (UNIT // 100, "0.01"), (7, "1E-10")])
def test_without_a_tick_the_coarsest_grid_that_fits_is_taken(units: int, tick: str) -> None:
    rows = raw()
    rows.prices[1, 2] += units

    assert check(rows, Timeframe.M1, tick=None, now=FAR).tick == Decimal(tick)


def test_a_tick_finer_than_prices_are_kept_and_an_empty_file_are_refused() -> None:
    with pytest.raises(InvalidInput, match="finer"):
        check(raw(), Timeframe.M1, tick=Decimal("1e-11"), now=FAR)
    with pytest.raises(InvalidInput, match="no bars"):
        check(raw(0), Timeframe.M1, tick=CENT, now=FAR)


def test_one_bar_and_a_flat_row_have_no_jump() -> None:
    for count in (1, 50):
        rows = raw(count)
        rows.prices[:] = 5 * UNIT

        assert check(rows, Timeframe.M1, tick=CENT, now=FAR).flags == []
