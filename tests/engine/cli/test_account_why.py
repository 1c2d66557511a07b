"""`crs account why`: the record beside each fill, and where an open order stands, for people and as JSON."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import main
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, Side, TimeInForce
from tests.engine.adapters.desk import let_pass, opened

pytestmark = pytest.mark.integration
SYMBOL = "BTC/USDT"


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile on the replay with an order in every state."""
    directory = tmp_path_factory.mktemp("profile")
    asyncio.run(_trade(directory))
    return directory


async def _trade(directory: Path) -> None:
    async with opened(directory, market="replay") as running:
        book = running.venue.market.exchange.book(SYMBOL)
        bid, ask = book.best_bid, book.best_ask
        assert bid is not None
        assert ask is not None

        def order(
            name: str,
            side: Side,
            qty: int,
            price: int | None = None,
            stop: int | None = None,
            **more: Any,  # noqa: ANN401
        ) -> SubmitOrder:
            kinds = {
                (True, False): OrderType.LIMIT,
                (False, False): OrderType.MARKET,
                (False, True): OrderType.STOP,
            }
            return SubmitOrder(
                account=running.venue.account,
                order_id=OrderId(name),
                symbol=SYMBOL,
                side=side,
                order_type=kinds[price is not None, stop is not None],
                qty=Lots(qty),
                price=None if price is None else Ticks(price),
                stop_price=None if stop is None else Ticks(stop),
                **more,
            )

        submit = running.venue.submit
        await submit(order("taker", Side.BUY, 4_000))
        await submit(order("maker", Side.BUY, 500, bid))
        await submit(order("far", Side.BUY, 500, int(bid * 0.87321)))
        await submit(order("ioc", Side.BUY, 500, bid, tif=TimeInForce.IOC))
        await submit(order("big", Side.BUY, 10**9))
        await submit(order("stop", Side.SELL, 500, stop=int(bid * 0.9)))
        await submit(
            order("gtd", Side.BUY, 500, bid - 100_000, tif=TimeInForce.GTD, expire_ts=running.runner.now + 10**9)
        )
        legs = (order("entry", Side.BUY, 500, bid - 200_000), order("leg", Side.SELL, 500, ask + 200_000))
        await running.venue.submit_list(SubmitList(running.venue.account, OrderId("L"), ListKind.OTO, legs))
        await let_pass(running, 120)
        await submit(order("near", Side.BUY, 500, book.best_bid))


class Asked:
    """Runs `crs account why …` on a profile."""

    def __init__(self, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._profile, self._capsys = profile, capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        assert main(["account", "why", *words, "--profile-dir", str(self._profile)]) == status
        said = self._capsys.readouterr()
        return said.out if not status else said.err

    def json(self, *words: str) -> Any:  # noqa: ANN401 - parsed JSON
        return json.loads(self(*words, "--json"))


@pytest.fixture
def why(traded: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(traded, capsys)


def test_a_taker_is_explained_fill_by_fill_with_what_it_cost_against_the_mid(why: Asked) -> None:
    told, text = why.json("taker"), why("taker")

    assert told["status"] == "filled"
    assert {fill["why"]["rule"] for fill in told["fills"]} == {"taken"}
    for fill in told["fills"]:
        arrival = fill["why"]["arrival"]
        mid = (Decimal(arrival["bid"]) + Decimal(arrival["ask"])) / 2
        worse = Decimal(fill["price"]) - mid
        assert Decimal(fill["why"]["slippage"]) == worse * Decimal(fill["qty"])
        assert Decimal(fill["why"]["slippage_bps"]) == (worse / mid * 10_000).quantize(Decimal("0.01"))
        assert fill["price"] in [level["price"] for level in arrival["opposite"]]
        assert fill["why"]["fee_rate"] == "0.001"
    assert Decimal(told["slippage"]) == sum(Decimal(fill["why"]["slippage"]) for fill in told["fills"])
    assert "It took what the feed displayed when it arrived." in text
    assert "worse than the arrival mid" in text
    assert "taken by us before" in text


def test_a_maker_is_explained_by_its_queue_and_its_prints(why: Asked) -> None:
    told, text = why.json("maker"), why("maker")

    assert told["status"] == "filled"
    record = told["fills"][0]["why"]
    assert record["rule"] in ("queue", "through", "displayed")
    assert Decimal(record["arrival"]["ahead"]) > 0
    assert Decimal(record["queue"][-1]["ahead"]) == 0
    assert Decimal(record["prints"][-1]["used"]) > 0
    assert "better than the arrival mid" in text
    assert "The queue ahead of it" in text


def test_an_open_order_says_where_it_stands_and_how_far_the_market_is(why: Asked) -> None:
    near, far = why.json("near"), why.json("far")

    assert near["status"] == far["status"] == "working"
    assert near["now"]["place"]["is_estimate"]
    assert Decimal(near["now"]["place"]["level_qty"]) >= Decimal("0.005")
    assert far["now"]["place"]["ahead"] is None
    assert "By estimate" in why("near")
    assert "nobody knows what is ahead" in why("far")
    assert "bps) away" in why("far")
    assert "As of 2024-08-0" in why("far")


def test_what_waits_says_for_what(why: Asked) -> None:
    assert "It fires at a last price of" in why("stop")
    assert "It has not started: it does when entry has ended" in why("leg")
    assert why.json("leg")["now"]["arrival"] is None


def test_what_ended_unfilled_says_why(why: Asked) -> None:
    assert "immediate-or-cancel" in why("ioc")
    assert "It was good till 2024-08-0" in why("gtd")
    assert "It was refused: " in why("big")
    assert why.json("big")["status"] == "rejected"


def test_an_order_that_never_was_is_wrong_use(why: Asked) -> None:
    assert "never sent an order nothing" in why("nothing", status=2)


def test_without_a_usable_snapshot_the_journal_is_enough(traded: Path, why: Asked) -> None:
    with closing(sqlite3.connect(traded / "crs.sqlite")) as connection:
        rows = connection.execute("SELECT id, digest, data FROM market_snapshot").fetchall()
        connection.execute(
            "UPDATE market_snapshot SET data = x'00', digest = "
            "'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'"
        )
        connection.commit()
        damaged = why("far")
        connection.execute("DELETE FROM market_snapshot")
        connection.commit()
        gone = why("far")
        connection.executemany(
            "INSERT INTO market_snapshot (id, seq, ts_ns, wall_ns, prices, digest, data)"
            " VALUES (?, 1, 1, 1, '{}', ?, ?)",
            rows,
        )
        connection.commit()

    assert "No snapshot of the market tells where it stands now" in damaged
    assert damaged == gone


def test_a_fill_of_an_earlier_version_says_that_it_has_no_record(traded: Path, why: Asked) -> None:
    with closing(sqlite3.connect(traded / "crs.sqlite")) as connection:
        kept = connection.execute("SELECT * FROM fill_why WHERE order_id = 'maker'").fetchall()
        connection.execute("DELETE FROM fill_why WHERE order_id = 'maker'")
        connection.commit()
        text, told = why("maker"), why.json("maker")
        connection.executemany("INSERT INTO fill_why VALUES (?, ?, ?, ?, ?)", kept)
        connection.commit()

    assert "kept no record of why" in text
    assert told["slippage"] is None
    assert told["average_price"] is not None
