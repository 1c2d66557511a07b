"""The bars that a chart shows: those that happened, or what its kind of bars makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.value_column import ValueColumn

if TYPE_CHECKING:
    from crs_desktop.viewmodels.heikin_ashi import HeikinAshi
    from crs_desktop.viewmodels.renko import Renko


class CloseColumn:
    """The closes of a series at the same indices: a line through closes must not reach the highs when zoomed out."""

    def __init__(self, source: BarSeries) -> None:
        self._source = source
        self.values = ValueColumn()
        self._first = 0

    def sync(self) -> None:
        """Take over what is new."""
        source, values = self._source, self.values
        if not len(source):
            return
        if not len(values) or source.first != self._first:
            values.replace(source.first, source.closes(source.first, source.stop))
        else:
            fresh = source.closes(values.stop - 1, source.stop)
            values.put(values.stop - 1, float(fresh[0]))
            if len(fresh) > 1:
                values.append(fresh[1:])
        self._first = source.first


class ShownBars:
    """Derives what is shown from a source; `sync` after the source may have changed."""

    def __init__(self, source: BarSeries, kind: BarKind = BarKind.CANDLES, brick: int = 0) -> None:
        self.source, self.kind, self._wanted = source, kind, brick
        self.closes: CloseColumn | None = CloseColumn(source) if kind in (BarKind.LINE, BarKind.AREA) else None
        self._derived = self._made()

    @property
    def series(self) -> BarSeries:
        """The bars to be drawn, and what their indices mean."""
        return self._derived.series if self._derived is not None else self.source

    @property
    def same_index(self) -> bool:
        """Whether a bar has the index it has in the source: bricks do not."""
        return self.kind is not BarKind.RENKO

    @property
    def brick(self) -> float:
        """The height of a brick in ticks, 0 without bricks."""
        return float(getattr(self._derived, "brick", 0.0))

    def sync(self) -> None:
        """Bring what is derived up to date."""
        if self._derived is None and self.kind in (BarKind.HEIKIN_ASHI, BarKind.RENKO):
            self._derived = self._made()
        elif self._derived is not None:
            self._derived.sync()
        if self.closes is not None:
            self.closes.sync()

    def _made(self) -> HeikinAshi | Renko | None:
        if not len(self.source):
            return None
        if self.kind is BarKind.HEIKIN_ASHI:
            from crs_desktop.viewmodels.heikin_ashi import HeikinAshi

            return HeikinAshi(self.source)
        if self.kind is BarKind.RENKO:
            from crs_desktop.viewmodels.renko import Renko

            return Renko(self.source, self._wanted)
        return None
