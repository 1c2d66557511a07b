"""The walk over initialised ticks against a bitmap read bit by bit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.defi.v3math.ticks import last_edge_above, last_edge_below, next_above, next_below

SPACINGS = st.sampled_from([1, 10, 60, 200])
PLACES = st.integers(-2_000, 2_000)
SETS = st.sets(PLACES, max_size=12)


def bits_below(places: set[int], place: int) -> tuple[int, bool]:
    """Return the next set bit at or below `place` in its word of 256, or the word's lowest place."""
    while place % 256 and place not in places:
        place -= 1
    return place, place in places


def bits_above(places: set[int], place: int) -> tuple[int, bool]:
    """Return the next set bit from `place` + 1 on in that one's word of 256, or the word's highest place."""
    place += 1
    while place % 256 != 255 and place not in places:
        place += 1
    return place, place in places


@given(SETS, PLACES, st.integers(0, 199), SPACINGS)
def test_stops_are_those_of_the_bitmap(places: set[int], place: int, beside: int, spacing: int) -> None:
    ticks, tick = tuple(each * spacing for each in sorted(places)), place * spacing + beside % spacing

    for stop, wanted in (
        (next_below(ticks, tick, spacing), bits_below(places, place)),
        (next_above(ticks, tick, spacing), bits_above(places, place)),
    ):
        assert stop[0] == wanted[0] * spacing
        assert (stop[1] >= 0) == wanted[1]
        assert not wanted[1] or ticks[stop[1]] == stop[0]


@given(st.sets(PLACES, min_size=2, max_size=12), SPACINGS, st.data())
def test_leaving_out_empty_words_arrives_where_the_walk_arrives(
    places: set[int], spacing: int, data: st.DataObject
) -> None:
    ticks = tuple(each * spacing for each in sorted(places))
    begun = data.draw(st.integers(ticks[0], ticks[-1] - 1))
    for leap, step, below in ((last_edge_below, next_below, True), (last_edge_above, next_above, False)):
        visited, tick, index = [], begun, -1
        while index < 0:
            stop, index = step(ticks, tick, spacing)
            visited.append((stop, index))
            tick = stop - 1 if below else stop

        assert leap(ticks, begun, spacing) in visited[-2:]
