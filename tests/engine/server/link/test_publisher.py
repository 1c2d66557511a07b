"""What a publisher puts into its stream, whatever becomes of its connection: nothing is left out without a gap."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Broken

from engine.ports.feed import TradesPrinted
from engine.server.link import publisher as module
from engine.server.link.message import read_batch
from engine.server.link.publisher import Publisher
from tests.engine.server.ws.small import SmallCore


class Stream:
    """A stream in memory whose replies can be late, or lost after it took what was added."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[object]]] = []
        self.lost_replies = 0
        self.open = asyncio.Event()
        self.open.set()

    async def xadd(self, _name: str, fields: dict[bytes, bytes], **_options: Any) -> bytes:  # noqa: ANN401 - Redis's
        """Take a batch."""
        _, number, events = read_batch(fields[b"b"])
        self.batches.append((number, events))
        await self.open.wait()
        if self.lost_replies:
            self.lost_replies -= 1
            raise Broken
        return b"%d-0" % len(self.batches)

    def symbols(self) -> list[str]:
        """Return all that was ever added."""
        return [each.symbol for _, events in self.batches for each in events if isinstance(each, TradesPrinted)]

    def heard(self) -> list[str]:
        """Return what a gateway would hear: each number once, in order, up to the first gap."""
        told: list[str] = []
        last = 0
        for number, events in self.batches:
            if number == last + 1:
                told += [each.symbol for each in events if isinstance(each, TradesPrinted)]
            last = max(last, number)
        return told

    def has_gap(self) -> bool:
        """Whether a number was left out."""
        numbers = {number for number, _ in self.batches}
        return numbers != set(range(1, max(numbers) + 1))


@pytest.fixture
def paceless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOCK_S", 0.01)


async def arrived(stream: Stream, symbol: str) -> None:
    """Wait until an event is in the stream."""
    async with asyncio.timeout(5):
        while symbol not in stream.symbols():  # noqa: ASYNC110 - a test asks from outside
            await asyncio.sleep(0.005)


@pytest.mark.usefixtures("paceless")
async def test_what_came_while_a_reply_was_lost_is_told_too() -> None:
    core, stream = SmallCore(), Stream()
    publisher = Publisher(cast(Redis, stream), "main", 1, core)
    stream.lost_replies = 1
    stream.open.clear()
    publisher.start()
    core.bus.publish(TradesPrinted("A", ()))
    await asyncio.sleep(0)  # the first batch is on its way
    await asyncio.sleep(0)
    core.bus.publish(TradesPrinted("B", ()))
    stream.open.set()
    await arrived(stream, "B")
    await publisher.close()

    assert stream.heard() == ["A", "B"]


@pytest.mark.usefixtures("paceless")
async def test_what_is_dropped_leaves_a_gap_in_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD", 3)
    core, stream = SmallCore(), Stream()
    publisher = Publisher(cast(Redis, stream), "main", 1, core)
    stream.open.clear()
    publisher.start()
    core.bus.publish(TradesPrinted("A", ()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for symbol in "BCDEFGH":  # more than are held, while one batch is on its way
        core.bus.publish(TradesPrinted(symbol, ()))
    stream.open.set()
    await arrived(stream, "H")
    await publisher.close()

    assert stream.symbols()[-1] == "H"
    assert stream.has_gap()


@pytest.mark.usefixtures("paceless")
async def test_a_gateway_begins_although_events_never_cease() -> None:
    core, stream = SmallCore(), Stream()
    publisher = Publisher(cast(Redis, stream), "main", 1, core)
    add = stream.xadd

    async def add_and_go_on(*told: Any, **options: Any) -> bytes:  # noqa: ANN401 - Redis's
        core.bus.publish(TradesPrinted("NEXT", ()))
        await asyncio.sleep(0)
        return await add(*told, **options)

    stream.xadd = add_and_go_on  # type: ignore[method-assign]
    publisher.start()
    async with asyncio.timeout(2):
        hello = await publisher.hello()
    await asyncio.sleep(0.01)
    await publisher.close()

    assert stream.batches[hello.number - 1][0] == hello.number
    assert hello.after == f"{hello.number}-0"
    assert len(stream.batches) > hello.number
