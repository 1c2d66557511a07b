"""Volume by price beside the candles: bars that grow from an edge, the value area stronger, its control point marked.

Rising and falling volume stand end to end. Drawn over the candles each frame and see-through, so that prints show at
once and nothing of the candles is lost.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
Floats = NDArray[np.float64]
Pixels = NDArray[np.int32]


class _Flat(NamedTuple):
    """The rows of several profiles one after another: which profile's, number, shares of its longest row."""

    owner: NDArray[np.intp]
    row: NDArray[np.int64]
    up: Floats
    both: Floats
    inside: NDArray[np.bool_]
    group: int


class ProfileCurve:
    """Draws the profiles of a chart."""

    key = "volume profile"
    version: Hashable = 0

    def __init__(self, chart: ChartView, model: ProfileModel) -> None:
        self._chart, self.model = chart, model
        self._batch = RectBatch()
        self._flat: tuple[list[Profile], _Flat] | None = None

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
        shown = self.model.shown
        if not live or not shown:
            return
        if self._flat is None or self._flat[0] is not shown:
            self._flat = shown, _flattened(shown)
        self._paint_rows(canvas, area, self._flat[1])

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

    def _paint_rows(self, canvas: Canvas, area: PaneArea, flat: _Flat) -> None:
        """Paint the rows of all profiles in a few calls."""
        ratio = canvas.ratio
        left, width, mirrored = self._places(area)
        wide = (width * ratio)[flat.owner]
        begin = np.zeros(len(flat.up))
        up, both = np.rint(flat.up * wide), np.rint(flat.both * wide)
        top, bottom = _edges(flat, area, ratio)
        seen = (bottom >= area.top * ratio) & (top < area.bottom * ratio) & (wide >= 3 * ratio)
        edge = (left * ratio)[flat.owner]
        painter = canvas.painter
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        for first, last, tone in ((begin, up, "up"), (up, both, "down")):
            boxes = _boxes(first, last, top, bottom, edge, wide, mirrored)
            there = seen & (last > first)
            for part, alpha in ((flat.inside, INSIDE), (~flat.inside, OUTSIDE)):
                self._batch.draw(painter, boxes[there & part], theme.color(tone, alpha))
        painter.restore()
        for profile, x, reach in zip(self.model.shown, left.tolist(), width.tolist(), strict=True):
            if reach >= 3 and x < area.width and x + reach > 0:
                self._mark(canvas, area, profile, x, reach)

    def _mark(self, canvas: Canvas, area: PaneArea, profile: Profile, left: float, width: float) -> None:
        """Draw the point of control across the profile, and where there is room the edges of the value area."""
        y = area.y(profile.price(profile.poc + 0.5))
        if area.top <= y < area.bottom:
            canvas.horizontal(y, left, left + width, theme.color("warn"))
        if self.model.style.profile is ProfileSpan.SESSION:
            return
        for price in (profile.price(profile.low), profile.price(profile.high + 1)):
            y = area.y(price)
            if area.top <= y < area.bottom:
                canvas.dashed(left, y, left + width, y, theme.color("text_faint"), 3.0)

    def _places(self, area: PaneArea) -> tuple[Floats, Floats, bool]:
        """Return left edges and widths of the profiles, px, and whether they grow to the left."""
        style, shown = self.model.style, self.model.shown
        if style.profile is ProfileSpan.VISIBLE:
            width = np.full(len(shown), area.width * SHARE)
            return (np.zeros(len(shown)), width, False) if style.left else (area.width - width, width, True)
        left = np.array([area.x(each.first) for each in shown])
        right = np.array([area.x(each.stop) for each in shown])
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
        if style.profile is ProfileSpan.FIXED:
            return tr("no volume, or its candles are not loaded")
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


def _flattened(profiles: list[Profile]) -> _Flat:
    volumes = [each.rows.volume for each in profiles]
    places = [np.arange(len(each)) for each in volumes]
    return _Flat(
        np.repeat(np.arange(len(profiles)), [len(each) for each in volumes]),
        np.concatenate([place + each.rows.first for place, each in zip(places, profiles, strict=True)]),
        np.concatenate([each.rows.up / volume.max() for volume, each in zip(volumes, profiles, strict=True)]),
        np.concatenate([volume / volume.max() for volume in volumes]),
        np.concatenate([(p >= each.low) & (p <= each.high) for p, each in zip(places, profiles, strict=True)]),
        profiles[0].rows.group,
    )


def _edges(flat: _Flat, area: PaneArea, ratio: float) -> tuple[Pixels, Pixels]:
    """Return the upper and lower pixel of each row, inclusive, with a gap between rows that are tall enough."""
    one, other = (
        np.clip(np.rint(area.ys(edge.astype(np.float64)) * ratio), -FAR, FAR).astype(np.int32)
        for edge in (flat.row * flat.group, (flat.row + 1) * flat.group)
    )
    top, bottom = np.minimum(one, other), np.maximum(one, other) - 1
    return top, np.maximum(np.where(bottom - top >= 2, bottom - 1, bottom), top)


def _boxes(
    begin: Floats, end: Floats, top: Pixels, bottom: Pixels, left: Floats, width: Floats, mirrored: bool
) -> Rects:
    """Return boxes from `begin` to `end` px along each row, counted from the edge it grows from."""
    if mirrored:
        first, last = left + width - end, left + width - begin - 1
    else:
        first, last = left + begin, left + end - 1
    boxes: Rects = np.clip(np.column_stack((np.rint(first), top, np.rint(last), bottom)), -FAR, FAR).astype(np.int32)
    return boxes
