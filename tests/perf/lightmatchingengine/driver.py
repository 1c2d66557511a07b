"""lightmatchingengine over the script: prices in currency, its own order numbers (they count as the script's do)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from lightmatchingengine.lightmatchingengine import LightMatchingEngine, Side, Trade

from tests.perf.drive import Fill, Kind, Round, acts, serve

SYMBOL = "BTC/USDT"
TICKS = 100
"""In one unit of currency."""


def prepare(path: Path) -> Callable[[], Round]:
    """Return what plays one round of the script."""
    sides = {Kind.BUY: Side.BUY, Kind.SELL: Side.SELL, Kind.CANCEL: 0}
    commands = [(sides[act.kind], act.order, act.price / TICKS, act.qty) for act in acts(path)]

    def play() -> Round:
        engine = LightMatchingEngine()
        add, cancel = engine.add_order, engine.cancel_order
        happened: list[list[Trade]] = []
        begun = time.process_time()
        for side, order, price, qty in commands:
            if side:
                _, trades = add(SYMBOL, price, qty, side)
                if trades:
                    happened.append(trades)
            else:
                cancel(order, SYMBOL)
        return Round(time.process_time() - begun, [fill for trades in happened for fill in _fills(trades)])

    return play


def _fills(trades: list[Trade]) -> list[Fill]:
    """Return one fill per maker: per level it reports what the taker got, then what each maker gave."""
    taker = trades[0].order_id
    return [
        Fill(each.order_id, taker, round(each.trade_price * TICKS), each.trade_qty)
        for each in trades
        if each.order_id != taker
    ]


if __name__ == "__main__":
    serve("lightmatchingengine", prepare)
