"""Drawings against closed forms: levels, medians, R, lines cut to the pane, and the distance to them by brute force."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from math import hypot, inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crs_desktop.viewmodels.drawings.codec import ratios
from crs_desktop.viewmodels.drawings.figures import change_text, measure_lines, position_notes, span
from crs_desktop.viewmodels.drawings.geometry import outline, points
from crs_desktop.viewmodels.drawings.hit import away, hit
from crs_desktop.viewmodels.drawings.kinds import BY_NAME, KINDS
from crs_desktop.viewmodels.drawings.outline import Outline, Point, Stroke, distance, inside, stretched
from crs_desktop.viewmodels.drawings.place import (
    anchor_at,
    magnet,
    moved,
    raised,
    shifted,
    squared,
    thinned,
    with_handle,
)  # fmt: skip
from crs_desktop.viewmodels.drawings.position import plan, sound
from crs_desktop.viewmodels.drawings.prices import extension, levels, price_at, retracement
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape, Style
from crs_desktop.viewmodels.series import Row
from engine.errors import InvalidInput
from tests.crs_desktop.viewmodels.drawings.sketches import BTC, MINUTE, START, Grid, anchor, shapes

GRID = Grid()
BARS, TICKS = st.integers(-200, 300), st.integers(5_500_000, 7_000_000)
POINTS = st.builds(anchor, BARS, TICKS)
PX = st.floats(-2_000, 3_000)
PLACES = st.builds(Point, PX, PX)


def made(kind: str, *anchors: Anchor, style: Style | None = None) -> Shape:
    return Shape("d1", kind, anchors, style if style is not None else BY_NAME[kind].style)


def seen(shape: Shape) -> Outline:
    found = outline(shape, GRID)
    assert found is not None
    return found


def test_a_retracement_runs_back_from_the_end_to_the_start() -> None:
    found = retracement(Decimal(100), Decimal(200), [Decimal("0"), Decimal("0.382"), Decimal("0.618"), Decimal("1")])

    assert found == [Decimal("200"), Decimal("161.8"), Decimal("138.2"), Decimal("100")]


def test_an_extension_begins_the_move_again_at_the_third_point() -> None:
    found = extension(Decimal(100), Decimal(200), Decimal(150), [Decimal("0"), Decimal("1"), Decimal("1.618")])

    assert found == [Decimal("150"), Decimal("250"), Decimal("311.8")]


@given(POINTS, POINTS)
def test_every_level_is_drawn_at_its_price(one: Anchor, other: Anchor) -> None:
    shape = made("fibonacci", one, other)
    found = outline(shape, GRID)
    assume(found is not None)
    assert found is not None

    for stroke, (ratio, price) in zip(found.strokes, levels(shape), strict=False):
        assert stroke.a.y == pytest.approx(GRID.y(float(price / BTC.tick)), abs=1e-6)
        assert price == other.price + (one.price - other.price) * ratio


@pytest.mark.parametrize(("text", "wanted"), [("1, 0;0.5 0.5", "0 0.5 1"), ("-0.5 2", "-0.5 2")])
def test_levels_are_read_in_order_and_once(text: str, wanted: str) -> None:
    assert ratios(text) == tuple(Decimal(each) for each in wanted.split())


@pytest.mark.parametrize("text", ["", "a", "1e3", "101", " ".join(map(str, range(40)))])
def test_levels_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        ratios(text)


@given(st.integers(0, 90), st.integers(0, 90), st.integers(0, 90), TICKS, TICKS, TICKS)
def test_the_median_of_a_pitchfork_goes_through_the_middle_and_its_tines_run_beside_it(
    a: int, b: int, c: int, low: int, middle: int, high: int
) -> None:
    shape = made("pitchfork", anchor(a, low), anchor(b, middle), anchor(c, high))
    start, one, other = points(shape, GRID)
    half = Point((one.x + other.x) / 2, (one.y + other.y) / 2)
    assume(hypot(half.x - start.x, half.y - start.y) > 1)
    found = outline(shape, GRID)
    assume(found is not None)
    assert found is not None

    for stroke in [each for each in found.strokes if not each.thin]:
        dx, dy = stroke.b.x - stroke.a.x, stroke.b.y - stroke.a.y
        cross = dx * (half.y - start.y) - dy * (half.x - start.x)
        assert cross == pytest.approx(0, abs=1e-6 * max(1.0, hypot(dx, dy) * hypot(half.x - start.x, half.y - start.y)))
    medians = [each for each in found.strokes if not each.thin and distance(start.x, start.y, each.a, each.b) < 1e-6]
    assert not medians or any(
        distance(half.x, half.y, each.a, each.b) < 1e-6 or not (-16 < half.x < 1016 and -16 < half.y < 516)
        for each in medians
    )


@given(st.integers(0, 90), st.integers(0, 90), st.integers(0, 90), TICKS, TICKS, TICKS)
def test_a_channel_goes_through_its_third_point(a: int, b: int, c: int, low: int, middle: int, high: int) -> None:
    assume(a != b)
    shape = made("channel", anchor(a, low), anchor(b, middle), anchor(c, high))
    start, end, third = points(shape, GRID)
    found = outline(shape, GRID)
    assume(found is not None and len(found.areas) == 1)
    assert found is not None

    _, _, e, d = found.areas[0].points
    slope = (end.y - start.y) / (end.x - start.x)
    assert e.y - d.y == pytest.approx(end.y - start.y)
    assert d.y + slope * (third.x - d.x) == pytest.approx(third.y)


@given(PLACES, PLACES, st.booleans(), st.booleans())
def test_a_stretched_line_is_the_part_in_the_pane(a: Point, b: Point, back: bool, on: bool) -> None:
    assume(hypot(b.x - a.x, b.y - a.y) > 1)
    found = stretched(a, b, 1_000, 500, back=back, on=on)

    def wanted(part: float) -> bool:
        x, y = a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)
        return (part >= 0 or back) and (part <= 1 or on) and -16 <= x <= 1_016 and -16 <= y <= 516

    parts = [number / 25 for number in range(-100, 150)]
    inside_pane = [part for part in parts if wanted(part)]
    if found is None:
        assert not inside_pane
        return
    for part in inside_pane:
        x, y = a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)
        assert distance(x, y, *found) < 1e-6
    for end in found:
        assert -16 - 1e-6 <= end.x <= 1_016 + 1e-6
        assert -16 - 1e-6 <= end.y <= 516 + 1e-6


@given(PLACES, PLACES, PLACES)
def test_the_distance_to_a_line_is_the_least_to_its_points(a: Point, b: Point, from_: Point) -> None:
    steps = 200
    brute = min(
        hypot(from_.x - a.x - (b.x - a.x) * n / steps, from_.y - a.y - (b.y - a.y) * n / steps)
        for n in range(steps + 1)
    )

    found = distance(from_.x, from_.y, a, b)

    assert found <= brute + 1e-6
    assert brute - found <= hypot(b.x - a.x, b.y - a.y) / steps + 1e-6


@given(st.floats(-50, 150), st.floats(-50, 150))
def test_inside_a_triangle_is_on_the_same_side_of_all_edges(x: float, y: float) -> None:
    corners = (Point(0, 0), Point(100, 0), Point(0, 100))
    sides = [(b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) for a, b in pairwise((*corners, corners[0]))]
    assume(all(abs(each) > 1e-6 for each in sides))

    assert inside(x, y, corners) == all(each > 0 for each in sides)


@given(st.lists(shapes(), max_size=6), PX, PX)
def test_a_hit_is_a_drawing_within_reach_and_the_front_one(drawn: list[Shape], x: float, y: float) -> None:
    seen_all = [(f"d{n}", found) for n, each in enumerate(drawn) if (found := outline(each, GRID)) is not None]

    under = hit(seen_all, None, x, y)
    near = [name for name, each in seen_all if away(each, x, y, grab_inside=False) <= 6.0]

    assert (under.id if under is not None else None) == (near[-1] if near else None)


def test_the_inside_of_a_rectangle_is_grabbed_only_when_it_is_selected_and_handles_come_first() -> None:
    box = seen(made("rectangle", anchor(10, 6_100_000), anchor(30, 6_300_000)))

    assert hit([("d1", box)], None, 205.0, 300.0) is None
    assert hit([("d1", box)], "d1", 205.0, 300.0) == ("d1", None)
    assert hit([("d1", box)], "d1", 107.0, 402.0) == ("d1", 0)


@given(shapes())
def test_what_is_culled_has_nothing_in_the_pane(shape: Shape) -> None:
    found = outline(shape, GRID)

    where = points(shape, GRID)
    if any(0 <= p.x <= GRID.width and 0 <= p.y <= GRID.height for p in where):
        assert found is not None
    if found is not None:
        numbers = [n for s in found.strokes for n in (*s.a, *s.b)] + [n for note in found.notes for n in note.at]
        assert all(abs(each) < inf for each in numbers)


# -- positions ---------------------------------------------------------------------------------------


@given(
    st.sampled_from(("long", "short")),
    st.integers(2, 9_000_000),
    st.integers(1, 9_000_000),
    st.integers(1, 9_000_000),
    st.integers(0, 10**15),
    st.integers(1, 10_000),
)
def test_a_position_risks_no_more_than_its_share_and_one_lot_more_would(
    kind: str, entry: int, stop: int, target: int, equity: int, bps: int
) -> None:
    at = (START, START + MINUTE)
    shape = Shape(
        "d1", kind,
        (Anchor(at[0], BTC.price(entry)), Anchor(at[1], BTC.price(stop)), Anchor(at[1], BTC.price(target))),
        Style(risk_bps=bps),
    )  # fmt: skip

    shape = sound(BTC, shape)
    drawn = plan(BTC, shape, equity)

    sign = 1 if kind == "long" else -1
    assert sign * (drawn.target - drawn.entry) >= 0 <= sign * (drawn.entry - drawn.stop)
    distance_in_ticks = max(abs(drawn.entry - drawn.stop), 1)
    budget = equity * bps // 10_000
    assert drawn.risk <= budget < BTC.notional(distance_in_ticks, drawn.lots + 1)
    assert drawn.risk == BTC.notional(distance_in_ticks, drawn.lots)
    assert drawn.reward_ratio == Decimal(abs(drawn.target - drawn.entry)) / distance_in_ticks
    assert sound(BTC, shape) == shape


def test_a_fresh_position_aims_at_two_r_and_says_what_it_risks() -> None:
    shape = sound(BTC, made("long", anchor(0, 6_400_000), anchor(9, 6_390_000)))
    units = 10_000 * 10**BTC.quote.decimals

    drawn = plan(BTC, shape, units)
    target, entry, stop = position_notes(BTC, drawn)

    assert drawn.target == 6_420_000
    assert (str(drawn.reward_ratio), BTC.qty_text(drawn.lots)) == ("2", "1.00000")
    assert str(stop[0]) == "Stop \u2212100.00 (\u22120.16%) · \u2212100.00 USDT"
    assert str(target[0]) == "Target +200.00 (+0.31%) · +200.00 USDT"
    assert "2.00 R" in str(entry[0])
    assert "more than the account is worth" in str(entry[1])


def test_a_short_says_that_spot_is_long_or_flat_and_an_unknown_worth_gives_no_size() -> None:
    short = sound(BTC, made("short", anchor(0, 6_400_000), anchor(9, 6_410_000)))
    long = sound(BTC, made("long", anchor(0, 6_400_000), anchor(9, 6_390_000)))

    assert "Spot is long or flat" in str(position_notes(BTC, plan(BTC, short, 10**12))[1][1])
    unknown = plan(BTC, long, None)
    assert unknown.lots == 0
    assert "not known" in str(position_notes(BTC, unknown)[1][1])


@given(st.integers(0, 2), st.integers(0, 40), st.integers(1, 9_000_000))
def test_dragging_entry_stop_or_target_never_passes_another(handle: int, bar: int, ticks: int) -> None:
    shape = sound(BTC, made("long", anchor(0, 6_400_000), anchor(9, 6_390_000)))

    dragged = with_handle(shape, handle, anchor(bar, ticks), GRID)

    entry, stop, target = (each.price for each in dragged.anchors)
    assert stop < entry < target
    assert dragged.anchors[1].at == dragged.anchors[2].at


# -- placing and moving --------------------------------------------------------------------------------


@given(st.floats(0, 999), st.floats(0, 499))
def test_an_anchor_is_the_opening_of_its_bar_and_a_price_on_the_grid(x: float, y: float) -> None:
    found = anchor_at(GRID, x, y)

    assert (found.at - START) % MINUTE == 0
    assert GRID.x(found.at) - 5 <= x <= GRID.x(found.at) + 5
    ticks = BTC.ticks(found.price)
    assert ticks is not None
    assert abs(GRID.y(ticks) - y) <= 0.001


@given(st.floats(0, 499), st.lists(TICKS, min_size=4, max_size=4))
def test_the_magnet_takes_the_nearest_price_within_twelve_pixels(y: float, prices: list[int]) -> None:
    low, one, other, high = sorted(prices)
    row = Row(one, high, low, other, 1.0)
    brute = min((abs(GRID.y(each) - y), each) for each in prices)

    found = magnet(GRID, row, y)

    assert (found is None) == (brute[0] > 12)
    assert found is None or abs(GRID.y(found) - y) == brute[0]


@given(st.integers(0, 90), TICKS, st.floats(0, 999), st.floats(0, 499))
def test_squared_lines_are_level_upright_or_at_45_degrees(bar: int, ticks: int, x: float, y: float) -> None:
    origin = anchor(bar, ticks)

    found = squared(GRID, origin, x, y)

    dx = abs(GRID.x(found.at) - GRID.x(origin.at))
    dy = abs(float((found.price - origin.price) / BTC.tick)) / 1_000
    assert dx == 0 or dy == 0 or dx == pytest.approx(dy, abs=0.01) or found.price == BTC.tick


@given(shapes(), st.integers(-50, 50))
def test_going_sideways_keeps_prices_and_the_instant_within_the_bar_and_can_be_undone(shape: Shape, bars: int) -> None:
    there = moved(shape, GRID, bars, 0.0)

    assert [each.price for each in there.anchors] == [each.price for each in shape.anchors]
    assert [each.at for each in there.anchors] == [each.at + bars * MINUTE for each in shape.anchors]
    assert moved(there, GRID, -bars, 0.0) == shape


@given(POINTS, st.floats(-300, 300).filter(lambda dy: abs(dy) > 0.001))
def test_moving_by_pixels_lands_on_the_nearest_tick(one: Anchor, dy: float) -> None:
    found = shifted(GRID, one, 0, dy)

    ticks, before = BTC.ticks(found.price), BTC.ticks(one.price)
    assert ticks is not None
    assert before is not None
    assert abs(ticks - (before - dy * 1_000)) <= 0.5 + 1e-6


def test_raising_by_keys_stops_at_the_first_tick_without_bending_the_line() -> None:
    shape = made("trend", anchor(0, 5), anchor(4, 9))

    low = raised(shape, GRID, -100)

    assert [BTC.ticks(each.price) for each in low.anchors] == [1, 5]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 450)), min_size=2, max_size=60))
def test_a_thinned_stroke_stays_within_a_pixel_of_what_was_drawn(drawn: list[tuple[int, int]]) -> None:
    stroke = [(Point(float(x), float(y)), Anchor(number, Decimal(1))) for number, (x, y) in enumerate(drawn)]

    kept = [stroke[each.at][0] for each in thinned(stroke)]

    assert kept[0] == stroke[0][0]
    assert kept[-1] == stroke[-1][0]
    for point, _ in stroke:
        assert min(distance(*point, a, b) for a, b in pairwise(kept)) <= 1.0 + 1e-9


# -- what is written beside them ---------------------------------------------------------------------


def test_a_measurement_counts_price_percent_bars_and_time() -> None:
    lines = measure_lines(GRID, anchor(10, 6_000_000), anchor(100, 6_300_000))
    back = measure_lines(GRID, anchor(100, 6_300_000), anchor(10, 6_000_000))

    assert [str(each) for each in lines] == ["+3,000.00 (+5.00%)", "90 bars, 1 h 30 min"]
    assert [str(each) for each in back] == ["\u22123,000.00 (\u22124.76%)", "\u221290 bars, \u22121 h 30 min"]
    assert change_text(BTC, 1, 1) == "0.00 (0.00%)"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (90_000, "1 d 1 h")]
)
def test_spans_are_written_by_their_two_largest_units(seconds: int, text: str) -> None:
    assert span(seconds * 10**9) == text


def test_a_line_has_a_price_where_it_is_and_none_beside_it() -> None:
    one, other = anchor(0, 6_000_000), anchor(10, 6_000_100)
    middle, after = START + 5 * MINUTE, START + 20 * MINUTE

    assert price_at(made("trend", one, other), middle) == BTC.price(6_000_050)
    assert price_at(made("trend", one, other), after) is None
    assert price_at(made("ray", one, other), after) == BTC.price(6_000_200)
    assert price_at(made("ray", other, one), after) is None
    assert price_at(made("extended", one, other), START - 10 * MINUTE) == BTC.price(5_999_900)
    assert price_at(made("horizontal", one), after) == one.price
    assert price_at(made("rectangle", one, other), middle) is None


def test_every_kind_has_an_outline_with_its_handles() -> None:
    where = [anchor(10, 6_100_000), anchor(40, 6_200_000), anchor(60, 6_150_000)]
    for kind in KINDS:
        shape = made(kind.name, *where[: kind.anchors or 3], style=kind.style)
        found = seen(sound(BTC, shape) if kind.group == "position" else shape)

        assert found.handles
        assert found.strokes or found.notes


def test_upright_and_pointlike_drawings_are_lines_too() -> None:
    one = anchor(10, 6_100_000)

    assert seen(made("trend", one, one)).strokes == [Stroke(Point(105.0, 400.0), Point(105.0, 400.0))]
    assert seen(made("arrow", one, one)).strokes
    upright = seen(made("channel", one, anchor(10, 6_200_000), anchor(20, 6_150_000)))
    assert {each.x for each in upright.areas[0].points} == {105.0, 205.0}
