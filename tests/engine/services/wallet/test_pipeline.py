from __future__ import annotations

from engine.defi.intents import send
from engine.services.wallet.sent import SendState
from tests.engine.services.wallet.desk import ALICE, BOB, Desk


async def test_what_was_prepared_shown_and_confirmed_arrives(desk: Desk) -> None:
    amount = desk.spec.native.of("1.5")
    prepared = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, amount))
    print(prepared)

    sent = await desk.pipeline.send(await desk.pipeline.confirm(prepared))

    assert await desk.balance(desk.spec.native, BOB) == amount.units
    assert sent.state is SendState.PENDING
    assert [each.state for each in await desk.tracker.poll()] == [SendState.CONFIRMED]
