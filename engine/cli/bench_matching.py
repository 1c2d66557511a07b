"""Matching alone, and the full paper path without a disk: risk gate, exchange, accounts, events."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.bus import Bus
from engine.cli.bench_stream import Trade, naive_trades, opening, stream
from engine.domain.command import CancelOrder, ListPair, SubmitOrder
from engine.domain.event import OrderFilled, TradeExecuted
from engine.domain.number import Nanos, Units
from engine.errors import CrsError
from engine.exchange.kernel import Exchange
from engine.portfolio.fold import Fold
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits

PROVED = 3_000
"""Events of the stream that the naive matcher repeats."""


class WrongAnswerError(CrsError):
    """The benchmark's answers are not right, so its speed means nothing."""


def matching(rounds: int, events: int) -> dict[str, Any]:
    """Return commands per CPU second through the exchange, every order validated, funded and reported."""
    prove()
    commands = stream(events)
    times, trades = _timed(rounds, lambda: _match(commands))
    return _report("matching", events, times, trades)


def paper(rounds: int, events: int) -> dict[str, Any]:
    """Return commands per CPU second from submit to published event, risk gate and accounts included."""
    prove()
    commands = stream(events)
    times, fills = _timed(rounds, lambda: _trade(commands))
    return _report("paper path", events, times, fills)


def prove() -> None:
    """Check the exchange against the naive matcher.

    Raises:
        WrongAnswerError: they disagree.
    """
    commands = stream(PROVED)
    exchange, found = _opened(None), list[Trade]()
    for i, command in enumerate(commands):
        for event in exchange.handle(command, Nanos(i + 1)):
            if isinstance(event, TradeExecuted):
                found.append(Trade(str(event.maker_id), str(event.taker_id), event.price, event.qty))
    if found != naive_trades(commands):
        raise WrongAnswerError(
            "The exchange and the naive matcher disagree; the speed of wrong answers is not measured."
        )


def _opened(gate: RiskGate | None) -> Exchange:
    exchange = Exchange(gate=gate)
    for command in opening():
        exchange.handle(command, Nanos(0))
    return exchange


def _match(commands: list[SubmitOrder | CancelOrder]) -> int:
    exchange, trades = _opened(None), 0
    handle = exchange.handle
    for i, command in enumerate(commands):
        for event in handle(command, Nanos(i + 1)):
            trades += type(event) is TradeExecuted
    return trades


def _trade(commands: list[SubmitOrder | CancelOrder]) -> int:
    gate = RiskGate(RiskLimits(max_order_value=Units(10**30), max_open_orders=10**9, max_price_deviation_bps=5_000))
    exchange, fold, bus, fills = Exchange(gate=gate), Fold(), Bus(), list[OrderFilled]()
    bus.subscribe(OrderFilled, fills.append)
    for first in opening():
        facts = exchange.handle(first, Nanos(0))
        if isinstance(first, ListPair):
            fold.apply(first)
        for fact in facts:
            if not isinstance(fact, TradeExecuted):
                fold.apply(fact)
    for i, command in enumerate(commands):
        for event in exchange.handle(command, Nanos(i + 1)):
            if not isinstance(event, TradeExecuted):
                changes = fold.apply(event)
                bus.publish(event)
                for change in changes:
                    bus.publish(change)
    for account in exchange.accounts():
        if exchange.balances(account) != fold.balances(account):
            raise WrongAnswerError(f"The accounts of {account} differ between exchange and journal fold.")
    return len(fills)


def _timed(rounds: int, work: Callable[[], int]) -> tuple[list[float], int]:
    times, answers = [], set[int]()
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        answers.add(work())
        times.append(time.process_time() - begun)
    if len(answers) != 1:
        raise WrongAnswerError("Two rounds of the same stream gave different results.")
    return times, answers.pop()


def _report(what: str, events: int, times: list[float], trades: int) -> dict[str, Any]:
    middle = statistics.median(times)
    return {
        "what": what,
        "events": events,
        "trades": trades,
        "rounds": len(times),
        "cpu_s_median": middle,
        "events_per_cpu_s": events / middle,
    }
