"""Alerts on a real chart over a real engine: dragged, dropped, let go, removed, offered by menus."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from crs_desktop.charts.alerts.overlay import AlertOverlay
from crs_desktop.panes.alert_dialog import AlertDialog
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from engine.domain.order import OrderType, Side
from engine.services.alerts import Alert, LineRule, PriceRule, StudyRule
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, floor_with, settle
from tests.crs_desktop.panes.chart_stage import Stage

pytestmark = pytest.mark.gui
BTC = "BTC/USDT"
LEFT = Qt.MouseButton.LeftButton


class Set(Stage):
    """The stage with one chart's alerts."""

    @property
    def overlay(self) -> AlertOverlay:
        return self.pane.alerts.overlay

    def all(self) -> list[Alert]:
        return self.floor.alerts.all()

    async def add(self, level: int) -> Alert:
        found = await self.floor.alerts.add(BTC, PriceRule(level))
        await self.refresh()
        self.image()
        return found

    async def until(self, done: Callable[[], object]) -> None:
        for _ in range(400):
            await asyncio.sleep(0.002)
            QApplication.processEvents()
            if done():
                self.image()
                return
        raise AssertionError("it never happened")

    def y(self, level: float) -> int:
        return round(self.chart.view.y(level))

    def inside(self, share: float) -> int:
        """Return a price that is in view."""
        return round(self.chart.view.price(self.chart.frame.price_height * share))


@asynccontextmanager
async def staged(qtbot: QtBot) -> AsyncIterator[Set]:
    archive = Archive(300)
    floor = await floor_with(archive)
    made = Set(qtbot, floor, archive)
    await made.open()
    try:
        yield made
    finally:
        for each in made.pane.findChildren(AlertDialog):
            each.close()
        made.pane.dispose()
        made.overlay.model.close()
        await settle()
        await floor.alerts.close()
        close_floor(floor)
        await settle()
        assert floor.bus.subscriber_count == 0


async def test_a_line_is_dragged_by_line_or_tag_and_escape_leaves_it(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        level = stage.inside(0.5)
        alert = await stage.add(level)
        y = stage.y(level)
        QTest.mousePress(stage.chart, LEFT, pos=QPoint(200, y))
        QTest.mouseMove(stage.chart, QPoint(200, y + 2))
        assert stage.overlay.hand.held is None  # less than a click may move
        QTest.mouseMove(stage.chart, QPoint(200, y + 30))
        assert stage.overlay.hand.held is not None
        assert abs(stage.overlay.shown()[0].at - stage.chart.view.price(y + 30)) < 300
        stage.press(Qt.Key.Key_Escape)
        QTest.mouseRelease(stage.chart, LEFT, pos=QPoint(200, y + 30))
        await settle()
        assert stage.all() == [alert]

        stage.image()
        tag = next(each.rect for each in stage.overlay.spots if each.rect.height() > 10 and each.drags)
        start = tag.center().toPoint()
        stage.drag(start.x() - 20, start.y(), start.x() - 20, start.y() + 40)
        await stage.until(lambda: stage.all()[0].rule != alert.rule)
        moved = stage.all()[0].rule
        assert isinstance(moved, PriceRule)
        assert stage.y(moved.level) == pytest.approx(y + 40, abs=1)


async def test_the_cross_removes_and_a_double_click_opens(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        first = await stage.add(stage.inside(0.4))
        level = stage.inside(0.6)
        second = await stage.add(level)
        cross = next(each for each in stage.overlay.spots if each.removes and each.alert_id == first.id)
        QTest.mouseClick(stage.chart, LEFT, pos=cross.rect.center().toPoint())
        await stage.until(lambda: len(stage.all()) == 1)
        QTest.mouseDClick(stage.chart, LEFT, pos=QPoint(300, stage.y(level)))
        dialog = next(each for each in stage.pane.window().findChildren(AlertDialog) if each.isVisible())
        assert dialog.form.before == second


async def test_an_order_lies_over_an_alert_at_its_price(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        order = await stage.send(Side.BUY, OrderType.LIMIT, LEVEL - 2_000)
        await stage.add(LEVEL - 2_000)
        y = stage.y(LEVEL - 2_000)
        stage.drag(300, y, 300, y + 40)
        await settle()
        assert [each.rule for each in stage.all()] == [PriceRule(LEVEL - 2_000)]
        assert order


async def test_tags_make_room_for_each_other_and_each_alert_has_its_price_on_the_axis(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        levels = [stage.inside(0.5) + step for step in range(5)]
        for level in levels:
            await stage.add(level)
        tags = sorted(
            (each.rect for each in stage.overlay.spots if each.rect.height() > 10 and not each.removes),
            key=lambda rect: rect.y(),
        )
        assert len(tags) == 5
        assert all(above.bottom() <= below.top() + 0.01 for above, below in itertools.pairwise(tags))
        texts = {each.lines[0] for each in stage.overlay.labels(stage.chart.plane)}
        assert texts == {f"{level // 100:,}.{level % 100:02}" for level in levels}


async def test_a_paused_alert_is_grey_and_one_that_is_over_is_gone(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        alert = await stage.add(LEVEL + 300)
        stage.overlay.model.toggle(alert.id)
        await stage.until(lambda: not stage.all()[0].active)
        assert [each.waits for each in stage.overlay.shown()] == [False]
        stage.overlay.model.toggle(alert.id)
        await stage.until(lambda: stage.all()[0].active)
        stage.floor.other(Side.BUY, BTC, LEVEL + 350, 10_000_000)
        assert stage.all()[0].fired == 1
        assert stage.overlay.shown() == []


def texts(menu: QMenu) -> list[str]:
    return [each.text() for each in menu.actions()]


async def test_menus_offer_alerts_on_prices_lines_and_indicators(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        at = QPoint(300, 150)
        menu = stage.pane.menu(at)
        price = round(stage.chart.view.price(150))
        offer = next(each for each in menu.actions() if each.text() == f"Alert at {price // 100:,}.{price % 100:02}")
        offer.trigger()
        await stage.until(stage.all)
        assert stage.all()[0].rule == PriceRule(price)
        own = stage.pane.alerts.menu_at(QPoint(300, stage.y(price)))
        assert own is not None
        assert texts(own)[1:] == ["Change…", "Pause this alert", "Duplicate", "", "Remove"]
        assert stage.pane.alerts.menu_at(QPoint(300, stage.y(price) + 40)) is None

        drawings = stage.pane.drawing.overlay
        series, pair = stage.chart.shown, stage.chart.model.pair
        begin, end = (Anchor(series.start(series.stop - back), pair.price(LEVEL)) for back in (40, 10))
        drawings.store.add(BTC, Shape("d1", "ray", (begin, end)))
        stage.image()
        x = round((stage.chart.plane.x(begin.at) + stage.chart.plane.x(end.at)) / 2)
        found = stage.pane.drawing.menu(QPoint(x, stage.y(LEVEL)))
        assert found is not None
        stage.pane.alerts.offer_on_drawing(found, drawings)
        found.actions()[-1].trigger()
        await stage.until(lambda: len(stage.all()) == 2)
        rule = stage.all()[1].rule
        assert isinstance(rule, LineRule)
        assert (rule.drawing, rule.first.at, rule.first.price) == ("d1", begin.at, float(LEVEL))
        assert any(each.drawing == "d1" for each in stage.overlay.shown())

        study = stage.pane.indicators.studies.add("rsi")
        offer = next(each for each in stage.pane.indicators.menu_of(study).actions() if each.text() == "Alert on this…")
        offer.trigger()
        dialog = next(each for each in stage.pane.window().findChildren(AlertDialog) if each.isVisible())
        watched = dialog.form.rule
        assert isinstance(watched, StudyRule)
        assert (watched.indicator, watched.timeframe, watched.values) == ("rsi", "1m", dict(study.setup.values))


async def test_alt_a_without_a_crosshair_asks(qtbot: QtBot) -> None:
    async with staged(qtbot) as stage:
        stage.chart.hover = None
        stage.pane.alerts.add_here()
        assert any(each.isVisible() for each in stage.pane.window().findChildren(AlertDialog))
        stage.chart.hover = (300.0, 100.0)
        stage.pane.alerts.add_here()
        await stage.until(stage.all)
        assert stage.all()[0].rule == PriceRule(round(stage.chart.view.price(100.0)))
        assert stage.overlay.spot(QPointF(5000, 5000)) is None
