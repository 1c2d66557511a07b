"""The introduction: four steps, each done by doing it. It watches what the trader does and takes nothing away."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.event import OrderAccepted, OrderFilled, PositionChanged
from engine.domain.order import Side


class Step(NamedTuple):
    """One thing to try; `place` is the pane it happens in."""

    title: Sentence
    text: Sentence
    place: str


class Introduction(ViewModel):
    """Where the trader is in the four steps; `key` returns the key in force of an action."""

    def __init__(self, desk: Desk, key: Callable[[str], str]) -> None:
        super().__init__(desk)
        self.at = 0
        buy, flat = key("ticket.buy"), key("orders.flatten")
        self.steps = (
            Step(
                say("Buy"),
                say("Press {key}, then Enter: it buys for a small amount at the market. This is paper money.", key=buy),
                "ticket",
            ),
            Step(
                say("Protect it"),
                say(
                    "Choose Stop in the ticket, sell side ({key}), and a price below the market.",
                    key=key("ticket.sell"),
                ),
                "ticket",
            ),
            Step(
                say("Watch your profit and loss"),
                say("The position, its average price and result are at the bottom, on the chart and in the top bar."),
                "positions",
            ),
            Step(
                say("Close it"),
                say("Press {key}: it cancels the orders of this pair and sells what you hold.", key=flat),
                "positions",
            ),
        )
        self._listen(OrderFilled, self._filled)
        self._listen(OrderAccepted, self._accepted)
        self._listen(PositionChanged, self._position)

    @property
    def step(self) -> Step | None:
        """The current step, None when all are done."""
        return self.steps[self.at] if self.at < len(self.steps) else None

    def next(self) -> None:
        """Go on to the next step."""
        self.at += 1
        self.hurry()

    def _filled(self, fact: OrderFilled) -> None:
        if self.at == 0 and fact.side is Side.BUY:
            self.next()

    def _accepted(self, fact: OrderAccepted) -> None:
        if self.at == 1 and fact.order.stop_price is not None:
            self.next()

    def _position(self, fact: PositionChanged) -> None:
        if self.at == 3 and fact.qty == 0:
            self.next()
