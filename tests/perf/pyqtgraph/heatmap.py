"""pyqtgraph's `ImageItem` as a heatmap: shades of eight bits under a table of colours, its fastest way.

`FILE.npz` is what `crs_desktop/bench/heatmap.py` wrote. Every frame moves the picture one column to the left, takes
the oldest column again as the newest, and repaints. It has no axes, no bid and ask and no legend.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from importlib.metadata import version

import numpy as np
import psutil

from crs_desktop.bench.motion import pixels, say

import pyqtgraph as pg  # isort: skip

pg.setConfigOptions(imageAxisOrder="row-major")


class Heatmap:
    """The image in a plot without axes."""

    def __init__(self, file: Path) -> None:
        self.app = pg.mkQApp()
        with np.load(file) as held:
            self.shades, self.colours = held["shades"].copy(), held["colours"]

    def build(self) -> None:
        """Show it, a pixel per row and column."""
        rows, columns = self.shades.shape
        self.widget = pg.GraphicsView()
        self.widget.setBackground(None)
        self.view = pg.ViewBox(enableMouse=False, enableMenu=False, invertY=True, defaultPadding=0)
        self.widget.setCentralItem(self.view)
        self.widget.resize(columns, rows)
        self.item = pg.ImageItem()
        self.item.setLookupTable(self.colours)
        self.view.addItem(self.item)
        self.item.setImage(self.shades, autoLevels=False, levels=(0, 255))
        self.view.setRange(xRange=(0, columns), yRange=(0, rows), padding=0)
        self.widget.show()
        self.app.processEvents()

    def frame(self) -> None:
        """Take a column and repaint."""
        shades = self.shades
        oldest = shades[:, 0].copy()
        shades[:, :-1] = shades[:, 1:]
        shades[:, -1] = oldest
        self.item.setImage(shades, autoLevels=False, levels=(0, 255))
        self.widget.viewport().repaint()


def main() -> None:
    """Answer until the input ends."""
    say({"peer": "pyqtgraph", "version": version("pyqtgraph")})
    side = Heatmap(Path(sys.argv[-1]))
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "first":
            before, begun = psutil.Process().memory_info().rss, time.process_time()
            side.build()
            spent = time.process_time() - begun
            say({"cpu_s": spent, "rss_mb": (psutil.Process().memory_info().rss - before) / 2**20})
        elif word == "picture":
            np.save(rest[0], pixels(side.widget.grab().toImage()))
            say({})
        elif word == "round":
            found = []
            for _ in range(int(rest[0])):
                begun = time.process_time()
                side.frame()
                found.append(1e3 * (time.process_time() - begun))
            say({"frames_ms": found})


if __name__ == "__main__":
    main()
