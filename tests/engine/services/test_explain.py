"""Explanations and lots of the account in use, over a venue that trades meanwhile."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.bus import Bus
from engine.domain.command import Deposit, SetFees, SubmitOrder
from engine.domain.event import TradeExecuted
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, LotMethod, OrderId, OrderType, Side
from engine.errors import InvalidInput, StorageUnavailable
from engine.portfolio.fold import Fold
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.portfolio.term import Explanation, walk
from engine.services import explain as module
from engine.services.explain import LATE, Explainer, Number, Question
from engine.services.lots import AccountLots, LotMethodChanged
from engine.services.market_data import MarketData
from engine.services.portfolio import Portfolio
from engine.services.statements import Report
from tests.engine.services.direct_venue import OTHER, DirectVenue
from tests.engine.services.past import Past
from tests.engine.services.scripted_feed import BTC, SECOND, ScriptedFeed

SYMBOL = BTC.symbol
ALL = list(LotMethod)


class Desk:
    """Everything that an explanation needs, over a venue that answers at once."""

    def __init__(self, bus: Bus) -> None:
        self.bus, self.feed = bus, ScriptedFeed(bus)
        self.venue = DirectVenue(bus, (BTC,), usdt=100_000)
        self.market_data = MarketData(bus, self.feed)
        self.fold = Fold((BTC,))
        self.past = Past((BTC,), lambda: self.venue.records)
        self.lots = AccountLots(bus, self.venue, self.fold, self.past, self.past.keep)
        self.portfolio = Portfolio(bus, self.venue, self.feed, self.market_data, self.fold, self.lots)
        self.explainer = Explainer(self.venue, self.feed, self.portfolio, self.lots)
        self._done = 0
        self.settle()

    def settle(self) -> None:
        for record in self.venue.records[self._done :]:
            if not isinstance(record, Deposit | SubmitOrder | TradeExecuted | SetFees):
                for change in self.fold.apply(record):  # type: ignore[arg-type]
                    self.bus.publish(change)
        self._done = len(self.venue.records)

    def trade(self, side: Side, qty: int, price: int) -> None:
        other = Side.SELL if side is Side.BUY else Side.BUY
        for account, each in ((OTHER, other), (self.venue.account, side)):
            self.venue.apply(
                SubmitOrder(
                    account=account, order_id=OrderId(f"o{self.venue.time}"), symbol=SYMBOL, side=each,
                    order_type=OrderType.LIMIT, qty=Lots(qty), price=Ticks(price),
                )
            )  # fmt: skip
        self.settle()

    def year(self) -> None:
        for side, qty, price in (
            (Side.BUY, 1_000, 600_000),
            (Side.BUY, 1_000, 660_000),
            (Side.SELL, 1_500, 640_000),
            (Side.BUY, 700, 610_000),
            (Side.SELL, 300, 630_000),
        ):
            self.trade(side, qty, price)
        self.feed.print(620_000, 1)

    def close(self) -> None:
        for each in (self.lots, self.portfolio, self.market_data):
            each.close()


@pytest.fixture
def desk(bus: Bus) -> Iterator[Desk]:
    each = Desk(bus)
    yield each
    each.close()


def proved(told: Explanation) -> int:
    return len(list(walk(told.total)))


# -- lots -------------------------------------------------------------------------------------------


async def test_a_fill_that_happens_while_the_past_is_read_is_counted_once(desk: Desk) -> None:
    desk.year()
    loop_side = [lambda: desk.trade(Side.BUY, 50, 600_000)]

    class Meanwhile(Past):
        def read(self, account: AccountId):  # type: ignore[no-untyped-def]  # noqa: ANN202
            found = super().read(account)
            loop_side.pop()()
            return found

    meanwhile = Meanwhile((BTC,), lambda: desk.venue.records)
    lots = AccountLots(desk.bus, desk.venue, desk.fold, meanwhile, meanwhile.keep)

    await lots.choose(LotMethod.FIFO)

    assert lots.positions()[0].qty == desk.fold.position(desk.venue.account, SYMBOL).qty
    lots.close()


async def test_a_fill_that_was_read_is_not_counted_again_when_it_is_published(desk: Desk) -> None:
    desk.year()
    await desk.lots.choose(LotMethod.LIFO)
    (before,) = desk.lots.positions()

    fill = desk.past.read(desk.venue.account).fills[-1]
    desk.bus.publish(fill)

    assert desk.lots.positions() == [before]


async def test_only_the_account_in_use_moves_its_lots(desk: Desk) -> None:
    desk.year()
    changes: list[LotMethodChanged] = []
    subscription = desk.bus.subscribe(LotMethodChanged, changes.append)
    await desk.lots.choose(LotMethod.HIFO)

    desk.trade(Side.SELL, 10, 640_000)

    assert desk.lots.positions()[0].qty == desk.fold.position(desk.venue.account, SYMBOL).qty
    assert changes == [LotMethodChanged(desk.venue.account, LotMethod.HIFO)]
    subscription.close()


async def test_an_account_is_taken_up_once_with_the_method_that_was_kept(desk: Desk) -> None:
    desk.year()
    desk.past.methods[desk.venue.account] = LotMethod.FIFO

    await desk.lots.take_up(desk.venue.account)
    await desk.lots.take_up(desk.venue.account)

    assert (desk.lots.method, desk.past.reads) == (LotMethod.FIFO, 1)


async def test_an_unknown_account_is_at_average_cost(desk: Desk) -> None:
    desk.venue.account = AccountId("NEW")

    assert (desk.lots.method, desk.lots.positions()) == (LotMethod.AVERAGE, [])


# -- explanations -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ALL)
async def test_every_number_is_explained_as_it_is_shown(desk: Desk, method: LotMethod) -> None:
    desk.year()
    desk.portfolio.mark()
    desk.feed.print(625_000, 1, SECOND)
    await desk.lots.choose(method)
    (view,) = desk.portfolio.positions()
    shown = {
        Question(Number.REALISED): view.position.realised,
        Question(Number.REALISED, SYMBOL): view.position.realised,
        Question(Number.UNREALISED, SYMBOL): view.unrealised,
        Question(Number.AVERAGE, SYMBOL): view.position.cost,
        Question(Number.EQUITY): desk.portfolio.equity(),
        Question(Number.DAY): desk.portfolio.day_pnl(),
    }

    for question, number in shown.items():
        told = await desk.explainer.explain(question)
        assert told.total.amount == number, question
        assert proved(told) > 1
        assert told.note == ""
        assert told.method is (None if question.number in (Number.EQUITY, Number.DAY) else method)


async def test_the_price_of_an_explanation_has_its_source_and_age(desk: Desk) -> None:
    desk.year()
    desk.feed.print(625_000, 1)
    desk.feed.now = desk.feed.now + 2 * SECOND  # type: ignore[assignment]

    told = await desk.explainer.explain(Question(Number.UNREALISED, SYMBOL))

    assert "(SIMULATED last, 2.0 s old)" in "".join(term.how for _, term in walk(told.total))


async def test_what_has_no_price_has_no_unrealised_profit(desk: Desk) -> None:
    desk.trade(Side.BUY, 100, 600_000)

    with pytest.raises(InvalidInput, match="no price of BTC/USDT yet"):
        await desk.explainer.explain(Question(Number.UNREALISED, SYMBOL))


async def test_money_paid_in_today_is_told_apart_from_profit(desk: Desk) -> None:
    desk.year()
    desk.portfolio.mark()
    desk.portfolio._record.day.deposited(Units(5))

    told = await desk.explainer.explain(Question(Number.DAY))

    assert [(term.label, term.amount) for term in told.total.parts()][-1] == ("Paid in since then", -5)
    assert told.total.amount == desk.portfolio.day_pnl()


async def test_a_fill_in_between_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    desk.year()
    held = len(desk.venue.records)
    desk.trade(Side.BUY, 10, 600_000)
    desk.past._facts = lambda: desk.venue.records[: held if desk.past.reads < 3 else None]

    told = await desk.explainer.explain(Question(Number.AVERAGE, SYMBOL))

    assert (told.note, desk.past.reads) == ("", 3)


async def test_an_explanation_that_does_not_catch_up_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    desk.year()
    held = len(desk.venue.records)
    desk.trade(Side.BUY, 10, 600_000)
    desk.past._facts = lambda: desk.venue.records[:held]

    told = await desk.explainer.explain(Question(Number.REALISED))

    assert told.note == LATE


async def test_a_past_that_cannot_be_read_is_said(desk: Desk) -> None:
    desk.past.error = StorageUnavailable("The disk is away.")

    with pytest.raises(StorageUnavailable, match="away"):
        await desk.explainer.explain(Question(Number.REALISED))


# -- statements -----------------------------------------------------------------------------------------


async def test_the_years_are_those_with_trades_and_the_present_one(desk: Desk) -> None:
    desk.year()

    assert [year.number for year in await desk.explainer.years()] == [1970, 2025]
    reads = desk.past.reads
    desk.feed.now = Year(1970).start
    assert [year.number for year in await desk.explainer.years()] == [1970]
    assert desk.past.reads == reads


async def test_of_two_choices_of_a_lot_method_the_later_one_holds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.year()
    follow, slow = desk.lots._follow, [asyncio.sleep(0.05), asyncio.sleep(0)]

    async def followed(account: AccountId, method: LotMethod | None) -> None:
        await slow.pop(0)
        await follow(account, method)

    monkeypatch.setattr(desk.lots, "_follow", followed)
    await asyncio.gather(desk.lots.choose(LotMethod.FIFO), desk.lots.choose(LotMethod.LIFO))

    assert desk.lots.method is desk.past.method(desk.venue.account) is LotMethod.LIFO


async def test_a_statement_is_written_by_the_account_s_method_and_adds_up(desk: Desk, tmp_path: Path) -> None:
    desk.year()
    await desk.lots.choose(LotMethod.LIFO)
    done: list[float] = []

    def progress(share: float) -> bool:
        done.append(share)
        return True

    path = tmp_path / "out.csv"
    assert await desk.explainer.write(Report.TAX_LOTS, Year(1970), Format.CSV, path, progress)

    rows = list(csv.DictReader(path.read_text().splitlines()))
    gain = sum((Decimal(row["gain"]) for row in rows if row["basis"] == "lot"), Decimal(0))
    assert BTC.quote.units(gain) == desk.portfolio.positions()[0].position.realised
    assert {row["method"] for row in rows} == {"lifo"}
    assert done == sorted(done)
    assert 0 <= done[0] <= done[-1] <= 1


async def test_a_statement_that_is_called_off_leaves_no_file(desk: Desk, tmp_path: Path) -> None:
    desk.year()

    written = await desk.explainer.write(
        Report.ACCOUNT, Year(1970), Format.JSON, tmp_path / "out", progress=lambda _share: False
    )

    assert not written
    assert os.listdir(tmp_path) == []


async def test_a_statement_that_cannot_be_written_leaves_the_old_file(desk: Desk, tmp_path: Path) -> None:
    desk.year()
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out").write_text("old")

    with pytest.raises(StorageUnavailable, match="could not be written"):
        await desk.explainer.write(Report.ACCOUNT, Year(1970), Format.CSV, tmp_path / "out")

    assert (tmp_path / "out").read_text() == "old"
