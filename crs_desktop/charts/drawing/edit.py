"""What can be done with the selected drawing of a chart, however it is asked for."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from crs_desktop.charts.drawing.sight import ChartSight
from crs_desktop.viewmodels.drawings.place import pasted, raised, shifted, with_handle
from crs_desktop.viewmodels.drawings.shape import Shape

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay

ASIDE_PX = 16.0
"""How far a copy lies beside its original."""


def chosen(overlay: DrawingOverlay) -> Shape | None:
    """Return the selected drawing, None if there is none that is kept."""
    return overlay.store.find(overlay.symbol, overlay.hand.selected)


def remove(overlay: DrawingOverlay) -> None:
    """Remove the selected drawing; a locked one stays."""
    if overlay.hand.transient is not None and overlay.hand.selected == overlay.hand.transient.id:
        overlay.hand.drop_transient()
        return
    shape = chosen(overlay)
    if shape is not None and not overlay.hand.is_fixed(shape):
        overlay.store.remove(overlay.symbol, (shape.id,))


def copy(overlay: DrawingOverlay) -> None:
    """Copy the selected drawing, to be pasted on this or another chart."""
    shape, model = chosen(overlay), overlay.chart.model
    if shape is not None:
        last = model.last
        overlay.store.tools.copy((shape,), None if last is None else model.pair.price_number(last.close))
        overlay.keys.claim()


def paste(overlay: DrawingOverlay, sight: ChartSight) -> None:
    """Paste what was copied: beside the original, or at the level of this pair if it was another one's."""
    tools, store, last = overlay.store.tools, overlay.store, overlay.chart.model.last
    made = []
    for shape in tools.copied:
        here = store.find(overlay.symbol, shape.id) is not None
        level = None if last is None else sight.pair.price_number(last.close)
        factor = level / tools.copied_level if level and tools.copied_level and not here else None
        if factor is not None and 0.5 < factor < 2.0:
            factor = None  # the same pair, a little later
        made.append(pasted(shape, store.new_id(), sight, factor, _aside(overlay) if here else 0))
    if made:
        store.add(overlay.symbol, *made)
        overlay.hand.select(made[-1].id)


def duplicate(overlay: DrawingOverlay, sight: ChartSight) -> None:
    """Put a copy beside the selected drawing, and select it."""
    shape = chosen(overlay)
    if shape is not None:
        made = pasted(shape, overlay.store.new_id(), sight, None, _aside(overlay))
        if shape.kind == "horizontal":
            made = replace(made, anchors=tuple(shifted(sight, each, 0, ASIDE_PX) for each in shape.anchors))
        overlay.store.add(overlay.symbol, made)
        overlay.hand.select(made.id)


def move_by_keys(overlay: DrawingOverlay, sight: ChartSight, bars: int, ticks: int) -> bool:
    """Move the selected drawing, or the chosen one of its points, by bars and ticks; False if it is locked."""
    shape = chosen(overlay)
    if shape is None or overlay.hand.is_fixed(shape):
        return shape is not None
    handle = overlay.hand.handle
    if handle is not None:
        number = min(handle, len(shape.anchors) - 1)
        anchor = shifted(sight, shape.anchors[number], bars, 0.0)
        price = max(anchor.price + sight.pair.price(ticks), sight.pair.tick)
        changed = with_handle(shape, handle, anchor._replace(price=price), sight)
    else:
        aside = replace(shape, anchors=tuple(shifted(sight, each, bars, 0.0) for each in shape.anchors))
        changed = raised(aside, sight, ticks) if ticks else aside
    overlay.store.change(overlay.symbol, changed)
    return True


def _aside(overlay: DrawingOverlay) -> int:
    return max(1, ceil(ASIDE_PX / overlay.chart.view.bar_px))
