"""Trading on a chart before a real exchange: a clock that the test turns, a venue that can be made to answer late."""

from __future__ import annotations

import asyncio

from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_lines import Line
from crs_desktop.viewmodels.chart_orders import ChartOrders
from crs_desktop.viewmodels.ticket import Ticket
from crs_desktop.viewmodels.ticket_form import Lead
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Nanos
from engine.domain.order import OrderId, OrderType, Side
from tests.crs_desktop.charts.gallery import Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import ME, Floor

BTC = "BTC/USDT"
SECOND = 1_000_000_000


class Trader:
    """A chart, its trading, and the window's ticket."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.now = floor, SECOND
        self.desk = desk_of(floor)
        self.ticket = Ticket(self.desk)
        self.ticket.set_size(Lead.BASE, "0.01")
        self.desk.ticket = lambda: self.ticket
        self.chart = ChartModel(self.desk)
        self.model = ChartOrders(self.chart, clock=lambda: Nanos(self.now))
        self.late: asyncio.Event | None = None

    async def fold(self) -> ChartOrders:
        """Let everything happen, and look again."""
        await settle()
        self.chart.fold()
        self.model.fold()
        return self.model

    async def send(self, side: Side, kind: OrderType, qty: int = 1_000, **prices: object) -> OrderId:
        """Send an order as the ticket would."""
        order = SubmitOrder(
            account=ME, order_id=self.floor.orders.new_id(), symbol=BTC, side=side, order_type=kind, qty=Lots(qty),
            **prices,  # type: ignore[arg-type]
        )  # fmt: skip
        await self.floor.orders.submit(order)
        await self.fold()
        return order.order_id

    def line(self, order_id: OrderId, field: str | None = None) -> Line:
        """Return an order's line."""
        found = self.model.line(order_id, field)
        assert found is not None
        return found

    async def pull(self, order_id: OrderId, to: int, field: str | None = None) -> ChartOrders:
        """Drag a line and let go; the venue has not answered yet."""
        assert self.model.amends.grab(self.line(order_id, field)), str(self.model.notice)
        self.model.amends.move(order_id, to)
        self.model.amends.drop(order_id)
        await asyncio.sleep(0)
        return self.model

    def answer_late(self) -> asyncio.Event:
        """Let the venue think until the returned event is set."""
        gate, now = asyncio.Event(), self.floor.venue._answer

        async def later() -> None:
            await gate.wait()
            await now()

        self.floor.venue._answer = later  # type: ignore[method-assign]
        return gate

    def pass_time(self, nanos: int) -> None:
        """Turn the clock of the person."""
        self.now += nanos

    async def end(self) -> None:
        """Close everything; nothing may be left."""
        self.model.close()
        self.ticket.close()
        self.chart.close()
        close_floor(self.floor)
        await settle()
        assert self.floor.bus.subscriber_count == 0
        assert self.desk.link_count == 0


async def trader() -> Trader:
    """Return somebody with 50,000 USDT before a stocked book."""
    floor = await floor_with(Archive(300))
    floor.set("risk.max_price_deviation_bps", None)
    made = Trader(floor)
    await made.fold()
    return made
