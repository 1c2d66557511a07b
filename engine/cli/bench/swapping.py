"""What the practice chain costs to start, and a swap on it from the quote to its block, through the send pipeline.

A profile, a wallet with a key process and the prepared chain, all as a user has them. Nothing is timed before swaps
brought what was quoted, to the unit, and balances read together are those read one by one. CPU time is that of all
three processes: what children took is known when they have ended, so a run without swaps is taken off.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.cli.bench.rounds import Bar, Plan, Spread, WrongAnswerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.bootstrap.chaindesk import ChainDesk
    from engine.bootstrap.wallet import WalletEngine
    from engine.defi.token import Token

READY_S, SWAP_S = 5.0, 1.0
"""What being ready and a swap may take (issue 7)."""
SWAPS = 4
MANY = 100
"""Tokens whose balances are read together."""


class Round(NamedTuple):
    """Of one profile: CPU seconds of everything, and of this process for each step of a swap."""

    cpu_s: float
    ready_wall_s: float
    steps_ms: dict[str, float]
    requests: int


def swapping_bars(plan: Plan) -> tuple[list[Bar], list[str]]:
    """Return what starting and swapping cost, and notes on what could not be measured.

    Raises:
        WrongAnswerError: a swap did not bring what was quoted, or balances are not those of the chain.
    """
    from engine.adapters.practice.contracts import NoContracts, find

    try:
        find()
    except NoContracts as missing:
        return [], [f"The practice chain was not measured: {missing}"]
    bare = [_round(0) for _ in range(plan.rounds)]
    busy = [_round(SWAPS) for _ in range(plan.rounds)]
    ready, swap = [each.cpu_s for each in bare], [_swap_s(*pair) for pair in zip(bare, busy, strict=True)]
    found = [
        Bar("practice chain ready in a new profile, and ended", Spread.of(ready), READY_S, False, "CPU s"),
        Bar(
            "the same by the clock, until it is ready", Spread.of(e.ready_wall_s for e in bare + busy), None, False, "s"
        ),
        Bar("swap from the quote to its block, all processes", Spread.of(swap), SWAP_S, False, "CPU s"),
        *(
            Bar(f"of it in this process: {step}", Spread.of(e.steps_ms[step] for e in busy), None, False, "ms")
            for step in busy[0].steps_ms
        ),
        Bar(f"balances of {MANY} tokens", Spread.of(float(e.requests) for e in busy), 1.0, False, "requests"),
    ]
    return found, []


def _swap_s(bare: Round, busy: Round) -> float:
    return (busy.cpu_s - bare.cpu_s) / SWAPS


def _round(swaps: int) -> Round:
    begun = _cpu()
    with tempfile.TemporaryDirectory() as folder:
        ready, steps, requests = asyncio.run(_played(Path(folder), swaps))
    return Round(_cpu() - begun, ready, steps, requests)


async def _played(folder: Path, swaps: int) -> tuple[float, dict[str, float], int]:
    async with _opened(folder) as wallet:
        begun = time.perf_counter()
        desk = await wallet.practise()
        ready = time.perf_counter() - begun
        if not swaps:
            return ready, {}, 0
        steps: dict[str, float] = {}
        for _ in range(swaps):
            for step, spent in (await _swapped(wallet, desk)).items():
                steps[step] = steps.get(step, 0.0) + spent / swaps * 1e3
        return ready, steps, await _balances(wallet, desk)


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[WalletEngine]:
    from engine.bootstrap.wallet import open_wallet
    from engine.profile import Profile

    wallet = await open_wallet(Profile(folder), None)
    try:
        made = await wallet.keys.create(password="only for a measurement of 4 swaps")  # noqa: S106 - of a moment
        await wallet.accounts.use(made.account.address)
        yield wallet
    finally:
        await wallet.close()


async def _swapped(wallet: WalletEngine, desk: ChainDesk) -> dict[str, float]:
    """Sell a coin at the best quote; return the CPU seconds of each step in this process."""
    from engine.services.dex.swap import Ticket

    owner, usdt = _owner(wallet), _token(desk, "USDT")
    marks = [time.process_time()]
    quotes = await desk.quotes.best(desk.spec.native, usdt, 10**18, hops=1)
    row = quotes.best_single
    if row is None:
        raise WrongAnswerError("The practice chain quotes nothing for its coin.")
    marks.append(time.process_time())
    (intent,) = await desk.swaps.intents(row, Ticket(owner))
    prepared = await desk.pipeline.prepare(intent)
    marks.append(time.process_time())
    before = (await desk.balances.read(owner, [usdt])).amounts[usdt].units
    marks.append(time.process_time())
    confirmed = await desk.pipeline.confirm(prepared, frozenset(each.code for each in prepared.warnings))
    sent = await desk.pipeline.send(confirmed)
    receipt = await desk.client.receipt(sent.hash)
    marks.append(time.process_time())
    came = (await desk.balances.read(owner, [usdt])).amounts[usdt].units - before
    if receipt is None or not receipt.ok or came != row.amount_out.units:
        raise WrongAnswerError(f"A swap brought {came}, quoted were {row.amount_out.units}.")
    return {
        "quotes of all exchanges": marks[1] - marks[0],
        "prepare, with its simulation": marks[2] - marks[1],
        "confirm, sign and send": marks[4] - marks[3],
    }


async def _balances(wallet: WalletEngine, desk: ChainDesk) -> int:
    """Return in how many requests many balances are read; those of the chain are held against single ones."""
    from engine.adapters.chain.rpc import connect
    from engine.defi.token import Token
    from engine.services.wallet.balances import Balances

    owner, known = _owner(wallet), (desk.spec.native, *desk.spec.tokens)
    others = [Token(desk.spec.chain_id, f"0x{each:040x}", "", 18) for each in range(2**100, 2**100 + MANY - len(known))]
    client = await connect(desk.spec, checks=False)  # its own: on the desk's, transactions are followed meanwhile
    try:
        before = client.requests
        held = await Balances(client, desk.spec, wallet.clock).read(owner, [*known, *others])
        requests = client.requests - before
    finally:
        await client.close()
    for token in known:
        if (await desk.balances.read(owner, [token])).amounts[token] != held.amounts[token]:
            raise WrongAnswerError(f"The balance of {token.symbol} is not the one read alone.")
    return requests


def _owner(wallet: WalletEngine) -> str:
    account = wallet.accounts.current
    if account is None:
        raise WrongAnswerError("The wallet has no account.")
    return account.address


def _token(desk: ChainDesk, symbol: str) -> Token:
    found = desk.spec.token(symbol)
    if found is None:
        raise WrongAnswerError(f"The practice chain has no {symbol}.")
    return found


def _cpu() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system
