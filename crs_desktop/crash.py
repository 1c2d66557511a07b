"""Nothing ends in silence: unexpected errors are logged, shown, and can be saved as a report without secrets.

`install` catches what would otherwise vanish (hooks of the interpreter, of threads, of Qt; hard faults
through faulthandler). `bundle` writes a zip: versions, the last log lines, settings, each line redacted.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import re
import sys
import threading
import traceback
import zipfile
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

from crs_desktop.options import version
from crs_desktop.viewmodels.memory import MEMORY
from engine.profile import Profile

log = logging.getLogger(__name__)

FILE_BYTES = 1_000_000
FILES = 3

_TELLING = r"(?:pass(?:word|phrase)?|secret|token|api[_-]?key|private[_-]?key|mnemonic|seed[_-]?phrase|auth\w*|cookie)"
_REDACTIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?i)\b(\w*{_TELLING}\w*[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;}}]+)"), r"\1[removed]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [removed]"),
    (re.compile(r"\b(?:0x)?[0-9a-fA-F]{40,}\b"), "[removed hex]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "[removed token]"),
    (re.compile(r"\b[A-Za-z0-9+/_-]{48,}={0,2}"), "[removed text]"),
    (re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@:]+:[^\s/@]+@"), r"\1[removed]@"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[removed address]"),
)


def redacted(text: str) -> str:
    """Return text without what looks like a secret, and with the home directory as `~`."""
    for pattern, put in _REDACTIONS:
        text = pattern.sub(put, text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


_on_crash: list[Callable[[BaseException], None]] = []
_fault_file: list[IO[str]] = []


def install() -> None:
    """Catch what would otherwise vanish, from now on; safe to call again."""
    root = logging.getLogger()
    if MEMORY not in root.handlers:
        root.addHandler(MEMORY)
        root.setLevel(logging.INFO)
    _hear_qt()
    sys.excepthook = _hook
    threading.excepthook = lambda args: _hook(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: log.error("error in a finaliser", exc_info=args.exc_value)


def write_to(profile: Profile) -> None:
    """Log into the profile's files too (after the first paint); a disk that refuses is no reason to stop."""
    try:
        profile.log_dir.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            profile.log_dir / "desktop.log", maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8"
        )
        faults = (profile.log_dir / "faults.log").open("a", encoding="utf-8")
    except OSError as error:
        log.warning("no log file: %s", error)
        return
    handler.setFormatter(MEMORY.formatter)
    handler.addFilter(_redact_record)
    logging.getLogger().addHandler(handler)
    _fault_file.append(faults)
    faulthandler.enable(faults)


def stop_writing() -> None:
    """Close the profile's log files."""
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if isinstance(handler, RotatingFileHandler):
            root.removeHandler(handler)
            handler.close()
    if _fault_file:
        faulthandler.disable()
        _fault_file.pop().close()


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
    return redacted("\n".join(part.rstrip("\n") for part in parts))


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
    faults = profile.log_dir / "faults.log"
    texts = {
        "versions.txt": "\n".join(versions()),
        "error.txt": details(error),
        "log.txt": "\n".join(MEMORY.lines()),
        "settings.toml": settings,
        "faults.txt": faults.read_text(encoding="utf-8", errors="replace")[-20_000:] if faults.exists() else "",
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, redacted(text))
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


def _redact_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = redacted(record.getMessage()), None
    return True


def _hook(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    report(error if error is not None else kind())
