"""Starts the desktop: one QApplication, the window first, the loop and the engine behind it.

Order of the start: theme and window are painted; only then asyncio, qasync and the heavy half of the
engine are imported. The one place that knows that the loop is Qt's.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from crs_desktop import crash, i18n, theme
from crs_desktop.actions import ActionBook
from crs_desktop.options import Options, version
from crs_desktop.pulse import Pulse
from crs_desktop.shell.arrangement import Arrangement
from crs_desktop.startup import MARKS
from crs_desktop.viewmodels import time_zone
from crs_desktop.window import MainWindow
from engine.errors import InvalidSetting, StorageUnavailable
from engine.profile import Profile, temporary_profile
from engine.settings import Settings, load


class QtTimer:
    """The pulse's timer."""

    def __init__(self) -> None:
        self.qt = QTimer()

    def start(self, interval_ms: int) -> None:
        """Tick every so often."""
        self.qt.start(interval_ms)

    def stop(self) -> None:
        """Tick no more."""
        self.qt.stop()


def run(options: Options) -> int:
    """Open the window, live until it is closed, return the exit status."""
    with ExitStack() as stack:
        if options.smoke is not None and options.profile_dir is None:
            profile = stack.enter_context(temporary_profile())
        else:
            profile = Profile.at(options.profile_dir)
        crash.install()
        app = application()
        settings, problem = _settings(profile)
        look = settings.appearance
        theme.set_flashes(look.flash == "on")
        time_zone.choose(look.time_zone)
        theme.apply(app, look.theme, look.up_down, look.font_scale / 100)
        timer = QtTimer()
        pulse = Pulse(timer)
        timer.qt.timeout.connect(pulse.beat)
        window = MainWindow(ActionBook(), pulse, version())
        arrangement = Arrangement(window, profile.layout_file)
        arrangement.restore()
        window.show()
        app.processEvents()
        MARKS.mark("window")
        return _live(app, window, arrangement, profile, options, settings, problem)


def application() -> QApplication:
    """Return the one application object, named and translated."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QGuiApplication.setDesktopFileName("crs-desktop")
        app = QApplication(sys.argv[:1])
    app.setApplicationName("crs-desktop")
    app.setApplicationVersion(version())
    app.setQuitOnLastWindowClosed(False)
    i18n.install(app)
    return app


def _settings(profile: Profile) -> tuple[Settings, str]:
    """Return the settings to open with, and a sentence if the file could not be used."""
    try:
        return load(profile.settings_file), ""
    except (InvalidSetting, StorageUnavailable) as error:
        return Settings(), str(error)


def _live(
    app: QApplication,
    window: MainWindow,
    arrangement: Arrangement,
    profile: Profile,
    options: Options,
    settings: Settings,
    problem: str,
) -> int:
    import qasync

    from crs_desktop.session import Session

    loop = qasync.QEventLoop(app)
    with loop:
        session = Session(window, arrangement, profile, options, settings, problem)
        status: int = loop.run_until_complete(session.run())
    return status
