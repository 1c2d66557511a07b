"""The lot method of an account in a running engine: kept, found again, worked out for the past."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sql.history import SqlHistory
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import read_statement
from engine.adapters.sql.verify import verify
from engine.bootstrap import Engine
from engine.domain.account import Position
from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.order import AccountId, LotMethod, Side
from engine.errors import StorageUnavailable
from engine.portfolio.equity import DAY
from engine.portfolio.lots import LotBook
from engine.services.lots import LotMethodChanged
from tests.engine.adapters.desk import let_pass, market, opened, use_small_market
from tests.engine.adapters.small_market import SYMBOL

pytestmark = pytest.mark.integration

ALL = list(LotMethod)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def trade(running: Engine, sides: str, qty: int = 500) -> None:
    """Buy and sell at the market: `bbs` is two purchases and a sale of half as much again."""
    for side in sides:
        await let_pass(running, 2)
        await running.orders.submit(
            market(running, Side.BUY, qty) if side == "b" else market(running, Side.SELL, qty * 3 // 2)
        )


def position(running: Engine) -> Position:
    (view,) = running.portfolio.positions()
    return view.position


def by_hand(running: Engine, method: LotMethod) -> Position:
    """Return the position that follows from what is on the disk."""
    past = SqlHistory(running.profile.database).read(running.venue.account)
    return LotBook(past.pairs, method, past.fills).pair(SYMBOL).position()


async def test_the_past_is_worked_out_anew_by_every_method_and_new_fills_count_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        changes: list[LotMethodChanged] = []
        running.bus.subscribe(LotMethodChanged, changes.append)
        await trade(running, "bbbs")
        assert running.lots.method is LotMethod.AVERAGE

        for method in ALL:
            await running.set_lot_method(method)
            assert (running.lots.method, position(running)) == (method, by_hand(running, method))
            await trade(running, "bs")
            assert position(running) == by_hand(running, method)
            assert running.portfolio.position(SYMBOL) == position(running)

        assert [each.method for each in changes] == ALL


async def test_the_methods_agree_on_what_is_held_and_differ_in_what_was_gained(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await trade(running, "bbbs")

        positions = [by_hand(running, method) for method in ALL]

        assert len({each.qty for each in positions}) == 1
        assert len({each.realised for each in positions}) > 1
        assert len({each.realised - each.cost for each in positions}) == 1


async def test_the_choice_is_found_again_and_belongs_to_its_account(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await trade(running, "bbs")
        await running.set_lot_method(LotMethod.LIFO)
        held = position(running)
        await running.reset_account()
        assert running.lots.method is LotMethod.AVERAGE
        await running.set_lot_method(LotMethod.FIFO)

    async with opened(tmp_path) as again:
        assert again.lots.method is LotMethod.FIFO
        await again.select_account(AccountId("PAPER-1"))
        assert (again.lots.method, position(again)) == (LotMethod.LIFO, held)
        await trade(again, "s", qty=100)
        assert position(again) == by_hand(again, LotMethod.LIFO)
        with Reader(again.profile.database) as reader:
            assert verify(reader).accounts == 2


async def test_the_statement_shows_positions_by_the_method_of_the_account(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await trade(running, "bbbs")
        for method in ALL:
            await running.set_lot_method(method)
            with Reader(running.profile.database) as reader:
                statement = read_statement(reader)
            (row,), (view,) = statement.positions, running.portfolio.positions()
            quote = running.venue.pairs()[0].quote
            assert quote.units(Decimal(row["realised"])) == view.position.realised
            assert quote.units(Decimal(row["cost"])) == view.position.cost
            assert quote.units(Decimal(statement.pnl["fees"])) == view.position.fees
            assert statement.method is method


async def test_a_choice_that_cannot_be_kept_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path) as running:
        monkeypatch.setattr(running.journal, "_failure", StorageUnavailable("The disk is full."))

        with pytest.raises(StorageUnavailable, match="full"):
            await running.set_lot_method(LotMethod.FIFO)

        assert running.lots.method is LotMethod.AVERAGE
        monkeypatch.undo()


async def test_the_history_on_the_disk_is_what_was_published(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        fills: list[OrderFilled] = []
        running.bus.subscribe(OrderFilled, fills.append)
        await trade(running, "bbsb")

        past = SqlHistory(running.profile.database).read(running.venue.account)

        facts = [(f.order_id, f.trade_id, f.side, f.price, f.qty, f.fee, f.liquidity, f.at) for f in fills]
        assert [(f.order_id, f.trade_id, f.side, f.price, f.qty, f.fee, f.liquidity, f.at) for f in past.fills] == facts
        assert [type(each) for each in past.deposits] == [FundsDeposited]
        days = SqlHistory(running.profile.database).days(running.venue.account)
        assert days == {fill.at // DAY for fill in past.fills} | {paid.at // DAY for paid in past.deposits}
        assert list(past.pairs) == [pair.symbol for pair in running.venue.pairs()]
        assert SqlHistory(running.profile.database).read(AccountId("NOBODY")).fills == ()
