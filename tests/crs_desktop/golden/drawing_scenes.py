"""Every kind of drawing, one picture each, and one that is selected."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import floor

from PySide6.QtWidgets import QWidget

from crs_desktop.charts.drawing.overlay import DrawingOverlay
from crs_desktop.panes.drawing_style import StyleCard
from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.drawings.desk import drawings_of
from crs_desktop.viewmodels.drawings.kinds import BY_NAME, KINDS, Kind
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from tests.crs_desktop.golden.studio import BTC, Stage, scene

PLACES = ((60.0, 150.0), (190.0, 60.0), (215.0, 130.0), (150.0, 170.0), (100.0, 110.0))
"""Where anchors are put, px."""
PLAIN = ChartStyle(volume=False, quotes=False)


async def _drawn(stage: Stage, kind: Kind, selected: bool = False) -> QWidget:
    chart = await stage.chart(PLAIN)
    store = drawings_of(chart.model.desk)
    overlay = DrawingOverlay(chart, store, StyleCard)
    stage.closing.append(overlay.close)
    chart.overlays.append(overlay)
    pair, view = chart.model.pair, chart.view
    places = PLACES[: kind.anchors or 5]
    anchors = tuple(
        Anchor(chart.shown.start(floor(view.bar(x))), pair.price(max(1, round(view.price(y))))) for x, y in places
    )
    if kind.name == "short":
        anchors = (anchors[0], anchors[2], anchors[1])
    style = replace(kind.style, text="Breakout") if kind.group == "text" else kind.style
    shape = Shape(store.new_id(), kind.name, anchors, style)
    store.add(BTC, shape)
    if selected:
        overlay.hand.select(shape.id)
    return chart


for _kind in KINDS:
    scene(f"drawing-{_kind.name}", 300, 200)(partial(_drawn, kind=_kind))
scene("drawing-selected", 300, 200)(partial(_drawn, kind=BY_NAME["channel"], selected=True))
