"""Figures of a live exchange that agree with each other: the day, what is stale, what the log tells."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from crs_desktop.shell.dialogs import ConfirmDialog
from crs_desktop.shell.docks import DockTitle
from crs_desktop.viewmodels.header import HeaderModel
from crs_desktop.viewmodels.log import EventLog
from crs_desktop.viewmodels.markets.day import day_of
from engine.domain.instrument import Ticker
from engine.domain.market import FeedState
from engine.domain.number import Lots, Ticks
from engine.ports.exchange import TickersHeard
from engine.ports.feed import FeedStateChanged
from tests.crs_desktop.running import running
from tests.crs_desktop.scripted_exchange import Doorway
from tests.crs_desktop.scripted_exchange import doorway as doorway
from tests.crs_desktop.test_exchange import at_binance

pytestmark = [pytest.mark.gui, pytest.mark.integration]


async def test_the_day_is_that_of_the_exchange_with_the_newest_print_before_it(
    tmp_path: Path, doorway: Doorway
) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        desk, feed = desktop.session.desk, doorway.feed
        assert desk is not None
        last = desk.market_data.last_price("BTC/USDT") or 6_000_000
        told = Ticker(
            "BTC/USDT", None, None, Ticks(last), Ticks(5_000_000), Ticks(5_500_000), Ticks(4_900_000), Lots(7), feed.now
        )
        desk.connected.bus.publish(TickersHeard("binance", (told,)))
        day = day_of(desk, "BTC/USDT")
        newest = desk.market_data.last_price("BTC/USDT") or last

        assert (day.opened, day.low, day.volume) == (5_000_000, min(4_900_000, newest), 7)
        assert day.high == max(5_500_000, newest)
        assert day.change_bps == round((newest - 5_000_000) / 5_000_000 * 10_000)


async def test_the_price_of_the_top_bar_is_grey_while_the_book_is_not_trusted_and_no_age_is_made_up(
    tmp_path: Path, doorway: Doorway
) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        assert desktop.session.desk is not None
        header = HeaderModel(desktop.session.desk)
        before = header.last_tone
        doorway.feed.doubt("BTC/USDT", FeedState.STALE, "The connection to Binance broke.")
        title = desktop.window.docks.dock("book").titleBarWidget()
        assert isinstance(title, DockTitle)
        badge = next(each for each in desktop.window._badges if each.parent() is title.parent())
        await desktop.until(badge.isVisible)
        # it must not lie over the name of pair and venue
        await desktop.until(lambda: badge.x() > title.x() + title.note.geometry().right())
        assert before != "muted"
        assert header.last_tone == "muted"

        doorway.feed.state_is("BTC/USDT", FeedState.SYNCED)
        await desktop.until(lambda: title._kept.width() == 0)
        header.close()


async def test_the_log_tells_a_state_once_with_its_venue(
    tmp_path: Path, doorway: Doorway, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        assert desktop.session.desk is not None
        caplog.clear()
        caplog.set_level(logging.INFO, "crs.events")
        log = EventLog(desktop.session.desk)
        for seconds in (6, 7, 8):
            text = f"Binance has been silent for {seconds} s; prices may be old."
            desktop.session.desk.bus.publish(FeedStateChanged(FeedState.STALE, text, doorway.feed.now))
        desktop.session.desk.bus.publish(FeedStateChanged(FeedState.SYNCED, "", doorway.feed.now))
        log.close()
        mine = [line.getMessage() for line in caplog.records if line.name == "crs.events"]

        assert sorted(set(mine)) == [
            "Binance: stale. Binance has been silent for 6 s; prices may be old.",
            "Binance: synced.",
        ]


async def test_a_position_that_cannot_be_closed_now_says_so(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        desktop.do("ticket.market")
        desktop.wiring.console.ticket.enter()
        await desktop.until(lambda: desktop.engine.orders.fill_count)
        doorway.feed.doubt("BTC/USDT", FeedState.GAP, "Update 12 of BTC/USDT is missing.")
        desktop.do("orders.flatten")
        desktop.dialog(ConfirmDialog).accept()
        toasts = desktop.wiring.console.toasts
        await desktop.until(lambda: toasts.shown[-1].title.text() == "Position in BTC/USDT not closed")

        assert desktop.engine.portfolio.position("BTC/USDT").qty > 0
