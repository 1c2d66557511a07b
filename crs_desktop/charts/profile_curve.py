"""Volume by price beside the candles: bars that grow from an edge, the value area stronger, its control point marked.

Rising and falling volume stand end to end. Drawn over the candles each frame and see-through, so that prints show at
once and nothing of the candles is lost.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas, RectBatch, Rects
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.flow_text import lots_text, price_text
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.flow.profile import Profile, ProfileModel
from crs_desktop.viewmodels.flow.style import ProfileSpan

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

SHARE = 0.26
"""Length of the longest row of a profile of the view, of the pane's width…"""
DAY_SHARE = 0.86
"""…and of a day's, or a chosen stretch's, of its own width."""
INSIDE, OUTSIDE = 120, 52
"""How opaque rows are within and outside of the value area, of 255."""
FAR = 1 << 20


class ProfileCurve:
    """Draws the profiles of a chart."""

    key = "volume profile"
    version: Hashable = 0

    def __init__(self, chart: ChartView, model: ProfileModel) -> None:
        self._chart, self.model = chart, model
        self._batch = RectBatch()

    def extremes(self, first: int, stop: int, _size: int) -> tuple[float, float] | None:
        """Bring the profiles up to date; they stay within the prices that are shown anyway."""
        if self.model.style.profile is ProfileSpan.NONE:
            return None
        self.model.update(first, stop, self._chart.frame.price_height)
        if self.model.pending:
            self._chart.model.hurry()
        return None

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint all of it over the candles."""
        if not live:
            return
        for profile in self.model.shown:
            self._paint(canvas, area, profile)

    def legend(self, _index: int) -> Sequence[Part]:
        """Tell the profile under the crosshair (else the newest), and its row there."""
        parts: list[Part] = [(self._title(), "text_faint")]
        profile = self._pointed()
        if profile is None:
            return [*parts, (self._reason(), "text_muted")]
        pair, rows = self._chart.model.pair, profile.rows
        low, high = profile.price(profile.low), profile.price(profile.high + 1) - 1
        area = f"{price_text(pair, low)} – {price_text(pair, high)}"  # noqa: RUF001 - a span
        parts += [
            (tr("POC"), "text_faint"), (price_text(pair, profile.price(profile.poc)), "warn"),
            (tr("value area"), "text_faint"), (area, "text_muted"),
            (_origin(profile), "text_faint"),
            (tr("row"), "text_faint"), (price_text(pair, rows.group), "text_muted"),
            ("Σ", "text_faint"), (lots_text(pair, rows.total), "text_muted"),
        ]  # fmt: skip
        return [*parts, *self._row(profile)]

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Mark the point of control of the view's profile on the axis."""
        if self.model.style.profile is not ProfileSpan.VISIBLE or not self.model.shown:
            return ()
        profile = self.model.shown[0]
        y = area.y(profile.price(profile.poc + 0.5))
        if not area.top <= y < area.bottom:
            return ()
        text = price_text(self._chart.model.pair, profile.price(profile.poc))
        tone = theme.color("warn")
        return (AxisLabel(y, (text,), theme.color("raised"), tone, tone),)

    # -- painting ---------------------------------------------------------------------------------

    def _paint(self, canvas: Canvas, area: PaneArea, profile: Profile) -> None:
        left, width, mirrored = self._place(area, profile)
        if width < 3:
            return
        rows, ratio = profile.rows, canvas.ratio
        top, bottom = _edges(profile, area, ratio)
        most = float(rows.volume.max())
        up = np.rint(rows.up * (width * ratio / most))
        both = np.rint(rows.volume * (width * ratio / most))
        place = np.arange(len(rows))
        inside = (place >= profile.low) & (place <= profile.high)
        seen = (bottom >= area.top * ratio) & (top < area.bottom * ratio)
        painter = canvas.painter
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for begin, end, tone in ((np.zeros(len(rows)), up, "up"), (up, both, "down")):
            boxes = _boxes(begin, end, top, bottom, left * ratio, width * ratio, mirrored)
            for part, alpha in ((inside, INSIDE), (~inside, OUTSIDE)):
                self._batch.draw(painter, boxes[seen & part & (end > begin)], theme.color(tone, alpha))
        painter.restore()
        self._mark(canvas, area, profile, left, width)

    def _mark(self, canvas: Canvas, area: PaneArea, profile: Profile, left: float, width: float) -> None:
        """Draw the point of control and the edges of the value area across the profile."""
        lines: tuple[tuple[float, QColor, bool], ...] = (
            (profile.price(profile.poc + 0.5), theme.color("warn"), True),
            (profile.price(profile.low), theme.color("text_faint"), False),
            (profile.price(profile.high + 1), theme.color("text_faint"), False),
        )
        for price, color, solid in lines:
            y = area.y(price)
            if not area.top <= y < area.bottom:
                continue
            if solid:
                canvas.horizontal(y, left, left + width, color)
            else:
                canvas.dashed(left, y, left + width, y, color, 3.0)

    def _place(self, area: PaneArea, profile: Profile) -> tuple[float, float, bool]:
        """Return the left edge and width of a profile, px, and whether it grows to the left."""
        style = self.model.style
        if style.profile is ProfileSpan.VISIBLE:
            width = area.width * SHARE
            return (0.0, width, False) if style.left else (area.width - width, width, True)
        left, right = area.x(profile.first), area.x(profile.stop)
        return left, (right - left) * DAY_SHARE, False

    # -- words ------------------------------------------------------------------------------------

    def _title(self) -> str:
        if self.model.style.profile is ProfileSpan.SESSION:
            return tr("Volume profile, days (UTC)")
        return tr("Volume profile")

    def _reason(self) -> str:
        """Say why there is nothing."""
        style = self.model.style
        if self.model.crowded:
            return tr("too many days in view: zoom in")
        if self.model.pending:
            return tr("adding up…")
        if style.profile is ProfileSpan.FIXED and style.until <= style.since:
            return tr("drag over the candles it shall be of")
        return tr("no volume here")

    def _pointed(self) -> Profile | None:
        shown, hover = self.model.shown, self._chart.hover
        if hover is not None:
            bar = self._chart.view.bar(hover[0])
            found = next((each for each in shown if each.first <= bar < each.stop), None)
            if found is not None:
                return found
        return shown[-1] if shown else None

    def _row(self, profile: Profile) -> list[Part]:
        hover, pair = self._chart.hover, self._chart.model.pair
        if hover is None or hover[1] >= self._chart.frame.price_height:
            return []
        row = profile.row_at(self._chart.view.price(hover[1]))
        if row is None:
            return []
        up, down = float(profile.rows.up[row]), float(profile.rows.down[row])
        return [(tr("here"), "text_faint"), (lots_text(pair, up), "up_text"), (lots_text(pair, down), "down_text")]


def _origin(profile: Profile) -> str:
    """Say how exactly the volume is placed."""
    share = profile.rows.exact / profile.rows.total
    if share >= 1.0:
        return tr("from prints")
    if share <= 0.0:
        return tr("spread over ranges")
    return tr("{percent} % from prints, else spread over ranges", percent=max(1, int(share * 100)))


def _edges(profile: Profile, area: PaneArea, ratio: float) -> tuple[Rects, Rects]:
    """Return the upper and lower pixel of each row, inclusive, with a gap between rows that are tall enough."""
    rows = profile.rows
    edges = (np.arange(len(rows) + 1, dtype=np.float64) + rows.first) * rows.group
    y = np.clip(np.rint(area.ys(edges) * ratio), -FAR, FAR).astype(np.int32)
    top, bottom = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:]) - 1
    return top, np.maximum(np.where(bottom - top >= 2, bottom - 1, bottom), top)


def _boxes(
    begin: np.ndarray, end: np.ndarray, top: Rects, bottom: Rects, left: float, width: float, mirrored: bool
) -> Rects:
    """Return boxes from `begin` to `end` px along each row, counted from the edge it grows from."""
    if mirrored:
        first, last = left + width - end, left + width - begin - 1
    else:
        first, last = left + begin, left + end - 1
    columns = (np.rint(first), top, np.rint(last), bottom)
    return np.clip(np.column_stack(columns), -FAR, FAR).astype(np.int32)
