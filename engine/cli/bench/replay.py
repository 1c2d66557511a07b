"""Folding a journal from the disk, every record checked against its hash, beside matching the same commands live."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.adapters.paper.past import Past
from engine.adapters.paper.venue import facts_of
from engine.adapters.sql.books import Books
from engine.adapters.sql.journal import MAX_BATCH, SqlJournal
from engine.adapters.sql.reader import Reader
from engine.cli.bench.listing import PAIR
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError, timed
from engine.cli.bench.script import Act, crossing
from engine.domain.command import CancelOrder, Command, Deposit, ListPair, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.exchange.kernel import Exchange

ACCOUNTS = tuple(AccountId(f"A{i}") for i in range(8))
OPEN = 5_000
"""How many orders rest at most."""

ACTS_PER_EVENT = 0.45
"""An act makes rather more than two records: the command, its acceptance, fills or cancel."""

Records = list[object]


def replay(plan: Plan) -> Report:
    """Return the CPU time of folding the journal in multiples of that of matching it live."""
    commands = list(_commands(crossing(max(1, int(plan.events * ACTS_PER_EVENT)), most=OPEN).acts))
    ratios, speeds, count = [], [], 0
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
        path = Path(directory) / "crs.sqlite"
        _write(path, commands)
        for _ in range(plan.rounds):
            live_s, exchange = timed(lambda: _matched(commands))
            replay_s, past = timed(lambda: _folded(path))
            _prove(exchange, past)
            ratios.append(replay_s / live_s)
            speeds.append(past.records / replay_s)
            count = past.records
    bars = [
        Bar("CPU time of replay / of matching live", Spread.of(ratios), 5.0, at_least=False),
        Bar("records replayed per CPU second", Spread.of(speeds)),
    ]
    return Report("replay", {"records": count, "commands": len(commands), "rounds": plan.rounds}, bars, [])


def _commands(acts: list[Act]) -> Iterator[Command]:
    """Yield the opening, then the acts as commands of accounts in turn."""
    yield ListPair(PAIR)
    for account in ACCOUNTS:
        for asset in (PAIR.base, PAIR.quote):
            yield Deposit(account, asset.code, Units(10**32))
    for order, is_buy, price, qty in acts:
        account, order_id = ACCOUNTS[order % len(ACCOUNTS)], OrderId(f"o{order}")
        if is_buy is None:
            yield CancelOrder(account, order_id)
            continue
        yield SubmitOrder(
            account=account,
            order_id=order_id,
            symbol=PAIR.symbol,
            side=Side.BUY if is_buy else Side.SELL,
            order_type=OrderType.LIMIT,
            qty=Lots(qty),
            price=Ticks(price),
        )


def _matched(commands: list[Command]) -> Exchange:
    """Return the exchange after all commands."""
    exchange = Exchange()
    handle = exchange.handle
    for now, command in enumerate(commands):
        handle(command, Nanos(now))
    return exchange


def _write(path: Path, commands: list[Command]) -> None:
    """Journal the commands and what comes of them."""
    journal, exchange = SqlJournal(path), Exchange()
    try:
        journal.ready.result()
        journal.begin(Books())
        for now, command in enumerate(commands):
            facts = facts_of(exchange.handle(command, Nanos(now)))
            done = journal.append([command, *facts], Nanos(now))
            if now % MAX_BATCH == 0:
                done.result()
    finally:
        journal.close(timeout_s=600)


def _folded(path: Path) -> Past:
    past = Past()
    with Reader(path) as reader:
        for entry, record in reader.records():
            past.take(entry.seq, entry.ts_ns, record)
    return past


def _prove(exchange: Exchange, past: Past) -> None:
    """Check that both ways lead to the same accounts.

    Raises:
        WrongAnswerError: they do not.
    """
    fold = past.books.fold
    for account in exchange.accounts():
        live = (exchange.balances(account), exchange.open_orders(account))
        if live != (fold.balances(account), fold.orders(account)):
            raise WrongAnswerError(f"The journal of {account} does not lead to the account that matching it live made.")
