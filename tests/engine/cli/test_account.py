"""`crs account explain|lots|statement`: what they say agrees with the account, and they say it in sentences."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import main
from engine.domain.command import Deposit, SubmitList
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import ListKind, LotMethod, OrderId, OrderType, Side
from engine.ports.venue import ListAccepted
from engine.services.statements import Report
from tests.engine.adapters.desk import let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import SYMBOL

pytestmark = pytest.mark.integration


@pytest.fixture
def traded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile in which something was bought three times and sold twice, by FIFO."""
    use_small_market(monkeypatch)

    async def trade() -> None:
        async with opened(tmp_path) as running:
            await let_pass(running, 4)
            for side in (Side.BUY, Side.BUY, Side.SELL, Side.BUY, Side.SELL):
                await running.orders.submit(market(running, side, 400 if side is Side.BUY else 450))
                await let_pass(running, 3)
            await running.set_lot_method(LotMethod.FIFO)
            await running.venue.execute([Deposit(running.venue.account, "BTC", Units(10**18))])

    asyncio.run(trade())
    return tmp_path


class Asked:
    """Runs `crs account …` on a profile."""

    def __init__(self, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._profile, self._capsys = profile, capsys
        self.error = ""

    def __call__(self, *words: str, status: int = 0) -> str:
        assert main(["account", *words, "--profile-dir", str(self._profile)]) == status
        said = self._capsys.readouterr()
        self.error = said.err
        return said.out

    def json(self, *words: str) -> Any:  # noqa: ANN401 - parsed JSON
        return json.loads(self(*words, "--json"))


@pytest.fixture
def ask(traded: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(traded, capsys)


def test_every_open_order_is_shown_with_what_makes_it_fire_and_the_list_it_is_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_small_market(monkeypatch)

    async def send() -> None:
        async with opened(tmp_path) as running:
            await let_pass(running, 4)
            last = running.venue.market.exchange.book(SYMBOL).last_price
            assert last is not None
            await running.orders.submit(market(running, Side.BUY, 1_500))
            for number, (trail, bps) in enumerate(((Ticks(500), None), (None, Decimal("150.5")))):
                trailing = replace(
                    market(running, Side.SELL, 200), order_id=OrderId(f"t{number}"),
                    order_type=OrderType.TRAILING_STOP, trail=trail, trail_bps=bps,
                )  # fmt: skip
                assert isinstance(await running.orders.submit(trailing), OrderAccepted)
            entry = replace(limit(running, Side.BUY, last - 900, 200), display_qty=Lots(100))
            target = replace(limit(running, Side.SELL, last + 900, 200), order_id=OrderId("target"))
            stop = replace(target, order_id=OrderId("stop"), order_type=OrderType.STOP, price=None,
                           stop_price=Ticks(last - 1_800))  # fmt: skip
            asked = SubmitList(running.venue.account, OrderId("L"), ListKind.BRACKET, (entry, target, stop))
            assert isinstance(await running.orders.submit_list(asked), ListAccepted)

    asyncio.run(send())
    ask = Asked(tmp_path, capsys)
    lines = {line.split()[0]: line.split() for line in ask().split("Open orders")[1].splitlines() if line.strip()}
    orders = {order["order_id"]: order for order in ask.json()["orders"]}

    assert lines["target"][-1] == lines["stop"][-1] == "pending"
    assert lines["t1"][-4:] == ["by", "150.5", "bps", "waiting"]
    assert lines["t0"][-3:-1] == ["by", orders["t0"]["trail"]]
    assert lines["stop"][-2] == orders["stop"]["stop_price"]
    assert {orders[each]["list_id"] for each in ("target", "stop")} == {"L"}
    assert {order["display_qty"] is None for order in orders.values() if order["list_id"] is None} == {True}


def adds_up(term: dict[str, Any]) -> bool:
    parts = term.get("parts")
    if parts is None:
        return True
    return sum(Decimal(each["amount"]) for each in parts) == Decimal(term["amount"]) and all(map(adds_up, parts))


def test_realised_and_unrealised_are_explained_to_the_last_digit_of_the_account(ask: Asked) -> None:
    (position,) = ask.json()["positions"]

    (realised,), (unrealised,) = ask.json("explain", "realised"), ask.json("explain", "unrealised")

    assert Decimal(realised["shown"]) == Decimal(realised["total"]["amount"]) == Decimal(position["realised"])
    assert Decimal(unrealised["shown"]) == Decimal(position["unrealised"])
    assert adds_up(realised["total"])
    assert adds_up(unrealised["total"])
    assert (realised["method"], realised["account"]) == ("fifo", "PAPER-1")


def test_equity_is_explained_by_every_balance(ask: Asked) -> None:
    (equity,) = ask.json("explain", "equity")

    assert [each["label"] for each in equity["total"]["parts"]] == ["BTC", "USDT"]
    assert adds_up(equity["total"])
    assert "BTC/USDT, rounded down" in equity["total"]["parts"][0]["how"]
    assert equity["method"] is None


def test_the_average_is_the_cost_by_the_quantity(ask: Asked) -> None:
    (position,) = ask.json()["positions"]
    (average,) = ask.json("explain", "average", "--symbol", SYMBOL)

    assert Decimal(average["total"]["amount"]) == Decimal(position["cost"])
    assert abs(Decimal(average["shown"]) - Decimal(position["average_price"])) <= Decimal("0.005")


def test_an_explanation_reads_as_a_tree_as_deep_as_is_asked(ask: Asked) -> None:
    whole, top = ask("explain", "realised"), ask("explain", "realised", "--depth", "1")

    assert whole.startswith("Realised profit in USDT (first in, first out): ")
    assert "Cost from lot 1" in whole
    assert "Selling fee" not in top
    assert f"{SYMBOL}   3 sales" in top


@pytest.mark.parametrize("method", list(LotMethod))
def test_another_method_can_be_tried_without_choosing_it(ask: Asked, method: LotMethod) -> None:
    (told,) = ask.json("explain", "realised", "--symbol", SYMBOL, "--method", str(method))

    assert told["method"] == method
    assert ask.json("lots")["method"] == "fifo"


def test_the_lots_held_cost_what_the_position_costs(ask: Asked) -> None:
    (position,) = ask.json()["positions"]
    for method in LotMethod:
        told = ask.json("lots", "--method", str(method))
        left = sum(Decimal(each["left"]) for each in told["lots"])
        assert left == Decimal(position["qty"])
    own = ask.json("lots", "--symbol", SYMBOL)["lots"]
    assert sum(Decimal(each["cost"]) for each in own) == Decimal(position["cost"])
    assert "Lots of PAPER-1, average cost" in ask("lots", "--method", "average")
    assert "bought (UTC)" in ask("lots")


@pytest.mark.parametrize("report", list(Report))
def test_a_statement_is_the_same_on_the_screen_and_in_a_file(ask: Asked, tmp_path: Path, report: Report) -> None:
    for form in ("csv", "json"):
        words = ("statement", "--report", str(report), "--format", form)
        shown = ask(*words)
        said = ask(*words, "--out", str(tmp_path / "out"))

        assert (tmp_path / "out").read_text() == shown
        assert said == f"Wrote {tmp_path / 'out'}: {report} of PAPER-1, 2023.\n"
    assert json.loads(shown)["report"] == report


def test_the_tax_report_adds_up_to_the_realised_profit(ask: Asked) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("statement", "--year", "2023"))))

    gain = sum(Decimal(row["gain"]) for row in rows if row["basis"] == "lot")
    assert gain == Decimal(ask.json()["pnl"]["realised"])
    assert gain == Decimal(next(row["gain"] for row in rows if row["basis"] == "total"))


def test_the_account_statement_closes_with_the_balances(ask: Asked) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("statement", "--report", "account"))))

    closing = {row["asset"]: Decimal(row["amount"]) for row in rows if row["kind"] == "closing"}
    assert closing == {asset: Decimal(each["total"]) for asset, each in ask.json()["balances"].items()}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("explain", "realised", "--symbol", "X/Y"), "There is no pair X/Y; there are BTC/USDT."),
        (("explain", "equity", "--symbol", SYMBOL), "Equity is of all balances"),
        (("explain", "average", "--account", "X"), "There is no account X; there are PAPER-1."),
        (("statement", "--year", "soon"), "'soon' is no year"),
        (("statement", "--report", "account", "--method", "fifo"), "has no lots"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(ask: Asked, words: tuple[str, ...], sentence: str) -> None:
    ask(*words, status=2)

    assert sentence in ask.error


def test_the_account_names_the_method_of_its_positions(ask: Asked) -> None:
    assert "Positions, first in, first out\n" in ask()


def test_a_file_that_cannot_be_written_is_said(ask: Asked, tmp_path: Path) -> None:
    ask("statement", "--out", str(tmp_path / "nowhere" / "out.csv"), status=1)

    assert "could not be written" in ask.error


def test_an_account_that_did_nothing_has_nothing_to_explain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_small_market(monkeypatch)

    async def first_run() -> None:
        async with opened(tmp_path):
            pass

    asyncio.run(first_run())
    ask = Asked(tmp_path, capsys)

    assert ask("explain", "average") == "Account PAPER-1 holds nothing of what was asked.\n"
    assert ask.json("explain", "realised") == []
    assert ask("lots") == "Lots of PAPER-1, average cost: none\n"
    assert ask.json("explain", "average", "--symbol", SYMBOL)[0]["shown"] == "-"
    assert ask("statement").count("\n") == 1


def test_a_price_of_many_places_is_whole_and_an_average_has_as_many() -> None:
    from engine.cli.account import _money, _price

    assert _price("0.000025117", "0.000025117") == "0.000025117"
    assert _price("0.00002511500123456", "0.000025117") == "0.000025115"
    assert _price("63398.90890666123", "63379.04") == "63398.90890666"
    assert _price(None, None) == "-"
    assert _money("0.09999999997") == "0.09999999"
