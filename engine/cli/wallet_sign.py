"""The confirmation in a terminal: everything that would be signed is printed, and asked for, before it is."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.cli.confirm import confirm
from engine.cli.terminal import harmless
from engine.cli.wallet_open import unlock
from engine.errors import InvalidInput, NotShown

if TYPE_CHECKING:
    from engine.bootstrap.chaindesk import ChainDesk
    from engine.bootstrap.wallet import WalletEngine
    from engine.defi.intent import Intent
    from engine.defi.prepared import FeePreset, Prepared
    from engine.services.wallet.sent import SentTransaction

PATIENCE_S = 120.0
"""How long it is waited for a block; afterwards it is said that it waits."""
POLL_S = 0.25


async def carry_out(
    wallet: WalletEngine, desk: ChainDesk, intents: Sequence[Intent], args: argparse.Namespace
) -> list[SentTransaction]:
    """Show, sign and send intents one after the other, each when the one before is in a block.

    Raises:
        InvalidInput: something forbids it, a warning was not accepted, or one of them failed; nothing after it is sent.
    """
    from engine.defi.prepared import FeePreset

    await _foresee(desk, intents, FeePreset(args.fee))
    sent: list[SentTransaction] = []
    for number, intent in enumerate(intents, 1):
        prepared = await desk.pipeline.prepare(intent, FeePreset(args.fee))
        done = await _one(wallet, desk, prepared, args, f"{number} of {len(intents)}" if len(intents) > 1 else "")
        sent.append(done)
        if done.state.value in ("failed", "dropped", "replaced"):
            raise InvalidInput(f"{done.hash} {done.state.value}: {done.reason or 'no reason is known'}.")
    return sent


async def _foresee(desk: ChainDesk, intents: Sequence[Intent], fee: FeePreset) -> None:
    """Refuse the first where a later one cannot follow: an approval for nothing costs its fee.

    Raises:
        InvalidInput: one of them is forbidden, seen after those before it.
    """
    if len(intents) < 2:
        return
    for each in await desk.pipeline.prepare_all(intents, fee):
        desk.pipeline.forget(each)
        if each.refusals:
            raise InvalidInput(f"Not signed: {each.refusals[0].text}")


async def _one(
    wallet: WalletEngine, desk: ChainDesk, prepared: Prepared, args: argparse.Namespace, place: str
) -> SentTransaction:
    from engine.defi.prepared import Prepared

    for _ in range(3):
        _show(prepared, args, place)
        _agree(prepared, args)
        await unlock(wallet, args)
        try:
            confirmed = await desk.pipeline.confirm(prepared, frozenset(args.accept))
            return await _settled(desk, await desk.pipeline.send(confirmed))
        except NotShown as changed:
            if not isinstance(changed.fresh, Prepared):
                raise
            print(f"crs: {changed}", file=sys.stderr)
            prepared = changed.fresh
    raise InvalidInput("The market moves faster than it can be shown. Nothing was signed.")


def _agree(prepared: Prepared, args: argparse.Namespace) -> None:
    if prepared.refusals:
        raise InvalidInput(f"Not signed: {prepared.refusals[0].text}")
    missing = [each for each in prepared.warnings if each.code not in args.accept]
    if missing:
        codes = " ".join(f"--accept {each.code}" for each in missing)
        raise InvalidInput(f"Not signed: {missing[0].text} To do it all the same, add {codes}.")
    if not confirm("Sign this?", yes=args.yes):
        raise InvalidInput("Not signed, as you wished.")


def _show(prepared: Prepared, args: argparse.Namespace, place: str) -> None:
    """Print the confirmation where a person reads it, which is not where results go."""
    from engine.defi.address import SHAPE

    width = max(len(each.title) for each in prepared.lines)
    if place:
        print(f"Transaction {place}", file=sys.stderr)
    for line in prepared.lines:
        whole = f"  {line.detail}" if SHAPE.fullmatch(line.detail) and line.detail not in line.text else ""
        print(f"  {line.title.ljust(width)}  {harmless(line.text)}{whole}", file=sys.stderr)


async def _settled(desk: ChainDesk, sent: SentTransaction) -> SentTransaction:
    """Wait until something became of it; as it is if nothing did for a long time."""
    for _ in range(int(PATIENCE_S / POLL_S)):
        found = await desk.pipeline.ledger.find(sent.chain_id, sent.hash)
        if found is not None and not found.is_alive:
            return found
        await asyncio.sleep(POLL_S)
        await desk.tracker.poll()
    return sent


def as_json(sent: SentTransaction) -> dict[str, Any]:
    """Return what scripts want to know of a transaction."""
    return {
        "chain_id": sent.chain_id,
        "hash": sent.hash,
        "from": sent.sender,
        "nonce": sent.nonce,
        "what": sent.title,
        "state": sent.state.value,
        "block": sent.block,
        "gas_used": sent.gas_used,
        "gas_price_wei": None if sent.gas_price is None else str(sent.gas_price),
        "reason": sent.reason,
    }


def told(sent: Sequence[SentTransaction]) -> str:
    """Return a line for each."""
    return "\n".join(f"{each.state.value:10} {each.hash}  {harmless(each.title)}" for each in sent)
