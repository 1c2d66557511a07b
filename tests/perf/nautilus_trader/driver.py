"""nautilus_trader over the script: one strategy, the risk engine's checks on, the backtest's matching engine.

A round is a fresh `BacktestEngine`: cash account, a book (L2) with the script's two huge levels, no latency, no
message queue, so that a command has gone through risk engine, execution engine, exchange, cache, account and
strategy before the next is sent. Measured is the loop that makes and sends the commands; the engine's start and
stop, its logs and its analysis are not. The rate limit of orders, which has no counterpart, is set out of reach.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import FillModel, MakerTakerFeeModel
from nautilus_trader.common.config import LoggingConfig
from nautilus_trader.config import BacktestEngineConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.core.data import Data
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BookOrder, OrderBookDelta, OrderBookDeltas
from nautilus_trader.model.enums import (
    AccountType,
    BookAction,
    BookType,
    OmsType,
    OrderSide,
    RecordFlag,
    TimeInForce,
)
from nautilus_trader.model.events import OrderAccepted, OrderCanceled, OrderDenied, OrderFilled, OrderRejected
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from tests.perf.drive import Act, Fill, Kind, Round, acts, market, serve

VENUE = Venue("PAPER")
INSTRUMENT = InstrumentId(Symbol("BTC/USDT"), VENUE)
PRICE_PLACES, QTY_PLACES = 2, 5
DEEP = 10_000_000
"""What stands at the best bid and the best ask, in lots of 0.00001: more than the script ever takes."""


def price_of(ticks: int) -> Price:
    """Return a price in ticks of 0.01 as one of theirs."""
    return Price(ticks / 100, PRICE_PLACES)


def qty_of(lots: int) -> Quantity:
    """Return a quantity in lots of 0.00001 as one of theirs."""
    return Quantity(lots / 100_000, QTY_PLACES)


def instrument() -> CurrencyPair:
    """Return the pair of the script."""
    return CurrencyPair(
        instrument_id=INSTRUMENT,
        raw_symbol=INSTRUMENT.symbol,
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=PRICE_PLACES,
        size_precision=QTY_PLACES,
        price_increment=price_of(1),
        size_increment=qty_of(1),
        lot_size=None,
        max_quantity=Quantity(9000, QTY_PLACES),
        min_quantity=qty_of(1),
        max_notional=None,
        min_notional=Money(1, USDT),
        max_price=Price(1_000_000, PRICE_PLACES),
        min_price=price_of(1),
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=Decimal("0.001"),
        taker_fee=Decimal("0.001"),
        ts_event=0,
        ts_init=0,
    )


def book(bid: int, ask: int) -> list[Data]:
    """Return the deltas that make the book."""
    deltas = [
        OrderBookDelta(
            INSTRUMENT, BookAction.ADD, BookOrder(side, price_of(price), qty_of(DEEP), number), flags, 0, 1, 1
        )
        for side, price, number, flags in (
            (OrderSide.BUY, bid, 1, 0),
            (OrderSide.SELL, ask, 2, RecordFlag.F_LAST),
        )
    ]
    return [OrderBookDeltas(INSTRUMENT, deltas)]


class Sender(Strategy):  # type: ignore[misc] # of a package that mypy does not see
    """Sends the script when the book is there."""

    def __init__(self, commands: list[tuple[Act, OrderSide, Price, Quantity]]) -> None:
        super().__init__(StrategyConfig(strategy_id="SENDER-1"))
        self.commands = commands
        self.fills: list[OrderFilled] = []
        self.accepted = self.cancelled = self.refused = 0
        self.cpu_s = 0.0

    def on_start(self) -> None:
        """Ask for the book."""
        self.subscribe_order_book_deltas(INSTRUMENT, BookType.L2_MBP)

    def on_order_book_deltas(self, deltas: OrderBookDeltas) -> None:
        """Send everything."""
        del deltas
        limit, submit, cancel = self.order_factory.limit, self.submit_order, self.cancel_order
        orders: dict[int, Any] = {}
        begun = time.process_time()
        for event, side, price, qty in self.commands:
            if event.kind is Kind.CANCEL:
                cancel(orders.pop(event.order))
            else:
                order = orders[event.order] = limit(INSTRUMENT, side, qty, price, TimeInForce.GTC)
                submit(order)
        self.cpu_s = time.process_time() - begun

    def on_event(self, event: object) -> None:
        """Count what happened, as our side does."""
        if isinstance(event, OrderAccepted):
            self.accepted += 1
        elif isinstance(event, OrderFilled):
            self.fills.append(event)
        elif isinstance(event, OrderCanceled):
            self.cancelled += 1
        elif isinstance(event, (OrderRejected, OrderDenied)):
            self.refused += 1


def prepare(path: Path) -> Callable[[], Round]:
    """Return what plays one round of the script."""
    bid, ask = market(path)
    script = acts(path)
    commands = [
        (act, OrderSide.BUY if act.kind is Kind.BUY else OrderSide.SELL, price_of(act.price), qty_of(act.qty))
        if act.kind is not Kind.CANCEL
        else (act, OrderSide.NO_ORDER_SIDE, None, None)
        for act in script
    ]

    def play() -> Round:
        engine = BacktestEngine(
            BacktestEngineConfig(
                logging=LoggingConfig(bypass_logging=True),
                risk_engine=RiskEngineConfig(max_order_submit_rate="100000000/00:00:01"),
                run_analysis=False,
            )
        )
        engine.add_venue(
            venue=VENUE,
            oms_type=OmsType.NETTING,
            account_type=AccountType.CASH,
            starting_balances=[Money(1_000_000, USDT), Money(100, BTC)],
            fill_model=FillModel(),
            fee_model=MakerTakerFeeModel(),
            book_type=BookType.L2_MBP,
            use_message_queue=False,
        )
        engine.add_instrument(instrument())
        engine.add_data(book(bid, ask))
        sender = Sender(commands)
        engine.add_strategy(sender)
        engine.run()
        fills = [_fill(each) for each in sender.fills]
        if sender.refused:
            raise SystemExit(f"{sender.refused} orders were refused; the answers are not comparable.")
        engine.dispose()
        return Round(sender.cpu_s, fills)

    return play


def _fill(event: OrderFilled) -> Fill:
    taker = int(event.client_order_id.value.rsplit("-", 1)[1])
    return Fill(0, taker, round(event.last_px.as_double() * 100), round(event.last_qty.as_double() * 100_000))


if __name__ == "__main__":
    serve("nautilus_trader", prepare)
