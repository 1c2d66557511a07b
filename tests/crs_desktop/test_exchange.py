"""Live prices of a public exchange behind a window: nothing unasked, states in words, pairs that come when chosen."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crs_desktop.options import Options
from crs_desktop.shell.dialogs import ConfirmDialog
from crs_desktop.shell.exchange.health import FeedHealthWindow
from crs_desktop.viewmodels import exchange_link
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.exchange.places import ExchangePlaces
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.positions import PositionsModel
from crs_desktop.viewmodels.ticket_preview import preview_lines
from crs_desktop.viewmodels.words import NOTHING
from engine.domain.market import FeedState
from engine.domain.order import Side
from engine.errors import VenueUnavailable
from engine.profile import Profile
from tests.crs_desktop.running import Running, running
from tests.crs_desktop.scripted_exchange import Doorway
from tests.crs_desktop.scripted_exchange import doorway as doorway

pytestmark = [pytest.mark.gui, pytest.mark.integration]


def agreed(directory: Path, *, last: bool = False, pairs: tuple[str, ...] = ()) -> None:
    """Leave behind what a user leaves who has been at Binance."""
    places = ExchangePlaces(directory / "exchanges.json")
    places.agree("binance")
    places.show("binance", pairs)
    if last:
        places.use("binance")


def at_binance(directory: Path) -> Options:
    """Return what opens Binance at once."""
    return Options(profile_dir=directory, venue="binance")


async def test_nothing_is_connected_to_before_the_user_says_so(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path) as desktop:
        desktop.do("market.binance")
        await desktop.turn()
        dialog = desktop.dialog(ConfirmDialog)
        said = " ".join(each.text() for each in dialog.findChildren(type(dialog.head)))
        dialog.reject()
        await desktop.turn()

        assert "Only public market data is fetched, from data-api.binance.vision" in said
        assert "Orders stay on this computer" in said
        assert doorway.asked == []

        desktop.do("market.binance")
        desktop.dialog(ConfirmDialog).accept()
        await desktop.until(lambda: doorway.asked)

        assert doorway.asked == [("binance", "https://data-api.binance.vision")]


async def test_the_window_names_account_and_exchange(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        window = desktop.window

        assert window.windowTitle().endswith("PAPER on Binance")
        assert (window.origin._account.text(), window.origin._data.text()) == ("● PAPER", "● Binance")
        assert window.band.accessibleDescription() == "PAPER · Binance"
        assert "Binance synced 42 ms" in window.status._feed.text()
        assert "seq 9,182,736 · resyncs 2" in window.status._sequence.text()
        assert window.status._skew.text() == "skew +12 ms"


async def test_a_start_goes_back_to_the_exchange_of_last_time(tmp_path: Path, doorway: Doorway) -> None:
    agreed(tmp_path, last=True, pairs=("ETH/USDT", "BTC/USDT"))
    async with running(tmp_path, options=Options(profile_dir=tmp_path)) as desktop:
        assert desktop.session.desk is not None
        assert desktop.session.desk.symbol == "ETH/USDT"
        desktop.do("market.offline")
        await desktop.until(lambda: desktop.session.desk is not None and desktop.session.desk.runner is not None)
        await desktop.turn(0.2)

    assert ExchangePlaces(tmp_path / "exchanges.json").known.last == ""


async def test_a_start_without_network_is_on_paper_and_says_why(tmp_path: Path, doorway: Doorway) -> None:
    agreed(tmp_path, last=True)
    doorway.refusal = VenueUnavailable("Binance cannot be reached.")
    async with running(tmp_path, options=Options(profile_dir=tmp_path)) as desktop:
        assert desktop.window.notice.text == "Binance cannot be reached. You are on PAPER; it goes on."
        assert [each.text() for each in desktop.window.notice._buttons] == ["Try again"]
        assert ExchangePlaces(tmp_path / "exchanges.json").known.last == "binance"

        doorway.refusal = None
        desktop.window.notice._buttons[0].click()
        await desktop.until(lambda: "Binance" in desktop.window.windowTitle())


async def test_a_book_out_of_step_is_hatched_with_the_reason_and_a_market_order_asks(
    tmp_path: Path, doorway: Doorway
) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        feed.doubt("BTC/USDT", FeedState.GAP, "Update 12 of BTC/USDT is missing.")
        await desktop.turn(0.3)
        ladder, ticket = desktop.window.pane("book").ladder._view, desktop.wiring.console.ticket  # type: ignore[union-attr]

        assert not ladder.synced
        assert ladder.message.startswith("Update 12 of BTC/USDT is missing. (0.")
        assert "Binance gap" in desktop.window.status._feed.text()

        desktop.do("ticket.market")
        ticket.focus_side(Side.BUY)
        ticket.enter()
        assert "A market order is refused until the book is in step with Binance" in str(ticket.question.text)
        assert not desktop.engine.orders.records()
        lines = preview_lines(ticket)
        assert {str(lines[key].value) for key in ("fill", "impact")} == {"unknown until the book is in step"}

        feed.state_is("BTC/USDT", FeedState.SYNCED)
        await desktop.turn(0.3)
        assert "unknown" not in str(preview_lines(ticket)["fill"].value)
        assert desktop.window.pane("book").ladder._view.synced  # type: ignore[union-attr]


async def test_a_pair_comes_when_it_is_chosen_and_the_window_waits_meanwhile(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        desk = desktop.session.desk
        assert desk is not None
        assert [pair.symbol for pair in feed.pairs()] == ["BTC/USDT"]
        feed.gate.clear()

        desktop.do("view.palette")
        await desktop.write("SOL/USDT")
        await desktop.press(Qt.Key.Key_Return)
        await desktop.turn(0.3)
        waiting = desktop.window.top.symbol.text()
        feed.gate.set()
        await desktop.until(lambda: desk.symbol == "SOL/USDT")
        await desktop.turn(1.3)

        assert waiting.startswith("BTC/USDT → SOL/USDT…")
        assert ExchangePlaces(tmp_path / "exchanges.json").pairs("binance") == ("SOL/USDT",)


async def test_a_pair_that_cannot_be_followed_leaves_the_desk_where_it_was(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        desk = desktop.session.desk
        assert desk is not None
        feed.refusal = VenueUnavailable("Binance takes no more pairs on one connection.")

        desk.select("SOL/USDT")
        await desktop.turn(0.2)

        assert (desk.symbol, desk.coming) == ("BTC/USDT", "")
        assert any("takes no more pairs" in each for each in _toasts(desktop))


def _toasts(desktop: Running) -> list[str]:
    from tests.crs_desktop.running import labels

    return labels(desktop.window)


async def test_a_crossed_book_is_never_drawn(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        for name in ("depth", "heatmap", "ladder"):
            desktop.window.docks.show(name)
        await desktop.turn(0.3)
        feed.publish_crossed("BTC/USDT")
        await desktop.turn(0.4)

        ladder = desktop.window.pane("book").ladder._view  # type: ignore[union-attr]
        depth = cast("DepthModel", desktop.window.pane("depth").model)  # type: ignore[union-attr]
        picture = desktop.window.pane("ladder").model.picture(20)  # type: ignore[union-attr]
        assert (list(ladder.asks), list(ladder.bids)) == ([], [])
        assert "cross" in ladder.message
        assert depth.middle is None
        assert picture is None or not (picture.bids.any() or picture.asks.any())
        assert not desktop.session.desk.is_synced  # type: ignore[union-attr]


async def test_a_perpetual_is_shown_and_its_ticket_says_why_it_sends_nothing(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        desk, ticket = desktop.session.desk, desktop.wiring.console.ticket
        assert desk is not None
        desk.select("BTC/USDT:USDT")
        await desktop.until(lambda: desk.symbol == "BTC/USDT:USDT")
        await desktop.turn(0.3)
        ticket.enter()

        assert desktop.window.pane("book").ladder._view.asks  # type: ignore[union-attr]
        refusal = "BTC/USDT:USDT is a perpetual: it is shown here and not traded."
        assert str(ticket.problem) == refusal
        for model in (FillsModel(desk), PositionsModel(desk)):
            assert (str(model.empty.sentence), model.empty.action) == (refusal, NOTHING)  # nobody is told to buy it
            model.close()
        assert not desktop.engine.orders.records()


async def test_the_condition_of_the_feed_is_told_pair_by_pair(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        feed.doubt("BTC/USDT", FeedState.GAP, "Update 12 of BTC/USDT is missing.")
        QTest.mouseClick(desktop.window.status, Qt.MouseButton.LeftButton)
        await desktop.turn(0.3)
        text = desktop.dialog(FeedHealthWindow).pane.model.text

        assert "Gaps: updates found missing: 3" in text
        assert "Left out: levels and prints off the pair's grid: 4" in text
        assert "BTC/USDT · gap · " in text
        assert "Update 12 of BTC/USDT is missing." in text


async def test_leaving_closes_the_feed_and_everything_over_it(tmp_path: Path, doorway: Doorway) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed = doorway.feed
        engine = desktop.engine

        desktop.do("market.offline")
        await desktop.until(lambda: desktop.engine is not engine and desktop.session.desk is not None)
        await desktop.turn(0.2)

        assert feed.is_closed
        assert not feed.follows
        assert "PAPER on" not in desktop.window.windowTitle()
        assert desktop.window.book.is_enabled("market.pause")


async def test_going_to_an_exchange_can_be_stopped(tmp_path: Path, doorway: Doorway) -> None:
    agreed(tmp_path)
    async with running(tmp_path) as desktop:
        engine = desktop.engine
        doorway.gate.clear()
        desktop.do("market.binance")
        await desktop.until(lambda: doorway.asked)
        said = desktop.window.notice.text

        desktop.do("server.cancel")
        await desktop.until(lambda: not desktop.window.notice.isVisible())

        assert said.startswith("Going to Binance (data-api.binance.vision)…")
        assert desktop.engine is engine
        assert not desktop.window.book.is_enabled("server.cancel")


async def test_a_start_that_is_stopped_goes_on_with_paper(tmp_path: Path, doorway: Doorway) -> None:
    agreed(tmp_path, last=True)
    doorway.gate.clear()
    async with running(tmp_path, options=Options(profile_dir=tmp_path), wait=False) as desktop:
        await desktop.until(lambda: doorway.asked)
        assert [each.text() for each in desktop.window.notice._buttons] == ["Go on with PAPER"]

        desktop.window.notice._buttons[0].click()
        await desktop.until(lambda: desktop.session.desk is not None)
        await desktop.turn(0.2)

        assert desktop.engine.runner is not None


async def test_one_exchange_gives_way_to_another_and_each_has_its_own_account(tmp_path: Path, doorway: Doorway) -> None:
    ExchangePlaces(tmp_path / "exchanges.json").agree("kraken")
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        first = doorway.feed
        desktop.do("market.kraken")
        await desktop.until(lambda: desktop.window.windowTitle().endswith("PAPER on Kraken"))
        await desktop.turn(0.3)

        assert first.is_closed
        assert [name for name, _ in doorway.asked] == ["binance", "kraken"]
        assert sorted(Profile(tmp_path).venues()) == ["binance", "kraken"]
        assert ExchangePlaces(tmp_path / "exchanges.json").known.last == "kraken"


async def test_a_lost_connection_is_told_with_what_can_be_done(
    tmp_path: Path, doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_link, "PATIENCE_S", 0.0)
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:
        feed, bar = doorway.feed, desktop.window.link
        feed.lose("Binance does not answer. Next try in 4 s.")
        await desktop.until(lambda: bar.isVisible())
        said = bar.text.text()
        bar.retry.click()
        retries = feed.retries
        feed.find()
        await desktop.until(lambda: not bar.isVisible())

        assert said.startswith("Binance does not answer. Next try in 4 s.")
        assert retries == 1


async def test_another_exchange_is_chosen_by_name_and_said_to_be_slower(
    tmp_path: Path, doorway: Doorway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, options=at_binance(tmp_path)) as desktop:

        async def others() -> tuple[str, ...]:
            return "bitfinex", "bitstamp"

        monkeypatch.setattr(desktop.wiring.exchange.door, "others", others)
        desktop.do("market.other")
        await desktop.until(lambda: desktop.wiring.charts.palette().isVisible())
        titles = desktop.wiring.charts.palette().titles
        await desktop.press(Qt.Key.Key_Return)
        dialog = desktop.dialog(ConfirmDialog)
        said = " ".join(each.text() for each in dialog.findChildren(type(dialog.head)))

        assert titles == ["bitfinex (ccxt)", "bitstamp (ccxt)"]
        assert "slower" in said
        assert len(doorway.asked) == 1
