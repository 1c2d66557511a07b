"""Calls that are made in the same turn of the loop go to the node together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from engine.adapters.chain.node import Answer, Question
from engine.adapters.chain.pool import Pool
from engine.errors import ChainUnavailable, CrsError
from engine.services.task import TaskOwner

_Waiting = tuple[Question, "asyncio.Future[Answer]"]
GONE = "The connection to the chain was ended."


class Batcher:
    """Gathers questions until the loop turns, then asks them all; `close` ends what waits."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[_Waiting] = []
        self._tasks = TaskOwner("questions to a chain")
        self._is_closed = False

    async def close(self) -> None:
        """End what is under way: whoever waits hears that nobody answers."""
        self._is_closed = True
        await self._tasks.join()

    async def ask(self, method: str, params: Sequence[Any] = ()) -> Any:  # noqa: ANN401 - of JSON
        """Return the result of a call.

        Raises:
            ChainUnavailable, WrongChain: as `Pool.ask`.
            Reverted, NodeRefused, NotSimulated, InvalidInput: by what the node says (`Refusal.error`).
        """
        answer = await self.answer(method, params)
        if answer.refusal is not None:
            raise answer.refusal.error()
        return answer.result

    async def answer(self, method: str, params: Sequence[Any] = ()) -> Answer:
        """Return what came of a call, a refusal included."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((Question(method, params), future))
        return await future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        wanted = [(question, future) for question, future in waiting if not future.done()]
        if self._is_closed:
            _fail(wanted, ChainUnavailable(GONE))
        elif wanted:
            self._tasks.start(self._answered(wanted))

    async def _answered(self, wanted: Sequence[_Waiting]) -> None:
        try:
            answers = await self._pool.ask([question for question, _ in wanted])
        except CrsError as error:
            _fail(wanted, error)
            return
        except asyncio.CancelledError:
            _fail(wanted, ChainUnavailable(GONE))
            raise
        except Exception as error:  # a bug: who asked hears of it, and whoever shows those
            _fail(wanted, error)
            raise
        for (_, future), answer in zip(wanted, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _fail(wanted: Sequence[_Waiting], error: Exception) -> None:
    """Have everybody who waits raise an error, each one of their own."""
    for _, future in wanted:
        if not future.done():
            future.set_exception(type(error)(*error.args) if isinstance(error, CrsError) else error)
