from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.charts.line_view import thinned
from crs_desktop.panes.equity import EquityPane
from crs_desktop.viewmodels.equity import EquityModel
from engine.domain.market import DataLabel
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import SECOND, START


@given(st.integers(2, 20_000), st.integers(10, 500), st.integers(0, 99))
def test_thinning_keeps_first_last_low_and_high_of_every_column(count: int, columns: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.sort(rng.random(count)) * columns
    y = rng.random(count)

    thin_x, thin_y = thinned(x, y, columns)

    assert len(thin_x) == len(thin_y) <= max(4 * columns, count if count <= 4 * columns else 0)
    for column in range(0, columns, 7):
        inside = (x >= column) & (x < column + 1)
        kept = thin_y[(thin_x >= column) & (thin_x < column + 1)]
        if inside.any():
            assert (kept.min(), kept.max()) == (y[inside].min(), y[inside].max())
            assert (kept[0], kept[-1]) == (y[inside][0], y[inside][-1])


@pytest.mark.gui
@pytest.mark.parametrize("label", DataLabel)
async def test_the_pane_draws_the_curve_and_tells_its_story(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, label: DataLabel
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app)
    floor = await floor_with(Archive())
    model = EquityModel(desk_of(floor))
    monkeypatch.setattr(type(model), "data_label", label.value)
    pane = EquityPane(model)
    pane.resize(700, 200)
    qtbot.addWidget(pane)
    pane.show()
    pane.refresh()
    pane.grab()
    assert "No equity curve yet" in pane.curve.accessibleDescription()

    rng = np.random.default_rng(1)
    times = START + np.arange(5_000) * SECOND
    values = 50_000 + np.cumsum(rng.standard_normal(5_000)) + np.linspace(0, 900, 5_000)
    floor.portfolio.curve = lambda: (times, values)  # type: ignore[method-assign]
    pane.refresh()
    image = pane.grab().toImage()

    colours = {image.pixel(x, y) for x in range(0, 600, 2) for y in range(image.height())}
    assert QColor(theme.current().up).rgb() in colours
    assert "Equity" in pane.curve.accessibleDescription()
    QTest.mouseMove(pane.curve, QPoint(300, 100))
    assert pane.grab().toImage() != image
    QApplication.sendEvent(pane.curve, QEvent(QEvent.Type.Leave))
    assert pane.curve.hover is None
    pane.curve.setFocus()
    pane.grab()
    pane.close()
    close_floor(floor)
    await settle()
    assert floor.bus.subscriber_count == 0
