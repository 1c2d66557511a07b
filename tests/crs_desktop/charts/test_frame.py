from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.frame import LEAST_PANE, LEAST_PRICE, Frame, Wish, Zone
from crs_desktop.charts.pane_stack import PaneStack

wishes = st.lists(st.tuples(st.floats(0.02, 0.9), st.booleans()), max_size=5).map(
    lambda each: [Wish(str(i), share, folded) for i, (share, folded) in enumerate(each)]
)


@given(st.floats(120, 2_000), wishes)
def test_panes_fill_the_height_from_top_to_bottom_without_overlap(height: float, wanted: list[Wish]) -> None:
    frame = Frame.of(800, height, 80, 24, wanted)

    tops = [slot.top for slot in frame.slots]
    bottoms = [slot.bottom for slot in frame.slots]
    assert all(abs(bottom - top) < 1e-6 for bottom, top in zip(bottoms, [*tops[1:], frame.time_top], strict=bool(tops)))
    assert all(slot.folded or slot.height >= LEAST_PANE for slot in frame.slots)
    assert not frame.slots or frame.price_height >= LEAST_PRICE - len(frame.slots)
    assert [slot.key for slot in frame.slots] == [str(i) for i in range(len(frame.slots))], "the lowest give way first"


def test_each_point_is_in_the_right_part() -> None:
    frame = Frame.of(800, 624, 80, 24, [Wish("volume", 0.2), Wish("rsi", 0.1)])

    assert frame.price_height == 420
    assert frame.zone(10, 10) is Zone.PLOT
    assert frame.zone(10, 421) is Zone.DIVIDER
    assert frame.zone(10, 470) is Zone.SUBPANE
    assert frame.zone(790, 10) is Zone.PRICE_AXIS
    assert frame.zone(790, 580) is Zone.PANE_AXIS
    assert frame.zone(10, 610) is Zone.TIME_AXIS
    slot = frame.slot(580)
    assert slot is not None
    assert slot.key == "rsi"


class Named:
    """A pane of which only the key matters."""

    def __init__(self, key: str) -> None:
        self.key = key


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-300, 300)), max_size=8))
def test_dragging_dividers_keeps_every_pane_visible_and_the_rest_in_place(drags: list[tuple[int, float]]) -> None:
    stack = PaneStack()
    stack.panes += [Named("a"), Named("b"), Named("c")]  # type: ignore[list-item]

    def frame() -> Frame:
        return Frame.of(800, 724, 80, 24, stack.wishes(700))

    for number, dy in drags:
        before = frame()
        stack.drag(before, "abc"[number], dy)
        after = frame()
        assert len(after.slots) == 3
        assert all(slot.height >= LEAST_PANE - 1 for slot in after.slots)
        assert after.price_height >= LEAST_PRICE - 2
        for i in range(number + 1, 3):
            assert abs(after.slots[i].top - before.slots[i].top) <= 2


def test_a_drag_moves_the_divider_and_a_reset_brings_it_back() -> None:
    stack = PaneStack()
    stack.panes += [Named("a"), Named("b")]  # type: ignore[list-item]
    first = Frame.of(800, 624, 80, 24, stack.wishes(600))

    stack.drag(first, "a", -50)
    moved = Frame.of(800, 624, 80, 24, stack.wishes(600))
    assert moved.slots[0].top == first.slots[0].top - 50
    assert moved.slots[1] == first.slots[1]

    stack.reset("a")
    stack.reset("b")
    assert Frame.of(800, 624, 80, 24, stack.wishes(600)) == first
    stack.fold("b")
    assert Frame.of(800, 624, 80, 24, stack.wishes(600)).slots[1].height == 20
