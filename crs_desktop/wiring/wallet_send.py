"""From a wish to the chain: prepare, let the person look, sign, follow in a toast; several one after the other."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.wallet.confirm import ConfirmModel
from crs_desktop.viewmodels.wallet.confirm_lines import title_of
from crs_desktop.viewmodels.wallet.door import Ended, WalletDoor
from crs_desktop.viewmodels.wallet.figures import plain
from crs_desktop.viewmodels.wallet.front import WalletFront
from crs_desktop.viewmodels.wallet.history import details
from crs_desktop.viewmodels.wallet.progress import Progress
from crs_desktop.wiring.console import Console
from engine.defi.token import TokenAmount
from engine.errors import CrsError
from engine.services.wallet.events import TransactionChanged
from engine.services.wallet.sent import ALIVE, SendState, SentTransaction

if TYPE_CHECKING:
    from crs_desktop.shell.wallet.toast import TransactionToast
    from engine.defi.intent import Intent
    from engine.defi.prepared import FeePreset

log = logging.getLogger(__name__)

CARRIED_OUT = frozenset({SendState.CONFIRMED, SendState.FINAL})
TELLING = frozenset({
    SendState.DROPPED, SendState.FAILED, SendState.REPLACED, SendState.REFUSED, SendState.FINAL_FAILED, SendState.FINAL,
})  # fmt: skip
"""What is told even if the toast of the transaction has gone meanwhile."""


class Sending:
    """What is on its way to a signature or to a block; `close` ends what waits."""

    def __init__(self, console: Console, door: WalletDoor) -> None:
        self._console, self._door = console, door
        self._toasts: dict[str, TransactionToast] = {}
        self._waiting: dict[str, list[asyncio.Future[SentTransaction]]] = {}
        self._heard: Any = None

    def close(self) -> None:
        """Hear nothing more; what waits for a block waits no more."""
        if self._heard is not None:
            self._heard.close()
            self._heard = None
        for futures in self._waiting.values():
            for each in futures:
                each.cancel()
        self._waiting.clear()

    def begin(
        self, front: WalletFront, intents: tuple[Intent, ...], fee: FeePreset, parent: QWidget, then: Ended | None
    ) -> None:
        """Carry out intents, each after the one before is in a block; nothing is signed that was not shown."""
        if self._heard is None:
            self._heard = front.bus.subscribe(TransactionChanged, partial(self._told, front))
        self._console.run.start(self._carry_out(front, intents, fee, parent, then), lasting=True)

    async def show(self, front: WalletFront, transaction: str) -> None:
        """Show a transaction whole."""
        from crs_desktop.shell.wallet.small import DetailDialog

        sent, chain = await front.find(transaction), front.chain
        if sent is None or chain is None:
            self._console.toasts.say(tr("Not sent from here"), transaction)
            return
        paid = None
        if sent.gas_used is not None and sent.gas_price is not None:
            paid = TokenAmount(chain.spec.native, sent.gas_used * sent.gas_price)
        acts = []
        if sent.state in ALIVE:
            acts = [(tr("Speed up…"), partial(self._speed_up, front, sent)),
                    (tr("Cancel it…"), partial(self._cancel, front, sent))]  # fmt: skip
        lines = details(sent, chain.spec.confirmations, paid)
        DetailDialog(self._console.window, plain(sent.title, 80), lines, *acts).open()

    # -- inside -------------------------------------------------------------------------------------

    async def _carry_out(
        self, front: WalletFront, intents: tuple[Intent, ...], fee: FeePreset, parent: QWidget, then: Ended | None
    ) -> None:
        done = False
        try:
            done = await self._each(front, intents, fee, parent)
        except CrsError as error:
            self._console.toasts.say(tr("Not prepared"), plain(str(error)), "error")
        finally:
            if then is not None:
                then(done)

    async def _each(self, front: WalletFront, intents: tuple[Intent, ...], fee: FeePreset, parent: QWidget) -> bool:
        for at, intent in enumerate(intents, 1):
            what = spoken(title_of(intent))
            toast = self._console.toasts.say(tr("{what}: simulating…", what=what))
            unlimited = intent.approval is not None and intent.approval.is_unlimited
            try:
                prepared = await front.pipeline.prepare(intent, fee, allow_unlimited=unlimited)
            finally:
                toast.leave()
            chain = front.chain
            if chain is None:
                return False
            model = ConfirmModel(
                front.pipeline, prepared, chain.spec, label=front.label, unlock=front.keys.unlock,
                allow_unlimited=unlimited, step=(at, len(intents)),
            )  # fmt: skip
            sent = await self._confirmed(model, parent)
            if sent is None:
                return False
            self._follow(front, sent)
            if at < len(intents) and not await self._mined(sent, what):
                return False
        return True

    async def _confirmed(self, model: ConfirmModel, parent: QWidget) -> SentTransaction | None:
        """Show it; return what was sent, None if nothing was."""
        from crs_desktop.shell.wallet.confirm import ConfirmTransaction

        if not isValid(parent) or not (parent.isVisible() or parent is self._console.window):
            return None  # the form was closed meanwhile
        ended = asyncio.Event()
        dialog = ConfirmTransaction(parent, model, lambda _model: ended.set())
        dialog.open()
        try:
            await ended.wait()
        except asyncio.CancelledError:
            dialog.reject()
            raise
        return model.sent if isinstance(model.sent, SentTransaction) else None

    async def _mined(self, sent: SentTransaction, what: str) -> bool:
        """Wait until it is in a block; False if it was not carried out."""
        self._console.toasts.say(tr("{what}: waiting for its block", what=what), tr("What comes next is shown then."))
        state = sent
        while state.state in ALIVE:
            future: asyncio.Future[SentTransaction] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(sent.hash, []).append(future)
            state = await future
        if state.state in CARRIED_OUT:
            return True
        self._console.toasts.say(tr("{what} was not carried out", what=what), tr("The rest was not begun."), "error")
        return False

    def _follow(self, front: WalletFront, sent: SentTransaction) -> None:
        """Show what becomes of it in a toast."""
        from crs_desktop.shell.wallet.toast import TransactionToast

        chain = front.chain
        progress = Progress(sent, chain.spec.confirmations if chain is not None else 1)
        speed_up, cancel = partial(self._speed_up, front), partial(self._cancel, front)

        def made(window: QWidget, gone: Any) -> TransactionToast:  # noqa: ANN401 - the toasts' own callback
            return TransactionToast(window, gone, progress, speed_up, cancel)

        toast = self._toasts[sent.hash] = self._console.toasts.follow(made)
        toast.destroyed.connect(lambda _=None, held=sent.hash: self._toasts.pop(held, None))

    def _told(self, front: WalletFront, event: TransactionChanged) -> None:
        self._console.run.start(self._look(front, event.hash), lasting=True)

    async def _look(self, front: WalletFront, transaction: str) -> None:
        """Find out what became of a transaction, and tell whoever waits."""
        sent = await front.find(transaction)
        if sent is None:
            return
        for future in self._waiting.pop(transaction, []):
            if not future.done():
                future.set_result(sent)
        toast = self._toasts.get(transaction)
        if toast is not None and toast in self._console.toasts.shown:
            toast.progress.sent = sent
            toast.refresh()
            self._console.toasts.settle()
        elif sent.state in TELLING and self._door.front is front:
            self._follow(front, sent)

    def _speed_up(self, front: WalletFront, sent: SentTransaction) -> None:
        self._door.doing.do(self._replace(front, sent, cancel=False))

    def _cancel(self, front: WalletFront, sent: SentTransaction) -> None:
        self._door.doing.do(self._replace(front, sent, cancel=True))

    async def _replace(self, front: WalletFront, sent: SentTransaction, *, cancel: bool) -> None:
        from engine.defi.prepared import FeePreset

        intent = await front.cancel(sent) if cancel else await front.speed_up(sent)
        self._door.doing.confirm(intent, fee=FeePreset.FAST)
