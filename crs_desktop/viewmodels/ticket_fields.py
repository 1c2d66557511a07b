"""Which price fields the ticket shows for a kind of order, as data: name, text, unit, and what is wrong with each."""

from __future__ import annotations

from typing import NamedTuple

from crs_desktop.viewmodels.ticket_entry import PLAIN, UNITS, TicketEntry
from crs_desktop.viewmodels.ticket_kind import Kind, Leg
from crs_desktop.viewmodels.ticket_price import Unit
from crs_desktop.viewmodels.words import NOTHING, Sentence, say

NAMES = ("stop", "price", "trail", "target", "loss", "loss_limit", "display")
"""Every field there can be, from the top."""


class FieldView(NamedTuple):
    """One field as it is shown now."""

    label: Sentence
    text: str
    unit: str
    """Behind the figures; a mark of the unit if there are several."""
    problem: Sentence | None
    has_units: bool
    about: Sentence
    """For a hover."""


def fields(ticket: TicketEntry, *, more: bool) -> dict[str, FieldView]:
    """Return the fields to show by name, from the top; `more` shows those that are rarely needed, too."""
    form = ticket.form
    opens, stop, iceberg = form.opens, Leg.STOP in form.legs, form.kind is Kind.ICEBERG
    shown = {
        "stop": form.has_stop,
        "price": form.has_price,
        "trail": form.has_distance,
        "target": Leg.TARGET in form.legs,
        "loss": stop,
        "loss_limit": stop and (more or bool(form.loss_limit_text)),
        "display": iceberg or (form.can_display and (more or form.displays)),
    }
    labels = {
        "stop": say("Entry stop") if opens else say("Trigger") if form.takes_profit else say("Stop"),
        "price": say("Entry") if opens and not form.has_stop else say("Limit") if form.has_stop else say("Price"),
        "trail": say("Trail by"),
        "target": say("Target"),
        "loss": say("Stop"),
        "loss_limit": say("Stop limit"),
        "display": say("Show"),
    }
    abouts = {
        "target": say("A limit order that takes the profit"),
        "loss": say("A stop that ends the loss"),
        "loss_limit": say("The worst price of the stop; empty: it trades at the market"),
        "display": say("How much of it the book shows at a time; empty: all of it"),
        "trail": say("How far the stop stays behind the best price"),
    }
    return {
        name: FieldView(
            labels[name],
            ticket.text_of(name),
            _unit(ticket, name),
            ticket.reading.wrong.get(name),
            name in UNITS,
            abouts.get(name, NOTHING),
        )
        for name in NAMES
        if shown[name]
    }


def _unit(ticket: TicketEntry, name: str) -> str:
    pair = ticket.pair
    if name == "display":
        return pair.base.code
    if name in PLAIN:
        return pair.quote.code
    marks = {Unit.PRICE: pair.quote.code, Unit.PERCENT: "%", Unit.TICKS: "ticks", Unit.RISK: "R"}
    return marks[ticket.level(name).unit]
