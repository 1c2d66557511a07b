"""The scenes of order flow and of the scanner paint what they say, and leave nothing behind."""

import pytest
from pytestqt.qtbot import QtBot

from crs_desktop.bench.flow import LADDER_ROWS, FlowScene
from crs_desktop.bench.scanner import ScannerScene
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


def test_the_scene_of_the_scanner_shows_all_rows_and_takes_in_what_is_new(qtbot: QtBot) -> None:
    scene = ScannerScene(rows=600)
    spans = [scene.step(i) for i in range(3)]
    scene.check()

    assert len(scene.pane.table.row_model.numbers) == scene.model.total == 600
    assert all(0 <= refresh <= frame for refresh, frame in spans)
    buses = scene.bus, scene.desk.bus
    scene.close()
    assert [bus.subscriber_count for bus in buses] == [0, 0]
