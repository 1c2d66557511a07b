"""A node that refuses what it then carries out: an order is not carried out a second time."""

from __future__ import annotations

import pytest

from engine.defi.orders.order import OrderState, SlotOutcome
from engine.errors import NodeRefused
from tests.dexdesk import COIN, Desk
from tests.engine.services.dex.test_orders import orders_of, turn, wanting


async def test_what_a_node_refused_and_carried_out_is_not_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = orders_of(desk)
    weth = desk.token("WETH")
    before = await desk.balance(weth)
    order = await wanting(desk, orders, 0.9)
    await orders.look()
    await desk.settle()
    honest = desk.chain.send_raw

    async def lies(raw: bytes) -> str:
        await honest(raw)
        raise NodeRefused("The pool is full.")

    async def knows_nothing(transaction: str) -> None:
        return None

    monkeypatch.setattr(desk.chain, "send_raw", lies)
    monkeypatch.setattr(desk.chain, "transaction", knows_nothing)
    await turn(desk, orders, 4)

    assert before - await desk.balance(weth) == COIN
    found = orders.get(order.id)
    assert (found.state, [each.outcome for each in found.slots]) == (OrderState.FAILED, [SlotOutcome.FAILED])
