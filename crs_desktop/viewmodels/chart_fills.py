"""Our fills on a chart and the story of each: price, fee, role, and how it compares with the mid at its arrival.

The record beside a fill may have to be read from the disk; until it is there the story says so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.why_page import slippage_text
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderFilled
from engine.domain.order import Liquidity, Side
from engine.domain.why import FillExplained
from engine.errors import CrsError
from engine.services.task import TaskOwner

KEPT = 512
"""Records that are remembered."""
FillKey = tuple[str, int]


class ChartFills:
    """The fills of a chart's pair; `changed` is called when a story is complete."""

    def __init__(self, chart: ChartModel, changed: Callable[[], object]) -> None:
        self._chart, self._changed = chart, changed
        self._tasks = TaskOwner("chart fills")
        self._told: OrderedDict[FillKey, FillExplained | Sentence | None] = OrderedDict()
        self._asked: set[FillKey] = set()

    @property
    def fills(self) -> list[OrderFilled]:
        """Oldest first."""
        return self._chart.fills

    def ask_why(self, fill: OrderFilled) -> None:
        """Open the page that says why it filled."""
        self._chart.desk.ask_why(fill.order_id, fill.trade_id)

    def story(self, fill: OrderFilled, count: int) -> list[Sentence]:
        """Return the lines of the hover box; needs a running loop the first time."""
        pair = self._chart.pair
        values = {"qty": fmt.quantity(pair, fill.qty), "base": pair.base.code, "price": fmt.price(pair, fill.price)}
        buys = fill.side is Side.BUY
        lines = [Sentence("Bought {qty} {base} @ {price}" if buys else "Sold {qty} {base} @ {price}", values)]
        fee = {"fee": fmt.money(pair.quote, fill.fee), "asset": pair.quote.code}
        maker = fill.liquidity is Liquidity.MAKER
        lines.append(Sentence("Fee {fee} {asset} (maker)" if maker else "Fee {fee} {asset} (taker)", fee))
        lines.append(self._slippage(fill))
        lines.append(say("{at} UTC", at=fmt.date_clock(fill.at)))
        lines.append(say("Order {id}, trade {trade}", id=fill.order_id, trade=fill.trade_id))
        if count > 1:
            lines.append(say("and {count} more fills here", count=count - 1))
        lines.append(say("Click: why it filled"))
        return lines

    def close(self) -> None:
        """Cancel what is being read."""
        self._tasks.close()

    def _slippage(self, fill: OrderFilled) -> Sentence:
        key = (fill.order_id, fill.trade_id)
        if key not in self._told:
            if key not in self._asked:
                self._asked.add(key)
                self._tasks.start(self._look_up(fill, key))
            return say("Against the arrival mid: looking it up…")
        why = self._told[key]
        if isinstance(why, Sentence):
            return say("Against the arrival mid: {reason}", reason=str(why))
        if why is None:
            return say("Against the arrival mid: no record of it")
        return say("Against the arrival mid: {slippage}", slippage=str(slippage_text(self._chart.pair, fill, why)))

    async def _look_up(self, fill: OrderFilled, key: FillKey) -> None:
        found: FillExplained | Sentence | None = None
        try:
            told = await self._chart.desk.stories.tell(fill.order_id)
        except CrsError as error:
            found = verbatim(str(error))
        else:
            found = next((why for each, why in told.fills if each.trade_id == fill.trade_id), None)
        self._asked.discard(key)
        self._told[key] = found
        if len(self._told) > KEPT:
            self._told.popitem(last=False)
        self._changed()
