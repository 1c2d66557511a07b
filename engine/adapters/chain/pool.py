"""Several endpoints of one chain that stand in for each other: the first that is well is asked.

An endpoint is asked for its chain before anything else, and one of another chain is never asked again. One that fails
rests, longer each time; one that is behind the others in blocks is left until it has caught up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from engine.adapters.chain.node import Answer, Node, Question
from engine.adapters.chain.refusal import METHOD_NOT_FOUND, Meaning, Refusal
from engine.adapters.chain.wire import Misshapen, count, number
from engine.errors import ChainUnavailable, WrongChain
from engine.services.task import TaskOwner

PATIENCE_S = 8.0
"""How long a call waits for endpoints that rest, before it fails."""
ROUNDS = 3
"""How often each is asked at most."""
BEHIND_BLOCKS, BEHIND_S = 3, 30.0
"""An endpoint that is further behind the newest known block than both is left."""
LOOK_EVERY_S = 20.0
AGAIN_S = 0.2


class Pool:
    """Asks the endpoints of a chain; `close` ends all connections."""

    def __init__(self, chain_id: int, title: str, nodes: Sequence[Node], block_s: float) -> None:
        self.chain_id, self.title = chain_id, title
        self.nodes = tuple(nodes)
        self._behind = max(BEHIND_BLOCKS, round(BEHIND_S / max(block_s, 0.1)))
        self._tasks = TaskOwner(f"nodes of {title}")
        self._looked_at = time.monotonic()
        self._meeting: dict[Node, asyncio.Lock] = {each: asyncio.Lock() for each in nodes}
        self._is_closed = False

    async def close(self) -> None:
        """End all; safe to call twice."""
        self._is_closed = True
        await self._tasks.join()
        for each in self.nodes:
            await each.close()

    @property
    def height(self) -> int:
        """The newest block that anybody told of."""
        return max((each.health.height for each in self.nodes if not each.health.is_barred), default=0)

    @property
    def health(self) -> str:
        """A sentence about the endpoints."""
        well = [each for each in self.nodes if not each.health.problem and not self._is_behind(each)]
        problems = [each.health.problem for each in self.nodes if each.health.problem]
        problems += [
            f"{each.host} is {self.height - each.health.height:,} blocks behind."
            for each in self.nodes
            if not each.health.problem and self._is_behind(each)
        ]
        if len(self.nodes) == 1:
            return problems[0] if problems else f"{self.nodes[0].host} answers."
        head = f"{len(well)} of {len(self.nodes)} endpoints are well"
        return " ".join([f"{head}; {well[0].host} is asked." if well else f"{head}.", *problems])

    def usable(self) -> list[Node]:
        """Return the endpoints in the order in which they are asked now."""
        able = [each for each in self.nodes if not each.health.is_barred]
        return sorted(able, key=lambda each: (each.rests_s > 0, self._is_behind(each), each.rests_s))

    async def meet(self) -> None:
        """Find an endpoint that is of the chain; the others are met meanwhile, and may take their time.

        Raises:
            WrongChain: those that answer are of another.
            ChainUnavailable: none answers.
        """
        left = {self._tasks.start(self._greet(each)) for each in self.nodes}
        while left:
            _, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            if any(each.health.chain_id == self.chain_id for each in self.nodes):
                return
        raise self._nobody()

    async def _greet(self, node: Node) -> None:
        with suppress(ChainUnavailable, WrongChain):
            await self._met(node)

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Return an answer to each question; one that is no result is what the last endpoint said to it.

        Raises:
            ChainUnavailable: nobody answers.
            WrongChain: all endpoints are of another chain.
        """
        answers: dict[int, Answer] = {}
        waiting = list(range(len(questions)))
        until = time.monotonic() + PATIENCE_S
        for turn in range(ROUNDS):
            if turn and (time.monotonic() > until or not await self._pause(turn, answers, waiting)):
                break
            for node in self.usable():
                if all(questions[at].method in node.unknown for at in waiting):
                    answers = {at: _unknown(questions[at]) for at in waiting} | answers
                    continue
                if not await self._rested(node, until):
                    continue
                answers |= await self._asked(node, questions, waiting)
                waiting = [at for at in waiting if at not in answers or not answers[at].is_final]
                if not waiting:
                    self._look_around()
                    return [answers[at] for at in range(len(questions))]
        if len(answers) < len(questions) or self._is_closed:
            raise self._nobody()
        return [answers[at] for at in range(len(questions))]

    async def _pause(self, turn: int, answers: dict[int, Answer], waiting: list[int]) -> bool:
        """Wait before everybody is asked once more; False: it would be of no use."""
        if self._is_closed or all(each.health.is_barred for each in self.nodes):
            return False
        meanings = {answers[at].meaning for at in waiting if at in answers}
        if len(answers) >= len(waiting) and meanings == {Meaning.UNKNOWN_METHOD}:
            return False
        if Meaning.ELSEWHERE in meanings:
            await asyncio.sleep(AGAIN_S * turn)
        return True

    async def _asked(self, node: Node, questions: Sequence[Question], waiting: list[int]) -> dict[int, Answer]:
        try:
            await self._met(node)
            found = await node.ask([questions[at] for at in waiting])
        except (ChainUnavailable, WrongChain):
            return {}
        answers = dict(zip(waiting, found, strict=True))
        for at, answer in answers.items():
            if questions[at].method == "eth_blockNumber" and answer.refusal is None:
                answers[at] = self._height_of(node, answer)
        return answers

    def _height_of(self, node: Node, answer: Answer) -> Answer:
        """Keep an endpoint's height; of one that turns out to be behind, nothing is taken if others are well."""
        try:
            _tell(node, count(answer.result))
        except Misshapen as error:
            return Answer(refusal=Refusal(Meaning.ELSEWHERE, 0, str(error)))
        others = (each for each in self.usable() if each is not node)
        if self._is_behind(node) and any(each.rests_s == 0 and not self._is_behind(each) for each in others):
            return Answer(refusal=Refusal(Meaning.ELSEWHERE, 0, f"{node.host} is behind."))
        return answer

    async def _met(self, node: Node) -> None:
        """Ask an endpoint for its chain, once; one of another chain is barred."""
        async with self._meeting[node]:
            if node.health.chain_id is None:
                asked = await node.ask([Question("eth_chainId"), Question("eth_blockNumber")])
                try:
                    node.health.chain_id = number(asked[0].result)
                    _tell(node, count(asked[1].result))
                except Misshapen:
                    said = next((f": {each.refusal.text}" for each in asked if each.refusal), ".")
                    node.rest(node.health.backoff.next(1.0), f"{node.host} does not say which chain it is of{said}")
                    raise
        if node.health.chain_id != self.chain_id:
            node.health.is_barred = True
            node.health.problem = (
                f"{node.host} is a node of chain {node.health.chain_id}, not of {self.title} ({self.chain_id}). "
                "It is not asked."
            )
            raise WrongChain(node.health.problem)

    async def _rested(self, node: Node, until: float) -> bool:
        """Whether an endpoint can be asked; if all rest, and not for long, wait for it."""
        if node.rests_s == 0:
            return True
        if any(each.rests_s == 0 for each in self.usable()):
            return False
        if time.monotonic() + node.rests_s > until:
            return False
        await asyncio.sleep(node.rests_s)
        return True

    def _is_behind(self, node: Node) -> bool:
        """Whether others were further, when both were asked lately."""
        able = [each.health for each in self.nodes if not each.health.is_barred]
        first, own = max(able, key=lambda each: each.height, default=node.health), node.health
        is_late = own.told_at < first.told_at - LOOK_EVERY_S - BEHIND_S
        return bool(own.height) and not is_late and first.height - own.height > self._behind

    def _look_around(self) -> None:
        """Now and then ask the endpoints that are not used how far they are."""
        now = time.monotonic()
        if len(self.nodes) < 2 or now - self._looked_at < LOOK_EVERY_S or self._is_closed:
            return
        self._looked_at = now
        for each in self.nodes:
            if not each.health.is_barred and each.rests_s == 0:
                self._tasks.start(self._look(each))

    async def _look(self, node: Node) -> None:
        await self._asked(node, [Question("eth_blockNumber")], [0])

    def _nobody(self) -> ChainUnavailable | WrongChain:
        problems = " ".join(dict.fromkeys(each.health.problem for each in self.nodes if each.health.problem))
        if not self.nodes:
            return ChainUnavailable(f"There is no endpoint for {self.title}. Add the address of a node.")
        if all(each.health.is_barred for each in self.nodes):
            return WrongChain(problems)
        return ChainUnavailable(f"{self.title} cannot be reached now. {problems}".rstrip())


def _tell(node: Node, height: int) -> None:
    node.health.height, node.health.told_at = height, time.monotonic()


def _unknown(question: Question) -> Answer:
    return Answer(refusal=Refusal(Meaning.UNKNOWN_METHOD, METHOD_NOT_FOUND, f"No node knows {question.method}."))
