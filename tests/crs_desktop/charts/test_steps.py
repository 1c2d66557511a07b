"""Boxes of a step line beside pixels that are set one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.canvas import Rects
from crs_desktop.charts.steps import area_boxes, step_boxes

HEIGHTS = st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=40)


def painted(boxes: Rects) -> set[tuple[int, int]]:
    found = set()
    for left, top, right, bottom in boxes.tolist():
        found |= {(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)}
    return found


@given(HEIGHTS, st.integers(1, 3))
def test_a_step_line_covers_every_column_and_every_jump(heights: list[int | None], wide: int) -> None:
    y = np.array([np.nan if each is None else each for each in heights], np.float64)

    expected = set()
    for number, each in enumerate(heights):
        if each is None:
            continue
        expected |= {(x, each) for x in range(number * wide, (number + 1) * wide)}
        before = heights[number - 1] if number else None
        if before is not None and before != each:
            expected |= {(number * wide, jump) for jump in range(min(before, each), max(before, each) + 1)}
    assert painted(step_boxes(y, 0.0, float(wide), 1)) == expected


@given(HEIGHTS)
def test_an_area_reaches_from_the_line_to_the_bottom(heights: list[int | None]) -> None:
    y = np.array([np.nan if each is None else each for each in heights], np.float64)

    expected = {(x, down) for x, each in enumerate(heights) if each is not None for down in range(each, 33)}
    assert painted(area_boxes(y, 0.0, 1.0, 33)) == expected
