"""Who gets hold of a confirmation, or comes late with one, gets nothing signed that was not shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from engine.defi.intents import send
from engine.defi.prepared import Prepared
from engine.errors import NodeRefused, NotShown, NotSigned
from engine.ports.clock import Clock
from engine.services.wallet.pipeline import FRESH_NS, GOOD_NS
from tests.engine.services.wallet.desk import ALICE, BOB, CAROL, ETHER, Desk


class Late:
    """The clock, and how much later it is."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.by = clock, 0

    def monotonic(self) -> int:
        return self._clock.monotonic() + self.by

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._clock, name)


async def test_a_confirmation_is_good_for_what_it_was_given_for_alone(desk: Desk) -> None:
    shown = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, desk.spec.native.units(1)))
    other = await desk.pipeline.prepare(send(desk.spec, ALICE.address, CAROL, desk.spec.native.units(ETHER)))
    confirmed = await desk.pipeline.confirm(shown)
    object.__setattr__(confirmed, "_prepared", other)

    with pytest.raises(NotSigned, match="was changed since"):
        await desk.pipeline.send(confirmed)
    assert desk.keys.signed == []


async def test_a_confirmation_that_waits_too_long_for_the_keys_is_shown_again(desk: Desk) -> None:
    late = Late(desk.clock)
    desk.clock = cast(Any, late)
    pipeline = desk.opened()
    wish = send(desk.spec, ALICE.address, BOB, desk.spec.native.units(1))
    late.by += FRESH_NS
    in_time, too_late = [await pipeline.confirm(await pipeline.prepare(wish)) for _ in range(2)]
    late.by += GOOD_NS - FRESH_NS
    await pipeline.send(in_time)
    late.by += FRESH_NS

    with pytest.raises(NotShown, match="too long ago") as error:
        await pipeline.send(too_late)
    assert isinstance(error.value.fresh, Prepared)
    with pytest.raises(NotSigned, match="used already"):
        await pipeline.send(too_late)
    assert len(desk.keys.signed) == 1
    again = await pipeline.confirm(replace(error.value.fresh))
    await pipeline.send(again)


async def test_what_a_node_refused_and_carried_out_is_not_repeated_unsuspectingly(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = desk.client.send_raw

    async def lies(raw: bytes) -> str:
        await honest(raw)
        raise NodeRefused("The pool is full.")

    async def knows_nothing(transaction: str) -> None:
        return None

    with monkeypatch.context() as lying:
        lying.setattr(desk.client, "send_raw", lies)
        lying.setattr(desk.client, "transaction", knows_nothing)
        with pytest.raises(NodeRefused):
            await desk.send(wish := send(desk.spec, ALICE.address, BOB, desk.spec.native.units(ETHER)))

    again = await desk.pipeline.prepare(wish)
    assert [each.code for each in again.warnings] == ["perhaps-sent"]
    await desk.send(wish, "perhaps-sent")
    assert (await desk.pipeline.prepare(wish)).warnings == ()
