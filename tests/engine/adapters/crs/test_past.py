"""What is chosen for an account of a server, kept in a file here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.adapters.crs.past import Choices
from engine.domain.command import SetLotMethod
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.number import Nanos
from engine.domain.order import AccountId, LotMethod

ME, OTHER = AccountId("U-1"), AccountId("U-2")


async def test_choices_that_are_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    choices = Choices(tmp_path / "accounts.json")
    halted = TradingStateChanged(TradingState.HALTED, "enough", Nanos(7))

    await asyncio.gather(
        choices.keep_trading(ME, halted),
        choices.keep(SetLotMethod(ME, LotMethod.FIFO)),
        choices.keep(SetLotMethod(OTHER, LotMethod.LIFO)),
    )

    for each in (choices, Choices(tmp_path / "accounts.json")):
        assert each.trading(ME) == halted
        assert (each.method(ME), each.method(OTHER)) == (LotMethod.FIFO, LotMethod.LIFO)
