"""Alerts in the whole desktop: set by key, met by the market, seen, heard, moved, kept across a restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from crs_desktop.shell.sound import AlertSound
from crs_desktop.viewmodels.drawings.desk import drawings_of
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from crs_desktop.viewmodels.drawn_alerts import line_rule
from engine.domain.market import TradeTick
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.ports.feed import TradesPrinted
from engine.services.alerts import AlertFired, PriceRule
from engine.settings.declared import AlertSettings
from tests.crs_desktop.running import Running, labels, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
BTC = "BTC/USDT"


async def seen(desk: Running) -> Any:  # noqa: ANN401 - a pane
    """Wait until there are candles, and let market time stand still."""
    pane: Any = desk.window.pane("chart").area.page.focused.pane  # type: ignore[union-attr]
    await desk.until(lambda: len(pane.chart.shown))
    desk.engine.runner.pause()
    await desk.turn(0.2)
    return pane


def print_at(desk: Running, price: int) -> None:
    """Let the market print once."""
    tick = TradeTick(BTC, Ticks(price), Lots(1), Side.BUY, desk.engine.feed.now, 1)
    desk.engine.bus.publish(TradesPrinted(BTC, (tick,)))


def listen(desk: Running) -> list[bool]:
    """Replace the loudspeaker; return what it played."""
    played: list[bool] = []
    desk.wiring.alerts._news().sound = AlertSound(lambda: played.append(True) or True)  # type: ignore[func-returns-value]
    return played


async def test_an_alert_is_set_by_key_told_once_moved_with_the_mouse_and_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        pane, alerts = await seen(desk), desk.engine.alerts
        chart = pane.chart
        played, told = listen(desk), list[AlertFired]()
        desk.engine.bus.subscribe(AlertFired, told.append)
        chart.setFocus()
        QTest.mouseMove(chart, QPoint(300, 60))
        await desk.turn()
        await desk.press(Qt.Key.Key_A, ALT, chart)
        await desk.until(alerts.all)
        (alert,) = alerts.all()
        assert alert.rule == PriceRule(round(chart.view.price(60)))
        assert "Alert set" in [each.title.text() for each in desk.wiring.console.toasts.shown]

        y = round(chart.view.y(alert.rule.level))
        await desk.turn(0.1)
        QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=QPoint(300, y))
        QTest.mouseMove(chart, QPoint(300, y + 20))
        QTest.mouseMove(chart, QPoint(300, y + 40))
        QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=QPoint(300, y + 40))
        await desk.until(lambda: alerts.all()[0].rule != alert.rule)
        level = alerts.all()[0].rule.level
        assert abs(chart.view.y(level) - (y + 40)) < 2

        last = desk.engine.market_data.last_price(BTC)
        print_at(desk, level + (1 if last < level else -1))
        print_at(desk, last)
        assert len(told) == 1
        await desk.turn(0.1)
        toasts = [each.text.text() for each in desk.wiring.console.toasts.shown]
        assert any(told[0].fired.text in text for text in toasts)
        assert played == [True]
        assert desk.window.bell.count == 1
        await desk.press(Qt.Key.Key_A, CTRL | SHIFT)
        assert desk.window.bell.count == 0
        list_pane: Any = desk.window.pane("alerts")
        await desk.turn(0.4)
        assert list_pane.told.isChecked()
        assert told[0].fired.text.removeprefix(f"{BTC}: ") in list_pane.log.lines.data(list_pane.log.lines.index(0))
        assert "Told 1" in list_pane.told.text()
        await alerts.add(BTC, PriceRule(level * 2), note="moon")
        kept = alerts.all()

    async with running(tmp_path) as desk:
        await seen(desk)
        await desk.until(desk.engine.alerts.all)
        assert [(each.id, each.rule, each.note, each.fired) for each in desk.engine.alerts.all()] == [
            (each.id, each.rule, each.note, each.fired) for each in kept
        ]
        assert [each.text for each in desk.engine.alerts.fired] == [told[0].fired.text]


async def test_ten_alerts_at_once_are_one_toast_and_one_sound(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await seen(desk)
        played = listen(desk)
        last = desk.engine.market_data.last_price(BTC)
        for number in range(1, 11):
            await desk.engine.alerts.add(BTC, PriceRule(last + number))
        print_at(desk, last + 20)
        await desk.turn(0.8)

        assert played == [True]
        assert desk.window.bell.count == 10
        assert [each.title.text() for each in desk.wiring.console.toasts.shown] == ["10 alerts"]
        said = [line for line in labels(desk.window) if "crossed" in line]
        assert len(said) == 1


async def test_alerts_on_lines_follow_them_and_actions_pause_resume_and_remove_all(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await seen(desk)
        assert desk.session.desk is not None
        alerts, store = desk.engine.alerts, drawings_of(desk.session.desk)
        now, pair = desk.engine.feed.now, desk.session.desk.pair
        shape = Shape("d1", "horizontal", (Anchor(now, pair.price(7_000_000)),))
        store.add(BTC, shape)
        rule = line_rule(pair, shape)
        assert rule is not None
        alert = await alerts.add(BTC, rule)
        moved = replace(shape, anchors=(Anchor(now, pair.price(7_100_000)),))
        store.change(BTC, moved)
        await desk.until(lambda: alerts.all()[0].rule == line_rule(pair, moved))
        desk.do("draw.clear")
        await desk.until(lambda: not alerts.all())
        desk.do("draw.undo")
        await desk.until(lambda: [each.id for each in alerts.all()] == [alert.id])

        desk.do("alert.pause_all")
        await desk.until(lambda: not alerts.all()[0].active)
        desk.do("alert.resume_all")
        await desk.until(lambda: alerts.all()[0].active)
        desk.do("alert.clear")
        await desk.until(lambda: not alerts.all())
        toasts = desk.wiring.console.toasts
        await desk.until(lambda: toasts.shown[-1].title.text() == "Alert removed")
        toasts.shown[-1].undo.click()
        await desk.until(alerts.all)
        played = listen(desk)
        muted = msgspec.structs.replace(desk.session.settings, alerts=AlertSettings(sound="off"))
        desk.wiring.settings._apply(muted)
        await desk.until(lambda: desk.engine.settings.alerts.sound == "off")
        print_at(desk, 7_200_000)
        assert desk.window.bell.count == 1
        assert played == []
