"""The menus of the right button: on a drawing, and what the chart's own menu offers for drawings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from crs_desktop.charts.drawing.edit import copy, duplicate, paste, remove
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.drawings.kinds import BY_NAME
from crs_desktop.viewmodels.drawings.shape import Shape

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay


def drawing_menu(overlay: DrawingOverlay, shape_id: str) -> QMenu:
    """Return the menu of a drawing; it deletes itself when it is closed."""
    menu = QMenu(overlay.chart)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    shape = overlay.store.find(overlay.symbol, shape_id)
    if shape is None:
        menu.addAction(tr("Keep this measurement") + "\tEnter", overlay.hand.keep_transient)
        menu.addAction(tr("Remove") + "\tEsc", overlay.hand.give_up)
        return menu
    heading = menu.addAction(tr(BY_NAME[shape.kind].title))
    heading.setEnabled(False)
    menu.addAction(tr("Look…") + "\tF2", lambda: overlay.hand.open_style(shape_id))
    menu.addAction(tr("Duplicate") + "\tCtrl+D", lambda: duplicate(overlay, overlay.sight(overlay.chart.plane)))
    menu.addAction(tr("Copy") + "\tCtrl+C", lambda: copy(overlay))
    menu.addAction(tr("Bring to front"), lambda: overlay.store.bring_to_front(overlay.symbol, shape_id))
    menu.addSeparator()
    locked = menu.addAction(tr("Locked"), lambda: _change(overlay, replace(shape, locked=not shape.locked)))
    locked.setCheckable(True)
    locked.setChecked(shape.locked)
    menu.addAction(tr("Hide"), lambda: _change(overlay, replace(shape, hidden=True)))
    menu.addSeparator()
    gone = menu.addAction(tr("Remove") + "\tDel", lambda: remove(overlay))
    gone.setEnabled(not overlay.hand.is_fixed(shape))
    return menu


def offer_on_chart(overlay: DrawingOverlay, menu: QMenu) -> None:
    """Add what can be done with drawings on this chart; nothing if there is nothing to do."""
    store, symbol = overlay.store, overlay.symbol
    shapes = store.shapes(symbol)
    offers: list[tuple[str, Callable[[], object]]] = []
    if store.tools.copied:
        offers.append(
            (tr("Paste the drawing") + "\tCtrl+V", lambda: paste(overlay, overlay.sight(overlay.chart.plane)))
        )
    if store.can_undo(symbol):
        offers.append((tr("Undo drawing") + "\tCtrl+Z", lambda: store.undo(symbol)))
    if store.can_redo(symbol):
        offers.append((tr("Redo drawing") + "\tCtrl+Shift+Z", lambda: store.redo(symbol)))
    if hidden := sum(shape.hidden for shape in shapes):
        offers.append((tr("Show {count} hidden drawings", count=hidden), lambda: store.show_hidden(symbol)))
    if free := sum(not shape.locked for shape in shapes):
        offers.append((tr("Remove {count} drawings of {pair}", count=free, pair=symbol), lambda: store.clear(symbol)))
    if offers:
        menu.addSeparator()
    for text, call in offers:
        menu.addAction(text, call)


def _change(overlay: DrawingOverlay, shape: Shape) -> None:
    overlay.store.change(overlay.symbol, shape)
