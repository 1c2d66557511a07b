"""Nothing ends in silence: unexpected errors are logged, shown, and can be saved as a report without secrets.

`install` catches what would otherwise vanish (hooks of the interpreter, of threads, of Qt; hard faults
through faulthandler). `bundle` writes a zip: versions, the last log lines, settings, each line redacted.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from crs_desktop.options import version
from engine.observe.log import TAIL, ProgramLog
from engine.observe.redact import redacted_text
from engine.profile import Profile

log = logging.getLogger(__name__)

FILE_NAME = "desktop.log"
FAULTS_NAME = "faults.log"

_on_crash: list[Callable[[BaseException], None]] = []
_fault_file: list[IO[str]] = []
_program_log: list[ProgramLog] = []


def install() -> None:
    """Catch what would otherwise vanish, from now on; safe to call again."""
    if not _program_log:
        _program_log.append(ProgramLog())
    _hear_qt()
    sys.excepthook = _hook
    threading.excepthook = lambda args: _hook(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: log.error("error in a finaliser", exc_info=args.exc_value)


def write_to(profile: Profile) -> None:
    """Log into the profile's files too (after the first paint); a disk that refuses is no reason to stop."""
    for each in _program_log:
        each.write_to(profile.log_dir, FILE_NAME)
    try:
        faults = (profile.log_dir / FAULTS_NAME).open("a", encoding="utf-8")
    except OSError:  # said already
        return
    _fault_file.append(faults)
    faulthandler.enable(faults)


def stop_writing() -> None:
    """Close the profile's log files."""
    for each in _program_log:
        each.close_files()
    if _fault_file:
        faulthandler.disable()
        _fault_file.pop().close()


def uninstall() -> None:
    """Keep no log any more; for whoever runs several programs in one process."""
    stop_writing()
    while _program_log:
        _program_log.pop().close()


def on_crash(tell: Callable[[BaseException], None]) -> None:
    """Let `tell` show an unexpected error to the user."""
    _on_crash[:] = [tell]


def report(error: BaseException) -> None:
    """Log an unexpected error and show it; from any thread."""
    log.critical("unexpected error", exc_info=error)
    traceback.print_exception(error, file=sys.__stderr__)
    for tell in _on_crash:
        tell(error)


def details(error: BaseException | None) -> str:
    """Return what a developer needs to know, redacted."""
    parts = [*versions()]
    if error is not None:
        parts += ["", *traceback.format_exception(error)]
    return redacted_text("\n".join(part.rstrip("\n") for part in parts))


def versions() -> list[str]:
    """Return the versions of the program and what it stands on, one per line."""
    import PySide6.QtCore

    return [
        f"CRS Desktop {version()}",
        f"Python {platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}",
        f"Qt {PySide6.QtCore.qVersion()}, PySide {PySide6.__version__}",
    ]


def bundle(target: Path, profile: Profile, error: BaseException | None = None) -> Path:
    """Write a report as a zip and return its path; every text in it is redacted.

    Raises:
        OSError: it cannot be written.
    """
    settings = ""
    if profile.settings_file.exists():
        settings = profile.settings_file.read_text(encoding="utf-8", errors="replace")
    faults = profile.log_dir / FAULTS_NAME
    texts = {
        "versions.txt": "\n".join(versions()),
        "error.txt": details(error),
        "log.txt": "\n".join(line.json for line in tuple(TAIL.lines)),
        "settings.toml": settings,
        "faults.txt": faults.read_text(encoding="utf-8", errors="replace")[-20_000:] if faults.exists() else "",
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, redacted_text(text))
    return target


def _hear_qt() -> None:
    """Send what Qt says to the log instead of the terminal."""
    from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }

    def heard(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if "This plugin does not support" not in text:  # the offscreen platform, of every window
            logging.getLogger("qt").log(levels.get(kind, logging.WARNING), "%s", text)

    qInstallMessageHandler(heard)


def _hook(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    report(error if error is not None else kind())
