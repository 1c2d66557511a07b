"""A heatmap of 2,000 columns by 500 rows that takes a column ten times a second; its peer is pyqtgraph's `ImageItem`.

`write FILE.npz` keeps the shades of the sizes in view (`shades`, shape (rows, columns), highest price first) and the
colour of each shade (`colours`, shape (256, 3)), which the peer's driver shows; `picture FILE.npy` saves the plot as
it is on the screen, shape (rows, columns, 3).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtWidgets import QApplication

import engine
from crs_desktop import theme
from crs_desktop.bench.duel import Floor, timed
from crs_desktop.bench.flow import EVERY, FULL
from crs_desktop.bench.motion import pixels, say
from crs_desktop.charts.heat_colours import table
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.viewmodels.heat_picture import block
from crs_desktop.viewmodels.heat_ring import COLUMNS, ROWS
from crs_desktop.viewmodels.heatmap import SAMPLE_NS, HeatmapModel


class Ours:
    """The heatmap's pane, so large that every column and row has a pixel."""

    def __init__(self, floor: Floor, columns: int = COLUMNS) -> None:
        self.floor, self.columns = floor, columns

    def build(self) -> None:
        """Show it with all its columns."""
        self.model = HeatmapModel(self.floor.desk)
        self.model.column_px, self.model.visible_rows, self.model.bubbles = 1.0, ROWS, False
        for _ in range(self.columns):
            self.floor.pass_time(nanos=SAMPLE_NS)
        self.pane = HeatmapPane(self.model)
        self.pane.resize(*FULL["heatmap"])
        self.pane.show()
        QApplication.processEvents()
        self.pane.refresh()
        frame = self.pane.view.frame
        self.pane.resize(
            self.pane.width() + self.columns - round(frame.plot_width),
            self.pane.height() + ROWS - round(frame.price_height),
        )
        QApplication.processEvents()

    def step(self) -> None:
        """Let a tenth of a second pass."""
        self.floor.pass_time(EVERY["heatmap"])

    def frame(self) -> None:
        """Refresh and repaint."""
        self.pane.refresh()
        self.pane.view.repaint()

    def write(self, path: Path) -> None:
        """Write what a peer needs to show the same."""
        ring, picture = self.model.ring, self.pane.view.picture
        if ring is None or picture is None:
            raise RuntimeError("Nothing is shown yet.")
        shades = block(ring, picture.first, picture.stop, picture.low, picture.high)
        colours = np.array([((each >> 16) & 255, (each >> 8) & 255, each & 255) for each in table(self.model.scale())])
        np.savez(path, shades=shades, colours=colours.astype(np.uint8))

    def close(self) -> None:
        """Take it down."""
        self.pane.close()
        self.pane.deleteLater()
        self.floor.close()

    def picture(self, path: Path) -> None:
        """Save the plot's pixels."""
        frame = self.pane.view.frame
        shown = pixels(self.pane.view.grab().toImage())
        np.save(path, shown[: round(frame.price_height), : round(frame.plot_width)])


def main() -> None:
    """Answer until the input ends."""
    app = QApplication([])
    theme.set_flashes(False)
    theme.apply(app, "dark", "standard", 1.0)
    say({"peer": "crs", "version": engine.__version__})
    side = Ours(Floor())
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "first":
            before = psutil.Process().memory_info().rss
            side.build()
            cpu_s = timed(side.frame)
            say({"cpu_s": cpu_s, "rss_mb": (psutil.Process().memory_info().rss - before) / 2**20})
        elif word == "write":
            side.write(Path(rest[0]))
            say({})
        elif word == "picture":
            side.picture(Path(rest[0]))
            say({})
        elif word == "round":
            found = []
            for _ in range(int(rest[0])):
                side.step()
                found.append(1e3 * timed(side.frame))
            say({"frames_ms": found})
