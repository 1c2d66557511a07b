"""Asks the person about what an order or a plan wants signed: a toast that waits, and behind it the confirmation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crs_desktop.i18n import tr
from crs_desktop.viewmodels.dex.asking import AskedPipeline
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.wiring.console import Console
from engine.services.wallet.events import WalletChanged

if TYPE_CHECKING:
    from engine.services.dex.carrying import Answer, Question

PATIENCE_S = 600.0
"""How long a question waits; after that it is not sent now, and asked again later."""


class DexAsking:
    """The person, for `engine.services.dex.carrying.Carrier`; `close` answers nothing more."""

    def __init__(self, console: Console, door: WalletDoor) -> None:
        self._console, self._door = console, door
        self._link = door.on_change(lambda _door: self._listen())
        self._is_heard = False
        self._waiting: dict[asyncio.Future[Answer], Question] = {}

    def close(self) -> None:
        """Withdraw what is asked."""
        self._link.close()
        for each in tuple(self._waiting):
            each.cancel()

    def look_at_first(self) -> None:
        """Open the question that has waited longest."""
        for answer, question in self._waiting.items():
            self._door.doing.do(self._look(question, answer))
            return
        self._console.toasts.say(tr("Nothing waits for your signature"))

    async def ask(self, question: Question) -> Answer:
        """Show a question, and wait for its answer.

        Raises:
            NotCarried: nobody answered for a while; it is asked again later.
        """
        from crs_desktop.shell.dex.question import QuestionToast
        from engine.services.dex.carrying import Answer, NotCarried

        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[answer] = question

        def look() -> None:
            self._door.doing.do(self._look(question, answer))

        def decline() -> None:
            if not answer.done():
                answer.set_result(Answer(agrees=False))

        title, why = plain(question.title, 120), f"{plain(question.why)} {tr('It waits for your signature.')}"
        patience = int(PATIENCE_S * 1000)
        toast = self._console.toasts.follow(
            lambda window, gone: QuestionToast(window, gone, title, why, patience, look, decline)
        )
        try:
            return await asyncio.wait_for(answer, PATIENCE_S)
        except TimeoutError:
            raise NotCarried("Nobody answered; it is asked again later.") from None
        finally:
            self._waiting.pop(answer, None)
            toast.leave()

    async def _look(self, question: Question, answer: asyncio.Future[Answer]) -> None:
        """Show what would be signed; closing it without a signature leaves the question open."""
        from crs_desktop.shell.wallet.confirm import ConfirmTransaction
        from crs_desktop.viewmodels.wallet.confirm import ConfirmModel
        from engine.services.dex.carrying import Answer

        front = self._door.front
        if front is None or front.chain is None or answer.done():
            return
        asked = AskedPipeline(front.pipeline, front.keys)
        model = ConfirmModel(
            asked, question.prepared, front.chain.spec, label=front.label, unlock=front.keys.unlock
        )  # fmt: skip
        ended = asyncio.Event()
        dialog = ConfirmTransaction(self._console.window, model, lambda _model: ended.set())
        dialog.open()
        try:
            await ended.wait()
        except asyncio.CancelledError:
            dialog.reject()
            raise
        if asked.agreed is not None and not answer.done():
            prepared, acknowledged = asked.agreed
            answer.set_result(Answer(agrees=True, acknowledged=acknowledged, looked_at=prepared))

    def _listen(self) -> None:
        front = self._door.front
        if front is None:
            self._is_heard = False
        elif not self._is_heard:
            self._is_heard = True
            front.bus.subscribe(WalletChanged, lambda _event: self._take_over())
            self._take_over()

    def _take_over(self) -> None:
        """Be the one who is asked on the chain in use."""
        front = self._door.front
        if front is not None and front.dex is not None:
            front.dex.ask_with(self.ask)
