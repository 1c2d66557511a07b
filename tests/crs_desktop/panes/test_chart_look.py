"""Styles, scales, panes under the prices, pictures and dates, worked as a user would."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.lines import paint_line, strip_in_view
from crs_desktop.charts.scale import PriceTick
from crs_desktop.charts.subpane import PaneArea
from crs_desktop.panes.chart_picture import copy_picture, picture_name, write_picture
from crs_desktop.viewmodels.chart_style import BarKind, ChartStyle, Scale
from crs_desktop.viewmodels.time_zone import choose
from crs_desktop.viewmodels.value_column import ValueColumn
from engine.domain.order import Side
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, floor_with, settle
from tests.crs_desktop.panes.chart_stage import Stage

pytestmark = pytest.mark.gui


@pytest.fixture
async def stage(qtbot: QtBot) -> AsyncIterator[Stage]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    archive = Archive()
    made = Stage(qtbot, await floor_with(archive), archive)
    await made.open()
    yield made
    choose("UTC")
    made.pane.close()
    close_floor(made.floor)
    await settle()
    assert made.floor.bus.subscriber_count == 0


class Study:
    """A line that is a share of the close above it: a pane or a curve of the simplest kind."""

    title = "Study"
    exact = False

    def __init__(self, stage: Stage, key: str, offset: float) -> None:
        self.key, self.version, self.column = key, 0, ValueColumn()
        series = stage.chart.shown
        self.column.replace(series.first, series.closes(series.first, series.stop) + offset)
        self.painted: list[bool] = []

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        return self.column.strip(first, stop, size).extremes()

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        self.painted.append(live)
        strip = strip_in_view(self.column, area.view, canvas.ratio, live=live)
        paint_line(canvas, area, strip, theme.color("accent"), 2.0)

    def axis(self, area: PaneArea) -> Sequence[PriceTick]:
        return [PriceTick((area.low + area.high) / 2, "middle")]

    def legend(self, index: int) -> Sequence[Part]:
        return [(f"{self.column.at(index):.0f}", "accent")]

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        return ()

    def value_text(self, value: float) -> str:
        return f"{value:.0f}"


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", list(BarKind))
async def test_every_style_draws_and_a_live_tick_repaints_only_the_newest(stage: Stage, kind: BarKind) -> None:
    stage.pane.restyle(kind=kind)
    await stage.refresh()
    while stage.model.loading_older:  # bricks are few, so more bars are wanted
        await stage.refresh()
    await stage.refresh()
    tokens = theme.current()
    colours = stage.colours(0.0, 0.12, 0.92, 0.8)
    ink = colours[tokens.accent] if kind in (BarKind.LINE, BarKind.AREA) else colours[tokens.up] + colours[tokens.down]
    assert ink > 100
    before, painted = stage.image(), stage.chart.layer.painted
    row = stage.chart.shown.row(stage.chart.shown.stop - 2)

    stage.floor.other(Side.SELL, "BTC/USDT", LEVEL + 5, 2_000)
    stage.floor.other(Side.BUY, "BTC/USDT", LEVEL + 5, 2_000)
    await stage.refresh()

    assert stage.image() != before
    assert stage.chart.layer.painted == painted, "what is closed stays in the kept picture"
    assert stage.chart.shown.row(stage.chart.shown.stop - 2) == row


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("inverted", [False, True])
async def test_on_every_scale_the_newest_close_stands_where_its_label_is(
    stage: Stage, scale: Scale, inverted: bool
) -> None:
    stage.pane.restyle(scale=scale, inverted=inverted)
    await stage.refresh()
    view, columns = stage.chart.view, stage.chart.scene.columns

    stage.image()

    low, high = columns.extremes() or (0.0, 0.0)
    ys = sorted((view.y(low), view.y(high)))
    assert ys[0] >= 0
    assert ys[1] <= stage.chart.frame.price_height
    assert (view.y(high) > view.y(low)) == inverted
    assert view.price(view.y(LEVEL)) == pytest.approx(LEVEL)
    assert len(stage.chart.layer.prices) >= 3
    assert all(("%" in tick.text) == (scale is Scale.PERCENT) for tick in stage.chart.layer.prices)


async def test_the_menu_offers_styles_and_scales_and_marks_those_in_force(stage: Stage) -> None:
    def item(menu: QMenu, *path: str) -> object:
        for name in path[:-1]:
            menu = next(each.menu() for each in menu.actions() if each.text() == name)  # type: ignore[assignment]
        return next(each for each in menu.actions() if each.text() == path[-1])

    item(stage.pane.menu(QPoint(300, 200)), "Bars", "Heikin-Ashi").trigger()  # type: ignore[attr-defined]
    item(stage.pane.menu(QPoint(300, 200)), "Price scale", "Logarithmic").trigger()  # type: ignore[attr-defined]
    item(stage.pane.menu(QPoint(300, 200)), "Price scale", "Inverted").trigger()  # type: ignore[attr-defined]
    item(stage.pane.menu(QPoint(300, 200)), "Show", "Volume").trigger()  # type: ignore[attr-defined]

    look = stage.chart.look
    assert (look.kind, look.scale, look.inverted, look.volume) == (BarKind.HEIKIN_ASHI, Scale.LOG, True, False)
    assert item(stage.pane.menu(QPoint(300, 200)), "Bars", "Heikin-Ashi").isChecked()  # type: ignore[attr-defined]
    assert not stage.chart.frame.slots
    kept = stage.chart.remembered()
    stage.chart.restore({})
    assert stage.chart.look == ChartStyle()
    assert len(stage.chart.frame.slots) == 1
    stage.chart.restore(kept)
    assert stage.chart.look == look


async def test_bricks_get_a_height_from_the_line_that_asks(stage: Stage) -> None:
    menu = stage.pane.menu(QPoint(300, 200))
    bars = next(each.menu() for each in menu.actions() if each.text() == "Bars")
    assert isinstance(bars, QMenu)
    bars.actions()[-1].trigger()
    field = stage.pane.ask.field
    assert field.hasFocus()

    QTest.keyClicks(field, "nonsense")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert stage.pane.ask.isVisible()
    assert "0.01" in stage.pane.ask.problem.text()
    field.clear()
    QTest.keyClicks(field, "150")
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert not stage.pane.ask.isVisible()
    assert stage.chart.hasFocus()
    assert stage.chart.brick == 15_000
    row = stage.chart.shown.row(stage.chart.shown.stop - 2)
    assert row is not None
    assert row.high - row.low == 15_000


async def test_studies_have_panes_with_dividers_and_curves_take_part_in_the_scale(stage: Stage) -> None:
    chart = stage.chart
    pane, curve = Study(stage, "study", 0.0), Study(stage, "curve", 90_000.0)
    chart.subpanes.append(pane)
    chart.curves.append(curve)
    await stage.refresh()
    stage.image()

    assert pane.painted == [False, True]
    first, stop = int(chart.view.left), chart.shown.stop
    assert chart.view.high > (curve.extremes(first, stop, 1) or (0, 0))[1]
    volume, study = chart.frame.slots
    area = next(area for each, area in chart.scene.panes if each is pane)
    assert area.low < np.nanmin(pane.column.values()[-40:])
    x = chart.view.x(stop - 20)
    QTest.mouseMove(chart, QPoint(round(x), round(study.top + 20)))
    assert chart.frame.zone(*(chart.hover or (0, 0))) is Zone.SUBPANE
    stage.image()

    grip = round(study.top)
    stage.drag(200, grip, 200, grip - 30)
    await stage.refresh()
    assert chart.frame.slots[1].height == study.height + 30
    assert chart.frame.slots[0].height == volume.height - 30
    assert chart.remembered()["shares"]
    QTest.mouseDClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(200, grip - 30))
    assert chart.frame.slots[1].height == study.height

    menu = stage.pane.menu(QPoint(200, round(study.top + 20)))
    next(each for each in menu.actions() if each.text() == "Fold this pane").trigger()
    assert chart.frame.slots[1].folded
    assert [each.key for each, _ in chart.scene.panes] == ["volume"]
    painted = len(pane.painted)
    stage.image()
    assert len(pane.painted) == painted


async def test_what_is_not_in_front_is_painted_behind_and_still_asked_first(stage: Stage) -> None:
    painted: list[str] = []
    asked: list[str] = []

    class Sheet:
        def __init__(self, name: str, in_front: bool) -> None:
            self.name, self.in_front = name, in_front

        def paint(self, *_: object) -> None:
            painted.append(self.name)

        def labels(self, *_: object) -> list[AxisLabel]:
            return []

        def take(self, *_: object) -> bool:
            asked.append(self.name)
            return False

    stage.chart.overlays += [Sheet("orders", in_front=True), Sheet("drawings", in_front=False)]
    stage.image()
    QTest.mouseMove(stage.chart, QPoint(200, 200))

    assert painted[:2] == ["drawings", "orders"]
    assert asked[:2] == ["drawings", "orders"]


async def test_a_new_version_of_a_study_is_painted_anew(stage: Stage) -> None:
    curve = Study(stage, "curve", 0.0)
    stage.chart.curves.append(curve)
    await stage.refresh()
    stage.image()
    painted = stage.chart.layer.painted
    stage.image()
    assert stage.chart.layer.painted == painted

    curve.version += 1
    await stage.refresh()
    stage.image()
    assert stage.chart.layer.painted == painted + 1


async def test_a_picture_goes_to_the_clipboard_and_a_file(stage: Stage, tmp_path: Path) -> None:
    stage.chart.hover = (300, 200)

    copy_picture(stage.chart)
    path = str(tmp_path / picture_name(stage.chart))
    said = write_picture(stage.chart, path)

    assert QGuiApplication.clipboard().pixmap().size() == stage.chart.size()
    assert path in str(said)
    assert re.fullmatch(r"BTC-USDT-1m-2025-06-15T\d{4}Z\.png", Path(path).name)
    assert QImage(path).size() == stage.chart.size()
    assert stage.chart.hover == (300, 200)
    assert "could not" in str(write_picture(stage.chart, str(tmp_path / "none" / "x.png")))


async def test_a_date_is_asked_for_and_the_view_goes_there(stage: Stage) -> None:
    stage.pane.ask_date()
    QTest.keyClicks(stage.pane.ask.field, "next week")
    QTest.keyClick(stage.pane.ask.field, Qt.Key.Key_Return)
    assert stage.pane.ask.isVisible()
    assert "Enter a date" in stage.pane.ask.problem.text()

    stage.pane.ask.field.clear()
    QTest.keyClicks(stage.pane.ask.field, "-5d")
    QTest.keyClick(stage.pane.ask.field, Qt.Key.Key_Return)
    stage.pane.refresh()
    stage.image()
    await stage.refresh()
    await stage.refresh()

    view = stage.chart.view
    middle = stage.chart.shown.start(int(view.bar(view.width / 2)))
    assert abs(middle - (stage.floor.now - 5 * 86_400 * 10**9)) <= 120 * 10**9
    stage.press(Qt.Key.Key_End)
    assert view.right > stage.chart.shown.stop


async def test_escape_leaves_the_line_and_ends_a_journey(stage: Stage) -> None:
    stage.pane.ask_date()
    QTest.keyClick(stage.pane.ask.field, Qt.Key.Key_Escape)
    assert not stage.pane.ask.isVisible()
    stage.model.journey.go(stage.floor.now - 20 * 86_400 * 10**9)
    assert stage.model.journey.target is not None

    stage.press(Qt.Key.Key_Escape)
    assert stage.model.journey.target is None


async def test_another_time_zone_repaints_the_axis(stage: Stage) -> None:
    before = stage.image()

    choose("Asia/Kathmandu")
    assert stage.chart.needs_frame
    await stage.refresh()

    assert stage.image() != before
    assert not stage.chart.quotes.stale or stage.chart.needs_frame


async def test_bid_and_ask_stand_on_the_axis_until_they_are_switched_off(stage: Stage) -> None:
    stage.image()
    labels = list(stage.chart.quotes.labels())
    bid, ask = stage.model.quotes
    assert [label.lines[0][:2] for label in labels] == ["B ", "A "]
    assert bid is not None
    assert ask is not None
    assert labels[0].y > labels[1].y
    wide = stage.chart.frame.axis_width

    stage.pane.restyle(quotes=False)
    assert not list(stage.chart.quotes.labels())
    assert stage.chart.frame.axis_width <= wide
