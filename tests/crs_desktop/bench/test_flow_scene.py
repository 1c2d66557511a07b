"""The scene of order flow paints what it says, and leaves nothing behind."""

import pytest
from pytestqt.qtbot import QtBot

from crs_desktop.bench.flow import LADDER_ROWS, FlowScene
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.viewmodels.heat_ring import COLUMNS, ROWS

pytestmark = pytest.mark.gui


def test_the_scene_shows_two_hundred_rows_and_a_full_heatmap(qtbot: QtBot) -> None:
    scene = FlowScene()
    scene.prepare()
    for i in range(10):
        scene.step(i)

    ladder, heat = scene.panes["ladder"], scene.panes["heatmap"]
    assert isinstance(ladder, LadderPane)
    assert isinstance(heat, HeatmapPane)
    assert ladder.ladder.rows >= LADDER_ROWS
    picture = heat.view.picture
    assert picture is not None
    assert picture.stop - picture.first >= COLUMNS * 0.98
    assert picture.high - picture.low == ROWS
    assert scene.services is not None
    assert scene.updates == COLUMNS + 10
    bus = scene.services.bus
    scene.close()
    assert bus.subscriber_count == 0
