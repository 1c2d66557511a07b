"""Reports hold no secrets, and nothing unexpected goes unseen."""

from __future__ import annotations

import logging
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop import crash
from crs_desktop.viewmodels.memory import MEMORY
from engine.profile import Profile

SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHJK0123456789", min_size=12, max_size=40)


@given(SECRETS, st.sampled_from(["api_key", "apiKey", "secret", "password", "auth_token", "private-key", "mnemonic"]))
def test_a_secret_behind_its_name_is_removed(secret: str, name: str) -> None:
    for text in (f"{name}={secret}", f'{{"{name}": "{secret}"}}', f"{name}: {secret}, next"):
        assert secret not in crash.redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "0x" + "ab" * 32,
        "Authorization: Bearer abcdefgh12345678",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "https://someone:hunter22@example.org/path",
        "someone@example.org",
        "A" * 64,
    ],
)
def test_what_looks_like_a_secret_is_removed(text: str) -> None:
    shown = crash.redacted(f"before {text} after")

    assert text not in shown
    assert "hunter22" not in shown
    assert shown.startswith("before ")


def test_prices_orders_and_dates_are_not_secrets() -> None:
    line = "2026-01-05 14:00:10 INFO Filled: buy 0.00157 BTC/USDT at 63,443.37, fee 0.0996 USDT (c0-1)."

    assert crash.redacted(line) == line


def test_the_home_directory_is_not_named() -> None:
    assert str(Path.home()) not in crash.redacted(f"{Path.home()}/secret-project/file")


@pytest.fixture
def logged() -> Iterator[logging.Logger]:
    logger = logging.getLogger("tests.crash")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(MEMORY)
    root.setLevel(logging.INFO)
    yield logger
    root.removeHandler(MEMORY)
    root.setLevel(level)


@pytest.mark.integration
def test_a_bundle_holds_versions_log_error_and_settings_without_secrets(tmp_path: Path, logged: logging.Logger) -> None:
    profile = Profile(tmp_path / "profile")
    profile.create()
    profile.settings_file.write_text('[server]\napi_key = "S3CRETS3CRET"\n', encoding="utf-8")
    logged.error("sent with token=S3CRETS3CRET to the venue")

    written = crash.bundle(tmp_path / "report.zip", profile, ValueError("password=S3CRETS3CRET"))

    with zipfile.ZipFile(written) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"versions.txt", "error.txt", "log.txt", "settings.toml", "faults.txt"}
    assert "CRS Desktop" in texts["versions.txt"]
    assert "to the venue" in texts["log.txt"]
    assert "ValueError" in texts["error.txt"]
    assert not any("S3CRETS3CRET" in text for text in texts.values())


@pytest.mark.integration
def test_the_log_file_is_redacted_too(tmp_path: Path, logged: logging.Logger) -> None:
    profile = Profile(tmp_path)
    crash.write_to(profile)
    try:
        logged.warning("secret=%s", "S3CRETS3CRET")
    finally:
        crash.stop_writing()

    text = (profile.log_dir / "desktop.log").read_text()
    assert "[removed]" in text
    assert "S3CRETS3CRET" not in text


@pytest.mark.integration
def test_a_log_directory_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")

    crash.write_to(Profile(tmp_path))
    crash.stop_writing()


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    import sys

    from PySide6.QtCore import qInstallMessageHandler

    seen: list[BaseException] = []
    kept = sys.excepthook, threading.excepthook, sys.unraisablehook
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    previous = qInstallMessageHandler(None)
    crash.install()
    crash.on_crash(seen.append)
    yield seen
    qInstallMessageHandler(previous)
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    crash.on_crash(lambda error: None)


def test_an_error_nobody_caught_reaches_the_user(hooks: list[BaseException]) -> None:
    import sys

    error = RuntimeError("torn")

    sys.excepthook(RuntimeError, error, None)

    assert hooks == [error]


def test_an_error_in_a_thread_reaches_the_user(hooks: list[BaseException]) -> None:
    def fail() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert [str(each) for each in hooks] == ["in a thread"]
