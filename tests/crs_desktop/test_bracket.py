"""A bracket in the whole desktop, by keyboard: sent, its legs alive, changed together, cancelled; and what E says."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from crs_desktop.viewmodels.ticket_kind import Kind
from engine.domain.order import ListKind, OrderStatus, OrderType
from tests.crs_desktop.running import Running, labels, running

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier


async def choose(desk: Running, words: str) -> None:
    """Find something in the palette and do it."""
    await desk.press(Qt.Key.Key_K, CTRL)
    await desk.write(words)
    await desk.press(Qt.Key.Key_Return)


def pane(desk: Running, name: str) -> Any:  # noqa: ANN401 - tests look into parts
    return desk.window.pane(name)


async def test_a_bracket_is_sent_changed_and_cancelled_without_the_mouse(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        orders = desk.engine.orders
        await choose(desk, "bracket")
        ticket = pane(desk, "ticket").model
        assert ticket.form.kind is Kind.BRACKET
        await desk.press(Qt.Key.Key_L)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: len(orders.open()) == 2 and orders.fills())
        assert {order.order_type for order in orders.open()} == {OrderType.LIMIT, OrderType.STOP}
        assert {order.status for order in orders.open()} == {OrderStatus.WORKING, OrderStatus.WAITING}
        assert {order.list_kind for order in orders.open()} == {ListKind.BRACKET}
        assert any("target and stop are alive" in text for text in labels(desk.window))

        desk.window.docks.show("orders")
        shown = pane(desk, "orders")
        await desk.until(lambda: shown.table.row_model.rows)
        shown.table.focus_first()
        await desk.press(Qt.Key.Key_Return, at=shown.table)
        await desk.until(lambda: shown.amend.fields)
        field = shown.amend.field("stop_price")
        before = next(order.stop_price for order in orders.open() if order.stop_price)
        for _ in range(3):
            await desk.press(Qt.Key.Key_Down, at=field)
        await desk.press(Qt.Key.Key_Return, at=field)
        await desk.until(lambda: shown.amend.isHidden())
        assert next(order.stop_price for order in orders.open() if order.stop_price) == before - 3

        await desk.press(Qt.Key.Key_Down, at=shown.table)
        await desk.press(Qt.Key.Key_Delete, at=shown.table)
        await desk.until(shown.question.isVisible)
        assert shown.question.label.text().startswith("Cancels the stop, too.")
        await desk.press(Qt.Key.Key_Return, at=shown)
        await desk.until(lambda: not orders.open())


async def test_every_kind_of_order_is_found_by_its_name(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        model = pane(desk, "ticket").model
        for words, kind in (
            ("trailing", Kind.TRAILING_STOP),
            ("oco", Kind.OCO),
            ("iceberg", Kind.ICEBERG),
            ("take-profit limit", Kind.TAKE_PROFIT_LIMIT),
            ("type: stop-l", Kind.STOP_LIMIT),
        ):
            await choose(desk, words)
            assert model.form.kind is kind
        actions = pane(desk, "ticket").kinds.more.menu().actions()
        next(each for each in actions if each.data() == "bracket").trigger()
        assert model.form.kind is Kind.BRACKET


async def test_e_says_why_no_stop_was_moved_and_x_takes_a_whole_list(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await desk.press(Qt.Key.Key_E)
        assert any(text.startswith("You hold no position") for text in labels(desk.window))
        await choose(desk, "bracket")
        await desk.press(Qt.Key.Key_L)
        await desk.press(Qt.Key.Key_Return)
        await desk.until(lambda: len(desk.engine.orders.open()) == 2)
        await desk.press(Qt.Key.Key_Escape)
        await desk.press(Qt.Key.Key_E)
        await desk.until(lambda: any("would fire at once" in text for text in labels(desk.window)))
        await desk.press(Qt.Key.Key_X)
        await desk.until(lambda: not desk.engine.orders.open())
        assert "Bracket cancelled" in labels(desk.window)
