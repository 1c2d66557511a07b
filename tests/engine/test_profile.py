"""Claims about profiles: where things are, and that one program writes at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import InvalidInput, ProfileInUse, StorageUnavailable
from engine.profile import Profile, ProfileLock, temporary_profile

pytestmark = pytest.mark.integration


def test_everything_lives_in_the_directory_that_was_asked_for(tmp_path: Path) -> None:
    profile = Profile.at(tmp_path / "mine")

    for path in (
        profile.database,
        profile.settings_file,
        profile.lock,
        profile.log_dir,
        profile.layout_file,
        profile.history_dir,
        profile.backup_dir,
    ):
        assert path.is_relative_to(tmp_path / "mine")


def test_without_a_directory_it_is_the_users_own() -> None:
    assert Profile.at(None) == Profile.default()
    assert "crs-desktop" in str(Profile.default().data_dir)


def test_the_lock_is_exclusive_names_its_holder_and_can_be_taken_again(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    lock = ProfileLock(profile)
    with pytest.raises(ProfileInUse, match=rf"process {os.getpid()}"):
        ProfileLock(profile)
    lock.release()
    lock.release()

    ProfileLock(profile).release()


def test_a_holder_that_left_no_number_is_just_somebody(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    lock = ProfileLock(profile)
    profile.lock.write_bytes(b"\n")
    with pytest.raises(ProfileInUse, match=r"on this profile\. Use"):
        ProfileLock(profile)
    lock.release()


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageUnavailable, match="cannot be made"):
        ProfileLock(Profile(tmp_path / "file" / "profile"))
    (tmp_path / "lock").mkdir()
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        ProfileLock(Profile(tmp_path))


def test_a_temporary_profile_leaves_nothing(tmp_path: Path) -> None:
    with temporary_profile() as profile:
        profile.create()
        profile.database.write_text("x")
    assert not profile.data_dir.exists()


def test_accounts_of_a_venue_have_their_own_database_and_share_the_rest(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    there = profile.venue("binance")

    assert there.database == tmp_path / "venues" / "binance" / "crs.sqlite"
    assert there.alerts_file.parent == there.backup_dir.parent == there.lock.parent == there.data_dir
    for name in ("settings_file", "layout_file", "log_dir", "history_dir", "indicator_dir", "vault_file"):
        assert getattr(there, name) == getattr(profile, name)
    assert there.venue("kraken") == profile.venue("kraken"), "from wherever one asks"
    assert profile.venues() == ()
    there.create()
    there.database.write_text("")
    assert profile.venues() == there.venues() == ("binance",)


@pytest.mark.parametrize("name", ["", "..", "a/b", "Binance", "x" * 40, "-x"])
def test_what_is_no_name_of_a_venue_makes_no_directory(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no name of a venue"):
        Profile(tmp_path).venue(name)
