"""Taking numbers apart in the whole desktop: real window, real engine, keys and clicks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crs_desktop.panes.explain import ExplainDialog
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots
from engine.domain.order import LotMethod, OrderType, Side
from engine.portfolio.sheet import Format
from engine.services.explain import Number
from tests.crs_desktop.running import Running, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]

CTRL = Qt.KeyboardModifier.ControlModifier


async def bought_twice_and_sold(desk: Running) -> None:
    orders = desk.engine.orders
    for side, qty in ((Side.BUY, 200), (Side.BUY, 300), (Side.SELL, 350)):
        wanted = orders.fill_count + 1
        order = SubmitOrder(
            account=desk.engine.venue.account, order_id=orders.new_id(), symbol="BTC/USDT", side=side,
            order_type=OrderType.MARKET, qty=Lots(qty),
        )  # fmt: skip
        await orders.submit(order)
        while orders.fill_count < wanted:
            await desk.turn()
    await desk.until(lambda: len(desk.engine.portfolio.curve()[0]))  # valued once: the day is opened


async def dialog_of(desk: Running) -> ExplainDialog:
    found: list[ExplainDialog] = []

    def there() -> bool:
        found[:] = [each for each in desk.window.findChildren(ExplainDialog) if each.isVisible()]
        return bool(found) and not found[0].model.busy and found[0].statements.year is not None

    await desk.until(there)
    await desk.turn()
    return found[0]


async def test_ctrl_e_explains_the_realised_profit_and_escape_closes_it(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await bought_twice_and_sold(desk)
        await desk.press(Qt.Key.Key_E, CTRL)
        dialog = await dialog_of(desk)

        realised = sum(view.position.realised for view in desk.engine.portfolio.positions())
        assert dialog.model.told is not None
        assert dialog.model.told.total.amount == realised
        await desk.press(Qt.Key.Key_Escape, at=dialog)
        await desk.until(lambda: not desk.window.findChildren(ExplainDialog))


async def test_a_lot_method_is_an_action_that_is_said_and_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await bought_twice_and_sold(desk)
        assert desk.window.book.trigger("account.lots_hifo")
        await desk.until(lambda: desk.engine.lots.method is LotMethod.HIFO)
        await desk.until(lambda: desk.wiring.console.toasts.shown)

        assert "Highest cost first" in desk.wiring.console.toasts.shown[-1].title.text()

    async with running(tmp_path) as again:
        assert again.engine.lots.method is LotMethod.HIFO


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("action", "number", "symbol"),
    [
        ("account.explain_unrealised", Number.UNREALISED, "BTC/USDT"),
        ("account.explain_average", Number.AVERAGE, "BTC/USDT"),
        ("account.explain_equity", Number.EQUITY, None),
        ("account.explain_day", Number.DAY, None),
    ],
)
async def test_every_number_has_an_action(tmp_path: Path, action: str, number: Number, symbol: str | None) -> None:
    async with running(tmp_path) as desk:
        await bought_twice_and_sold(desk)

        assert desk.window.book.trigger(action)
        dialog = await dialog_of(desk)

        assert dialog.model.question == (number, symbol)
        await desk.until(dialog.model.top)
        dialog.reject()


async def test_a_click_on_the_equity_asks_where_it_comes_from(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        QTest.mouseClick(desk.window.top.equity, Qt.MouseButton.LeftButton)
        dialog = await dialog_of(desk)

        assert dialog.model.question.number is Number.EQUITY
        dialog.reject()


async def test_a_statement_is_saved_from_the_dialog(tmp_path: Path) -> None:
    async with running(tmp_path / "profile") as desk:
        await bought_twice_and_sold(desk)
        desk.window.book.trigger("account.statements")
        dialog = await dialog_of(desk)
        assert dialog.bar.report.hasFocus()

        dialog.statements.write(Format.JSON, tmp_path / "tax.json")
        await desk.until(lambda: not dialog.statements.busy)

        told = json.loads((tmp_path / "tax.json").read_text())
        assert (told["report"], told["method"]) == ("tax-lots", "average")
        assert told["rows"]
        dialog.reject()
