"""The part of a chart's menu that is about order flow: volume profile, footprint, cumulative delta."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from crs_desktop.i18n import tr
from crs_desktop.viewmodels.flow.style import AUTO_ROWS, ROW_COUNTS, DeltaKind, ProfileSpan
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.number import Ticks

if TYPE_CHECKING:
    from crs_desktop.panes.chart import ChartPane


def add_flow(pane: ChartPane, menu: QMenu) -> None:
    """Add a submenu."""
    sub = menu.addMenu(tr("Order flow"))
    _add_profile(pane, sub.addMenu(tr("Volume profile")))
    _add_footprint(pane, sub.addMenu(tr("Footprint")))
    _add_delta(pane, sub.addMenu(tr("Cumulative delta")))


def _add_profile(pane: ChartPane, menu: QMenu) -> None:
    flow = pane.flow
    style = flow.style
    for span, title in ((ProfileSpan.VISIBLE, "Of what is in view"), (ProfileSpan.SESSION, "Of each day (UTC)")):
        _checked(menu, tr(title), partial(flow.toggle_profile, span), on=style.profile is span)
    _checked(menu, tr("Of a stretch: drag over it…"), flow.pick_range, on=style.profile is ProfileSpan.FIXED)
    _checked(menu, tr("None"), partial(flow.choose, profile=ProfileSpan.NONE), on=style.profile is ProfileSpan.NONE)
    menu.addSeparator()
    for count in ROW_COUNTS:
        title = tr("As many rows as can be told apart") if count == AUTO_ROWS else tr("{count} rows", count=count)
        on = style.rows == count and not style.group
        _checked(menu, title, partial(flow.choose, rows=count, group=0), on=on)
    _checked(menu, tr("Height of rows…"), lambda: ask_height(pane, "group"), on=bool(style.group))
    menu.addSeparator()
    _checked(menu, tr("At the left edge"), lambda: flow.choose(left=not flow.style.left), on=style.left)


def _add_footprint(pane: ChartPane, menu: QMenu) -> None:
    flow = pane.flow
    _checked(menu, tr("Footprint"), flow.toggle_footprint, on=flow.style.footprint)
    menu.addSeparator()
    _checked(menu, tr("Rows as high as their text"), partial(flow.choose, cells=0), on=not flow.style.cells)
    _checked(menu, tr("Height of rows…"), lambda: ask_height(pane, "cells"), on=bool(flow.style.cells))


def _add_delta(pane: ChartPane, menu: QMenu) -> None:
    flow = pane.flow
    for kind, title in ((DeltaKind.NONE, "None"), (DeltaKind.LINE, "As a line"), (DeltaKind.CANDLES, "As candles")):
        _checked(menu, tr(title), partial(flow.choose, delta=kind), on=flow.style.delta is kind)
    menu.addSeparator()
    _checked(
        menu, tr("Begin anew each day (UTC)"), lambda: flow.choose(daily=not flow.style.daily), on=flow.style.daily
    )


def ask_height(pane: ChartPane, name: str) -> None:
    """Ask for the height of rows in the quote asset, nothing for one that fits; `name` is that of the choice."""
    pair, ticks = pane.model_of_chart.pair, int(getattr(pane.flow.style, name))
    pane.ask.ask(
        tr("Height of rows in {quote}", quote=pair.quote.code),
        tr("empty: as it fits"),
        lambda text: _take_height(pane, name, text),
        pair.price_text(Ticks(ticks)) if ticks else "",
    )


def _take_height(pane: ChartPane, name: str, text: str) -> Sentence:
    text = text.strip().replace(",", "")
    pair, ticks = pane.model_of_chart.pair, 0
    if text:
        try:
            ticks = int(pair.ticks(Decimal(text)) or 0)
        except InvalidOperation:
            ticks = 0
        if ticks <= 0:
            return say("Enter a height in steps of {tick} {quote}.", tick=pair.price_text(1), quote=pair.quote.code)
    pane.flow.choose(**{name: ticks})
    return NOTHING


def _checked(menu: QMenu, title: str, do: Callable[[], object], *, on: bool) -> None:
    action = menu.addAction(title, do)
    action.setCheckable(True)
    action.setChecked(on)
