"""Orders that the program carries out: once, at their price or hour, and never without leave."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.defi.chain import ChainSpec
from engine.defi.orders.limits import Confirmation, Limits
from engine.defi.orders.order import DexOrder, LimitTerms, OrderState, SeriesTerms, SlotOutcome
from engine.observe import failpoint
from engine.services.dex.carrying import Answer, Question
from engine.services.dex.orders import DexOrders
from engine.services.dex.pools import PoolBook
from engine.services.dex.quotes import Quotes
from engine.services.dex.routemarket import RouteMarket
from engine.services.dex.swap import Swaps
from engine.services.offload import offload
from tests.dexdesk import ACCOUNT, COIN, Desk
from tests.pairmarket import PairMarket
from tests.practice import Node

ALONE = Limits(Confirmation.WITHIN_LIMITS, max_slippage_bps=100, max_gas_cost=COIN // 10, per_day=20)
ASKED = Limits()


def orders_of(desk: Desk, gas_cost: int = 0) -> DexOrders:
    return DexOrders(
        desk.chain, desk.spec, desk.store, desk.carrier, PairMarket(desk, gas_cost=gas_cost), desk.bus, rest_s=0.0
    )


async def turn(desk: Desk, orders: DexOrders, times: int = 1) -> None:
    """Let some time pass: a look, and the tracker's news, and a look."""
    for _ in range(times):
        await orders.look()
        await desk.settle()
        await orders.look()


async def wanting(desk: Desk, orders: DexOrders, factor: float, limits: Limits = ALONE) -> DexOrder:
    """Keep a limit order that sells 1 WETH for `factor` of what it is worth."""
    weth, usdt = desk.token("WETH"), desk.token("USDT")
    now = (await PairMarket(desk).offer(weth, usdt, COIN)).bought
    return await orders.limit(ACCOUNT, weth, usdt, COIN, LimitTerms(int(now * factor)), limits)


async def pushed(desk: Desk, usdt: str) -> None:
    """Buy WETH for so much USDT, so that its price rises."""
    market, amount = PairMarket(desk), desk.token("USDT").of(usdt).units
    offer = await market.offer(desk.token("USDT"), desk.token("WETH"), amount)
    await desk.set_up(await market.intents(offer, ACCOUNT, 100, 1))


async def test_a_limit_order_waits_for_its_price_and_fires_once(desk: Desk) -> None:
    orders = orders_of(desk)
    order = await wanting(desk, orders, 1.02)
    await turn(desk, orders)
    waiting = orders.get(order.id)
    assert waiting.state is OrderState.WAITING
    assert "The best route gives" in waiting.why
    before = await desk.balance(desk.token("USDT"))

    await pushed(desk, "80000")
    await turn(desk, orders, 4)

    done = orders.get(order.id)
    assert (done.state, len(done.slots)) == (OrderState.DONE, 1)
    got = await desk.balance(desk.token("USDT")) - (before - 80_000 * 10**6)
    terms = order.terms
    assert isinstance(terms, LimitTerms)
    assert done.slots[0].bought == got >= terms.least
    assert done.slots[0].sold == COIN
    assert done.slots[0].gas_cost > 0


async def test_the_gas_counts_against_the_price(desk: Desk) -> None:
    orders = orders_of(desk, gas_cost=10**9)
    order = await wanting(desk, orders, 0.999)

    await turn(desk, orders)

    assert orders.get(order.id).state is OrderState.WAITING
    assert await desk.ledger.page(None, None) == []


async def test_nothing_is_signed_before_a_person_agrees(desk: Desk) -> None:
    orders = orders_of(desk)
    order = await wanting(desk, orders, 0.98, ASKED)
    await turn(desk, orders)
    assert "nobody to ask" in orders.get(order.id).why
    asked: list[Question] = []

    async def says_no(question: Question) -> Answer:
        asked.append(question)
        return Answer(False)

    desk.carrier.ask = says_no
    await turn(desk, orders)
    assert orders.get(order.id).state is OrderState.PAUSED
    assert await desk.ledger.page(None, None) == []
    assert asked[0].prepared.intent.sender == ACCOUNT

    async def says_yes(question: Question) -> Answer:
        return Answer(True, frozenset(each.code for each in question.prepared.warnings))

    desk.carrier.ask = says_yes
    await orders.resume(order.id)
    await turn(desk, orders, 3)
    assert orders.get(order.id).state is OrderState.DONE


async def test_limits_hold(desk: Desk) -> None:
    orders = orders_of(desk)
    order = await wanting(desk, orders, 0.98, replace(ALONE, max_gas_cost=1))

    await turn(desk, orders)

    assert "Gas could cost" in orders.get(order.id).why
    assert await desk.ledger.page(None, None) == []


@pytest.mark.soak
async def test_a_locked_wallet_sends_nothing_by_itself(desk: Desk) -> None:
    orders = orders_of(desk)
    order = await wanting(desk, orders, 0.98)
    desk.keys.is_locked = True
    await turn(desk, orders)
    assert "locked" in orders.get(order.id).why

    desk.keys.is_locked = False
    await turn(desk, orders, 3)
    assert orders.get(order.id).state is OrderState.DONE


async def series(desk: Desk, orders: DexOrders, count: int) -> DexOrder:
    usdt, weth = desk.token("USDT"), desk.token("WETH")
    terms = SeriesTerms(desk.carrier.now(), 60, count)
    return await orders.series(ACCOUNT, usdt, weth, 500 * 10**6, terms, ALONE)


async def test_purchases_that_were_missed_are_told_and_not_made_up_for(desk: Desk) -> None:
    orders = orders_of(desk)
    order = await series(desk, orders, 5)
    await turn(desk, orders, 3)
    assert [each.outcome for each in orders.get(order.id).slots] == [SlotOutcome.DONE]

    desk.clock.ahead_s = 185  # the second and third passed while nobody looked
    again = orders_of(desk)
    await again.open()
    await turn(desk, again, 3)

    slots = again.get(order.id).slots
    assert [each.outcome.value for each in slots] == ["done", "missed", "missed", "done"]
    assert "closed" in slots[1].why


def lived(spec: ChainSpec, folder: Path, ahead_s: int, point: str) -> None:
    """The program for a while, in a process that may be killed on the way."""

    async def live() -> None:
        async with Desk(spec, folder) as desk:
            desk.clock.ahead_s = ahead_s
            orders = orders_of(desk)
            await orders.open()
            await turn(desk, orders, 4)

    with failpoint.armed(point):
        asyncio.run(live())


async def run_and_die(spec: ChainSpec, folder: Path, ahead_s: int, point: str) -> int:
    """Run it in a process and return how that ended: -9 if it was killed."""
    process = multiprocessing.get_context("fork").Process(target=lived, args=(spec, folder, ahead_s, point))
    process.start()
    await offload(process.join)
    return process.exitcode or 0


KILLS = ("order.noted", "wallet.kept", "order.sent", "order.before_settled")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the program is killed in a fork")
async def test_five_purchases_are_five_however_often_the_program_is_killed(
    desk: Desk, practice: Node, tmp_path: Path
) -> None:
    orders = orders_of(desk)
    order = await series(desk, orders, 5)
    usdt, weth = desk.token("USDT"), desk.token("WETH")
    before = await desk.balance(usdt), await desk.balance(weth)
    ends = []
    for slot in range(5):
        kill = KILLS[slot % len(KILLS)]
        ends.append(await run_and_die(desk.spec, tmp_path, slot * 60, kill))  # dies in the purchase, or its approval
        ends.append(await run_and_die(desk.spec, tmp_path, slot * 60 + 5, ""))

    after = orders_of(desk)
    await after.open()
    found = after.get(order.id)
    assert ends.count(-9) == 5
    assert [each.outcome for each in found.slots] == [SlotOutcome.DONE] * 5
    assert found.state is OrderState.DONE
    assert before[0] - await desk.balance(usdt) == 5 * 500 * 10**6 == found.sold.units
    assert await desk.balance(weth) - before[1] == found.bought.units


@pytest.mark.soak
@pytest.mark.parametrize("sells_coin", [True, False])
async def test_an_order_in_the_coin_by_the_best_route_counts_what_came(desk: Desk, sells_coin: bool) -> None:
    coin, usdt = desk.spec.native, desk.token("USDT")
    quotes = Quotes(desk.chain, desk.spec, PoolBook(desk.chain, desk.spec))
    market = RouteMarket(quotes, Swaps(desk.chain, desk.spec))
    orders = DexOrders(desk.chain, desk.spec, desk.store, desk.carrier, market, desk.bus, rest_s=0.0)
    sell, buy, amount = (coin, usdt, COIN) if sells_coin else (usdt, coin, 3_000 * 10**6)
    net = (await market.offer(sell, buy, amount)).net
    order = await orders.limit(ACCOUNT, sell, buy, amount, LimitTerms(net * 99 // 100), ALONE)
    before = await desk.balance(coin), await desk.balance(usdt)

    await turn(desk, orders, 4)

    (slot,) = orders.get(order.id).slots
    gas = sum((each.gas_used or 0) * (each.gas_price or 0) for each in await desk.ledger.page(None, None))
    change = await desk.balance(coin) - before[0] + gas, await desk.balance(usdt) - before[1]
    assert change == ((-slot.sold, slot.bought) if sells_coin else (slot.bought, -slot.sold))
    assert slot.sold == amount
    assert slot.bought >= net * 99 // 100
