"""From venue to venue: what fails changes nothing, a start never waits for a network, one profile has one lock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crs_desktop.options import Options
from crs_desktop.run import Opening
from crs_desktop.viewmodels.server.places import Places
from engine.bootstrap import open_engine
from engine.errors import ProfileInUse, VenueUnavailable
from engine.profile import Profile, ProfileLock
from tests.crs_desktop.running import Running, running
from tests.engine.server.harness import free_port

pytestmark = [pytest.mark.gui, pytest.mark.integration]


def last_was(directory: Path, url: str) -> None:
    places = Places(directory / "servers.json")
    places.add(url)
    places.signed_in(url, "ann@example.org", ("U-1",))
    places.use(url, "U-1")


async def test_a_venue_that_does_not_open_leaves_everything_as_it_was(tmp_path: Path) -> None:
    async def refuse() -> object:
        raise VenueUnavailable("demo.example.org cannot be reached.")

    async with running(tmp_path) as desktop:
        engine, desk = desktop.engine, desktop.session.desk
        wiring = desktop.wiring.server

        wiring.going.start(wiring.going.go("demo.example.org", Opening("Opening…", refuse), lambda: None))
        during = desktop.window.notice.text
        await desktop.until(lambda: "cannot be reached" in desktop.window.notice.text)

        assert during == "" or "stays as it is" in during
        assert "You are on PAPER; it goes on." in desktop.window.notice.text
        assert (desktop.engine, desktop.session.desk) == (engine, desk)
        assert desktop.window.book.is_enabled("market.pause")


async def test_going_elsewhere_can_be_stopped(tmp_path: Path) -> None:
    waits = asyncio.Event()

    async def never() -> object:
        await waits.wait()
        return None

    async with running(tmp_path) as desktop:
        engine, wiring = desktop.engine, desktop.wiring.server
        wiring.going.start(wiring.going.go("demo.example.org", Opening("Opening…", never), lambda: None))
        await desktop.turn()
        said = desktop.window.notice.text
        enabled = [desktop.window.book.is_enabled("server.cancel")]

        desktop.do("server.cancel")
        await desktop.until(lambda: not desktop.window.notice.isVisible())
        enabled.append(desktop.window.book.is_enabled("server.cancel"))

        assert enabled == [True, False]
        assert "Going to demo.example.org" in said
        assert desktop.engine is engine


async def test_a_start_opens_paper_when_the_server_of_last_time_is_not_there_and_says_so(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    last_was(tmp_path, url)
    async with running(tmp_path, options=Options(profile_dir=tmp_path)) as desktop:
        assert desktop.engine.server is None
        assert "You are on PAPER; it goes on." in desktop.window.notice.text
        assert url.removeprefix("http://") in desktop.window.notice.text
        offered = [title for title, _ in desktop.wiring.server.offers()]
        assert any(title.startswith("○ U-1 · 127.0.0.1") for title in offered)


async def test_an_offline_market_that_is_asked_for_is_opened_whatever_was_used_last(tmp_path: Path) -> None:
    last_was(tmp_path, f"http://127.0.0.1:{free_port()}")
    async with running(tmp_path) as desktop:  # with a seed
        assert desktop.engine.server is None
        assert not desktop.window.notice.isVisible()


async def test_a_server_is_removed_after_a_question(tmp_path: Path) -> None:
    last_was(tmp_path, "http://127.0.0.1:9")
    async with running(tmp_path) as desktop:
        await _remove(desktop)

        assert Places(tmp_path / "servers.json").servers == ()


async def _remove(desktop: Running) -> None:
    from crs_desktop.shell.dialogs import ConfirmDialog

    wiring = desktop.wiring.server
    wiring._remove(wiring.door.places.servers[0])
    desktop.dialog(ConfirmDialog).accept()
    await desktop.turn(0.2)


async def test_a_lock_is_lent_within_the_program_only(tmp_path: Path) -> None:
    engine = await open_engine(Profile(tmp_path), seed=7)
    lent = engine.share_lock()
    await engine.close()
    with pytest.raises(ProfileInUse):
        ProfileLock(Profile(tmp_path))

    lent.release()
    lent.release()

    ProfileLock(Profile(tmp_path)).release()
