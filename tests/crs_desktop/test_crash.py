"""Reports hold no secrets, and nothing unexpected goes unseen."""

from __future__ import annotations

import logging
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crs_desktop import crash
from engine.observe.log import ProgramLog
from engine.observe.redact import MASK
from engine.profile import Profile


@pytest.fixture
def logged() -> Iterator[logging.Logger]:
    logger = logging.getLogger("tests.crash")
    log = ProgramLog()
    yield logger
    log.close()


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
def test_the_log_file_is_redacted_too(tmp_path: Path, hooks: list[BaseException], logged: logging.Logger) -> None:
    profile = Profile(tmp_path)
    crash.install()
    crash.write_to(profile)
    try:
        logged.warning("secret=%s", "S3CRETS3CRET")
    finally:
        crash.stop_writing()

    text = (profile.log_dir / "desktop.log").read_text()
    assert MASK in text
    assert "S3CRETS3CRET" not in text


@pytest.mark.integration
def test_a_log_directory_that_cannot_be_made_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")

    crash.write_to(Profile(tmp_path))
    crash.stop_writing()

    assert (tmp_path / "logs").read_text() == "in the way", "what stood in the way is left as it was"


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    import sys

    from PySide6.QtCore import qInstallMessageHandler

    seen: list[BaseException] = []
    kept = sys.excepthook, threading.excepthook, sys.unraisablehook
    previous = qInstallMessageHandler(None)
    crash.install()
    crash.on_crash(seen.append)
    yield seen
    qInstallMessageHandler(previous)
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept
    crash.uninstall()
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
