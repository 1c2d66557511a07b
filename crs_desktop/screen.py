"""Whether there is a screen to open a window on: without one Qt ends the process where it stands."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping

VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

TEXT = (
    "There is no screen to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
    "Start it on a desktop, or set QT_QPA_PLATFORM=offscreen to run it without one."
)


def missing(environ: MutableMapping[str, str], *, smoke: bool, platform: str = sys.platform) -> str:
    """Return why no window can be opened, empty if one can; the proof by machine needs no screen to look at."""
    if not platform.startswith("linux") or any(environ.get(name) for name in VARIABLES):
        return ""
    if not smoke:
        return TEXT
    environ["QT_QPA_PLATFORM"] = "offscreen"
    return ""
