"""Calls that are made in the same turn of the loop go to the node together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from engine.adapters.chain.node import Answer, Question
from engine.adapters.chain.pool import Pool
from engine.errors import CrsError
from engine.services.task import TaskOwner


class Batcher:
    """Gathers questions until the loop turns, then asks them all; `close` ends what waits."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._tasks = TaskOwner("questions to a chain")

    async def close(self) -> None:
        """Cancel what is under way."""
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
        if wanted:
            self._tasks.start(self._answered(wanted))

    async def _answered(self, wanted: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._pool.ask([question for question, _ in wanted])
        except CrsError as error:
            for _, future in wanted:
                if not future.done():
                    future.set_exception(type(error)(*error.args))
            return
        except BaseException:
            for _, future in wanted:
                future.cancel()
            raise
        for (_, future), answer in zip(wanted, answers, strict=True):
            if not future.done():
                future.set_result(answer)
