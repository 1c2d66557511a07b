"""Recording a pair, and playing what was recorded, as a user does it; the venue is one on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from crs_desktop.options import Options
from crs_desktop.shell.dialogs import ConfirmDialog, JumpDialog
from crs_desktop.shell.exchange.recordings import RecordingsWindow
from crs_desktop.viewmodels.exchange.places import ExchangePlaces
from engine.adapters.recordings.library import Library
from engine.domain.market import DataLabel, FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side
from engine.ports.recording import RecordingChanged
from engine.profile import Profile
from tests.crs_desktop.running import Running, labels, running
from tests.engine.adapters.exchanges.following import quick
from tests.engine.adapters.exchanges.loopback import demo, loopback
from tests.engine.bootstrap.test_replaying import recorded

__all__ = ["quick"]

pytestmark = [pytest.mark.gui, pytest.mark.integration]

BTC = "BTC/USDT"


@asynccontextmanager
async def at_binance(directory: Path) -> AsyncIterator[Running]:
    """Run the desktop over a venue on this machine."""
    async with loopback(demo(BTC, "ETH/USDT"), "binance") as house:
        ExchangePlaces(directory / "exchanges.json").agree("binance")
        options = Options(profile_dir=directory, venue="binance", venue_url=house.rest_url)
        async with running(directory, options=options) as desktop:
            house.stage.run(1.0)
            await desktop.until(lambda: desktop.session.desk.is_synced)  # type: ignore[union-attr]
            yield desktop


async def play(desktop: Running) -> None:
    """Open the list and play the newest recording with Enter."""
    desktop.do("market.recordings")
    window = desktop.dialog(RecordingsWindow)
    await desktop.until(lambda: bool(window.pane.table.row_model.rows))
    await desktop.press(Qt.Key.Key_Return, at=window.pane.table)


def told(desktop: Running) -> str:
    """Return what toasts say."""
    return " ".join(text for toast in desktop.wiring.console.toasts.shown for text in labels(toast))


async def arrived(desktop: Running) -> None:
    await desktop.until(lambda: desktop.session.desk is not None and desktop.session.desk.recording is not None)
    await desktop.turn(0.2)


async def test_a_pair_is_recorded_with_a_key_and_played_in_the_place_of_the_venue(tmp_path: Path) -> None:
    async with at_binance(tmp_path) as desktop:
        window, bar = desktop.window, desktop.window.market_bar
        assert bar.record.isVisible()
        assert bar.record.text() == "Record"
        await desktop.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
        await desktop.until(lambda: bar.record.text().startswith("REC 0:00:0"))
        assert "Recording BTC/USDT" in " ".join(
            text for toast in desktop.wiring.console.toasts.shown for text in labels(toast)
        )
        await desktop.turn(1.0)

        await play(desktop)
        question = desktop.dialog(ConfirmDialog)
        assert any("Leaving Binance ends the recording of BTC/USDT" in text for text in labels(question))
        question.accept()
        await arrived(desktop)

        assert desktop.engine.feed.label is DataLabel.REPLAY
        assert window.windowTitle().endswith("PAPER on a replay of Binance")
        assert window.origin._data.text() == "● REPLAY Binance"
        assert window.band.data == "replay"
        book = window.book
        assert [book.is_enabled(each) for each in ("market.simulated", "market.replay", "market.record")] == [False] * 3
        assert book.is_enabled("market.leave")
        assert not bar.record.isVisible()
        assert ExchangePlaces(tmp_path / "exchanges.json").known.last == "binance"

        desktop.do("market.leave")
        await desktop.until(lambda: desktop.session.desk is not None and desktop.session.desk.recorder is not None)
        await desktop.until(lambda: desktop.engine.recorder.is_on(BTC))
        desktop.do("market.record")
        await desktop.until(lambda: not desktop.engine.recorder.now())
        assert desktop.engine.choices.recorded == ()


async def test_a_replay_is_paused_stepped_jumped_in_and_restarted_and_takes_orders(tmp_path: Path) -> None:
    name = await recorded(tmp_path)
    async with running(tmp_path) as desktop:
        await play(desktop)
        await arrived(desktop)
        engine, window = desktop.engine, desktop.window
        start = engine.venue.market.start
        desktop.do("market.pause")
        assert engine.runner.paused
        before = engine.feed.now
        desktop.do("market.step")
        await desktop.until(lambda: engine.feed.now > before)

        desktop.do("market.jump")
        dialog = desktop.dialog(JumpDialog)
        assert "The recording goes from 2023-11-14 22:13:20 to 2023-11-14 22:16:40." in labels(dialog)
        dialog.field.setText("2023-11-14 22:14:20")
        dialog._go()
        await desktop.until(lambda: engine.feed.now == start + 60 * NANOS_PER_SECOND)
        ticket = desktop.wiring.console.ticket
        desktop.do("ticket.market")
        ticket.focus_side(Side.BUY)
        ticket.enter()
        desktop.do("market.pause")
        await desktop.until(lambda: engine.portfolio.position(BTC) is not None)

        window.market_bar.model.set_speed(1_000.0)  # type: ignore[union-attr]
        await desktop.until(lambda: desktop.session.desk.feed.state is FeedState.ENDED)  # type: ignore[union-attr]
        await desktop.turn(0.1)
        assert window.notice.text == "The recording has ended."
        assert [each.text() for each in window.notice._buttons] == ["Restart", "Back to PAPER"]
        window.notice._buttons[0].click()
        await desktop.until(lambda: engine.feed.now < start + 100 * NANOS_PER_SECOND)
        assert engine.recording.name == name

        await play(desktop)  # the same once more, with a new account
        await desktop.until(lambda: desktop.engine is not engine and desktop.session.desk is not None)
        await desktop.turn(0.2)
        assert desktop.engine.portfolio.position(BTC) is None
        desktop.do("market.leave")
        await desktop.until(lambda: desktop.session.desk is not None and desktop.session.desk.recording is None)
        assert desktop.engine.feed.label is DataLabel.SIMULATED


async def test_recordings_are_deleted_after_a_question_and_not_while_played(tmp_path: Path) -> None:
    await recorded(tmp_path)
    async with running(tmp_path) as desktop:
        await play(desktop)
        await arrived(desktop)
        desktop.do("market.recordings")
        pane = desktop.dialog(RecordingsWindow).pane
        await desktop.until(lambda: bool(pane.table.row_model.rows))
        row = [str(cell.text) for cell in pane.table.row_model.rows[0].cells]
        assert row[:3] == ["Binance", BTC, "2023-11-14 22:13:20"]
        assert row[-1] == "▶ being played"
        assert "of 20 GB used" in pane.room.text()
        await desktop.press(Qt.Key.Key_Delete, at=pane.table)
        refusal = "This recording is being played. Leave it first, then delete it."
        await desktop.until(lambda: pane.notice.label.text() == refusal)

        desktop.do("market.leave")
        await desktop.until(lambda: desktop.session.desk is not None and desktop.session.desk.recording is None)
        desktop.do("market.recordings")
        pane = desktop.dialog(RecordingsWindow).pane
        await desktop.until(lambda: bool(pane.table.row_model.rows))
        pane.table.focus_first()
        pane.delete.click()
        question = desktop.dialog(ConfirmDialog)
        assert question.parentWidget() is desktop.dialog(RecordingsWindow)  # which has the keyboard again afterwards
        question.accept()
        await desktop.until(lambda: not pane.table.row_model.rows)
        await desktop.turn(0.2)
        assert Library(Profile(tmp_path).recordings_dir).found() == ([], [])
        assert pane.empty.sentence.text().startswith("Nothing was recorded yet.")


async def test_a_recording_that_cannot_be_played_changes_nothing(tmp_path: Path) -> None:
    name = await recorded(tmp_path)
    path = Profile(tmp_path).recordings_dir / name
    data = bytearray(path.read_bytes())
    data[-1_000] ^= 1
    path.write_bytes(bytes(data[:400]))
    async with running(tmp_path) as desktop:
        await play(desktop)
        await desktop.until(lambda: "no picture of the book" in desktop.window.notice.text)
        assert desktop.engine.feed.label is DataLabel.SIMULATED


async def test_a_recording_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    async with at_binance(tmp_path) as desktop:
        desktop.do("market.record")
        await desktop.until(lambda: desktop.engine.recorder.now())
        desktop.engine.bus.publish(RecordingChanged(BTC, on=False, text="The disk is full."))
        await desktop.turn(0.1)
        shown = told(desktop)
        assert "The recording of BTC/USDT ended" in shown
        assert "The disk is full." in shown
