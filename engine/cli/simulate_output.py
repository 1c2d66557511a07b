"""Writing events as text: one JSON object per line, amounts as decimal strings, ASCII only.

Deposits and the start of a leg print nothing, and a fill is told by the trade it is part of.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quoted

from engine.domain.event import (
    KernelEvent,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderTriggered,
    TradeExecuted,
)
from engine.domain.number import EXACT, fixed
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair


class _Scales:
    """What turns a pair's ticks, lots and quote units into text; `TradingPair` does the same, but slower."""

    __slots__ = ("lot", "lot_decimals", "quote_decimals", "tick", "tick_decimals")

    def __init__(self, pair: TradingPair) -> None:
        self.tick_decimals, self.lot_decimals = pair.tick_decimals, pair.lot_decimals
        self.tick = int(pair.tick.scaleb(pair.tick_decimals, EXACT))
        self.lot = int(pair.lot.scaleb(pair.lot_decimals, EXACT))
        self.quote_decimals = pair.quote.decimals

    def price(self, ticks: int) -> str:
        return fixed(ticks * self.tick, self.tick_decimals)

    def qty(self, lots: int) -> str:
        return fixed(lots * self.lot, self.lot_decimals)


class Writer:
    """Turns events into lines; `seq` counts them from 1."""

    def __init__(self) -> None:
        self._scales: dict[str, _Scales] = {}
        self._open: dict[tuple[AccountId, OrderId], _Scales] = {}
        self._seq = 0

    def listed(self, pair: TradingPair) -> None:
        """Take note of a pair that is traded from now on."""
        self._scales[pair.symbol] = _Scales(pair)

    def write(self, event: KernelEvent) -> str | None:
        """Return the event's line, None if it prints nothing."""
        kind = type(event)
        if kind is TradeExecuted:
            return self._trade(event)  # type: ignore[arg-type]
        if kind is OrderAccepted:
            return self._accepted(event)  # type: ignore[arg-type]
        if kind is OrderFilled:
            if not event.left:  # type: ignore[union-attr]
                del self._open[event.account, event.order_id]  # type: ignore[union-attr]
            return None
        return self._other(event)

    def _accepted(self, event: OrderAccepted) -> str:
        self._open[event.account, event.order_id] = self._scales[event.order.symbol]
        return f"{self._head(event, 'accepted')}}}\n"

    def _other(self, event: KernelEvent) -> str | None:
        if isinstance(event, OrderRejected):
            return f'{self._head(event, "rejected")},"reason":"{event.reason}","text":{quoted(event.text)}}}\n'
        if isinstance(event, OrderCancelled):
            left = self._open.pop((event.account, event.order_id)).qty(event.left)
            return f'{self._head(event, "cancelled")},"reason":"{event.reason}","left":"{left}"}}\n'
        if isinstance(event, OrderExpired):
            left = self._open.pop((event.account, event.order_id)).qty(event.left)
            return f'{self._head(event, "expired")},"left":"{left}"}}\n'
        if isinstance(event, OrderTriggered):
            return f"{self._head(event, 'triggered')}}}\n"
        if isinstance(event, OrderAmended):
            scales = self._open[event.account, event.order_id]
            price = "null" if event.price is None else f'"{scales.price(event.price)}"'
            return (
                f'{self._head(event, "amended")},"qty":"{scales.qty(event.qty)}",'
                f'"price":{price},"left":"{scales.qty(event.left)}"}}\n'
            )
        return None

    def _head(
        self,
        event: OrderAccepted | OrderRejected | OrderCancelled | OrderExpired | OrderTriggered | OrderAmended,
        name: str,
    ) -> str:
        self._seq += 1
        return (
            f'{{"seq":{self._seq},"ts":{event.at},"type":"{name}",'
            f'"account":{quoted(event.account)},"id":{quoted(event.order_id)}'
        )

    def _trade(self, event: TradeExecuted) -> str:
        self._seq += 1
        scales = self._scales[event.symbol]
        decimals = scales.quote_decimals
        return (
            f'{{"seq":{self._seq},"ts":{event.at},"type":"trade","trade_id":{event.trade_id},'
            f'"symbol":{quoted(event.symbol)},"price":"{scales.price(event.price)}",'
            f'"qty":"{scales.qty(event.qty)}",'
            f'"maker_account":{quoted(event.maker_account or "")},"maker_id":{quoted(event.maker_id or "")},'
            f'"taker_account":{quoted(event.taker_account or "")},"taker_id":{quoted(event.taker_id or "")},'
            f'"taker_side":"{event.taker_side}","maker_fee":"{fixed(event.maker_fee, decimals)}",'
            f'"taker_fee":"{fixed(event.taker_fee, decimals)}"}}\n'
        )


def state_line(state: dict[str, object]) -> str:
    """Return the last line of `--state`."""
    return json.dumps({"type": "state", **state}, separators=(",", ":")) + "\n"
