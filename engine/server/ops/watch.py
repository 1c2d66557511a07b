"""What commands of this machine may ask and do about limits: figures, blocked addresses."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from engine.server.api.blocks import network, told
from engine.server.observe.figures import figures_of
from engine.server.refusal import bad_request, not_found
from engine.server.services import Services
from engine.wire import block as wire
from engine.wire.metrics import Metrics

Wanted = TypeVar("Wanted", wire.NewBlock, wire.LiftBlock)


async def figures(services: Services, _: bytes) -> Metrics:
    """Answer with everything that is known of the process."""
    return figures_of(services.watch)


async def blocks(services: Services, _: bytes) -> wire.Blocks:
    """Answer with who is blocked."""
    return wire.Blocks(tuple(told(each) for each in services.guard.blocks.active()))


async def block(services: Services, body: bytes) -> wire.Block:
    """Block an address."""
    wanted = _read(body, wire.NewBlock)
    return told(await services.guard.block(network(wanted.address), wanted.minutes * 60.0, wanted.reason))


async def lift(services: Services, body: bytes) -> wire.Blocks:
    """Let an address in again; answer with who is still blocked."""
    if not await services.guard.lift(network(_read(body, wire.LiftBlock).address)):
        raise not_found("That address is not blocked.")
    return await blocks(services, b"")


def _read(body: bytes, kind: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise bad_request(f"The body cannot be used: {error}.") from None
