from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.labels import dodge

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
def test_the_label_of_highest_rank_keeps_its_place(wanted: list[tuple[float, float, int]]) -> None:
    wanted = [*wanted, (200.0, 30.0, 9)]

    assert dodge(wanted, 0, 400)[-1] == 185.0


def test_a_lone_label_stands_centred_on_its_price() -> None:
    assert dodge([(100.0, 16.0, 0)], 0, 400) == [92.0]


def test_too_many_labels_still_get_a_place() -> None:
    assert len(dodge([(10.0, 30.0, 0)] * 5, 0, 60)) == 5
