"""Claims about a window over a damaged database: it says what would be lost, asks, and keeps what was there."""

from __future__ import annotations

from pathlib import Path

import pytest

from crs_desktop.shell.dialogs import ConfirmDialog
from engine.adapters.sql.backup import create
from engine.adapters.sql.manifest import Kind
from engine.ports.clock import SystemClock
from engine.profile import Profile, ProfileLock
from tests.crs_desktop.running import Running, labels, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]


async def choose(desk: Running, title: str) -> ConfirmDialog:
    """Click on what the notice offers and return the question that follows."""
    await desk.until(lambda: any(each.text() == title for each in desk.window.notice._buttons))
    next(each for each in desk.window.notice._buttons if each.text() == title).click()
    await desk.until(lambda: desk.dialog(ConfirmDialog) is not None)
    found: ConfirmDialog = desk.dialog(ConfirmDialog)
    return found


async def test_the_last_backup_is_put_back_after_the_question_and_the_window_opens(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        account = desk.engine.venue.account
    backup = create(tmp_path / "crs.sqlite", Kind.MANUAL, SystemClock().wall())
    damaged = b"\xff" * 60_000
    (tmp_path / "crs.sqlite").write_bytes(damaged)

    async with running(tmp_path, wait=False) as desk:
        dialog = await choose(desk, "Restore a backup…")
        said = " ".join(labels(dialog))
        assert f"Everything from record {backup.records + 1:,} on would be lost" in said
        assert (tmp_path / "crs.sqlite").read_bytes() == damaged
        dialog.accept()
        await desk.until(lambda: desk.session.desk is not None)
        await desk.until(lambda: "Restored the backup" in desk.window.notice.text)

        assert desk.engine.venue.account == account
        assert desk.session.status == 0
        [aside] = (tmp_path / "backups").glob("replaced-*.sqlite")
        assert aside.read_bytes() == damaged
        assert aside.name in desk.window.notice.text


async def test_without_a_backup_a_new_account_is_offered_and_cancelling_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "crs.sqlite").write_text("no database", encoding="utf-8")

    async with running(tmp_path, wait=False) as desk:
        dialog = await choose(desk, "Restore a backup…")
        assert "everything from record 1 on would be gone" in " ".join(labels(dialog))
        dialog.reject()
        await desk.until(lambda: desk.dialog(ConfirmDialog) is None)
        assert (tmp_path / "crs.sqlite").read_text(encoding="utf-8") == "no database"
        assert desk.session.desk is None

        (await choose(desk, "Restore a backup…")).accept()
        await desk.until(lambda: desk.session.desk is not None)


async def test_a_restore_that_cannot_be_done_is_said_and_can_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "crs.sqlite").write_text("no database", encoding="utf-8")

    async with running(tmp_path, wait=False) as desk:
        dialog = await choose(desk, "Restore a backup…")
        lock = ProfileLock(Profile(tmp_path))
        dialog.accept()
        await desk.until(lambda: "already runs on this profile" in desk.window.notice.text)
        lock.release()

        (await choose(desk, "Restore a backup…")).accept()
        await desk.until(lambda: desk.session.desk is not None)
