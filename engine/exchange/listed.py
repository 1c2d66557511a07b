"""What a public venue itself would refuse, besides what every market does: too small an order, a pair that rests."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.domain.command import AmendOrder, Fault, SubmitOrder
from engine.domain.instrument import Instrument
from engine.domain.order import Reason
from engine.risk.gate import Gate, RiskContext


class ListedGate:
    """Asks another gate first, then looks at how the venue lists the pair now."""

    def __init__(self, gate: Gate, title: str, listed: Callable[[], Iterable[Instrument]]) -> None:
        self._gate, self._title, self._listed = gate, title, listed

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why the order must not be sent."""
        fault = self._gate.check(order, context)
        if fault is not None or context is None or order.qty is None:
            return fault
        pair = context.pair
        found = next((each for each in self._listed() if each.symbol == pair.symbol), None)
        if found is None:
            return Fault(Reason.NO_BOOK, f"{self._title} does not list {pair.symbol} any more.")
        if not found.trading:
            return Fault(Reason.NO_BOOK, f"{self._title} takes no orders in {pair.symbol} now.")
        if order.qty < found.min_lots:
            least = f"{pair.qty_text(found.min_lots)} {pair.base.code}"
            return Fault(Reason.BAD_QUANTITY, f"{self._title} takes orders in {pair.symbol} from {least} on.")
        return None
