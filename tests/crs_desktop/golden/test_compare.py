"""The comparison is blind to how letters are rasterised, and to nothing else: each thing broken on purpose is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication

from crs_desktop import theme
from crs_desktop.charts import chart_labels
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.quotes import Quotes
from tests.crs_desktop.golden.__main__ import IMAGES
from tests.crs_desktop.golden.compare import Verdict, compare
from tests.crs_desktop.golden.picture import Pixels, read, reduced
from tests.crs_desktop.golden.render import file_name, taken
from tests.crs_desktop.golden.scenes import SCENES

VIEW = "crs_desktop.charts.chart_view"
GROUND = (17, 23, 31)
INK = (230, 230, 230)


def flat(width: int = 160, height: int = 96) -> Pixels:
    return np.full((height, width, 3), GROUND, np.uint8)


def faults(found: Pixels, wanted: Pixels, scale: int = 1) -> int:
    return len(compare(found, wanted, scale).faults)


def with_line(y: int, colour: tuple[int, int, int] = INK, thick: int = 1) -> Pixels:
    picture = flat()
    picture[y : y + thick] = colour
    return picture


@pytest.mark.parametrize("scale", [1, 2])
def test_a_line_may_be_a_pixel_off_but_not_three(scale: int) -> None:
    wanted = with_line(40, thick=scale)

    assert not faults(with_line(40 + scale, thick=scale), wanted, scale)
    assert faults(with_line(40 + 3 * scale, thick=scale), wanted, scale)
    assert faults(flat(), wanted, scale)
    assert faults(wanted, flat(), scale)


def test_a_faint_line_that_is_missing_or_too_much_is_seen() -> None:
    grid = with_line(40, (38, 45, 54))

    assert faults(flat(), grid)
    assert faults(grid, flat())


def test_a_line_of_another_colour_is_another_line() -> None:
    assert faults(with_line(40, (38, 166, 154)), with_line(40, (239, 83, 80)))


def test_a_soft_edge_instead_of_a_sharp_one_is_the_same_letter() -> None:
    sharp, soft = flat(), flat()
    most, least = (tuple(round(a + (b - a) * part) for a, b in zip(GROUND, INK, strict=True)) for part in (0.65, 0.35))
    for x in range(20, 60, 5):  # eight stems, each a pixel wide, or spread over two
        sharp[30:40, x] = INK
        soft[30:40, x] = most
        soft[30:40, x + 1] = least

    assert not faults(soft, sharp)
    assert not faults(sharp, soft)


def test_pictures_of_different_sizes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="160x90 px instead of 160x96"):
        compare(flat(height=90), flat(), 1)


# -- real scenes, broken -------------------------------------------------------------------------------------


@pytest.fixture
async def dark(qapp: QApplication) -> AsyncIterator[None]:
    before = theme.flashes()
    theme.set_flashes(False)
    yield
    theme.set_flashes(before)
    theme.apply(qapp, "dark")


async def verdict_of(scene: str) -> Verdict:
    found = (await taken(SCENES[scene], ["dark"]))["dark"]
    return compare(reduced(found), read(IMAGES / f"{file_name(scene, 'dark', 1)}.png"), 1)


@contextmanager
def other_letters() -> Iterator[None]:
    """Let every font be rasterised in another way, as on another machine."""
    faces: Any = import_module("crs_desktop.theme.font")
    made = faces._font.__wrapped__

    @cache
    def unhinted(role: str, scale: float) -> QFont:
        font: QFont = made(role, scale)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font

    plain, faces._font = faces._font, unhinted
    try:
        yield
    finally:
        faces._font = plain


@pytest.mark.gui
@pytest.mark.parametrize("scene", ["crosshair-legend", "pane-ladder", "orders"])
async def test_letters_of_another_machine_are_no_fault(scene: str, dark: None) -> None:
    plain = (await taken(SCENES[scene], ["dark"]))["dark"]
    with other_letters():
        other = (await taken(SCENES[scene], ["dark"]))["dark"]

    verdict = compare(reduced(other), reduced(plain), 1)
    assert (other != plain).any(), "letters are another picture now"
    assert not verdict.faults, verdict.text()


@pytest.mark.parametrize("scene", ["crosshair-legend", "pane-ladder", "orders", "indicator-dialog"])
def test_softer_letters_are_no_fault(scene: str) -> None:
    wanted = read(IMAGES / f"{file_name(scene, 'dark', 1)}.png")
    shades = np.pad(wanted.astype(np.float64), ((0, 0), (1, 1), (0, 0)), mode="edge")
    soft = 0.7 * shades[:, 1:-1] + 0.15 * (shades[:, 2:] + shades[:, :-2])

    verdict = compare(soft.astype(np.uint8), wanted, 1)

    assert not verdict.faults, verdict.text()


def moved_line(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = chart_labels.paint_last_line

    def lower(canvas: Canvas, chart: ChartView) -> None:
        canvas.painter.translate(0, 3)
        plain(canvas, chart)
        canvas.painter.translate(0, -3)

    monkeypatch.setattr(f"{VIEW}.paint_last_line", lower)


def dropped_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Quotes, "labels", lambda _self: [])


def swapped_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, other = theme.color, {"up": "down", "down": "up"}

    def swapped(name: str, alpha: int = 255) -> QColor:
        return plain(other.get(name, name), alpha)

    monkeypatch.setattr(theme, "color", swapped)


def dropped_legend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{VIEW}.paint_legend", lambda _canvas, _chart: None)


def dropped_crosshair(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("paint_pointer_lines", "paint_pointer_tags"):
        monkeypatch.setattr(f"{VIEW}.{name}", lambda _canvas, _chart: None)


@pytest.mark.gui
@pytest.mark.parametrize("breaking", [moved_line, dropped_label, swapped_colours, dropped_legend, dropped_crosshair])
async def test_what_is_broken_is_seen(
    breaking: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch, dark: None
) -> None:
    assert not (await verdict_of("crosshair-legend")).faults
    breaking(monkeypatch)

    assert (await verdict_of("crosshair-legend")).faults
