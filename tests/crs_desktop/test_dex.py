"""The DEX desk in the window, as a user works with it, on a real practice chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from crs_desktop.panes.dex.pane import DexPane
from crs_desktop.panes.dex.swap import SwapPane
from crs_desktop.shell.wallet.confirm import ConfirmTransaction
from crs_desktop.viewmodels.words import NOTHING
from engine.adapters.practice.contracts import NoContracts, find
from tests.crs_desktop.running import Running, labels, running
from tests.crs_desktop.wallet_memory import PASSWORD

pytestmark = [pytest.mark.gui, pytest.mark.integration]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def pane(desktop: Running) -> DexPane:
    found = desktop.window.docks.hosts["dex"].pane
    assert isinstance(found, DexPane)
    return found


def told(desktop: Running) -> str:
    """Return what toasts say."""
    return " ".join(text for toast in desktop.wiring.console.toasts.shown for text in labels(toast))


async def signed(desktop: Running) -> None:
    """Look at what is to be signed, accept each warning, and sign."""
    await desktop.until(lambda: desktop.dialog(ConfirmTransaction))
    dialog = desktop.dialog(ConfirmTransaction)
    await desktop.turn(0.1)
    await desktop.until(lambda: not dialog.model.guard_ms or dialog.yes.isHidden())
    for each in dialog.remarks.warnings.values():
        each.box.setChecked(True)
    await desktop.turn(0.05)
    await desktop.press(Qt.Key.Key_Return, CTRL, at=dialog)
    await desktop.until(lambda: desktop.dialog(ConfirmTransaction) is not dialog)


async def practise(desktop: Running) -> DexPane:
    """Make a wallet and go to the practice chain, by what the shut desk offers."""
    await desktop.press(Qt.Key.Key_F8, SHIFT)
    await desktop.until(lambda: desktop.wiring.wallet.door.front is not None)
    front = desktop.wiring.wallet.door.front
    await front.keys.create(password=PASSWORD)
    await desktop.until(lambda: front.accounts)
    button = pane(desktop).empty.button
    await desktop.until(lambda: button.isVisible() and "Practise" in button.text())
    await desktop.press(Qt.Key.Key_Space, at=button)
    await desktop.until(lambda: pane(desktop).desk_of.shut == NOTHING, patience=120)
    await desktop.until(lambda: isinstance(pane(desktop).shown, SwapPane))
    return pane(desktop)


async def test_a_swap_is_quoted_confirmed_and_brings_what_was_quoted(tmp_path: Path) -> None:
    try:
        find()
    except NoContracts:
        pytest.skip("the contracts of the practice chain are not here: python packaging/contracts.py")
    async with running(tmp_path) as desktop:
        desk = await practise(desktop)
        swap = desk.shown
        assert isinstance(swap, SwapPane)
        form = swap.form
        await desktop.until(lambda: form.available is not None and form.buy is not None)
        swap.gives.setFocus()
        await desktop.write("1.5")
        await desktop.until(lambda: form.quotes is not None)
        await desktop.until(lambda: form.why_not == NOTHING)
        row, had = form.row, form.shelf.has(form.buy)
        assert form.quotes is not None
        titles = [str(each.cells[1].text) for each in swap.quotes._rows_of.rows()]
        await desktop.press(Qt.Key.Key_Return, at=swap.gives)
        await signed(desktop)
        await desktop.until(lambda: "Done" in told(desktop))

        await desktop.until(lambda: form.shelf.has(form.buy) != had)
        has = form.shelf.has(form.buy)

        assert {"Uniswap V2", "Uniswap V3", "SushiSwap", "PancakeSwap"} <= {each.split(" · ")[0] for each in titles}
        assert row is not None
        assert had is not None
        assert has is not None
        assert has.units - had.units >= sum(each.units for each in row.least_out(100))
