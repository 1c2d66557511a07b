"""The view-models behind the dialog that takes a number apart, and behind its statements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from crs_desktop.viewmodels import statements as module
from crs_desktop.viewmodels.balances import BalancesModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.explain import METHODS, PAD, ExplainModel, Line
from crs_desktop.viewmodels.positions import PositionsModel
from crs_desktop.viewmodels.statements import StatementsModel
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import AccountId, LotMethod, OrderType, Side
from engine.errors import StorageUnavailable
from engine.market.catalogue import USDT
from engine.portfolio.sheet import Format
from engine.portfolio.term import Term
from engine.ports.venue import AccountSelected
from engine.services.explain import Number, Question
from engine.services.statements import Report
from tests.crs_desktop.trading_floor import Floor

SYMBOL = "BTC/USDT"


async def seated(*, trades: bool = True) -> tuple[Floor, Desk]:
    floor = Floor()
    desk = await floor.sit()
    floor.stock()
    if trades:
        trade(floor, Side.BUY, 200)
        trade(floor, Side.BUY, 4_000)
        trade(floor, Side.SELL, 3_500)
    return floor, desk


def trade(floor: Floor, side: Side, qty: int, price: int | None = None) -> None:
    limit = price or (6_500_000 if side is Side.BUY else 6_300_000)
    floor.apply(
        SubmitOrder(
            account=floor.venue.account, order_id=floor.orders.new_id(), symbol=SYMBOL, side=side,
            order_type=OrderType.LIMIT, qty=Lots(qty), price=Ticks(limit),
        )
    )  # fmt: skip


async def until(done: Callable[[], object]) -> None:
    await asyncio.sleep(0)
    while not done():  # noqa: ASYNC110 - what a pulse does, too
        await asyncio.sleep(0.001)


async def answered(model: ExplainModel | StatementsModel) -> None:
    await until(lambda: not model.busy)


async def asked(desk: Desk, number: Number, symbol: str | None = None) -> ExplainModel:
    model = ExplainModel(desk, Question(number, symbol))
    model.ask()
    await answered(model)
    return model


# -- explanations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "symbol", "title"),
    [
        (Number.REALISED, None, "Realised profit"),
        (Number.REALISED, SYMBOL, "Realised profit of BTC/USDT"),
        (Number.UNREALISED, SYMBOL, "Unrealised profit of BTC/USDT"),
        (Number.AVERAGE, SYMBOL, "Average price of BTC/USDT"),
        (Number.EQUITY, None, "Equity"),
        (Number.DAY, None, "Profit of the day"),
    ],
)
async def test_every_number_opens_as_a_tree_under_its_title(number: Number, symbol: str | None, title: str) -> None:
    floor, desk = await seated()
    floor.portfolio.mark()

    model = await asked(desk, number, symbol)

    assert (str(model.title), str(model.state)) == (title, "")
    (top,) = model.top()
    assert top.has_parts
    assert top.lines()
    assert str(model.formula)
    assert str(model.proof)
    assert model.shown.endswith(" USDT")
    assert model.has_lots is (number not in (Number.EQUITY, Number.DAY))
    model.close()


async def test_the_number_is_the_one_of_the_position_with_every_digit() -> None:
    floor, desk = await seated()
    position = floor.portfolio.position(SYMBOL)
    assert position is not None

    model = await asked(desk, Number.REALISED, SYMBOL)

    exact = desk.pair.quote.text(position.realised).rstrip("0")
    assert model.shown == f"{exact.replace('-', chr(0x2212))} USDT"
    assert model.tone == "down"
    model.close()


async def test_a_profit_is_told_from_a_loss_and_an_average_from_both() -> None:
    floor, desk = await seated()
    floor.other(Side.SELL, SYMBOL, 6_600_000, 1_000)
    floor.other(Side.BUY, SYMBOL, 6_600_000, 40_000_000)

    gain, average = await asked(desk, Number.UNREALISED, SYMBOL), await asked(desk, Number.AVERAGE, SYMBOL)

    assert (gain.tone, average.tone) == ("up", "text")
    assert "÷" in str(average.proof)
    gain.close()
    average.close()


async def test_amounts_of_sisters_end_with_their_points_in_one_column() -> None:
    _floor, desk = await seated()
    model = await asked(desk, Number.REALISED, SYMBOL)

    (top,) = model.top()
    (sale,) = top.lines()[:1]
    amounts = [line.amount for line in sale.lines()]

    ends = {len(amount) - amount.index(".") for amount in amounts if "." in amount}
    assert len(ends) == 1
    assert any(amount.endswith(PAD) for amount in amounts)
    assert sale.lines() is sale.lines()
    assert sale.lines()[0].told.startswith("Proceeds: ")
    model.close()


async def test_another_method_is_kept_and_the_number_asked_again() -> None:
    floor, desk = await seated()
    model = await asked(desk, Number.REALISED)
    before = model.shown

    model.choose(LotMethod.HIFO)
    await answered(model)
    await answered(model)

    assert (model.method, floor.past.methods[desk.venue.account]) == (LotMethod.HIFO, LotMethod.HIFO)
    assert model.shown != before
    assert model.told is not None
    assert model.told.method is LotMethod.HIFO
    version = model.version
    model.choose(LotMethod.HIFO)
    await asyncio.sleep(0)
    assert model.version == version
    model.close()


async def test_a_method_that_cannot_be_kept_is_said_and_the_answer_stays() -> None:
    floor, desk = await seated()
    model = await asked(desk, Number.REALISED)
    floor.past.error = StorageUnavailable("The disk is full.")

    model.choose(LotMethod.FIFO)
    await answered(model)

    assert str(model.state) == "The disk is full."
    assert (model.method, bool(model.top())) == (LotMethod.AVERAGE, True)
    model.close()


async def test_a_past_that_cannot_be_read_is_said_and_can_be_asked_again() -> None:
    floor, desk = await seated()
    floor.past.error = StorageUnavailable("The disk is away.")
    model = await asked(desk, Number.REALISED)
    assert (str(model.state), model.shown, list(model.top()), str(model.proof)) == ("The disk is away.", "–", [], "")  # noqa: RUF001

    floor.past.error = None
    model.ask()
    await answered(model)

    assert (str(model.state), bool(model.top())) == ("", True)
    model.close()


@pytest.mark.parametrize(
    ("number", "symbol", "sentence"),
    [
        (Number.REALISED, None, "Nothing was sold yet, so nothing was realised."),
        (Number.AVERAGE, SYMBOL, "Nothing is held of BTC/USDT."),
        (Number.DAY, None, "The day has not been opened yet: some balance has no price."),
    ],
)
async def test_what_is_not_there_has_a_sentence(number: Number, symbol: str | None, sentence: str) -> None:
    _floor, desk = await seated(trades=False)

    model = await asked(desk, number, symbol)

    assert (str(model.state), list(model.top())) == (sentence, [])
    model.close()


async def test_while_it_is_worked_out_it_says_so() -> None:
    _floor, desk = await seated()
    model = ExplainModel(desk, Question(Number.REALISED))

    model.ask()
    await asyncio.sleep(0)

    assert str(model.state) == "Working it out from the trades of PAPER…"
    await answered(model)
    model.close()


async def test_coins_that_came_by_deposit_have_a_note() -> None:
    floor, desk = await seated()
    floor.give("BTC", "1")
    trade(floor, Side.SELL, 1_000)

    model = await asked(desk, Number.REALISED)

    assert "deposit" in str(model.note)
    model.close()


async def test_another_account_is_asked_about_at_once() -> None:
    floor, desk = await seated()
    model = await asked(desk, Number.REALISED)

    floor.venue.account = AccountId("OTHER")
    desk.bus.publish(AccountSelected(floor.venue.account))
    await answered(model)

    assert model.version == 2
    model.close()


async def test_a_closed_model_leaves_nothing_behind() -> None:
    _floor, desk = await seated()
    links = desk.link_count
    models = ExplainModel(desk, Question(Number.REALISED)), StatementsModel(desk)

    for model in models:
        model.close()

    assert desk.link_count == links


def test_every_method_has_words() -> None:
    assert set(METHODS) == set(LotMethod)


# -- who asks -------------------------------------------------------------------------------------------


async def test_positions_and_balances_ask_about_their_numbers() -> None:
    floor, desk = await seated()
    questions: list[Question] = []
    link = desk.on_number(questions.append)
    positions, balances = PositionsModel(desk), BalancesModel(desk)

    for column in positions.columns:
        if column.explained:
            positions.explain(SYMBOL, column.field)
    balances.explain("USDT", "value")

    assert questions == [
        Question(Number.AVERAGE, SYMBOL),
        Question(Number.UNREALISED, SYMBOL),
        Question(Number.REALISED, SYMBOL),
        Question(Number.EQUITY),
    ]
    link.close()
    positions.close()
    balances.close()
    assert floor.past.reads == 0


async def test_positions_follow_the_method_and_name_it() -> None:
    floor, desk = await seated()
    model = PositionsModel(desk)
    (before,) = model.rows()

    await floor.lots.choose(LotMethod.LIFO)
    (after,) = model.rows()

    assert before.cells[2].text != after.cells[2].text
    assert str(after.cells[2].tip).startswith("Last in, first out (LIFO), buying fees included.")
    assert model.dirty
    model.close()


# -- statements -----------------------------------------------------------------------------------------


async def test_a_statement_is_written_under_a_name_that_says_what_it_is(tmp_path: Path) -> None:
    _floor, desk = await seated()
    model = StatementsModel(desk)
    model.load()
    await until(lambda: model.year)

    name = model.file_name(Format.CSV)
    model.write(Format.CSV, tmp_path / name)
    model.write(Format.CSV, tmp_path / "again")  # one at a time
    assert model.busy
    await answered(model)

    assert name == f"tax-lots-PAPER-{model.years[-1].number}.csv"
    assert (tmp_path / name).read_text().startswith("basis,symbol,asset")
    assert not (tmp_path / "again").exists()
    assert str(model.notice) == f"Saved {name}."
    assert model.share > 0
    model.close()


async def test_a_statement_can_be_called_off_and_shows_how_far_it_is_only_after_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _floor, desk = await seated()
    model = StatementsModel(desk)
    model.report = Report.ACCOUNT
    model.load()
    await until(lambda: model.year)

    model.write(Format.JSON, tmp_path / "out")
    assert (model.busy, model.shows_progress, model.dirty) == (True, False, True)
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)
    assert model.shows_progress
    model.cancel()
    await answered(model)

    assert str(model.notice) == "Not saved: called off."
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a test
    assert not model.shows_progress
    model.close()


async def test_a_statement_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    floor, desk = await seated()
    model = StatementsModel(desk)
    assert model.file_name(Format.JSON) == "tax-lots-PAPER.json"
    model.load()
    await until(lambda: model.year)

    model.write(Format.CSV, tmp_path / "nowhere" / "out.csv")
    await answered(model)

    assert "could not be written" in str(model.notice)
    assert model.notice_tone == "error"
    assert floor.past.error is None
    model.close()


async def test_years_that_cannot_be_found_are_said() -> None:
    floor, desk = await seated()
    floor.past.error = StorageUnavailable("The disk is away.")
    model = StatementsModel(desk)

    model.load()
    await until(lambda: model.notice.source)

    assert (str(model.notice), model.year) == ("The disk is away.", None)
    model.write(Format.CSV, Path("never"))
    assert not model.busy
    model.close()


def test_a_line_without_parts_has_none() -> None:
    line = Line(Term("plain", Units(0)), USDT)

    assert (line.has_parts, line.lines(), line.exact) == (False, [], "0 USDT")
