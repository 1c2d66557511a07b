"""What a venue itself would refuse: the gate before it goes first, then the pair as the venue lists it now."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from engine.domain.command import Fault, SubmitOrder
from engine.domain.instrument import Instrument
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Reason, Side
from engine.exchange.listed import ListedGate
from engine.market.catalogue import PAIRS
from engine.risk.gate import RiskContext

PAIR = PAIRS[0].pair
BTC = Instrument("binance", "BTCUSDT", PAIR, min_lots=Lots(10))
ORDER = SubmitOrder(
    account=AccountId("me"), order_id=OrderId("o1"), symbol=PAIR.symbol, side=Side.BUY,
    order_type=OrderType.LIMIT, qty=Lots(10), price=Ticks(100),
)  # fmt: skip
HALTED = Fault(Reason.HALTED, "Trading is halted.")


class Gate:
    """Says what it was told to."""

    def __init__(self, answer: Fault | None = None) -> None:
        self.answer = answer

    def check(self, _order: object, _context: object) -> Fault | None:
        return self.answer


def asked(listed: list[Instrument], order: SubmitOrder = ORDER, before: Fault | None = None) -> Fault | None:
    context = cast("RiskContext", type("Context", (), {"pair": PAIR})())
    return ListedGate(Gate(before), "Binance", lambda: listed).check(order, context)


def test_an_order_that_the_venue_would_take_passes() -> None:
    assert asked([BTC]) is None


def test_the_gate_before_goes_first_and_may_be_all_there_is_to_ask() -> None:
    assert asked([], before=HALTED) is HALTED
    assert ListedGate(Gate(), "Binance", list).check(ORDER, None) is None


@pytest.mark.parametrize(
    ("listed", "qty", "reason", "said"),
    [
        ([], 10, Reason.NO_BOOK, "Binance does not list BTC/USDT any more."),
        ([replace(BTC, trading=False)], 10, Reason.NO_BOOK, "Binance takes no orders in BTC/USDT now."),
        ([BTC], 9, Reason.BAD_QUANTITY, "Binance takes orders in BTC/USDT from 0.00010 BTC on."),
    ],
)
def test_what_it_would_refuse_is_refused_with_its_reason(
    listed: list[Instrument], qty: int, reason: Reason, said: str
) -> None:
    assert asked(listed, replace(ORDER, qty=Lots(qty))) == Fault(reason, said)
