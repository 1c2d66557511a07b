"""Every scene looks as it did when somebody last looked at it, at two scales and in both themes.

The scenes are taken in a process per scale. What differs is written beside the kept picture into the test's folder,
which its message names. After a change that is meant: `python -m tests.crs_desktop.golden --update SCENE`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.crs_desktop.golden.__main__ import IMAGES
from tests.crs_desktop.golden.compare import Verdict, compare
from tests.crs_desktop.golden.picture import Pixels, read, reduced, write
from tests.crs_desktop.golden.render import SCALES, THEMES, file_name, render
from tests.crs_desktop.golden.scenes import SCENES

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def taken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of fresh pictures: of all scenes that this run asks for."""
    items = [each for each in request.session.items if isinstance(each, pytest.Function)]
    asked = {each.callspec.params["scene"] for each in items if each.originalname == "test_a_scene_looks_as_it_did"}
    folder = tmp_path_factory.mktemp("golden")
    render([name for name in SCENES if name in asked], folder)
    return folder


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("look", THEMES)
@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_looks_as_it_did(scene: str, look: str, scale: int, taken: Path, tmp_path: Path) -> None:
    name = file_name(scene, look, scale)
    found, wanted = reduced(np.load(taken / f"{name}.npy")), read(IMAGES / f"{name}.png")

    verdict = compare(found, wanted, scale)

    if verdict.faults:
        write(tmp_path / "found.png", found)
        write(tmp_path / "difference.png", _difference(found, verdict))
        pytest.fail(f"{name} is another picture: {verdict.text()}; see {tmp_path}, and {IMAGES / name}.png beside it.")


def _difference(found: Pixels, verdict: Verdict) -> Pixels:
    shown = found // 3
    shown[verdict.marked] = (255, 0, 255)
    return shown


def test_every_kept_picture_is_one_of_a_scene_and_all_together_are_small() -> None:
    wanted = {f"{file_name(name, look, scale)}.png" for name in SCENES for look in THEMES for scale in SCALES}
    kept = {each.name: each.stat().st_size for each in IMAGES.glob("*.png")}

    assert set(kept) == wanted
    assert sum(kept.values()) < 3 * 2**20
