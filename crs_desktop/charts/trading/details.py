"""What the hover box says of an order, a line each."""

from __future__ import annotations

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart_lines import Line
from crs_desktop.viewmodels.order_groups import LIST_NAMES, role, status
from crs_desktop.viewmodels.ticket_kind import KINDS, Kind


def line_details(line: Line) -> list[str]:
    """Return title, levels, what is filled, list, money and status."""
    record, pair = line.record, line.pair
    order = record.order
    levels = []
    if order.stop_price is not None:
        levels.append(tr("stop {price}", price=fmt.price(pair, order.stop_price)))
    if order.price is not None:
        levels.append(tr("limit {price}", price=fmt.price(pair, order.price)))
    if not levels:
        levels.append(tr("fires at {price} now", price=fmt.price(pair, line.at)))
    kind = spoken(KINDS[Kind(order.order_type.value)].title)
    value = fmt.money(pair.quote, pair.notional(line.at, record.left), 2)
    lines = [
        f"{spoken(line.title)} {pair.base.code}",
        f"{kind}, {order.tif.value}: {', '.join(levels)}",
        tr("Value {value} {quote}", value=value, quote=pair.quote.code),
        spoken(status(record)),
    ]
    if line.filled_text is not None:
        lines.insert(2, spoken(line.filled_text))
    if record.list_kind is not None:
        part = role(record)
        lines.append(tr("{list}: {part}", list=spoken(LIST_NAMES[record.list_kind]), part=tr(part.capitalize())))
    if line.result_text:
        lines.append(tr("{result}, after the fees of both ways", result=line.result_text))
    lines.append(tr("Order {id}", id=str(order.order_id)))
    return lines
