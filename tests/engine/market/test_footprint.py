from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.market.footprint import Cells, cells_of, flow_of, grouped, imbalances, merged, poc_row
from engine.market.prints import PrintArrays

STEP = 10
rows_of_prints = st.lists(
    st.tuples(st.integers(0, 99), st.integers(90, 130), st.integers(1, 10**6), st.booleans()), max_size=80
)
Print = tuple[int, int, int, bool]


def arrays(rows: list[Print]) -> PrintArrays:
    at, price, qty, buys = zip(*sorted(rows, key=lambda row: row[0]), strict=True) if rows else ((), (), (), ())
    ints = [np.array(each, np.int64) for each in (at, price, qty)]
    return PrintArrays(ints[0], ints[1], ints[2], np.array(buys, np.bool_))


def naive(rows: list[Print], group: int) -> dict[int, tuple[int, int]]:
    cells: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for _, price, qty, buys in rows:
        cells[price - price % group][buys] += qty
    return {price: (sold, bought) for price, (sold, bought) in sorted(cells.items())}


def as_dict(cells: Cells) -> dict[int, tuple[int, int]]:
    columns = (each.tolist() for each in cells)
    return {price: (sold, bought) for price, sold, bought in zip(*columns, strict=True)}


@given(rows_of_prints, st.integers(1, 12))
def test_cells_are_a_plain_count_and_lose_no_lot(rows: list[Print], group: int) -> None:
    cells = grouped(cells_of(arrays(rows)), group)

    assert as_dict(cells) == naive(rows, group)
    assert cells.total == sum(qty for _, _, qty, _ in rows)
    assert cells.delta == sum(qty if buys else -qty for _, _, qty, buys in rows)


@given(rows_of_prints, st.integers(0, 80))
def test_cells_kept_up_live_equal_those_of_all_prints(rows: list[Print], cut: int) -> None:
    prints = arrays(rows)

    live = merged(cells_of(prints.part(0, cut)), cells_of(prints.part(cut, len(prints))))

    assert as_dict(live) == as_dict(cells_of(prints))


@given(rows_of_prints, st.sets(st.integers(0, 9)))
def test_the_flow_of_bars_is_that_of_a_walk_through_their_prints(rows: list[Print], there: set[int]) -> None:
    starts = np.array(sorted(there), np.int64) * STEP  # bars may be missing
    flow = flow_of(arrays(rows), starts, STEP)

    for number, start in enumerate(starts.tolist()):
        inside = [row for row in sorted(rows, key=lambda row: row[0]) if start <= row[0] < start + STEP]
        way = [0]
        for _, _, qty, buys in inside:
            way.append(way[-1] + (qty if buys else -qty))
        assert flow.volume[number] == sum(row[2] for row in inside)
        assert (flow.delta[number], flow.most[number], flow.least[number]) == (way[-1], max(way), min(way))


@given(rows_of_prints, st.integers(1, 6))
@settings(max_examples=60)
def test_imbalances_compare_diagonally(rows: list[Print], group: int) -> None:
    cells = grouped(cells_of(arrays(rows)), group)
    known = as_dict(cells)

    sellers, buyers = imbalances(cells, group)

    for number, (price, (sold, bought)) in enumerate(known.items()):
        sold_below, bought_above = known.get(price - group, (0, 0))[0], known.get(price + group, (0, 0))[1]
        assert buyers[number] == (number > 0 and bought >= 3 * max(sold_below, 1))
        assert sellers[number] == (number < len(known) - 1 and sold >= 3 * max(bought_above, 1))


@pytest.mark.parametrize(
    ("volume", "row"),
    [([5], 0), ([1, 5, 5, 1, 1], 2), ([5, 1, 1, 5], 0), ([5, 5, 1, 1, 5], 1), ([1, 2, 3], 2)],
)
def test_of_equal_rows_the_one_nearest_the_middle_is_the_point_of_control(volume: list[int], row: int) -> None:
    assert poc_row(np.array(volume, np.float64)) == row
