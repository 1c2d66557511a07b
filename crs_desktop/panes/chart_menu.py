"""The menu of a chart: a price for the ticket, where to look, how bars and prices are drawn, pictures."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from crs_desktop.i18n import tr
from crs_desktop.viewmodels.chart import ChartState
from crs_desktop.viewmodels.chart_style import BarKind, Scale
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.domain.number import Ticks

if TYPE_CHECKING:
    from crs_desktop.panes.chart import ChartPane

KINDS = {
    BarKind.CANDLES: "Candles",
    BarKind.HOLLOW: "Hollow candles",
    BarKind.HEIKIN_ASHI: "Heikin-Ashi",
    BarKind.OHLC: "Bars",
    BarKind.LINE: "Line",
    BarKind.AREA: "Area",
    BarKind.RENKO: "Renko",
}
SCALES = {Scale.LINEAR: "Linear", Scale.LOG: "Logarithmic", Scale.PERCENT: "Percent"}


def chart_menu(pane: ChartPane, at: QPoint) -> QMenu:
    """Return the menu for a point of the chart."""
    chart, model = pane.chart, pane.model_of_chart
    menu = QMenu(pane)
    if at.y() < chart.frame.price_height and model.state is ChartState.READY:
        price = Ticks(max(1, round(chart.view.price(at.y()))))
        text = tr("Use {price} in the ticket", price=model.pair.price_text(price))
        if model.desk.has_ticket:
            menu.addAction(text, lambda: model.pick_price(price))
        pane.trading.add_offers(menu, price)
        pane.alerts.offer(menu, price)
        menu.addSeparator()
    _add_pane(pane, menu, at)
    menu.addAction(tr("Newest candle"), chart.gestures.show_latest)
    menu.addAction(tr("Oldest candle"), chart.gestures.show_oldest)
    menu.addAction(tr("Go to date…"), pane.ask_date)
    if pane.offers_replay is not None:
        menu.addAction(tr("Bar replay…"), partial(pane.offers_replay, at))
    follow = menu.addAction(tr("Scale prices automatically"), chart.gestures.follow_prices)
    follow.setCheckable(True)
    follow.setChecked(chart.view.auto)
    menu.addAction(tr("Reset the view"), chart.reset)
    menu.addSeparator()
    _add_kinds(pane, menu.addMenu(tr("Bars")))
    _add_scales(pane, menu.addMenu(tr("Price scale")))
    _add_shown(pane, menu.addMenu(tr("Show")))
    pane.drawing.offer(menu)
    return menu


def _add_pane(pane: ChartPane, menu: QMenu, at: QPoint) -> None:
    """Offer what can be done with the pane under the pointer."""
    chart = pane.chart
    slot = chart.frame.slot(at.y())
    if slot is None:
        return
    fold = menu.addAction(tr("Fold this pane"), lambda: chart.fold(slot.key))
    fold.setCheckable(True)
    fold.setChecked(slot.folded)
    menu.addAction(tr("First height of this pane"), lambda: chart.reset_pane(slot.key))
    menu.addSeparator()


def _add_kinds(pane: ChartPane, menu: QMenu) -> None:
    group = QActionGroup(menu)
    for kind, title in KINDS.items():
        action = menu.addAction(tr(title), partial(pane.restyle, kind=kind))
        action.setCheckable(True)
        action.setChecked(pane.chart.look.kind is kind)
        group.addAction(action)
    menu.addSeparator()
    menu.addAction(tr("Height of Renko bricks…"), lambda: ask_brick(pane))


def _add_scales(pane: ChartPane, menu: QMenu) -> None:
    group = QActionGroup(menu)
    for scale, title in SCALES.items():
        action = menu.addAction(tr(title), partial(pane.restyle, scale=scale))
        action.setCheckable(True)
        action.setChecked(pane.chart.look.scale is scale)
        group.addAction(action)
    menu.addSeparator()
    inverted = menu.addAction(tr("Inverted"), lambda: pane.restyle(inverted=not pane.chart.look.inverted))
    inverted.setCheckable(True)
    inverted.setChecked(pane.chart.look.inverted)


def _add_shown(pane: ChartPane, menu: QMenu) -> None:
    style = pane.chart.look
    volume = menu.addAction(tr("Volume"), lambda: pane.restyle(volume=not pane.chart.look.volume))
    quotes = menu.addAction(tr("Bid and ask"), lambda: pane.restyle(quotes=not pane.chart.look.quotes))
    for action, on in ((volume, style.volume), (quotes, style.quotes)):
        action.setCheckable(True)
        action.setChecked(on)


def ask_brick(pane: ChartPane) -> None:
    """Ask for the height of bricks in the quote asset, nothing for the average true range."""
    pair, style = pane.model_of_chart.pair, pane.chart.look
    pane.ask.ask(
        tr("Height of Renko bricks in {quote}", quote=pair.quote.code),
        tr("empty: the average true range of 14 bars"),
        lambda text: _take_brick(pane, text),
        pair.price_text(Ticks(style.brick)) if style.brick else "",
    )


def _take_brick(pane: ChartPane, text: str) -> Sentence:
    text = text.strip().replace(",", "")
    ticks = 0
    if text:
        pair = pane.model_of_chart.pair
        try:
            ticks = int(pair.ticks(Decimal(text)) or 0)
        except InvalidOperation:
            ticks = 0
        if ticks <= 0:
            return say("Enter a height in steps of {tick} {quote}.", tick=pair.price_text(1), quote=pair.quote.code)
    pane.restyle(kind=BarKind.RENKO, brick=ticks)
    return NOTHING
