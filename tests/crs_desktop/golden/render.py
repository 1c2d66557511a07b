"""Taking the pictures: every scene in both themes, at the scale that `QT_SCALE_FACTOR` set for this process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from crs_desktop import theme
from tests.crs_desktop.golden.picture import Pixels, pixels_of
from tests.crs_desktop.golden.scenes import SCENES, Scene, Stage

THEMES: tuple[theme.ThemeName, ...] = ("dark", "light")
SCALES = (1, 2)
QUIET = "This plugin does not support propagateSizeHints"


def file_name(scene: str, look: str, scale: int) -> str:
    """Return the name of a picture's file, without its ending."""
    return f"{scene}-{look}-{scale}x"


async def taken(scene: Scene, looks: Sequence[theme.ThemeName] = THEMES) -> dict[str, Pixels]:
    """Return a scene's picture for each theme; it is set up in the first of them."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    found: dict[str, Pixels] = {}
    stage = Stage(scene.size)
    theme.apply(app, looks[0])
    try:
        widget = await scene.make(stage)
        for look in looks:
            theme.apply(app, look)
            await stage.settle()
            found[look] = pixels_of(widget.grab().toImage())
    finally:
        await stage.end()
    return found


async def _take_all(names: Iterable[str], folder: Path, scale: int) -> None:
    looks = THEMES
    for name in names:
        try:
            for look, pixels in (await taken(SCENES[name], looks)).items():
                np.save(folder / file_name(name, look, scale), pixels)
        except Exception as error:
            raise RuntimeError(f"The scene {name} could not be taken.") from error
        looks = looks[::-1]  # a change of theme takes as long as a scene


def render_here(names: Iterable[str], folder: Path, scale: int) -> None:
    """Take pictures in this process; a warning of Qt's is an error."""
    folder.mkdir(parents=True, exist_ok=True)
    said: list[str] = []

    def hear(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and QUIET not in text:
            said.append(text)

    qInstallMessageHandler(hear)
    app = QApplication([])
    app.setCursorFlashTime(0)  # a caret that is always there
    theme.set_flashes(False)
    theme.apply(app, "dark")
    asyncio.run(_take_all(names, folder, scale))
    if said:
        raise RuntimeError("; ".join(said))


def start(names: Iterable[str], folder: Path, scale: int) -> subprocess.Popen[str]:
    """Take pictures at a scale in a process of its own."""
    set_for_it = {"QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "TZ": "UTC"}
    command = [sys.executable, "-m", "tests.crs_desktop.golden", "render", str(scale), str(folder), *names]
    return subprocess.Popen(
        command, env={**os.environ, **set_for_it}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def render(names: Iterable[str], folder: Path, scales: Iterable[int] = SCALES) -> None:
    """Take pictures of scenes at every scale, side by side.

    Raises:
        RuntimeError: a scene could not be taken; the text says why.
    """
    asked = list(names)
    problems = []
    for process in [start(asked, folder, scale) for scale in scales]:
        said, _ = process.communicate()
        if process.returncode:
            problems.append(said)
    if problems:
        raise RuntimeError("\n".join(problems))
