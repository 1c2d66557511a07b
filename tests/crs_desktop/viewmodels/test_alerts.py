"""The list of alerts, what is done to them and what they say, over a real engine and real prints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from crs_desktop.viewmodels import time_zone
from crs_desktop.viewmodels.alert_hand import AlertHand, Said, alerts_of
from crs_desktop.viewmodels.alerts import AlertsModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.line_rows import LineRow
from engine.domain.order import Side
from engine.errors import StorageUnavailable
from engine.services.alerts import Cross, PriceRule, Repeat
from tests.crs_desktop.charts.gallery import close_floor, settle
from tests.crs_desktop.trading_floor import START, Floor
from tests.engine.services.alerts.desk import Shelf

BTC, ETH = "BTC/USDT", "ETH/USDT"
MIDDLE = 6_425_000
SECOND = 1_000_000_000


class Room:
    """A floor with the alerts pane's model, and what was said in passing."""

    def __init__(self, floor: Floor, desk: Desk) -> None:
        self.floor, self.desk = floor, desk
        self.hand: AlertHand = alerts_of(desk)
        self.model = AlertsModel(desk)
        self.said: list[Said] = []
        self.hand.on_said(self.said.append)

    async def add(self, level: int, cross: Cross = Cross.EITHER, symbol: str = BTC, **options: object) -> str:
        before = {each.id for each in self.floor.alerts.all()}
        self.hand.add(symbol, PriceRule(level, cross), **options)
        await self.wait(lambda: len(self.floor.alerts.all()) > len(before))
        return next(each.id for each in self.floor.alerts.all() if each.id not in before)

    async def wait(self, done: object) -> None:
        """Let what is on the way reach the disk."""
        import asyncio

        for _ in range(400):
            await asyncio.sleep(0.002)
            if done() and not self.hand._tasks._tasks:  # type: ignore[operator]
                return
        raise AssertionError("it never happened")

    def trade(self, price: int) -> None:
        """Two others trade."""
        self.floor.other(Side.SELL, BTC, price, 2_000)
        self.floor.other(Side.BUY, BTC, price, 2_000)

    def row(self, alert_id: str) -> LineRow:
        return next(each for each in self.model.rows() if each.key == alert_id)


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    floor = Floor()
    desk = await floor.sit()
    floor.other(Side.SELL, BTC, MIDDLE, 2_000)
    floor.other(Side.BUY, BTC, MIDDLE, 2_000)
    made = Room(floor, desk)
    try:
        yield made
    finally:
        made.model.close()
        made.hand.close()
        await settle()
        await floor.alerts.close()
        close_floor(floor)
        assert floor.bus.subscriber_count == 0
        assert desk.link_count == 0


async def test_an_alert_goes_from_waiting_to_done_and_stands_in_the_log_with_time_and_price() -> None:
    async with room() as each:
        key = await each.add(MIDDLE + 10, note="buy <b>now</b>")
        before = each.row(key)
        each.trade(MIDDLE + 15)
        after, told = each.row(key), each.model.told()

        assert (str(before.mark), before.text) == ("waiting", "buy <b>now</b> · Price crosses 64,250.10")
        assert (str(after.mark), after.faint) == ("done", True)
        assert [str(part) for part in after.more] == [f"told at {clock(each.floor.alerts.fired[0].at)}"]
        assert [(row.title, row.text, row.more) for row in told] == [
            (BTC, "buy <b>now</b> (BTC/USDT: Price crossed 64,250.10)", ("64,250.15",))
        ]


def clock(at: int) -> str:
    return f"{time_zone.chosen().moment(at):%H:%M:%S}"


async def test_a_repeating_alert_says_how_often_it_told_and_until_when_it_waits() -> None:
    async with room() as each:
        key = await each.add(MIDDLE + 10, repeat=Repeat.ALWAYS, expires_at=START + 86_400 * SECOND)
        each.trade(MIDDLE + 15)
        each.trade(MIDDLE)
        row = each.row(key)

        assert str(row.mark) == "waiting"
        assert [str(part).partition(",")[0] for part in row.more] == [
            "told 2 times",
            "every time",
            "until 2025-06-16 15:06",
        ]
        each.floor.now = START + 86_400 * SECOND  # type: ignore[assignment]
        assert str(each.row(key).mark) == "expired"
        assert each.model.waiting() == 0


async def test_alerts_of_the_current_pair_come_first_and_a_row_leads_to_its_pair() -> None:
    async with room() as each:
        eth = await each.add(1_000, symbol=ETH)
        btc = await each.add(1_000)

        assert [row.key for row in each.model.rows()] == [btc, eth]
        each.model.go_to(eth)
        assert each.desk.symbol == ETH
        assert [row.key for row in each.model.rows()] == [eth, btc]


async def test_a_paused_alert_says_nothing_and_waits_anew_when_resumed() -> None:
    async with room() as each:
        key = await each.add(MIDDLE + 10)
        each.hand.toggle(key)
        await each.wait(lambda: str(each.row(key).mark) == "paused")
        each.trade(MIDDLE + 20)
        assert each.model.told() == []

        each.hand.toggle(key)
        await each.wait(lambda: str(each.row(key).mark) == "waiting")
        assert each.model.told() == []  # it is above already: nothing was crossed since
        each.trade(MIDDLE)
        assert len(each.model.told()) == 1


async def test_what_is_done_to_an_alert_can_be_undone() -> None:
    async with room() as each:
        key = await each.add(MIDDLE + 10, note="keep")
        each.hand.move(key, MIDDLE + 50)
        await each.wait(lambda: each.row(key).text.endswith("64,250.50"))
        undo = each.said[-1].undo
        assert undo is not None
        undo()
        await each.wait(lambda: each.row(key).text.endswith("64,250.10"))

        each.hand.duplicate(key)
        await each.wait(lambda: len(each.model.rows()) == 2)
        assert len({row.text for row in each.model.rows()}) == 1
        each.hand.remove(*[row.key for row in each.model.rows()])
        await each.wait(lambda: not each.model.rows())
        assert str(each.said[-1].text) == "2 alerts"
        undo = each.said[-1].undo
        assert undo is not None
        undo()
        await each.wait(lambda: len(each.model.rows()) == 2)
        assert [(str(said.title), said.failed) for said in each.said] == [
            ("Alert set", False), ("Alert moved", False), ("Alert set", False), ("Alert removed", False),
        ]  # fmt: skip


async def test_what_the_disk_refuses_is_said() -> None:
    async with room() as each:
        shelf = each.floor.alerts._store
        assert isinstance(shelf, Shelf)
        shelf.error = StorageUnavailable("disk full")
        each.hand.add(BTC, PriceRule(MIDDLE + 10))
        await each.wait(lambda: each.said)
        shelf.error = None

        assert [(str(said.text), said.failed) for said in each.said] == [("disk full", True)]


async def test_the_log_is_cleared() -> None:
    async with room() as each:
        await each.add(MIDDLE + 10)
        each.trade(MIDDLE + 15)
        each.hand.clear_told()
        await each.wait(lambda: not each.model.told())
        assert len(each.model.rows()) == 1


@pytest.mark.parametrize(("at", "now", "text"), [(START, START, None), (START, START + 86_400 * SECOND, "2025-06-15")])
def test_an_instant_of_another_day_is_written_with_its_date(at: int, now: int, text: str | None) -> None:
    from crs_desktop.viewmodels.alerts import when

    written = when(at, now)
    assert written == clock(at) if text is None else written.startswith(text)
