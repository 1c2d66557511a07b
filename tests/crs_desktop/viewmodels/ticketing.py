"""A ticket on a real exchange, and the lists that tests fill it with."""

import asyncio

from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from crs_desktop.viewmodels.ticket_kind import Kind, Leg
from crs_desktop.viewmodels.ticket_preview import preview_lines
from crs_desktop.viewmodels.ticket_price import Level, Unit
from crs_desktop.viewmodels.timeline import Timeline
from engine.domain.account import OpenOrder
from engine.domain.order import OrderStatus, Side
from tests.crs_desktop.trading_floor import Floor

BTC = "BTC/USDT"
MIDDLE = 6_425_000


def make(*, usdt: int = 10_000, btc: str = "") -> tuple[Floor, Ticket]:
    floor = Floor(usdt=usdt)
    floor.set("risk.max_price_deviation_bps", None)
    floor.stock()
    if btc:
        floor.give("BTC", btc)
    return floor, Ticket(floor.desk())


def sent(ticket: Ticket) -> Timeline:
    timeline = asyncio.run(ticket.submit())
    assert timeline is not None, str(ticket.problem)
    return timeline


def lines(ticket: Ticket) -> dict[str, str]:
    return {key: str(line.value) for key, line in preview_lines(ticket).items() if not line.hidden}


def locked(floor: Floor, asset: str) -> int:
    return floor.portfolio.balances()[asset].locked


def bracket(ticket: Ticket, *, size: str = "0.01", target: str = "66000", loss: str = "63000") -> None:
    ticket.set_kind(Kind.BRACKET)
    ticket.set_entry(Kind.MARKET)
    ticket.set_size(Lead.BASE, size)
    for name, text in (("loss", loss), ("target", target)):
        ticket.set_unit(name, Unit.PRICE)
        ticket.set_field(name, text)


def oco(ticket: Ticket, *, target: str, loss: str) -> None:
    ticket.set_side(Side.SELL)
    ticket.set_kind(Kind.OCO)
    ticket.form.target, ticket.form.loss = Level(target), Level(loss)


def by_status(floor: Floor) -> dict[OrderStatus, list[OpenOrder]]:
    found: dict[OrderStatus, list[OpenOrder]] = {}
    for order in floor.orders.open():
        found.setdefault(order.status, []).append(order)
    return found


def oto(ticket: Ticket, then: Leg, text: str, unit: Unit = Unit.PRICE) -> None:
    ticket.set_kind(Kind.OTO)
    ticket.set_entry(Kind.LIMIT)
    ticket.set_price("64000")
    ticket.set_then(then)
    ticket.set_size(Lead.BASE, "0.01")
    ticket.set_unit(then.value, unit)
    ticket.set_field(then.value, text)
