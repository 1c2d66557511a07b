"""The menu of what can be placed on the chart at a price."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.chart_orders import ChartOrders
from engine.domain.number import Ticks


def add_offers(menu: QMenu, model: ChartOrders, price: float) -> None:
    """Add what can be placed at a price to a menu."""
    for offer, words in model.offers(price):
        menu.addAction(spoken(words), partial(model.place, offer))


def offer_menu(parent: QWidget, model: ChartOrders, price: float) -> QMenu:
    """Return the menu; it deletes itself when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setAccessibleName(tr("Place an order"))
    add_offers(menu, model, price)
    menu.addSeparator()
    at = Ticks(max(1, round(price)))
    text = tr("Use {price} in the ticket", price=model.chart.pair.price_text(at))
    menu.addAction(text, lambda: model.desk.pick_price(at))
    return menu
