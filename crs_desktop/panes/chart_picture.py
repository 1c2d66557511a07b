"""A picture of a chart for the clipboard or a file: as it is on screen, without pointer and focus ring."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import NANOS_PER_SECOND


def picture_of(chart: ChartView) -> QPixmap:
    """Return the chart as a picture in device pixels; its head names pair, timeframe and source of the data."""
    hover, focus = chart.hover, chart.gestures.shows_focus
    chart.hover, chart.gestures.shows_focus = None, False
    try:
        return chart.grab()
    finally:
        chart.hover, chart.gestures.shows_focus = hover, focus


def picture_name(chart: ChartView) -> str:
    """Return a file name such as `BTC-USDT-1m-2026-11-29T1103Z.png`, in the market's time."""
    model = chart.model
    now = datetime.fromtimestamp(model.desk.feed.now // NANOS_PER_SECOND, UTC)
    return f"{model.pair.symbol.replace('/', '-')}-{model.timeframe}-{now:%Y-%m-%dT%H%MZ}.png"


def copy_picture(chart: ChartView) -> None:
    """Put a picture on the clipboard."""
    QGuiApplication.clipboard().setPixmap(picture_of(chart))


def write_picture(chart: ChartView, path: str) -> Sentence:
    """Write a picture to a PNG file; return what became of it."""
    if picture_of(chart).save(path, "PNG"):
        return say("Saved as {path}.", path=path)
    return say("The picture could not be written to {path}.", path=path)


def ask_path(chart: ChartView) -> QFileDialog:
    """Return a dialog that asks where to save, not yet open; `fileSelected` tells the path."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    dialog = QFileDialog(chart.window(), tr("Save the chart as a picture"), folder, tr("Pictures (*.png)"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("png")
    dialog.selectFile(picture_name(chart))
    return dialog
