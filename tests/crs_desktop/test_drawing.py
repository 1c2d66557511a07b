"""Drawing in the whole desktop: hotkeys take tools, arrows and Enter place points, all is there the next time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from crs_desktop.actions import ACTIONS, DRAWING
from crs_desktop.viewmodels.drawings.desk import drawings_of
from crs_desktop.viewmodels.drawings.kinds import KINDS
from crs_desktop.viewmodels.drawings.tools import FLAGS
from tests.crs_desktop.running import Running, running

pytestmark = [pytest.mark.gui, pytest.mark.integration]

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def chart_of(desk: Running) -> Any:  # noqa: ANN401 - a pane
    return desk.wiring.charts.active


async def seen(desk: Running) -> Any:  # noqa: ANN401 - a pane
    """Wait until there are candles, and drawings with them."""
    pane = chart_of(desk)
    await desk.until(lambda: len(pane.chart.model.series) and pane.chart.overlays)
    await desk.turn(0.1)
    return pane


async def test_a_line_drawn_by_keys_comes_back_after_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        pane = await seen(desk)
        assert desk.session.desk is not None
        store = drawings_of(desk.session.desk)
        await desk.press(Qt.Key.Key_T, ALT)
        assert desk.window.focusWidget() is pane.chart
        for _ in range(3):
            await desk.press(Qt.Key.Key_Left)
        await desk.press(Qt.Key.Key_Return)
        for _ in range(5):
            await desk.press(Qt.Key.Key_Left)
        await desk.press(Qt.Key.Key_Return)
        assert len(store.shapes("BTC/USDT")) == 1
        await desk.press(Qt.Key.Key_Z, CTRL)
        assert store.shapes("BTC/USDT") == ()
        await desk.press(Qt.Key.Key_Z, CTRL | SHIFT)
        await desk.press(Qt.Key.Key_M)
        drawn = store.shapes("BTC/USDT")
        assert len(drawn) == 1
        assert store.tools.magnet

    async with running(tmp_path) as desk:
        await seen(desk)
        assert desk.session.desk is not None
        again = drawings_of(desk.session.desk)
        assert again is not store
        assert again.shapes("BTC/USDT") == drawn
        assert again.tools.magnet
        desk.do("draw.clear")
        assert again.shapes("BTC/USDT") == ()
        desk.do("draw.undo")
        assert again.shapes("BTC/USDT") == drawn
        desk.do("draw.redo")
        desk.do("draw.redo")
        desk.do("draw.clear")
        said = [each.title.text() for each in desk.wiring.console.toasts.shown]
        assert "Nothing to redo" in said
        assert "No drawings to remove" in said


def test_every_tool_and_switch_is_an_action_with_its_icon() -> None:
    names = [name for name, *_ in DRAWING]
    icons = {name: icon for name, _, _, icon in DRAWING}

    assert names[: len(KINDS)] == [kind.name for kind in KINDS]
    assert set(FLAGS) <= set(names)
    assert {kind.name: kind.icon for kind in KINDS} == {name: icons[name] for name in names[: len(KINDS)]}
    assert {f"draw.{name}" for name in names} <= {each.id for each in ACTIONS}


def test_the_keys_of_the_blueprint_draw() -> None:
    keys = {name: key for name, _, key, _ in DRAWING if key}

    assert keys == {
        "trend": "Alt+T", "horizontal": "Alt+H", "vertical": "Alt+V", "fibonacci": "Alt+F", "magnet": "M",
        "redo": "Ctrl+Shift+Z",
    }  # fmt: skip
