"""A year of trading is opened, explained and exported, and everything adds up to the last unit.

In the short form the year has some thousand fills; `make soak` takes the 50,000 of the promise, and
`python -m tests.engine.trading_year DIR` writes such a profile to look at in the window.
"""

from __future__ import annotations

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sql.history import read_history
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import read_statement
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.cli.__main__ import main
from engine.domain.number import EXACT
from engine.domain.order import LotMethod
from engine.portfolio.explain import average, realised
from engine.portfolio.lots import LotBook
from engine.portfolio.sheet import Format
from engine.portfolio.taxlots import Year
from engine.portfolio.term import walk
from engine.profile import Profile
from engine.services.explain import Number, Question
from engine.services.statements import Report
from tests.engine.trading_year import ME, write_year

pytestmark = pytest.mark.integration


@pytest.fixture(
    scope="module",
    params=[
        2_000,
        pytest.param(50_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile with so many fills in 2024."""
    profile = Profile(tmp_path_factory.mktemp("year"))
    write_year(profile.database, request.param)
    return profile


def test_the_journal_of_the_year_is_sound(year: Profile) -> None:
    with Reader(year.database) as reader:
        found = verify(reader)

    assert found.accounts == 1


def test_every_number_of_the_year_is_the_sum_of_its_terms_by_every_method(year: Profile) -> None:
    with Reader(year.database) as reader:
        past = read_history(reader, ME)

    for method in LotMethod:
        for lots in LotBook(past.pairs, method, past.fills).pairs():
            position = lots.position()
            told, held = realised(lots), average(lots)
            terms = sum(1 for _ in walk(told.total)) + sum(1 for _ in walk(held.total))  # which proves each of them
            assert (told.total.amount, held.total.amount) == (position.realised, position.cost)
            assert terms > len(lots.disposals)


def test_by_average_cost_the_lots_agree_with_what_the_journal_s_writer_kept(year: Profile) -> None:
    with Reader(year.database) as reader:
        past, statement = read_history(reader, ME), read_statement(reader)

    book = LotBook(past.pairs, LotMethod.AVERAGE, past.fills)
    for row in statement.positions:
        lots = book.pair(row["symbol"])
        assert Decimal(row["realised"]) == lots.pair.quote.amount(lots.realised)
        assert Decimal(row["cost"]) == lots.pair.quote.amount(lots.cost)
        assert Decimal(row["qty"]) == lots.pair.qty(lots.qty)


@pytest.mark.no_cover
@pytest.mark.parametrize("method", list(LotMethod))
def test_the_tax_report_and_the_explanation_come_to_the_same(
    year: Profile, method: LotMethod, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--profile-dir", str(year.data_dir))
    tax = tmp_path / "tax.csv"
    assert main(["account", "statement", "--method", str(method), "--year", "2024", "--out", str(tax), *where]) == 0
    capsys.readouterr()
    assert main(["account", "explain", "realised", "--method", str(method), "--json", *where]) == 0
    (told,) = json.loads(capsys.readouterr().out)

    gains, totals = Decimal(0), Decimal(0)
    with tax.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["basis"] in ("lot", "pool"):
                gains = EXACT.add(gains, Decimal(row["gain"]))
            elif row["basis"] == "total":
                totals = EXACT.add(totals, Decimal(row["gain"]))
    assert gains == totals == Decimal(told["shown"])


def test_the_account_statement_closes_with_the_balances(
    year: Profile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, where = tmp_path / "account.csv", ("--profile-dir", str(year.data_dir))
    assert main(["account", "statement", "--report", "account", "--year", "2024", "--out", str(out), *where]) == 0
    capsys.readouterr()
    sums: dict[str, Decimal] = {}
    closing: dict[str, Decimal] = {}

    with out.open(newline="") as file:
        for row in csv.DictReader(file):
            amount = Decimal(row["amount"])
            if row["kind"] == "closing":
                closing[row["asset"]] = amount
            else:
                sums[row["asset"]] = EXACT.add(sums.get(row["asset"], Decimal(0)), amount)

    with Reader(year.database) as reader:
        held = {asset: Decimal(each["total"]) for asset, each in read_statement(reader).balances.items()}
    assert sums == closing == held


async def test_a_running_engine_explains_and_exports_the_year(year: Profile, tmp_path: Path) -> None:
    copied = shutil.copytree(year.data_dir, tmp_path / "profile")
    running = await open_engine(Profile(copied))
    try:
        running.runner.pause()
        await running.set_lot_method(LotMethod.HIFO)
        told = await running.explainer.explain(Question(Number.REALISED))
        shown = sum(view.position.realised for view in running.portfolio.positions())
        assert (told.total.amount, told.method, told.note) == (shown, LotMethod.HIFO, "")
        assert Year(2024) in await running.explainer.years()
        for report in Report:
            assert await running.explainer.write(report, Year(2024), Format.JSON, tmp_path / f"{report}.json")
    finally:
        await running.close()


async def test_what_was_bought_in_many_pairs_is_shown_in_a_market_of_one(tmp_path: Path) -> None:
    write_year(Profile(tmp_path).database, 60)
    running = await open_engine(Profile(tmp_path), market="replay")
    try:
        shown = {view.position.symbol: view.unrealised for view in running.portfolio.positions()}
        told = await running.explainer.explain(Question(Number.REALISED))
    finally:
        await running.close()

    assert [pair.symbol for pair in running.venue.pairs()] == ["BTC/USDT"]
    assert len(shown) > 1
    assert all(worth is None for symbol, worth in shown.items() if symbol != "BTC/USDT")
    assert told.note == ""
