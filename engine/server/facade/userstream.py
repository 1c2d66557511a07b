"""Listen keys: made, kept alive, ended."""

from __future__ import annotations

from typing import Any

from engine.server.facade.operation import Asked, Operation, Security


async def make(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with a listen key."""
    return {"listenKey": asked.front.listen_keys.make(asked.known)}


async def renew(asked: Asked) -> Any:  # noqa: ANN401
    """Give a listen key another hour."""
    asked.front.listen_keys.renew(asked.told.text("listenKey"), asked.known)
    return {}


async def end(asked: Asked) -> Any:  # noqa: ANN401
    """End a listen key."""
    asked.front.listen_keys.end(asked.told.text("listenKey"), asked.known)
    return {}


OPERATIONS = (
    Operation("POST", "userDataStream", make, (), Security.KEY, weight=2, word="userDataStream.start"),
    Operation("PUT", "userDataStream", renew, ("listenKey",), Security.KEY, weight=2, word="userDataStream.ping"),
    Operation("DELETE", "userDataStream", end, ("listenKey",), Security.KEY, weight=2, word="userDataStream.stop"),
)
