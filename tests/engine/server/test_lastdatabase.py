"""A data directory knows its database: no command asks another one by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.__main__ import main
from engine.server.lastdatabase import remember, remembered
from engine.server.settings import load_settings
from tests.services import Postgres

PASSWORD = "nine correct horses battery"


@pytest.mark.integration
def test_a_command_that_is_told_no_database_asks_the_one_that_was_used_last(
    tmp_path: Path, postgres: Postgres, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = str(tmp_path / "data")
    with postgres.database() as url:
        passwords = tmp_path / "passwords"
        passwords.write_text(PASSWORD + "\n")
        with passwords.open() as said:
            monkeypatch.setattr("sys.stdin", said)
            added = ["user", "add", "--data-dir", data, "--database", url, "--email", "a@example.org"]
            assert main(["server", *added, "--password-stdin"]) == 0
        assert main(["server", "user", "list", "--data-dir", data]) == 0
        listed = capsys.readouterr().out
        assert main(["server", "user", "list", "--data-dir", data, "--database", ""]) == 0
        elsewhere = capsys.readouterr().out

    assert "a@example.org" in listed.splitlines()[-1]
    assert "a@example.org" not in elsewhere


@pytest.mark.parametrize("url", ["postgresql://crs:se%40cret@db/crs", "postgresql://crs@db/crs?password=se%40cret&x=1"])
def test_the_password_is_not_kept(tmp_path: Path, url: str) -> None:
    remember(tmp_path, url)

    kept = (tmp_path / "database").read_text()
    assert "se" not in kept.replace("postgresql", "")
    assert kept.startswith("postgresql://crs@db/crs")


def test_files_are_used_where_nothing_was_ever_told_and_where_they_are_asked_for(tmp_path: Path) -> None:
    remember(tmp_path, "")
    assert remembered(tmp_path) is None
    assert load_settings(tmp_path).database == ""

    remember(tmp_path, "postgresql://crs@db/crs")
    assert load_settings(tmp_path).database == "postgresql://crs@db/crs"
    assert load_settings(tmp_path, database="").database == ""
