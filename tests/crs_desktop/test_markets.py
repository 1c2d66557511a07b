"""Venues that a window watches besides: asked for, remembered, tried again; their instruments are found and gone to."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from crs_desktop.options import Options, parse
from crs_desktop.panes.across import AcrossPane
from crs_desktop.panes.scanner import ScannerPane
from crs_desktop.shell.dialogs import ConfirmDialog
from crs_desktop.shell.name_dialog import NameDialog
from crs_desktop.viewmodels.exchange.places import ExchangePlaces
from crs_desktop.viewmodels.watch_lists import Item, WatchLists
from engine.adapters.exchanges import venues
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.errors import CrsError, VenueUnavailable
from engine.ports.exchange import InstrumentsListed, TickersHeard, VenueStateChanged
from tests.crs_desktop.running import Running, running
from tests.crs_desktop.scripted_exchange import Doorway
from tests.crs_desktop.scripted_exchange import doorway as doorway
from tests.crs_desktop.viewmodels.markets.stage import instrument, ticker

pytestmark = [
    pytest.mark.gui,
    pytest.mark.integration,
    pytest.mark.qt_log_ignore("This plugin does not support", extend=True),  # raise(), offscreen
]

EUR = instrument("kraken", "DOT/EUR", tick="0.001", fee="0.004")
BTC = instrument("kraken", "BTC/USDT", fee="0.004")


class Network:
    """What stands where venues are connected to be watched."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.left: list[str] = []
        self.refusal: CrsError | None = None


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    found = Network()

    async def connect(self: venues.Venues, venue: str) -> None:
        found.asked.append(f"{venue} {self.specs[venue].rest_url}")
        if found.refusal is not None:
            raise found.refusal
        self._bus.publish(InstrumentsListed(venue, venue.title(), (EUR, BTC)))
        self._bus.publish(VenueStateChanged(venue, FeedState.SYNCED, "", Nanos(0)))
        self._bus.publish(TickersHeard(venue, (ticker("DOT/EUR", 4_000, 4_001, 4_000, 3_900, 10),)))

    async def disconnect(self: venues.Venues, venue: str) -> None:
        found.left.append(venue)
        self._bus.publish(VenueStateChanged(venue, FeedState.ENDED, "", Nanos(0)))

    monkeypatch.setattr(venues.Venues, "connect", connect)
    monkeypatch.setattr(venues.Venues, "disconnect", disconnect)
    return found


async def choose(desktop: Running, action: str, text: str) -> None:
    """Open the palette of an action and take the first that fits."""
    desktop.do(action)
    await desktop.write(text)
    await desktop.press(Qt.Key.Key_Return)


def scanner(desktop: Running) -> ScannerPane:
    desktop.do("view.scanner")
    pane = desktop.window.pane("scanner")
    assert isinstance(pane, ScannerPane)
    return pane


async def test_a_venue_is_watched_after_a_question_and_again_after_a_start(tmp_path: Path, network: Network) -> None:
    options = Options(profile_dir=tmp_path, venue_urls=(("kraken", "http://127.0.0.1:9"),))
    async with running(tmp_path, options=options) as desktop:
        await choose(desktop, "market.watch", "kraken")
        dialog = desktop.dialog(ConfirmDialog)
        said = " ".join(each.text() for each in dialog.findChildren(QLabel))
        assert network.asked == []
        assert "Only public market data is fetched, from 127.0.0.1:9." in said
        assert "your orders go on where they go now" in said
        dialog.accept()
        pane = scanner(desktop)
        await desktop.until(lambda: "kraken" in pane.venues.chips)
        await desktop.until(lambda: any(row.venue == "kraken" for row in pane._model.figures.listed))
        assert network.asked == ["kraken http://127.0.0.1:9"]
        assert {row.venue for row in pane._model.figures.listed} == {"simulated", "kraken"}
        await desktop.turn(0.2)

    assert WatchLists(tmp_path / "watchlists.json").kept.venues == ("kraken",)
    assert ExchangePlaces(tmp_path / "exchanges.json").get("kraken") is not None
    async with running(tmp_path, options=options) as desktop:
        await desktop.until(lambda: len(network.asked) == 2)
        await desktop.turn(0.2)
        await choose(desktop, "market.unwatch", "kraken")
        await desktop.until(lambda: network.left == ["kraken"])
        assert desktop.wiring.connected.watched == ()
    assert WatchLists(tmp_path / "watchlists.json").kept.venues == ()


async def test_a_market_asked_for_by_seed_connects_to_nothing(tmp_path: Path, network: Network) -> None:
    lists = WatchLists(tmp_path / "watchlists.json")
    lists.watch("kraken", on=True)
    lists.flush()
    async with running(tmp_path) as desktop:
        await desktop.turn(0.2)
        assert network.asked == []
        assert desktop.wiring.connected.watched == ()


async def test_a_venue_that_cannot_be_reached_is_said_and_tried_again(tmp_path: Path, network: Network) -> None:
    ExchangePlaces(tmp_path / "exchanges.json").agree("kraken")
    network.refusal = VenueUnavailable("Kraken does not answer.")
    async with running(tmp_path) as desktop:
        await choose(desktop, "market.watch", "kraken")
        pane = scanner(desktop)
        await desktop.until(lambda: pane.problem.isVisible())
        assert pane.problem.label.text() == "Kraken cannot be watched: Kraken does not answer."
        assert pane.venues.chips["kraken"].text() == "○ Kraken · not connected"

        network.refusal = None
        pane.problem.yes.click()
        await desktop.until(lambda: not pane.problem.isVisible())
        assert [each.name for each in desktop.wiring.connected.venues()] == ["simulated", "kraken"]


async def test_an_instrument_of_another_venue_is_found_compared_and_gone_to(
    tmp_path: Path, network: Network, doorway: Doorway
) -> None:
    for name in ("kraken", "binance"):
        ExchangePlaces(tmp_path / "exchanges.json").agree(name)
    async with running(tmp_path, options=Options(profile_dir=tmp_path, venue="binance")) as desktop:
        desktop.wiring.markets.watch("kraken")
        await desktop.until(lambda: network.asked)
        await desktop.turn(0.1)
        desktop.do("view.palette")
        await desktop.write("dot")
        palette = desktop.wiring.view.palette
        first = palette._entries.entries[0]
        assert (first.title, first.hint) == ("DOT/EUR", "Kraken · 4.000")
        await desktop.press(Qt.Key.Key_Return)
        dialog = desktop.dialog(ConfirmDialog)
        assert dialog.windowTitle() == "Go to Kraken for DOT/EUR?"
        dialog.reject()

        desktop.wiring.connected.compared("BTC")
        pane = desktop.window.pane("across")
        assert isinstance(pane, AcrossPane)
        await desktop.until(lambda: len(pane.table.row_model.rows) == 3)
        shown = [" ".join(str(cell.text) for cell in row.cells[:2]) for row in pane.table.row_model.rows]
        assert shown == ["Binance BTC/USDT", "Kraken BTC/USDT", "Binance BTC/USDT:USDT · perpetual"]

        row = desktop.wiring.connected.board.row("kraken", "DOT/EUR")
        desktop.wiring.connected.go_to(row)
        desktop.dialog(ConfirmDialog).accept()
        await desktop.until(lambda: len(doorway.asked) == 2)
        assert doorway.asked[1][0] == "kraken"


async def test_lists_are_made_by_name_filled_and_deleted_with_undo(tmp_path: Path, network: Network) -> None:
    async with running(tmp_path) as desktop:
        lists = desktop.wiring.connected.lists
        desktop.do("watchlist.new")
        dialog = desktop.dialog(NameDialog)
        dialog.field.setText("Majors")
        dialog._yes.click()
        assert (lists.shown.name, lists.shown.items) == ("Majors", ())
        desktop.do("watchlist.add")
        await choose(desktop, "watchlist.pick", "eth")
        assert lists.shown.items == (Item("simulated", "BTC/USDT"), Item("simulated", "ETH/USDT"))
        desktop.do("watchlist.rename")
        desktop.dialog(NameDialog).field.setText("Two")
        desktop.dialog(NameDialog)._yes.click()
        desktop.do("watchlist.delete")
        assert [each.name for each in lists.lists] == ["Watchlist"]
        await desktop.turn(0.1)
        toast = desktop.wiring.console.toasts.shown[-1]
        assert "Watchlist deleted" in " ".join(each.text() for each in toast.findChildren(QLabel))
        desktop.do("watchlist.next")
        desktop.do("watchlist.next")
        desktop.do("watchlist.delete")
        assert [each.name for each in lists.lists] == ["Watchlist"]


def test_addresses_of_exchanges_are_told_by_name() -> None:
    found = parse(["--venue", "binance", "--venue-url", "http://a:1", "--venue-url", "kraken=http://b:2/?x=1"])
    assert [found.url_of(name) for name in ("binance", "kraken", "coinbase")] == [
        "http://a:1", "http://b:2/?x=1", None,
    ]  # fmt: skip
    named = parse(["--venue-url", "kraken=http://b:2"])
    assert (named.venue, named.url_of("kraken")) == ("", "http://b:2")
    for wrong in (["--venue-url", "http://a"], ["--venue", "x", "--venue-url", "http://a", "--venue-url", "http://b"]):
        with pytest.raises(SystemExit):
            parse(wrong)
