"""Alerts on drawings: what is watched is what is painted, and it goes, vanishes and comes back with its line."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.alert_hand import alerts_of
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.drawings.geometry import outline
from crs_desktop.viewmodels.drawings.kinds import BY_NAME
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.store import DrawingStore
from crs_desktop.viewmodels.drawn_alerts import LINES, DrawnAlerts, line_rule
from engine.services.alerts import LineRule
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.drawings.sketches import BTC, MINUTE, START, Grid, anchor

SYMBOL = "BTC/USDT"
POINTS = st.tuples(st.integers(0, 99), st.integers(6_000_000, 6_500_000))


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", LINES)
@given(ends=st.tuples(POINTS, POINTS), bar=st.integers(0, 99))
@settings(max_examples=150)
def test_what_is_watched_is_the_line_that_is_painted(
    kind: str, ends: tuple[tuple[int, int], tuple[int, int]], bar: int
) -> None:
    count = BY_NAME[kind].anchors
    shape = Shape("d1", kind, tuple(anchor(*each) for each in ends[:count]))
    rule = line_rule(BTC, shape)
    if rule is None:
        assert kind != "horizontal"
        assert ends[0][0] == ends[1][0]
        return
    grid = Grid()
    made = outline(shape, grid)
    assert made is not None
    a, b = made.strokes[0].a, made.strokes[0].b
    (left, right) = (a, b) if a.x <= b.x else (b, a)
    x, level = grid.x(START + bar * MINUTE), rule.level(START + bar * MINUTE)
    at_edge = min(abs(grid.y(level) if level is not None else 0.0), abs(x - left.x), abs(x - right.x)) < 1e-6
    if level is None:
        assert not left.x + 1e-6 < x < right.x - 1e-6
    elif 0 <= grid.y(level) <= grid.height and not at_edge:
        assert left.x <= x <= right.x
        painted = left.y + (right.y - left.y) * (x - left.x) / (right.x - left.x)
        assert painted == pytest.approx(grid.y(level), abs=1e-3)


def test_only_lines_with_one_price_at_an_instant_are_watched() -> None:
    points = tuple(anchor(bar, 6_100_000 + bar) for bar in (3, 9, 12))
    watched = {
        kind
        for kind, each in BY_NAME.items()
        if line_rule(BTC, Shape("d1", kind, points[: each.anchors or 2])) is not None
    }
    assert watched == set(LINES)


async def until(done: object) -> None:
    for _ in range(400):
        await asyncio.sleep(0.002)
        if done():  # type: ignore[operator]
            return
    raise AssertionError("it never happened")


async def test_an_alert_goes_where_its_line_goes_vanishes_with_it_and_comes_back_with_undo() -> None:
    floor = Floor()
    desk = await floor.sit()
    store, alerts = DrawingStore(DrawingFile(None)), floor.alerts
    shape = Shape("d1", "ray", (anchor(0, 6_100_000), anchor(10, 6_200_000)))
    other = Shape("d2", "trend", (anchor(0, 6_100_000), anchor(10, 6_200_000)))
    store.add(SYMBOL, shape, other)
    rule = line_rule(BTC, shape)
    assert rule is not None
    alert = await alerts.add(SYMBOL, rule, note="break")
    drawn = DrawnAlerts(alerts_of(desk), store)

    def watched() -> list[LineRule]:
        return [each.rule for each in alerts.of(SYMBOL) if isinstance(each.rule, LineRule)]

    moved = replace(shape, anchors=(anchor(0, 6_100_000), anchor(10, 6_300_000)))
    store.change(SYMBOL, moved)
    await until(lambda: watched() == [line_rule(BTC, moved)])
    store.change(SYMBOL, replace(other, anchors=moved.anchors))
    store.remove(SYMBOL, ["d1"])
    await until(lambda: not watched())
    store.undo(SYMBOL)
    await until(lambda: watched() == [line_rule(BTC, moved)])
    assert [(each.id, each.note) for each in alerts.all()] == [(alert.id, "break")]
    store.undo(SYMBOL)
    store.undo(SYMBOL)
    await until(lambda: watched() == [rule])
    store.clear(SYMBOL)
    await until(lambda: not watched())
    store.undo(SYMBOL)
    await until(lambda: watched() == [rule])

    drawn.close()
    alerts_of(desk).close()
    await asyncio.sleep(0)
    await alerts.close()


async def test_a_line_that_moved_while_nobody_watched_is_caught_up_with() -> None:
    floor = Floor()
    desk = await floor.sit()
    store = DrawingStore(DrawingFile(None))
    shape = Shape("d1", "trend", (anchor(0, 6_100_000), anchor(10, 6_200_000)))
    rule = line_rule(BTC, shape)
    assert rule is not None
    await floor.alerts.add(SYMBOL, rule)
    orphan = await floor.alerts.add(SYMBOL, line_rule(BTC, replace(shape, id="gone")) or rule)
    moved = replace(shape, anchors=(anchor(0, 6_100_000), anchor(10, 6_300_000)))
    store.add(SYMBOL, moved)

    drawn = DrawnAlerts(alerts_of(desk), store)
    await until(lambda: floor.alerts.all()[0].rule == line_rule(BTC, moved))
    assert orphan.id in [each.id for each in floor.alerts.all()]  # its drawing may only be unreadable today

    drawn.close()
    alerts_of(desk).close()
    await asyncio.sleep(0)
    await floor.alerts.close()
