"""Statements of a year: parsed back, they add up to the last unit; and a spreadsheet computes nothing in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.event import FundsDeposited, OrderFilled
from engine.domain.history import AccountHistory
from engine.domain.number import NANOS_PER_SECOND, Nanos, Units
from engine.domain.order import AccountId, LotMethod
from engine.errors import InvalidInput
from engine.portfolio.lots import LotBook
from engine.portfolio.sheet import FORMULA, Field, Format, Row, Sheet
from engine.portfolio.statement import AccountYear, TaxReport, iso
from engine.portfolio.taxlots import Totals, Year, tax_lots, totals
from engine.portfolio.turnover import balances, lines, years
from tests.engine.portfolio.test_lots import LISTED, YEAR, Trade, buy, filled, sell, trades
from tests.engine.portfolio.trading import COIN_CASH, GEM_CASH, GEM_COIN

ALL = list(LotMethod)
ME = AccountId("A")
STEP = 86_400 * NANOS_PER_SECOND * 25
"""Between two trades: fifteen of them make a year."""
EPOCH = Year(2023).start


def history(rows: Sequence[Trade], method: LotMethod = LotMethod.FIFO, start: int = EPOCH) -> AccountHistory:
    fills = [replace(filled(row, number), at=Nanos(start + number * STEP)) for number, row in enumerate(rows, 1)]
    deposits = (
        FundsDeposited(ME, "CASH", Units(1_000_000), Nanos(start)),
        FundsDeposited(ME, "COIN", Units(400_000), Nanos(start + 400 * 86_400 * NANOS_PER_SECOND)),
    )
    return AccountHistory(ME, method, LISTED, deposits, tuple(fills))


def book_of(past: AccountHistory, method: LotMethod | None = None) -> LotBook:
    return LotBook(past.pairs, method or past.method, past.fills)


def parsed(sheet: Sheet) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(sheet.text(Format.CSV)))))


def add_up(rows: Sequence[dict[str, str]], field: str, **only: str) -> Decimal:
    kept = [row for row in rows if all(row[name] == value for name, value in only.items())]
    return sum((Decimal(row[field]) for row in kept if row[field]), Decimal(0))


# -- adding up ----------------------------------------------------------------------------------------


@given(trades, st.sampled_from(ALL))
def test_the_rows_of_the_tax_report_add_up_to_its_totals_and_to_the_realised_profit(
    rows: list[Trade], method: LotMethod
) -> None:
    past = history(rows)
    book = book_of(past, method)
    realised, fees, by_lots = Decimal(0), Decimal(0), ("lot", "pool")

    for year in years(past):
        found = parsed(TaxReport(ME, book, year))
        pieces = [row for row in found if row["basis"] in by_lots]
        for field in ("proceeds", "cost", "fee", "gain"):
            assert add_up(pieces, field) == add_up(found, field, basis="total")
        deposits = [row for row in found if row["basis"] == "deposit"]
        assert add_up(deposits, "proceeds") - add_up(deposits, "fee") == add_up(
            found, "proceeds", basis="total of deposits"
        )
        for row in pieces:
            assert Decimal(row["gain"]) == Decimal(row["proceeds"]) - Decimal(row["cost"]) - Decimal(row["fee"])
        realised += add_up(pieces, "gain")
        fees += add_up([*pieces, *deposits], "fee")

    lots = book.pair(COIN_CASH.symbol)
    assert realised == COIN_CASH.quote.amount(lots.realised)
    assert fees == COIN_CASH.quote.amount(sum(each.fill.fee for each in lots.disposals))


@given(trades)
def test_opening_and_every_line_add_up_to_closing_and_one_year_opens_as_the_last_one_closed(rows: list[Trade]) -> None:
    past, before = history(rows), dict[str, Decimal]()

    for year in range(2023, years(past)[-1].number + 1):
        found = parsed(AccountYear(past, Year(year)))
        assets = {row["asset"] for row in found}
        opening = {code: add_up(found, "amount", asset=code, kind="opening") for code in assets}
        closing = {code: add_up(found, "amount", asset=code, kind="closing") for code in assets}
        moved = {code: add_up([r for r in found if r["kind"] not in ("opening", "closing")], "amount", asset=code)
                 for code in assets}  # fmt: skip
        assert {code: opening[code] + moved[code] for code in assets} == closing
        assert {code: units for code, units in opening.items() if units} == {c: u for c, u in before.items() if u}
        assert [row["balance"] for row in found if row["kind"] == "closing"] == [
            [row["balance"] for row in found if row["asset"] == code][-1] for code in sorted(assets)
        ]
        before = closing

    sums = balances(past, Year(2200).start)
    assert before == {code: LISTED_ASSETS[code].amount(units) for code, units in sums.items()}


LISTED_ASSETS = {asset.code: asset for pair in LISTED.values() for asset in (pair.base, pair.quote)}


@given(trades, st.sampled_from(ALL))
def test_csv_and_json_say_the_same(rows: list[Trade], method: LotMethod) -> None:
    past = history(rows)
    for sheet in (TaxReport(ME, book_of(past, method), Year(2023)), AccountYear(past, Year(2023))):
        told = json.loads("".join(sheet.text(Format.JSON)))

        texts = [{name: value or "" for name, value in row.items()} for row in told["rows"] + told["closing"]]
        assert texts == parsed(sheet)
        assert (told["report"], told["account"], told["year"]) == (sheet.name, "A", 2023)


def test_the_tax_report_of_a_year_worked_by_hand() -> None:
    past = history(YEAR)

    found = parsed(TaxReport(ME, book_of(past), Year(2023)))

    assert [(r["basis"], r["quantity"], r["proceeds"], r["cost"], r["fee"], r["gain"]) for r in found] == [
        ("lot", "1", "12", "10.01", "0.03", "1.96"),
        ("lot", "0.2", "2.4", "2.61", "0", "-0.21"),
        ("lot", "0.8", "8.4", "10.41", "0.02", "-2.03"),
        ("lot", "0.1", "1.05", "1.11", "0", "-0.06"),
        ("total", "", "23.85", "24.14", "0.05", "-0.34"),
    ]
    assert found[0] == {
        "basis": "lot", "symbol": "COIN/CASH", "asset": "COIN", "quantity": "1",
        "acquired": "2023-01-26T00:00:00.000000000Z", "disposed": "2023-04-11T00:00:00.000000000Z",
        "proceeds": "12", "cost": "10.01", "fee": "0.03", "gain": "1.96", "currency": "CASH", "method": "fifo",
        "buy_order": "o1", "buy_trade": "1", "sell_order": "o4", "sell_trade": "4",
    }  # fmt: skip


def test_coins_that_came_by_deposit_have_their_own_row_without_cost_and_gain() -> None:
    past = history([buy(5, 100, 0), sell(15, 120, 8)])

    lot, deposit, total, apart = parsed(TaxReport(ME, book_of(past, LotMethod.AVERAGE), Year(2023)))

    assert (lot["basis"], lot["proceeds"], lot["fee"], lot["cost"], lot["gain"]) == ("pool", "6", "0.03", "5", "0.97")
    assert (lot["acquired"], lot["buy_order"]) == ("", "")
    assert (deposit["basis"], deposit["quantity"], deposit["proceeds"], deposit["fee"]) == (
        "deposit",
        "1",
        "12",
        "0.05",
    )
    assert (deposit["cost"], deposit["gain"]) == ("", "")
    assert (total["proceeds"], total["gain"]) == ("6", "0.97")
    assert (apart["basis"], apart["proceeds"]) == ("total of deposits", "11.95")


def test_currencies_have_totals_of_their_own() -> None:
    rows = [filled(buy(3, 100, 1), 1, GEM_CASH.symbol), filled(sell(3, 101, 1), 2, GEM_CASH.symbol),
            filled(buy(3, 100, 0), 3, GEM_COIN.symbol), filled(sell(3, 200, 0), 4, GEM_COIN.symbol)]  # fmt: skip
    book = LotBook(LISTED, LotMethod.FIFO, rows)

    sums = totals(tax_lots(book, Year(1970)))

    assert {code: each[1].gain for code, each in sums.items()} == {
        "CASH": 3 * GEM_CASH.notional_unit - 2,
        "COIN": 300 * GEM_COIN.notional_unit,
    }
    assert [row["currency"] for row in parsed(TaxReport(ME, book, Year(1970))) if row["basis"] == "total"] == [
        "CASH",
        "COIN",
    ]
    assert totals([]) == {}
    assert Totals() == (0, 0, 0, 0, 0)


def test_a_year_without_sales_has_a_report_without_rows() -> None:
    report = TaxReport(ME, book_of(history(YEAR)), Year(1999))

    assert "".join(report.text(Format.CSV)).count("\n") == 1
    assert json.loads("".join(report.text(Format.JSON)))["rows"] == []


def test_what_happens_at_midnight_of_new_year_belongs_to_the_new_year() -> None:
    past = AccountHistory(
        ME, LotMethod.FIFO, LISTED, (), (_at(filled(buy(1, 5, 1), 1), -1), _at(filled(buy(1, 7, 1), 2), 0))
    )

    assert [line.units for line in lines(past, Year(2023).start, Year(2023).end)] == [100, -7, -1]
    assert balances(past, Year(2023).start) == {"CASH": -6, "COIN": 100}
    assert [year.number for year in years(past)] == [2022, 2023]


def _at(fill: OrderFilled, at: int) -> OrderFilled:
    return replace(fill, at=Nanos(EPOCH + at))


def test_a_trade_without_fee_has_no_line_for_it() -> None:
    past = AccountHistory(ME, LotMethod.FIFO, LISTED, (), (filled(sell(2, 5, 0)),))

    assert [(line.kind, line.asset.code, line.units) for line in lines(past)] == [
        ("sell", "COIN", -200),
        ("sell", "CASH", 10),
    ]


# -- sheets -------------------------------------------------------------------------------------------


class Strange(Sheet):
    """A sheet with texts that somebody else chose."""

    name = "strange"
    fields = (Field("id", foreign=True), Field("amount"))

    def __init__(self, texts: list[str]) -> None:
        super().__init__({})
        self._texts = texts

    @property
    def size(self) -> int:
        return len(self._texts)

    def rows(self) -> Iterator[Row]:
        return iter([(text, "-1") for text in self._texts])

    def closing(self) -> Iterator[Row]:
        return iter([(None, "-1")])


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00'"), max_size=8), max_size=5))
def test_no_foreign_text_begins_like_a_formula_and_none_is_lost(texts: list[str]) -> None:
    told = "".join(Strange(texts).text(Format.CSV))

    kept = [row[0] for row in csv.reader(io.StringIO(told, newline="")) if row][1:-1]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in kept)
    assert [cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell for cell in kept] == [
        text.replace("\r", " ") for text in texts
    ]
    assert json.loads("".join(Strange(texts).text(Format.JSON)))["rows"] == [
        {"id": text, "amount": "-1"} for text in texts
    ]


def test_numbers_keep_their_sign_in_csv() -> None:
    assert "".join(Strange(["=1+1"]).text(Format.CSV)) == "id,amount\n'=1+1,-1\n,-1\n"


def test_a_long_sheet_comes_in_pieces() -> None:
    pieces = list(Strange(["x"] * 1_200).text(Format.CSV))

    assert [piece.count("\n") for piece in pieces] == [1, 500, 500, 200, 1]


def test_a_sheet_of_its_own_must_say_what_its_rows_are() -> None:
    with pytest.raises(TypeError, match="closing, rows, size"):
        Sheet({})  # type: ignore[abstract]


@given(trades, st.sampled_from(ALL))
def test_the_size_of_a_sheet_is_about_the_number_of_its_rows(rows: list[Trade], method: LotMethod) -> None:
    past = history(rows)
    report, year = TaxReport(ME, book_of(past, method), Year(2023)), AccountYear(past, Year(2023))

    assert report.size <= len(list(report.rows())) <= 2 * report.size
    assert len(list(year.rows())) - 2 <= year.size <= 3 * len(rows)


# -- years ------------------------------------------------------------------------------------------


@given(st.integers(1970, 2261))
def test_a_year_begins_and_ends_at_midnight_utc(number: int) -> None:
    year = Year.parse(str(number))

    assert datetime.fromtimestamp(year.start // NANOS_PER_SECOND, UTC) == datetime(number, 1, 1, tzinfo=UTC)
    assert (year.holds(year.start), year.holds(year.end - 1), year.holds(year.end)) == (True, True, False)
    assert Year.of(year.end - 1) == year
    assert Year.of(year.end).number == number + 1


@pytest.mark.parametrize("text", ["", "24", "1969", "2262", "20x4", "-2024", "\u0662\u0660\u0662\u0664", "2024.0"])
def test_what_is_no_year_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="such as 2024"):
        Year.parse(text)


def test_instants_are_exact_to_the_nanosecond() -> None:
    assert iso(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456789Z"
