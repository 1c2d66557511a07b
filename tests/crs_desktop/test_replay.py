"""Bar replay in the whole desktop: begun at a bar, stepped, bought in, stopped out, summed up, left."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from crs_desktop.panes.replay_dialog import ReplayDialog
from engine.domain.command import SubmitOrder
from engine.domain.market import Timeframe
from engine.domain.number import Ticks
from engine.domain.order import OrderType, Side
from tests.crs_desktop.running import Running, running

pytestmark = pytest.mark.gui
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def cell_of(desk: Running) -> Any:  # noqa: ANN401 - tests look into parts
    return desk.wiring.charts.active_cell


async def begun(desk: Running) -> Any:  # noqa: ANN401 - likewise
    """Begin a replay of five-minute bars at a bar that is clicked; return the cell."""
    seat: Any = desk.session.desk
    seat.set_timeframe(Timeframe.M5)
    cell = cell_of(desk)
    await desk.until(lambda: len(cell.live.chart.model.series))
    await desk.turn(0.2)
    desk.do("replay.start")
    chart = cell.live.chart
    at = QPoint(chart.frame.plot_width // 2, int(chart.frame.price_height // 2))
    QTest.mouseMove(chart, at)
    await desk.turn()
    bar = int(chart.view.bar(at.x()) // 1)
    cut = chart.shown.start(bar) + Timeframe.M5.nanos
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    await desk.until(lambda: cell.is_replaying)
    await desk.until(lambda: len(cell.chart.model.series))
    assert cell.replay.model.session.now == cut
    return cell


async def test_a_replay_from_the_click_to_the_result(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        cell = await begun(desk)
        model, live = cell.replay.model, desk.engine
        orders_before, equity_before = live.orders.history(), live.portfolio.balances()
        market_then = live.feed.now
        series = cell.chart.model.series
        assert series.start(series.stop - 1) + Timeframe.M5.nanos == model.session.now

        begin = model.session.now
        await desk.press(Qt.Key.Key_Right)
        await desk.until(lambda: model.session.now == begin + Timeframe.M5.nanos)
        await desk.press(Qt.Key.Key_Left)
        await desk.until(lambda: model.session.now == begin)
        await desk.until(lambda: len(cell.chart.model.series))
        await desk.press(Qt.Key.Key_Right, SHIFT)
        await desk.until(lambda: model.session.now == begin + Timeframe.M1.nanos)

        await desk.press(Qt.Key.Key_B)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: model.has_position)
        inside = model.inside.orders
        bought = inside.fills()[0]
        await inside.submit(
            SubmitOrder(
                account=bought.account, order_id=inside.new_id(), symbol=bought.symbol, side=Side.SELL,
                order_type=OrderType.STOP, qty=bought.qty, stop_price=Ticks(model.session.market.price - 1_000),
            )
        )  # fmt: skip
        model.set_speed(20.0)
        await desk.press(Qt.Key.Key_Space)
        await desk.until(lambda: not model.has_position or model.ended)
        await desk.press(Qt.Key.Key_Space)
        sold = inside.fills()[0]
        assert (sold.side, sold.qty) == (Side.SELL, bought.qty)
        await desk.until(lambda: len(cell.chart.model.fills) == 2)

        cell.pane.indicators.studies.add("sma")
        await desk.press(Qt.Key.Key_R, ALT)
        dialog: ReplayDialog = desk.dialog(ReplayDialog)
        pair = model.pair
        result = pair.notional(sold.price - bought.price, sold.qty) - bought.fee - sold.fee
        dialog.save_to(tmp_path / "trades.csv")
        with (tmp_path / "trades.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert [row["result"] for row in rows] == [pair.quote.shown(result)]
        assert dialog.table.rowCount() == 1
        dialog.save_to(tmp_path / "no such folder" / "trades.csv")
        assert "Not saved" in dialog.said.text()
        dialog.accept()
        await desk.turn()

        assert not cell.is_replaying
        assert cell.chart is cell.live.chart
        assert [study.setup.name for study in cell.live.indicators.studies] == ["sma"]
        assert live.orders.history() == orders_before
        assert live.portfolio.balances() == equity_before
        assert live.feed.now > market_then


async def test_choosing_can_be_left_a_date_can_be_typed_and_an_idle_replay_ends_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        cell = cell_of(desk)
        await desk.until(lambda: len(cell.live.chart.model.series))
        desk.do("replay.step")  # there is none: it says so
        desk.do("replay.start")
        await desk.press(Qt.Key.Key_Escape, at=cell.live.chart)
        assert cell.replay.choice is None
        desk.do("replay.start")
        choice: Any = cell.replay.choice
        choice.field.setFocus()
        await desk.write("later")
        await desk.press(Qt.Key.Key_Return)
        assert "Enter a date" in choice.said.text()
        choice.field.setText("-2h")
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: cell.is_replaying)
        model = cell.replay.model
        await desk.until(lambda: len(cell.chart.model.series))
        desk.do("replay.go_to")
        assert cell.pane.ask.isVisible()
        cell.pane.ask.leave()
        cell.slot.link.set_timeframe(Timeframe.M5)
        await desk.turn()
        assert model.timeframe is Timeframe.M5
        desk.do("replay.start")
        await desk.turn()

        assert not cell.is_replaying
        await begun(desk)
        seat: Any = desk.session.desk
        seat.select("ETH/USDT")  # another pair: nothing was traded, so it ends
        await desk.turn()
        assert not cell.is_replaying
        seat.select("BTC/USDT")
        cell = await begun(desk)
        cell.replay.model.toggle()  # and the window closes while it plays
        await desk.turn()
