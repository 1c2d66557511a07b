"""What the system says of a locked screen is heard over a real bus; without one nothing is told, and nothing breaks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is of Linux desktops")]
ROOT = Path(__file__).parents[3]

LISTENER = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication, QTimer
from crs_desktop.shell.screen_lock import ScreenLock

app = QCoreApplication([])
heard = []
def tell(why):
    heard.append(why)
    app.quit()
lock = ScreenLock(tell)
def say(path, interface, active):
    signal = ["dbus-send", "--session", "--type=signal", path, interface + ".ActiveChanged", "boolean:" + active]
    subprocess.run(signal, check=True)
def both():
    say("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "false")
    say("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "true")
if lock.listens:
    QTimer.singleShot(0, both)
    QTimer.singleShot(60_000, app.quit)
    app.exec()
lock.close()
lock.saver_changed(True)
print(lock.listens, heard)
"""


def listened(*before: str, **environment: str) -> str:
    ended = subprocess.run(
        [*before, sys.executable, "-c", LISTENER],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip().splitlines()[-1]


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no dbus-run-session")
def test_a_locked_screen_is_told() -> None:
    assert listened("dbus-run-session", "--") == "True ['the screen was locked.']"


def test_without_a_bus_nothing_is_told() -> None:
    nowhere = "unix:path=/nonexistent"
    assert listened(DBUS_SESSION_BUS_ADDRESS=nowhere, DBUS_SYSTEM_BUS_ADDRESS=nowhere) == "False []"
