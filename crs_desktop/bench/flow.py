"""The scene of order flow: a ladder of 200 rows at 50 updates a second, a full heatmap at ten, tape and depth.

    scene = FlowScene()
    scene.prepare()          # needs a QApplication and no running loop
    for i in range(500):
        scene.step(i)        # one fiftieth of a second: an update, prints, and the frame that shows them
    scene.close()

What a step costs is what its caller times; a step paints at once, nothing is left to the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from crs_desktop.bench.market import SceneServices
from crs_desktop.panes.base import Pane
from crs_desktop.panes.depth import DepthPane
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.panes.tape import TapePane
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.heat_ring import COLUMNS, ROWS
from crs_desktop.viewmodels.heatmap import SAMPLE_NS, HeatmapModel
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.widgets.ladder_view import ROW
from engine.domain.number import NANOS_PER_SECOND, Nanos

RATE = 50
"""Updates a second."""
PRINTS = 3
"""Prints with each of them."""
LADDER_ROWS = 200
EVERY = {"ladder": 1, "heatmap": 5, "tape": 5, "depth": 7}
"""A pane is painted with every so many updates."""
FULL = {"heatmap": (COLUMNS + 80, ROWS + 60), "tape": (260, 600), "depth": (720, 220)}
"""Sizes of the panes, px: the heatmap shows every column and row that it has."""


class FlowScene:
    """The panes, and the market under them."""

    def __init__(self, names: Sequence[str] = tuple(EVERY), *, seed: int = 7, rows: int = LADDER_ROWS) -> None:
        """`names` are the panes that are shown."""
        self._names, self._seed, self._rows = names, seed, rows
        self.panes: dict[str, Pane] = {}
        self.services: SceneServices | None = None
        self.updates = 0

    def prepare(self) -> None:
        """Build and show the panes, and let the heatmap fill all its columns."""
        self.services = services = SceneServices(1, self._seed)
        asyncio.run(services.start())
        desk = services.desk(next(iter(services.markets)))
        heat = HeatmapModel(desk)
        heat.column_px, heat.visible_rows = 1.0, ROWS
        ladder = LadderModel(desk)
        ladder.set_grouping(2)
        made: dict[str, Pane] = {
            "ladder": LadderPane(ladder),
            "heatmap": HeatmapPane(heat),
            "tape": TapePane(TapeModel(desk)),
            "depth": DepthPane(DepthModel(desk)),
        }
        for name, pane in made.items():
            if name in self._names:
                self.panes[name] = pane
                pane.resize(*FULL.get(name, (320, 200 + self._rows * ROW)))
                pane.show()
            else:
                pane.dispose()
        QApplication.processEvents()  # a window paints from its first exposure on
        if "heatmap" in self._names:
            for _ in range(COLUMNS):
                self._advance(SAMPLE_NS)
        for pane in self.panes.values():
            self._paint(pane)

    def step(self, i: int) -> None:
        """Let a fiftieth of a second pass, and paint what is due."""
        self._advance(NANOS_PER_SECOND // RATE)
        for name, pane in self.panes.items():
            if i % EVERY[name] == 0:
                self._paint(pane)

    def close(self) -> None:
        """Take everything down."""
        for pane in self.panes.values():
            pane.dispose()
            pane.hide()
            pane.deleteLater()
        self.panes = {}
        if self.services is not None:
            self.services.close()

    def _advance(self, nanos: int) -> None:
        services = self.services
        if services is None:
            return
        services.feed.now = now = Nanos(services.feed.now + nanos)
        for market in services.markets.values():
            services.bus.publish(market.prints(now, PRINTS))
            services.bus.publish(market.diff(now))
            self.updates += 1

    def _paint(self, pane: Pane) -> None:
        pane.refresh()
        QApplication.processEvents()
