"""Drawing by mouse and keyboard on a real chart: what is placed stays at its instant and price, whatever the bars."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.drawing.sight import ChartSight
from crs_desktop.panes.chart import ChartPane
from crs_desktop.panes.drawing_style import StyleCard
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_style import Scale
from crs_desktop.viewmodels.drawings.desk import drawings_of
from crs_desktop.viewmodels.drawings.kinds import BY_NAME, KINDS
from crs_desktop.viewmodels.drawings.prices import ticks
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from engine.domain.market import Timeframe
from engine.profile import Profile
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import Floor

pytestmark = pytest.mark.gui
LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key
Held = Qt.KeyboardModifier
BTC = "BTC/USDT"
ROUNDING = 40
"""Text and half-transparent areas are smoothed a little otherwise on a picture; a line one pixel off is 100 apart."""


def apart(one: QImage, other: QImage) -> int:
    """Return the greatest difference of a channel between two images."""
    assert one.size() == other.size()
    bits = [np.frombuffer(each.constBits(), np.uint8).astype(np.int16) for each in (one, other)]
    return int(np.abs(bits[0] - bits[1]).max())


class Easel:
    """A chart pane over a real engine, and a hand."""

    def __init__(self, qtbot: QtBot, floor: Floor) -> None:
        self.floor, self.desk = floor, desk_of(floor)
        self.pane = ChartPane(ChartModel(self.desk))
        self.pane.resize(940, 560)
        qtbot.addWidget(self.pane)
        self.chart, self.overlay = self.pane.chart, self.pane.drawing.overlay
        self.store, self.tools = self.overlay.store, self.overlay.store.tools

    async def refresh(self) -> None:
        self.pane.show()
        for _ in range(2):
            await settle()
            self.pane.refresh()
        self.image()

    @property
    def sight(self) -> ChartSight:
        return self.overlay.sight(self.chart.plane)

    @property
    def shapes(self) -> list[Shape]:
        return list(self.store.shapes(self.chart.model.pair.symbol))

    def card(self) -> StyleCard:
        card = self.overlay.hand.popover
        assert isinstance(card, StyleCard)
        return card

    def place_of(self, anchor: Anchor) -> QPoint:
        return QPoint(round(self.sight.x(anchor.at)), round(self.sight.y(ticks(self.sight.pair, anchor.price))))

    def press(self, x: int, y: int, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        QTest.mousePress(self.chart, LEFT, held, QPoint(x, y))

    def move(self, x: int, y: int) -> None:
        QTest.mouseMove(self.chart, QPoint(x, y))

    def release(self, x: int, y: int, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        QTest.mouseRelease(self.chart, LEFT, held, QPoint(x, y))

    def click(self, x: int, y: int, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        self.move(x, y)
        self.press(x, y, held)
        self.release(x, y, held)
        self.image()

    def drag(self, x1: int, y1: int, x2: int, y2: int) -> None:
        self.move(x1, y1)
        self.press(x1, y1)
        for part in (0.3, 0.7, 1.0):
            at = QPointF(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part)
            QTest.mouseMove(self.chart, at.toPoint())
        self.release(x2, y2)
        self.image()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        QTest.keyClick(self.chart, key, held)
        self.image()

    def image(self) -> QImage:
        return self.chart.grab().toImage()

    def draw(self, kind: str, *anchors: Anchor) -> Shape:
        shape = Shape(self.store.new_id(), kind, anchors, BY_NAME[kind].style)
        self.store.add(self.chart.model.pair.symbol, shape)
        self.image()
        return shape


@pytest.fixture
async def easel(qtbot: QtBot) -> AsyncIterator[Easel]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    made = Easel(qtbot, await floor_with(Archive()))
    await made.refresh()
    yield made
    made.pane.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0
    assert made.desk.link_count == 0
    assert len(made.store._changed) == len(made.tools._changed) == 0


async def test_two_clicks_draw_a_line_from_bar_to_bar_and_the_tool_is_put_down(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.click(300, 200)
    assert easel.shapes == []
    before = easel.image()
    easel.move(500, 260)
    assert easel.image() != before, "the line follows the pointer"
    easel.click(500, 260)

    (shape,) = easel.shapes
    assert (shape.kind, easel.tools.kind, easel.overlay.hand.selected) == ("trend", None, shape.id)
    for anchor, (x, y) in zip(shape.anchors, ((300, 200), (500, 260)), strict=True):
        assert easel.chart.model.series.start(easel.sight.bar_at(x)) == anchor.at
        assert abs(easel.sight.y(ticks(easel.sight.pair, anchor.price)) - y) < 0.5


async def test_a_drag_draws_a_line_too_and_what_is_drawn_is_on_the_screen(easel: Easel) -> None:
    easel.tools.choose("trend")
    left = easel.chart.view.left

    easel.drag(300, 150, 500, 350)
    easel.overlay.hand.select(None)
    image = easel.image()

    assert len(easel.shapes) == 1
    assert easel.chart.view.left == left, "the chart stays where it is"
    accent = QColor(theme.current().accent)
    middle = [QColor(image.pixel(x, 250)) for x in range(390, 410)]
    assert min(abs(c.red() - accent.red()) + abs(c.blue() - accent.blue()) for c in middle) < 90


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))
async def test_every_tool_makes_its_drawing(easel: Easel, kind: object) -> None:
    name = str(getattr(kind, "name", ""))
    easel.tools.choose(name)

    if name == "brush":
        easel.drag(250, 150, 480, 300)
    for x, y in ((300, 250), (420, 180), (360, 330))[: BY_NAME[name].clicks]:
        easel.click(x, y)

    if name == "measure":
        assert easel.overlay.hand.transient is not None
        easel.overlay.hand.keep_transient()
    (shape,) = easel.shapes
    assert shape.kind == name
    assert not BY_NAME[name].anchors or len(shape.anchors) == BY_NAME[name].anchors
    if easel.overlay.hand.popover is not None:
        easel.overlay.hand.popover.close()


async def test_escape_gives_up_a_half_drawn_line_then_the_tool_then_the_selection(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.click(300, 200)

    easel.key(Key.Key_Escape)
    assert easel.overlay.hand.draft is None
    assert easel.tools.kind is BY_NAME["trend"]
    easel.key(Key.Key_Escape)
    assert easel.tools.kind is None
    assert easel.shapes == []


async def test_a_handle_is_dragged_alone_a_body_as_a_whole_and_undo_takes_each_back(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.drag(300, 150, 500, 350)
    (drawn,) = easel.shapes

    end = easel.place_of(drawn.anchors[1])
    easel.drag(end.x(), end.y(), 560, 200)
    (stretched,) = easel.shapes
    easel.drag((300 + 560) // 2, (150 + 200) // 2, (300 + 560) // 2 + 60, (150 + 200) // 2 + 40)
    (moved,) = easel.shapes

    assert stretched.anchors[0] == drawn.anchors[0]
    assert stretched.anchors[1] != drawn.anchors[1]
    step = easel.sight.step
    bars = [(there.at - here.at) / step for here, there in zip(stretched.anchors, moved.anchors, strict=True)]
    assert bars[0] == bars[1] == round(60 / easel.chart.view.bar_px)
    easel.key(Key.Key_Z, Held.ControlModifier)
    assert easel.shapes == [stretched]
    easel.key(Key.Key_Z, Held.ControlModifier)
    easel.key(Key.Key_Z, Held.ControlModifier)
    assert easel.shapes == []
    for _ in range(3):
        easel.key(Key.Key_Z, Held.ControlModifier | Held.ShiftModifier)
    assert easel.shapes == [moved]


async def test_delete_removes_what_is_selected_but_not_what_is_locked(easel: Easel) -> None:
    at = easel.sight.start(easel.sight.bar_at(300))
    shape = easel.draw("horizontal", Anchor(at, Decimal("64250.00")))
    spot = easel.place_of(shape.anchors[0])
    easel.click(spot.x() + 80, spot.y())
    assert easel.overlay.hand.selected == shape.id

    easel.store.change(BTC, replace(shape, locked=True))
    easel.key(Key.Key_Delete)
    assert len(easel.shapes) == 1
    easel.drag(spot.x() + 80, spot.y(), spot.x() + 80, spot.y() + 60)
    assert easel.shapes[0].anchors == shape.anchors
    easel.store.change(BTC, shape)
    easel.key(Key.Key_Delete)

    assert easel.shapes == []


async def test_an_anchor_stays_the_same_on_every_timeframe_and_stands_in_the_bar_that_contains_it(
    easel: Easel,
) -> None:
    easel.tools.choose("trend")
    easel.drag(500, 150, 700, 350)
    (drawn,) = easel.shapes

    for timeframe in (Timeframe.D1, Timeframe.H1, Timeframe.S1, Timeframe.M1):
        easel.desk.set_timeframe(timeframe)
        await easel.refresh()
        sight, series = easel.sight, easel.chart.model.series
        assert easel.shapes == [drawn]
        for anchor in drawn.anchors:
            bar = sight.bar(anchor.at)
            assert series.start(bar) <= anchor.at < series.start(bar) + sight.step
            assert sight.x(anchor.at) == easel.chart.view.x(bar + 0.5)


async def test_a_point_beyond_the_newest_bar_keeps_its_distance_when_bars_come(easel: Easel) -> None:
    series, step = easel.chart.model.series, easel.sight.step
    future = series.start(series.stop - 1) + 5 * step
    assert easel.sight.bar(future) == series.stop - 1 + 5

    row = series.row(series.stop - 1)
    assert row is not None
    for number in range(1, 8):
        series.append(series.start(series.stop - 1) + step, row)
        expected = series.index_at(future)
        assert easel.sight.bar(future) == expected, number


async def test_the_magnet_holds_a_point_to_a_price_of_its_bar(easel: Easel) -> None:
    bar = easel.sight.bar_at(400)
    row = easel.chart.model.series.row(bar)
    assert row is not None
    y = round(easel.sight.y(row.high)) - 6
    easel.tools.toggle("magnet")
    easel.tools.choose("horizontal")

    easel.click(400, y)
    easel.tools.choose("horizontal")
    easel.click(400, y, Held.ControlModifier)

    held, free = easel.shapes
    assert ticks(easel.sight.pair, held.anchors[0].price) == row.high
    assert ticks(easel.sight.pair, free.anchors[0].price) != row.high


async def test_shift_keeps_a_line_level(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.click(300, 200)

    easel.click(500, 212, Held.ShiftModifier)

    one, other = easel.shapes[0].anchors
    assert one.price == other.price
    assert one.at < other.at


async def test_a_line_can_be_placed_moved_and_removed_without_a_mouse(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.chart.setFocus()
    easel.key(Key.Key_Return)  # brings the crosshair
    for _ in range(10):
        easel.key(Key.Key_Left)
    easel.key(Key.Key_Return)
    for _ in range(4):
        easel.key(Key.Key_Left)
    easel.key(Key.Key_Up)
    easel.key(Key.Key_Up, Held.ShiftModifier)
    easel.key(Key.Key_Return)

    (shape,) = easel.shapes
    assert shape.anchors[0].at - shape.anchors[1].at == 4 * easel.sight.step
    easel.key(Key.Key_Escape)
    easel.key(Key.Key_N)
    assert easel.overlay.hand.selected == shape.id
    easel.key(Key.Key_Right, Held.AltModifier)
    easel.key(Key.Key_Up, Held.AltModifier | Held.ShiftModifier)
    moved = easel.shapes[0]
    assert [a.at - b.at for a, b in zip(moved.anchors, shape.anchors, strict=True)] == [easel.sight.step] * 2
    assert [a.price - b.price for a, b in zip(moved.anchors, shape.anchors, strict=True)] == [Decimal("0.10")] * 2
    easel.key(Key.Key_Return)
    easel.key(Key.Key_Left, Held.AltModifier)
    assert easel.shapes[0].anchors == (shape.anchors[0]._replace(price=moved.anchors[0].price), moved.anchors[1])
    easel.key(Key.Key_Delete)
    assert easel.shapes == []


async def test_keys_are_claimed_only_while_they_mean_something(easel: Easel) -> None:
    def own() -> set[str]:
        return set(str(easel.chart.property("ownKeys")).split())

    plain = own()
    assert not {"Ctrl+Z", "N", "Return", "Up", "Del"} & plain
    easel.tools.choose("trend")
    assert {"Return", "Up", "Esc"} <= own()
    easel.drag(300, 150, 500, 350)
    assert {"Ctrl+Z", "N", "Del", "Alt+Left"} <= own()
    assert "Up" not in own()
    easel.store.undo(BTC)
    assert own() == plain | {"Ctrl+Shift+Z", "Ctrl+Y"}


async def test_copies_are_pasted_beside_and_on_another_pair_at_its_level(easel: Easel) -> None:
    at = easel.sight.start(easel.sight.bar_at(300))
    easel.draw("horizontal", Anchor(at, Decimal("64250.00")))
    easel.key(Key.Key_N)
    easel.key(Key.Key_C, Held.ControlModifier)
    easel.key(Key.Key_D, Held.ControlModifier)
    easel.key(Key.Key_V, Held.ControlModifier)
    assert [shape.id for shape in easel.shapes] == ["d1", "d2", "d3"]

    easel.floor.stock("ETH/USDT", middle=344_000)
    easel.desk.select("ETH/USDT")
    await easel.refresh()
    easel.tools.copied_level = easel.sight.pair.price_number(easel.chart.model.last.close) * 20  # type: ignore[union-attr]
    easel.key(Key.Key_V, Held.ControlModifier)

    (pasted,) = easel.shapes
    assert pasted.anchors[0].at == at
    assert abs(pasted.anchors[0].price - Decimal("64250.00") / 20) <= Decimal("0.01")


async def test_a_double_click_opens_the_look_which_is_one_step_and_escape_takes_it_back(easel: Easel) -> None:
    easel.tools.choose("fibonacci")
    easel.drag(300, 150, 500, 350)
    (shape,) = easel.shapes
    spot = easel.place_of(shape.anchors[0])

    QTest.mouseDClick(easel.chart, LEFT, pos=QPoint(spot.x() + 40, spot.y()))
    popover = easel.card()
    field = next(each for each in popover.findChildren(QLineEdit) if each.accessibleName() == "Levels")
    assert field.text() == "0, 0.236, 0.382, 0.5, 0.618, 0.786, 1"
    field.clear()
    QTest.keyClicks(field, "0 x")
    assert field.property("invalid")
    assert popover.problem.isVisible()
    field.clear()
    QTest.keyClicks(field, "0 0.5 1")
    wide = next(each for each in popover.findChildren(QPushButton) if each.accessibleName() == "3 px wide")
    wide.click()
    assert easel.shapes == [shape], "nothing is kept while it is open"
    popover.close()

    (changed,) = easel.shapes
    assert (changed.style.width, [str(each) for each in changed.style.levels]) == (3, ["0", "0.5", "1"])
    assert easel.tools.style("fibonacci") == changed.style
    easel.overlay.hand.open_style(shape.id)
    again = easel.card()
    next(each for each in again.findChildren(QPushButton) if each.accessibleName() == "1 px wide").click()
    QTest.keyClick(again, Key.Key_Escape)
    assert easel.shapes == [changed]
    easel.store.undo(BTC)
    assert easel.shapes == [shape]


async def test_a_text_is_written_at_once_and_is_plain(easel: Easel) -> None:
    easel.tools.choose("text")
    easel.click(400, 200)
    popover = easel.card()
    field = popover.findChild(QPlainTextEdit)
    assert isinstance(field, QPlainTextEdit)

    QTest.keyClicks(field, "<b>top</b>")
    popover.close()

    assert easel.shapes[0].style.text == "<b>top</b>"
    easel.image()
    (_, outline) = easel.overlay.shown[0]
    assert str(outline.notes[0].lines[0]) == "<b>top</b>"


async def test_notes_stand_inside_the_pane_wherever_their_drawing_is(easel: Easel) -> None:
    width, height = int(easel.sight.width), int(easel.sight.height)
    for x, y in ((3, 3), (width - 3, 3), (3, height - 8), (width - 3, height - 8)):  # lower: the divider
        easel.tools.choose("label")
        easel.click(x, y)

    boxes = [box for _, outline in easel.overlay.shown for box in outline.boxes]

    assert len(boxes) == 4
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height


async def test_the_menu_of_a_drawing_locks_hides_and_removes_and_the_chart_brings_back(easel: Easel) -> None:
    at = easel.sight.start(easel.sight.bar_at(300))
    shape = easel.draw("horizontal", Anchor(at, Decimal("64250.00")))
    spot = easel.place_of(shape.anchors[0]) + QPoint(60, 0)

    def choose(title: str, *, on_chart: bool = False) -> None:
        menu = easel.pane.menu(spot) if on_chart else easel.overlay.menu(spot)
        assert menu is not None
        next(each for each in menu.actions() if each.text().startswith(title)).trigger()
        menu.deleteLater()
        easel.image()

    choose("Locked")
    assert easel.shapes[0].locked
    choose("Locked")
    choose("Hide")
    assert easel.shapes[0].hidden
    assert easel.overlay.menu(spot) is None
    choose("Show 1 hidden", on_chart=True)
    assert easel.shapes == [shape]
    choose("Remove")
    assert easel.shapes == []


async def test_hide_all_and_lock_all_are_for_every_drawing(easel: Easel) -> None:
    at = easel.sight.start(easel.sight.bar_at(300))
    shape = easel.draw("horizontal", Anchor(at, Decimal("64250.00")))
    spot = easel.place_of(shape.anchors[0])

    easel.tools.toggle("lock_all")
    easel.drag(spot.x() + 80, spot.y(), spot.x() + 80, spot.y() + 50)
    assert easel.shapes == [shape]
    easel.tools.toggle("hide_all")
    easel.image()

    assert easel.overlay.shown == []


async def test_a_measurement_goes_with_the_next_click_unless_it_is_kept(easel: Easel) -> None:
    easel.tools.choose("measure")
    easel.drag(300, 150, 420, 250)
    assert easel.overlay.hand.transient is not None
    easel.click(700, 60)
    assert easel.overlay.hand.transient is None

    easel.tools.choose("measure")
    easel.drag(300, 150, 420, 250)
    easel.key(Key.Key_Return)
    assert [shape.kind for shape in easel.shapes] == ["measure"]


async def test_two_charts_of_a_pair_show_the_same_drawings(qtbot: QtBot, easel: Easel) -> None:
    other = ChartPane(ChartModel(easel.desk))
    qtbot.addWidget(other)

    easel.tools.choose("trend")
    easel.drag(300, 150, 500, 350)

    assert other.drawing.overlay.store is easel.store
    assert other.drawing.overlay.store.shapes(BTC) == tuple(easel.shapes)
    other.close()


async def test_the_strip_shows_tools_and_switches_and_folds_away(easel: Easel) -> None:
    bar = easel.pane.drawing.bar
    QTest.mouseClick(bar.buttons["lines"], LEFT)
    assert easel.tools.kind is BY_NAME["trend"]
    assert bar.buttons["lines"].isChecked()
    easel.tools.choose("pitchfork")
    assert "pitchfork" in bar.buttons["lines"].accessibleName()
    QTest.mouseClick(bar.buttons["pointer"], LEFT)
    assert easel.tools.kind is None
    QTest.mouseClick(bar.buttons["magnet"], LEFT)
    assert easel.tools.magnet
    assert all(each.accessibleName() and each.toolTip() for each in bar.buttons.values())

    wide = bar.width()
    QTest.mouseClick(bar.fold, LEFT)
    assert bar.width() < wide
    assert not bar.buttons["lines"].isVisible()
    QTest.mouseClick(bar.fold, LEFT)
    assert bar.width() == wide


@pytest.mark.integration
async def test_drawings_come_back_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    kept: list[list[Shape]] = []
    for sitting in range(2):
        floor = await floor_with(Archive())
        floor.profile = Profile(tmp_path)  # type: ignore[attr-defined]
        easel = Easel(qtbot, floor)
        await easel.refresh()
        if not sitting:
            easel.tools.choose("trend")
            easel.drag(300, 150, 500, 350)
            easel.tools.toggle("magnet")
            drawings_of(easel.desk).flush()
        kept.append(easel.shapes)
        assert easel.tools.magnet
        easel.pane.close()
        close_floor(floor)
        await settle()

    assert len(kept[0]) == 1
    assert kept[0] == kept[1]


async def test_many_drawings_become_a_picture_that_is_what_painting_each_gives(easel: Easel, qtbot: QtBot) -> None:
    picture, random = easel.overlay._picture, Random(5)  # noqa: S311 - a test
    kinds = [kind for kind in KINDS if kind.clicks and kind.group not in ("position", "measure")]
    for number in range(3 * len(kinds)):
        kind = kinds[number % len(kinds)]
        bars = [easel.sight.bar_at(random.uniform(-400, 800)) for _ in range(kind.anchors)]
        prices = [easel.sight.pair.price(round(easel.sight.price(random.uniform(20, 400)))) for _ in bars]
        points = tuple(Anchor(easel.sight.start(bar), price) for bar, price in zip(bars, prices, strict=True))
        easel.store.add(BTC, Shape(easel.store.new_id(), kind.name, points, replace(kind.style, text="t")))
    picture._shape_ms = 0.0
    direct, shown = easel.image(), [shape.id for shape, _ in easel.overlay._outlines]

    picture._shape_ms = 1e9
    easel.image()
    qtbot.waitUntil(lambda: picture._work is None)
    picture._shape_ms = 1e9
    copied = easel.image()

    assert apart(copied, direct) <= ROUNDING
    assert [shape.id for shape, _ in easel.overlay._outlines] == shown
    easel.drag(700, 40, 620, 40)
    picture._shape_ms = 1e9
    easel.image()
    qtbot.waitUntil(lambda: picture._work is None)
    picture._shape_ms = 1e9
    easel.image()
    assert picture.is_needed(1)
    newest = easel.image()
    picture._shape_ms = 0.0
    assert apart(easel.image(), newest) <= ROUNDING


async def test_one_slow_frame_makes_no_picture_of_few_drawings(easel: Easel) -> None:
    """While a picture is made drawings are not seen: right after the start all of them were missing for a while."""
    picture = easel.overlay._picture

    picture.measured(8, 4_000.0)
    assert not picture.is_needed(8)

    for _ in range(50):
        picture.measured(8, 4_000.0)
    assert picture.is_needed(8)


async def test_a_drawing_out_of_view_is_not_painted(easel: Easel) -> None:
    long_ago = easel.sight.start(easel.sight.bar_at(-3_000))
    easel.draw("trend", Anchor(long_ago, Decimal("64250.00")), Anchor(long_ago + 60 * 10**9, Decimal("64250.00")))
    easel.draw("horizontal", Anchor(long_ago, Decimal("1.00")))
    seen = easel.draw("horizontal", Anchor(long_ago, Decimal("64250.00")))

    assert [shape.id for shape, _ in easel.overlay._outlines] == [seen.id]
    assert [label.lines for label in easel.overlay.labels(easel.chart.plane)] == [("64,250.00",)]


async def test_another_pair_lets_go_of_everything_half_done_but_another_timeframe_does_not(easel: Easel) -> None:
    easel.tools.choose("trend")
    easel.click(300, 200)
    easel.desk.set_timeframe(Timeframe.M5)
    await easel.refresh()
    assert easel.overlay.hand.draft is not None

    easel.floor.stock("ETH/USDT", middle=344_000)
    easel.desk.select("ETH/USDT")
    await easel.refresh()

    assert easel.overlay.hand.draft is None
    assert easel.shapes == []


async def test_levels_that_lie_close_together_do_not_cover_each_others_text(easel: Easel) -> None:
    easel.tools.choose("fibonacci")
    easel.drag(300, 200, 340, 230)

    boxes = easel.overlay._outlines[0][1].boxes

    assert len(boxes) == 7
    for number, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:number]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] + 1 or other[3] <= top + 1


@pytest.mark.parametrize(("scale", "inverted"), [(Scale.LOG, False), (Scale.PERCENT, False), (Scale.LOG, True)])
async def test_points_stand_where_they_were_clicked_on_every_price_scale(
    easel: Easel, scale: Scale, inverted: bool
) -> None:
    easel.pane.restyle(scale=scale, inverted=inverted)
    easel.image()
    easel.tools.choose("extension")
    for x, y in ((300, 250), (420, 180), (360, 330)):
        easel.click(x, y)

    spots = [easel.place_of(anchor) for anchor in easel.shapes[0].anchors]

    assert [spot.y() for spot in spots] == [250, 180, 330]
    assert all(abs(spot.x() - x) <= easel.chart.view.bar_px for spot, x in zip(spots, (300, 420, 360), strict=True))


async def test_a_narrow_position_tells_its_figures_only_while_it_is_meant(easel: Easel) -> None:
    """Zoomed out, the boxes of a few positions covered all candles."""
    sight = easel.sight
    start, end, far = (sight.start(sight.bar_at(x)) for x in (200, 230, 620))
    entry, stop, target = Decimal("64250.00"), Decimal("64200.00"), Decimal("64350.00")
    easel.overlay.hand.select(None)

    def boxes(right: int) -> int:
        for each in easel.store.shapes(BTC):
            easel.store.remove(BTC, each.id)
        shape = Shape("p", "long", (Anchor(start, entry), Anchor(right, stop), Anchor(right, target)))
        easel.store.add(BTC, shape)
        easel.image()
        return len(dict(easel.overlay.shown)["p"].boxes)

    assert boxes(end) == 0
    easel.overlay.hand.select("p")
    easel.image()
    assert len(dict(easel.overlay.shown)["p"].boxes) == 3
    easel.overlay.hand.select(None)
    assert boxes(far) == 3
