"""Take the pictures of the README from the real program: `python docs/pictures.py`, after `make setup`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).resolve().parent / "images"


def main() -> int:
    """One picture per theme, each of a fresh profile that traded a little."""
    IMAGES.mkdir(exist_ok=True)
    return max(take(theme) for theme in ("dark", "light"))


def take(theme: str) -> int:
    """Let the proof by machine trade in a window of this theme, and keep its picture."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder)
        (profile / "settings.toml").write_text(f'[appearance]\ntheme = "{theme}"\n', encoding="utf-8")
        command = [sys.executable, "-m", "crs_desktop", "--smoke", "12", "--seed", "7", "--profile-dir", folder]
        command += ["--report", str(profile / "report.json"), "--screenshot", str(IMAGES / f"window-{theme}.png")]
        return subprocess.call(command, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})


if __name__ == "__main__":
    sys.exit(main())
