"""An engine on a small market, for tests: opened, driven and closed as a front does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.adapters.paper.venue import durable
from engine.bootstrap import Engine, assembly, open_engine
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderType, Side
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from tests.engine.adapters.small_market import SYMBOL, load_small, open_small


def use_small_market(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let engines open the small market instead of the simulated one."""
    monkeypatch.setattr(assembly, "open_market", open_small)
    monkeypatch.setattr(assembly, "load_market", load_small)


@asynccontextmanager
async def opened(directory: Path, **options: object) -> AsyncIterator[Engine]:
    """Open an engine with a still market: tests move it themselves."""
    running = await open_engine(Profile(directory), **options)  # type: ignore[arg-type]
    running.runner.pause()
    try:
        yield running
    finally:
        await running.close()


def limit(running: Engine, side: Side, price: int, qty: int = 500) -> SubmitOrder:
    """Return a limit order under a new id."""
    return SubmitOrder(
        account=running.venue.account,
        order_id=running.orders.new_id(),
        symbol=SYMBOL,
        side=side,
        order_type=OrderType.LIMIT,
        qty=Lots(qty),
        price=Ticks(price),
    )


def market(running: Engine, side: Side, qty: int = 500) -> SubmitOrder:
    """Return a market order under a new id."""
    return SubmitOrder(
        account=running.venue.account,
        order_id=running.orders.new_id(),
        symbol=SYMBOL,
        side=side,
        order_type=OrderType.MARKET,
        qty=Lots(qty),
    )


async def let_pass(running: Engine, seconds: int) -> None:
    """Move the market on by hand."""
    for _ in range(seconds):
        await running.runner.step()


async def day_noted(running: Engine) -> None:
    """Value the account and wait until that is on the disk: from now on nothing is written unasked."""
    running.portfolio.mark()
    await durable(running.venue.record([]))


async def works_again(running: Engine, seconds: float = 20) -> None:
    """Wait until the journal takes records again."""
    again = asyncio.Event()
    subscription = running.bus.subscribe(StorageStateChanged, lambda event: again.set() if event.ok else None)
    async with asyncio.timeout(seconds):
        if running.journal.failure is not None:
            await again.wait()
    subscription.close()
