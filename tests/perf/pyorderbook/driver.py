"""pyorderbook over the script: prices in currency (`price: float`), its own orders found by the script's numbers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from pyorderbook import Book, Order, TradeBlotter, ask, bid

from tests.perf.drive import Fill, Kind, Round, acts, serve

SYMBOL = "BTC/USDT"
TICKS = 100
"""In one unit of currency."""


def prepare(path: Path) -> Callable[[], Round]:
    """Return what plays one round of the script."""
    makers = {Kind.BUY: bid, Kind.SELL: ask, Kind.CANCEL: None}
    commands = [(makers[act.kind], act.order, act.price / TICKS, act.qty) for act in acts(path)]

    def play() -> Round:
        book, orders = Book(), dict[int, Order]()
        match, cancel = book.match, book.cancel
        happened: list[TradeBlotter] = []
        begun = time.process_time()
        for make, number, price, qty in commands:
            if make is not None:
                order = orders[number] = make(SYMBOL, price, qty)
                blotter = match(order)
                if blotter.trades:
                    happened.append(blotter)
            else:
                cancel(orders[number])
        cpu_s = time.process_time() - begun
        numbers = {order.id: number for number, order in orders.items()}
        return Round(
            cpu_s,
            [
                Fill(
                    numbers[t.standing_order_id],
                    numbers[t.incoming_order_id],
                    int(t.fill_price * TICKS),
                    t.fill_quantity,
                )
                for blotter in happened
                for t in blotter.trades
            ],
        )

    return play


if __name__ == "__main__":
    serve("pyorderbook", prepare)
