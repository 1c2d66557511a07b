"""The whole way from a venue's wire to the window, over a venue on this machine, with faults on the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from crs_desktop.options import Options
from engine.domain.market import FeedState
from engine.domain.order import Side
from engine.ports.exchange import PairStateChanged
from tests.crs_desktop.running import running
from tests.engine.adapters.exchanges.loopback import loopback, recording

pytestmark = [pytest.mark.gui, pytest.mark.integration]


async def test_a_window_trades_on_paper_against_a_venue_and_survives_a_lost_update(tmp_path: Path) -> None:
    async with loopback(recording(), "binance") as venue:
        options = Options(profile_dir=tmp_path, venue="binance", venue_url=venue.rest_url)
        async with running(tmp_path, options=options) as desktop:
            desk, window = desktop.session.desk, desktop.window
            assert desk is not None
            venue.stage.run(1.0)
            await desktop.until(lambda: desk.is_synced)
            states: list[FeedState] = []
            desk.bus.subscribe(PairStateChanged, lambda event: states.append(event.state))

            venue.faults.put("drop", "next@book")
            await desktop.until(lambda: FeedState.GAP in states and desk.is_synced)
            desktop.do("ticket.market")
            ticket = desktop.wiring.console.ticket
            ticket.focus_side(Side.BUY)
            ticket.enter()
            await desktop.until(lambda: desktop.engine.portfolio.position("BTC/USDT") is not None)
            resyncs = desk.trust.exchange.health("BTC/USDT").resyncs if desk.trust.exchange is not None else 0
            await desktop.until(lambda: f"resyncs {resyncs}" in window.status._sequence.text())

            assert window.windowTitle().endswith("PAPER on Binance")
            assert desk.trust.exchange is not None
            health = desk.trust.exchange.health("BTC/USDT")
            assert (health.gaps, health.resyncs) >= (1, 1)
            assert not desk.book("BTC/USDT").is_crossed
