from __future__ import annotations

import itertools
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from crs_desktop.charts.labels import AxisLabel, dodge, place_labels

LABELS = st.lists(
    st.tuples(st.floats(-50, 450), st.sampled_from([14.0, 16.0, 30.0]), st.integers(0, 3)), min_size=0, max_size=9
)


@given(LABELS)
def test_labels_never_cover_each_other_and_stay_inside(wanted: list[tuple[float, float, int]]) -> None:
    tops = dodge(wanted, 0, 400)

    spans = sorted((top, top + height) for top, (_, height, _) in zip(tops, wanted, strict=True))
    assert all(top >= 0 and bottom <= 400 for top, bottom in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


@given(LABELS)
def test_labels_stand_in_the_order_of_their_prices(wanted: list[tuple[float, float, int]]) -> None:
    tops = dodge(wanted, 0, 400)

    for (one, other), (upper, lower) in zip(combinations(wanted, 2), combinations(tops, 2), strict=True):
        assert one[0] == other[0] or (one[0] < other[0]) == (upper < lower)


@given(st.lists(st.tuples(st.floats(-50, 450), st.sampled_from([14.0, 16.0, 30.0]), st.integers(0, 3)), max_size=5))
def test_the_label_of_highest_rank_keeps_its_place(wanted: list[tuple[float, float, int]]) -> None:
    """At most five of 31 px find room on either side of it."""
    wanted = [*wanted, (200.0, 30.0, 9)]

    assert dodge(wanted, 0, 400)[-1] == 185.0


@given(LABELS)
def test_no_label_moves_that_touches_no_other(wanted: list[tuple[float, float, int]]) -> None:
    tops = dodge(wanted, 0, 400)

    for at, (middle, height, _) in enumerate(wanted):
        alone = all(abs(middle - other) > 400 / 9 for i, (other, _, _) in enumerate(wanted) if i != at)
        if alone and len(wanted) < 3 and height / 2 <= middle <= 400 - height / 2:
            assert abs(tops[at] - (middle - height / 2)) < 1e-9


def test_a_lone_label_stands_centred_on_its_price() -> None:
    assert dodge([(100.0, 16.0, 0)], 0, 400) == [92.0]


def test_too_many_labels_overlap_evenly() -> None:
    assert dodge([(10.0, 30.0, 0)] * 4, 0, 60) == [0.0, 10.0, 20.0, 30.0]


@given(st.floats(0, 400), st.floats(0, 30), st.floats(-20, 20))
def test_bid_and_ask_stay_in_order_around_the_last_price(ask: float, spread: float, last: float) -> None:
    surface = QColor("black")
    labels = [
        AxisLabel(ask + last, ("1", "2"), surface, surface, None, 3),
        AxisLabel(ask + spread, ("bid",), surface, surface, None, 2, 1),
        AxisLabel(ask, ("ask",), surface, surface, None, 2, -1),
    ]

    places = place_labels(labels, 14.0, 400.0)

    assert places[2][1] <= places[1][0], "the ask stands above the bid, whatever room there is"
    for one, other in combinations(places, 2):
        assert one[1] <= other[0] or other[1] <= one[0]
