"""The full paper path without a disk: from an order's making over risk, matching and accounts to published events."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.bus import Bus
from engine.cli.bench.listing import PAIR
from engine.cli.bench.reference import Fill
from engine.cli.bench.rounds import WrongAnswerError
from engine.cli.bench.script import Act
from engine.domain.command import CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.event import OrderFilled, OrderRejected, TradeExecuted
from engine.domain.flow import FlowKind, FlowOrder
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.exchange.kernel import Exchange
from engine.portfolio.fold import Fold
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits

ACCOUNT = AccountId("PAPER-1")
DEEP = Lots(10**12)
LIMITS = RiskLimits(
    max_order_qty={"BTC": PAIR.base.units(Decimal(10))},
    max_order_value=PAIR.quote.units(Decimal(1_000_000)),
    max_position_value=PAIR.quote.units(Decimal(10**12)),
    max_open_orders=10_000,
    max_price_deviation_bps=5_000,
    max_daily_loss=PAIR.quote.units(Decimal(1_000_000)),
)
"""Every check on, none in the way."""


class Desk:
    """An exchange with a risk gate, a fold of its facts and a bus that somebody listens to."""

    def __init__(self, market: tuple[int, int]) -> None:
        self.exchange, self.fold, self.bus = Exchange(gate=RiskGate(LIMITS)), Fold(), Bus()
        self.fills: list[OrderFilled] = []
        self.refused: list[OrderRejected] = []
        self.bus.subscribe(OrderFilled, self.fills.append)
        self.bus.subscribe(OrderRejected, self.refused.append)
        self.fold.apply(ListPair(PAIR))
        self._carry_out(ListPair(PAIR), Nanos(0))
        for asset in (PAIR.base, PAIR.quote):
            self._carry_out(Deposit(ACCOUNT, asset.code, asset.units(Decimal(1_000_000))), Nanos(0))
        sides = zip((Side.BUY, Side.SELL), market, strict=True)
        self.exchange.flow(
            PAIR.symbol,
            [
                FlowOrder(Nanos(0), FlowKind.LIMIT, key, side, Ticks(price), DEEP)
                for key, (side, price) in enumerate(sides)
            ],
        )

    def play(self, acts: Sequence[Act]) -> None:
        """Send every act, each at its own instant."""
        carry_out = self._carry_out
        for now, (order, is_buy, price, qty) in enumerate(acts, 1):
            order_id = OrderId(f"o{order}")
            if is_buy is None:
                carry_out(CancelOrder(ACCOUNT, order_id), Nanos(now))
                continue
            command = SubmitOrder(
                account=ACCOUNT,
                order_id=order_id,
                symbol=PAIR.symbol,
                side=Side.BUY if is_buy else Side.SELL,
                order_type=OrderType.LIMIT,
                qty=Lots(qty),
                price=Ticks(price),
            )
            carry_out(command, Nanos(now))

    def _carry_out(self, command: Command, now: Nanos) -> None:
        apply, publish = self.fold.apply, self.bus.publish
        for event in self.exchange.handle(command, now):
            if isinstance(event, TradeExecuted):  # public: no fact of an account
                continue
            changes = apply(event)
            publish(event)
            for change in changes:
                publish(change)

    def trades(self) -> list[Fill]:
        """Return what the listener on the bus heard."""
        return [Fill(0, int(each.order_id[1:]), each.price, each.qty) for each in self.fills]

    def check(self) -> None:
        """Prove that nothing was refused and the folded accounts are the exchange's.

        Raises:
            WrongAnswerError: something was, or they differ.
        """
        self.fold.check()
        if self.refused or self.exchange.balances(ACCOUNT) != self.fold.balances(ACCOUNT):
            raise WrongAnswerError("An order was refused, or the accounts of exchange and fold differ.")
