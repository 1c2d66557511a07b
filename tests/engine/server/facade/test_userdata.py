"""An account's events are told once, although the tables know of a record before the bus tells of it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from engine.domain.event import FundsDeposited
from engine.domain.number import Nanos, Units
from engine.domain.order import AccountId
from engine.ports.journal import Recorded
from engine.server.core.port import EventsMissed
from engine.server.facade import userdata
from engine.server.facade.userdata import UserData
from engine.services.order_fold import OrderPast
from tests.engine.server.ws.small import SmallCore

ME = AccountId("U-1")


def deposit(seq: int) -> Recorded:
    return Recorded(seq, FundsDeposited(ME, "USDT", Units(10**18), Nanos(1)))


@pytest.fixture
async def listened(monkeypatch: pytest.MonkeyPatch) -> tuple[SmallCore, list[Any]]:
    """Return a core, and what is told of an account whose tables are read up to record 10."""
    monkeypatch.setattr(userdata, "open_past", lambda _shelf: (OrderPast(open=[]), {}, 10))
    core, told = SmallCore(), list[Any]()
    data = UserData(core.bus, core, cast(Any, None))
    await data.listen(ME, lambda payload: told.append(msgspec.json.decode(payload)["e"]))
    return core, told


async def test_a_record_that_was_in_the_tables_when_they_were_read_is_not_told_again(
    listened: tuple[SmallCore, list[Any]],
) -> None:
    core, told = listened
    core.bus.publish(deposit(10))
    assert told == []

    core.bus.publish(deposit(11))
    assert told == ["balanceUpdate"]


async def test_after_a_gap_nobody_hears_what_was_folded_without_it(listened: tuple[SmallCore, list[Any]]) -> None:
    core, told = listened
    core.bus.publish(EventsMissed())

    core.bus.publish(deposit(11))
    assert told == []
