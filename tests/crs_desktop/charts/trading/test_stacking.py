from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.trading.stacking import clear, stacked

HEIGHT = 18.0
places = st.lists(st.floats(-500, 1_500), min_size=1, max_size=40)


@given(places)
def test_boxes_never_overlap_keep_their_order_and_stay_inside(middles: list[float]) -> None:
    bottom = 1_000.0
    tops = stacked(middles, [HEIGHT] * len(middles), 40.0, bottom)

    ranked = sorted(zip(middles, tops, strict=True))
    for (_, upper), (_, lower) in pairwise(ranked):
        assert lower - upper >= HEIGHT - 1e-6
    assert min(tops) >= 40.0 - 1e-6
    assert max(tops) + HEIGHT <= bottom + 1e-6


@given(places)
def test_no_box_and_no_run_of_boxes_could_be_moved_to_stand_better(middles: list[float]) -> None:
    tops = stacked(middles, [HEIGHT] * len(middles), -1e6, 1e6)
    ranked = sorted(zip(middles, tops, strict=True))

    def cost(shifts: dict[int, float]) -> float:
        return sum((y + shifts.get(n, 0.0) + HEIGHT / 2 - want) ** 2 for n, (want, y) in enumerate(ranked))

    for first in range(len(ranked)):
        for step in (-0.5, 0.5):  # a move that makes room only where there is some: everything on that side goes along
            moved = {n: step for n in range(len(ranked)) if (n <= first if step < 0 else n >= first)}
            assert cost(moved) >= cost({}) - 1e-6


def test_two_that_want_the_same_place_stand_half_a_box_above_and_below() -> None:
    assert stacked([100.0, 100.0], [HEIGHT] * 2, 0.0, 500.0) == pytest.approx([100 - HEIGHT, 100])
    assert stacked([100.0, 300.0], [HEIGHT] * 2, 0.0, 500.0) == pytest.approx([91, 291])


def test_a_tall_box_and_a_low_one_share_what_they_give_way() -> None:
    tall, low = stacked([100.0, 110.0], [54.0, 18.0], 0.0, 500.0)

    assert low == pytest.approx(tall + 54.0)
    assert (100 - 27 - tall) == pytest.approx(low - (110 - 9)), "both are moved by the same"


@given(st.floats(0, 280), st.lists(st.tuples(st.floats(0, 280), st.floats(10, 40)), max_size=8))
def test_a_box_goes_to_the_nearest_place_that_is_free(ideal: float, boxes: list[tuple[float, float]]) -> None:
    taken = [(top, top + height) for top, height in boxes]

    top = clear(ideal, 20.0, taken, 0.0, 300.0)

    def free(y: float) -> bool:
        return 0 <= y <= 280 and all(y + 20 <= low or high <= y for low, high in taken)

    steps = [each / 2 for each in range(561)]
    near = min((abs(y - ideal) for y in steps if free(y)), default=None)
    if free(top):
        assert near is None or abs(top - ideal) <= near + 1
    else:
        assert top == ideal
        assert all(not free(y) or not free(y + 1) or not free(y - 1) for y in steps), "only slits were left"
