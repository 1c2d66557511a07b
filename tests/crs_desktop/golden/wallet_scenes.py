"""The wallet: the confirmation before a signature, and its dock with allowances."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtWidgets import QWidget

from crs_desktop.panes.wallet.pane import WalletPane
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.viewmodels.wallet.confirm import GUARD_NS, ConfirmModel
from crs_desktop.viewmodels.wallet.door import Doing, WalletDoor
from crs_desktop.viewmodels.wallet.header import WalletModel
from tests.crs_desktop.golden.studio import Stage, scene
from tests.crs_desktop.wallet_floor import CHAIN, MemoryPipeline, approve, prepared, warning
from tests.crs_desktop.wallet_memory import MemoryFront, rich


@scene("wallet-confirm", 560, 470)
async def confirm(stage: Stage) -> QWidget:
    pipeline = MemoryPipeline()
    shown = prepared(approve(2**256 - 1), warning("unlimited-approval", "This allowance never runs out."))
    model = ConfirmModel(pipeline, shown, CHAIN, clock=pipeline.clock, wall=pipeline.clock)
    pipeline.now += GUARD_NS
    parent = QWidget()
    stage.closing.append(parent.close)
    dialog = ConfirmTransaction(parent, model, lambda _model: None)
    stage.closing.append(dialog.reject)
    await stage.show(dialog)
    dialog.resize(*stage.size)
    dialog.leave.setFocus()
    await stage.settle()
    return dialog


class Nobody:
    """What a dock lets the window do, where nobody does anything."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_given, **_more: None


@scene("wallet-allowances", 690, 170)
async def allowances(stage: Stage) -> QWidget:
    front = rich()

    async def opener(_tell: object) -> MemoryFront:
        return front

    door = WalletDoor(opener, cast(Doing, Nobody()))
    await door.opened()
    pane = WalletPane(WalletModel(await stage.desk(), door))
    pane.show_subject("allowances")
    await stage.show(pane)
    await stage.settle()
    await stage.settle()
    return pane
