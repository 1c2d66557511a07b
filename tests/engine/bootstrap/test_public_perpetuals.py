"""A venue that lists perpetuals only: it is shown, its account has money and a currency, and trades nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, Reason, Side
from engine.profile import Profile
from tests.engine.bootstrap.scripted_exchange import BID, PERPETUAL, ScriptedExchange

pytestmark = pytest.mark.integration

SYMBOL = PERPETUAL.symbol


async def test_nothing_is_traded_and_the_account_is_found_again(tmp_path: Path) -> None:
    for run in ("first", "again"):
        bus = Bus()
        engine = await open_public(
            Profile(tmp_path), "binance_usdm", feed=ScriptedExchange(bus, (PERPETUAL,)), bus=bus, follow=(SYMBOL,)
        )
        try:
            account = engine.venue.account
            order = SubmitOrder(
                account=account, order_id=OrderId(f"{run}-1"), symbol=SYMBOL, side=Side.BUY,
                order_type=OrderType.LIMIT, qty=Lots(1_000), price=Ticks(BID),
            )  # fmt: skip
            pair = SubmitList(account=account, order_id=OrderId(f"{run}-l"), kind=ListKind.OCO, orders=(order, order))
            answers = await engine.venue.submit(order), await engine.venue.submit_list(pair)
            worth, free = engine.portfolio.equity(), engine.portfolio.balances()["USDT"].free

            assert [each.reason for each in answers if isinstance(each, OrderRejected)] == [Reason.UNKNOWN_SYMBOL] * 2
            assert all("shown here, not traded" in each.text for each in answers if isinstance(each, OrderRejected))
            assert worth == free == 10_000 * 10**8
            assert not engine.orders.open(SYMBOL)
        finally:
            await engine.close()
