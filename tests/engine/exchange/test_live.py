"""The live market: the twin of a replay while all is well, and what happens when its book is not known."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import cast

import pytest

from engine.domain.command import AmendOrder, CancelOrder, Command, Deposit, SubmitOrder
from engine.domain.course import Latency
from engine.domain.event import KernelEvent, OrderFilled
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side, TimeInForce
from engine.domain.why import FillExplained
from engine.exchange.latency import TRAVELLING
from engine.exchange.replayed import ReplayMarket
from tests.engine.exchange.live_play import SYMBOL, LivePlay

S = NANOS_PER_SECOND
ME = AccountId("me")
DEPOSITS = (Deposit(ME, "USDT", Units(10**24)), Deposit(ME, "BTC", Units(10**19)))
HOME = Latency(7, 60_000_000, 60_000_000, 60_000_000, 15_000_000)


def order(name: str, side: str, qty: int, price: int | None = None, **more: object) -> SubmitOrder:
    sent = SubmitOrder(
        account=ME,
        order_id=OrderId(name),
        symbol=SYMBOL,
        side=Side(side),
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        qty=Lots(qty),
        price=None if price is None else Ticks(price),
    )
    return replace(sent, **more)  # type: ignore[arg-type]


def plan(seed: int, opening: Nanos, seconds: int, bid: int) -> list[tuple[Nanos, Command]]:
    """Commands of all kinds around a price, at instants in order."""
    random, ids, found = Random(seed), list[str](), list[tuple[Nanos, Command]]()  # noqa: S311 - a repeatable stream
    for number, at in enumerate(sorted(random.sample(range(seconds * 1000), 120))):
        side, price = random.choice(("buy", "sell")), bid + random.randint(-1_500, 1_500)
        kind, command = random.random(), cast(Command, None)
        if kind < 0.15 and ids:
            command = CancelOrder(ME, OrderId(random.choice(ids)))
        elif kind < 0.25 and ids:
            command = AmendOrder(account=ME, order_id=OrderId(random.choice(ids)), price=Ticks(price))
        elif kind < 0.35:
            command = order(f"o{number}", side, random.randint(100, 40_000))
        elif kind < 0.5:
            stop = Ticks(price)
            command = order(f"o{number}", side, 2_000, order_type=OrderType.STOP, stop_price=stop)
        else:
            until = Nanos(opening + at * 10**6 + random.randint(1, 20) * S)
            lives = {"tif": TimeInForce.GTD, "expire_ts": until} if random.random() < 0.3 else {}
            command = order(f"o{number}", side, random.randint(100, 90_000), price, **lives)
        ids.append(f"o{number}")
        found.append((Nanos(opening + at * 10**6), command))
    return found


@pytest.mark.parametrize("latency", [None, HOME])
def test_on_one_recording_it_fills_as_the_replay_does(latency: Latency | None) -> None:
    replayed = ReplayMarket()
    live = LivePlay(replayed.opening)
    facts: dict[str, list[KernelEvent]] = {"live": [], "replay": []}
    answers: dict[str, list[object]] = {"live": [], "replay": []}
    for market in (live.market, replayed):
        for deposit in DEPOSITS:
            market.command(deposit)
        market.line.latency = latency
    bid = replayed.exchange.book(SYMBOL).best_bid
    assert bid is not None

    for at, command in plan(3, replayed.opening, 60, bid):
        step = replayed.advance(at)
        facts["replay"] += step.facts
        answers["replay"] += step.answers
        live.until(at)
        step = live.market.take()
        facts["live"] += step.facts
        answers["live"] += step.answers
        for name, market in (("replay", replayed), ("live", live.market)):
            if latency is not None and isinstance(command, TRAVELLING):
                market.line.send(command, market.now)
            else:
                facts[name] += market.command(command)

    fills = [fact for fact in facts["live"] if isinstance(fact, OrderFilled)]
    explained = {fact.rule for fact in facts["live"] if isinstance(fact, FillExplained)}
    assert len(fills) > 40
    assert explained >= {"taken", "displayed", "through"}
    assert facts["live"] == facts["replay"]
    assert answers["live"] == answers["replay"]
    assert live.market.exchange.dump()["accounts"] == replayed.exchange.dump()["accounts"]
