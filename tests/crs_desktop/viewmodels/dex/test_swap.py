"""The swap form: quotes of real pools follow what is typed; why nothing can be swapped is always a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex import form as forms
from crs_desktop.viewmodels.dex import swap as swaps
from crs_desktop.viewmodels.dex.order_form import OrderForm
from crs_desktop.viewmodels.dex.orders import DexOrdersModel
from crs_desktop.viewmodels.dex.positions import PositionsModel
from crs_desktop.viewmodels.dex.quotes import QuotesModel
from crs_desktop.viewmodels.dex.swap import SwapModel
from crs_desktop.viewmodels.wallet.door import WalletDoor
from crs_desktop.viewmodels.words import NOTHING
from engine.defi.intent import Intent
from engine.defi.orders.order import LimitTerms, OrderState, SeriesTerms
from engine.errors import ChainUnavailable
from tests.crs_desktop.charts.gallery import close_floor, desk_of
from tests.crs_desktop.dex_memory import STRANGER, MemoryDex, front_of
from tests.crs_desktop.trading_floor import Floor
from tests.crs_desktop.viewmodels.wallet.test_tables import Asked
from tests.crs_desktop.wallet_memory import MemoryFront


class Doing(Asked):
    """What the form lets the window do; `confirm` signs or does not."""

    def __init__(self) -> None:
        super().__init__()
        self.signed: list[Intent] = []
        self.signs = True
        self.shown: list[str] = []

    @property
    def dex(self) -> Doing:
        return self

    def show(self, subject: str) -> None:
        self.shown.append(subject)

    def confirm(self, *intents: Intent, then: Callable[[bool], object] | None = None, **_more: object) -> None:
        self.signed += intents
        if then is not None:
            then(self.signs)


@pytest.fixture
def desk() -> Iterator[Desk]:
    floor = Floor(usdt=50_000)
    made = desk_of(floor)
    yield made
    close_floor(floor)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swaps, "TYPING_S", 0.0)
    monkeypatch.setattr(forms, "TYPING_S", 0.0)


async def until(done: Callable[[], object]) -> None:
    for _ in range(2_000):
        if done():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never happened")


@pytest.fixture
async def dex() -> MemoryDex:
    return MemoryDex()


@pytest.fixture
async def form(no_task_left: None, desk: Desk, dex: MemoryDex) -> AsyncIterator[SwapModel]:
    front = MemoryFront(owned=True)
    front.dex = front_of(dex)

    async def opener(_tell: object) -> MemoryFront:
        return front

    door = WalletDoor(opener, Doing())
    await door.opened()
    made = SwapModel(desk, door)
    await until(lambda: made.available is not None)
    yield made
    await made._tasks.join()
    made.close()


async def quoted(form: SwapModel, amount: str = "1", *, exact_in: bool = True) -> None:
    form.set_amount(amount, exact_in=exact_in)
    await until(lambda: form.quotes is not None or form.problem != NOTHING)


async def test_the_best_exchange_is_taken_and_what_it_gives_stands_on_the_other_side(form: SwapModel) -> None:
    await quoted(form)

    row = form.row
    assert row is not None
    assert form.why_not == NOTHING
    assert row.dexes == ("sushiswap",)
    assert form.gets_text.startswith("2,990.7")
    least = sum(each.units for each in row.least_out(100))
    words = str(form.least_text).split()
    assert (words[:2], words[-2:]) == (["At", "least"], ["USDT", "arrive"])
    assert 0 <= Decimal(least).scaleb(-18) - Decimal(words[2].replace(",", "")) < Decimal("0.00001"), words
    assert form.gives_text == "1"


async def test_exact_out_asks_for_what_has_to_be_given(form: SwapModel) -> None:
    await quoted(form, "2990", exact_in=False)

    assert form.row is not None
    assert form.row.amount_out.text == "2990"
    assert form.gives_text.startswith("0.999")
    assert str(form.least_text).startswith("At most 1.009")


async def test_what_is_shown_is_what_is_confirmed(form: SwapModel, dex: MemoryDex) -> None:
    await quoted(form)
    form.set_slippage("0.5")
    form.set_deadline(5)
    quotes = QuotesModel(form)
    other = next(each.key for each in quotes.rows() if "PancakeSwap" in str(each.cells[1].text))
    quotes.open(other)
    shown = form.row
    form.go()
    doing = form.door.doing
    assert isinstance(doing, Doing)
    await until(lambda: doing.signed)

    assert dex.swapped == [(shown, 50, 300)]
    assert shown is not None
    assert shown.dexes == ("pancakeswap",)
    assert sum(each.units for each in doing.signed[-1].arrives) == sum(each.units for each in shown.least_out(50))
    assert form.amount_text == ""


async def test_a_swap_that_was_not_signed_stays_in_the_form(form: SwapModel) -> None:
    doing = form.door.doing
    assert isinstance(doing, Doing)
    doing.signs = False
    await quoted(form)
    form.go()
    await until(lambda: doing.signed)

    assert form.amount_text == "1"


async def test_each_reason_is_a_sentence(form: SwapModel, dex: MemoryDex) -> None:
    said = [str(form.why_not)]
    await quoted(form, "11")
    said.append(str(form.why_not))
    form.set_amount("0")
    await until(lambda: form.problem != NOTHING)
    said.append(str(form.why_not))
    await quoted(form)
    form.set_slippage("a lot")
    said.append(str(form.why_not))
    form.set_slippage("1")
    dex.offline = ChainUnavailable("No endpoint of Test chain answers.")
    form.set_amount("2")
    await until(lambda: form.problem != NOTHING)
    said.append(str(form.why_not))

    assert said == [
        "How much?",
        "You need 1 ETH more: 10 ETH available.",
        "Nothing would be swapped: the amount is 0.",
        "A slippage is 0 to 99.99 percent, in steps of 0.01.",
        "No endpoint of Test chain answers.",
    ]


async def test_a_form_without_an_amount_asks_for_it_once_and_says_what_will_stand_beside_it(form: SwapModel) -> None:
    quotes = QuotesModel(form)
    await until(lambda: form.buy is not None)

    assert str(form.why_not) == "How much?"
    assert "as soon as there is an amount" in str(quotes.empty.sentence)
    quotes.close()


async def test_an_account_without_liquidity_is_shown_the_way_to_the_pools(form: SwapModel, desk: Desk) -> None:
    positions = PositionsModel(desk, form.door)

    assert str(positions.nothing.action) == "Pools"
    positions.nothing_action()

    doing = form.door.doing
    assert isinstance(doing, Doing)
    assert doing.shown == ["pools"]
    await positions.tasks.join()
    positions.close()


async def test_the_slippage_of_the_settings_counts_until_another_one_is_said(form: SwapModel, dex: MemoryDex) -> None:
    dex.slippage_bps = 25
    assert form.slippage_bps == 25

    form.set_slippage("0.5")
    dex.slippage_bps = 300

    assert form.slippage_bps == 50


async def test_slippage_above_three_percent_and_a_large_impact_are_warned_of(form: SwapModel) -> None:
    await quoted(form)
    quiet = form.warning
    form.set_slippage("3.01")
    slippage = str(form.warning)
    form.set_slippage("1")
    form.shelf.held[form.sell] = 10**24  # type: ignore[index]  # ether
    await quoted(form, "2000")

    assert quiet == NOTHING
    assert "3.01 %" in slippage
    assert "moves the price" in str(form.warning) or "transactions" in str(form.warning)


async def test_parts_of_the_coin_leave_its_gas(form: SwapModel) -> None:
    form.use_part(100)
    await until(lambda: form.amount_text)
    all_of_it = form.amount_text
    form.use_part(25)
    await until(lambda: form.amount_text != all_of_it)

    assert all_of_it == "9.99"
    assert form.amount_text == "2.5"


async def test_turned_round_the_tokens_change_places(form: SwapModel) -> None:
    before = form.sell_key, form.buy_key
    form.flip()

    assert (form.buy_key, form.sell_key) == before
    assert str(form.available_text) == "5,000 USDT available"


async def test_a_stranger_is_found_by_its_address_and_marked(form: SwapModel) -> None:
    form.take_text("no such thing", form.set_buy)
    await until(lambda: form.problem != NOTHING)
    refusal = str(form.problem)
    form.take_text(STRANGER.address, form.set_buy)
    await until(lambda: form.buy == STRANGER)

    assert "address of its contract" in refusal
    assert any(text.startswith("⚠ USDC") for _, text in form.tokens)
    assert "anybody can call a token so" in str(form.warning)


async def test_a_new_block_brings_new_quotes_and_its_failing_is_said(form: SwapModel, dex: MemoryDex) -> None:
    await quoted(form)
    first, followed = form.quotes, dex.follows[-1]
    dex.chain.number += 1
    fresh = await dex.quotes(dex.spec.native, dex.spec.tokens[1], 10**18, exact_in=True)
    followed.heard(fresh)
    followed.problem = "No endpoint answers."
    stale, text = form.is_stale, str(form.quoted_text)
    form.set_amount("2")

    assert first is not fresh
    assert form.quotes is None
    assert stale
    assert text == "Not of now. No endpoint answers."
    assert followed.closed


async def test_the_book_stands_beside_the_best_route(form: SwapModel) -> None:
    dex = form.dex
    assert isinstance(dex, MemoryDex)
    dex.spec = replace(dex.spec, native=replace(dex.spec.native, symbol="BTC"))
    form.shelf.held = dict.fromkeys(dex.tokens(), 10**20)
    await quoted(form, "0.01")
    await until(lambda: form.beside.said != NOTHING)

    assert "order book:" in str(form.beside.said)
    assert "USDT on Test chain is taken to be worth as much as USDT" in str(form.beside.assumptions)


async def test_a_limit_order_is_kept_with_the_least_that_its_price_means(form: SwapModel, dex: MemoryDex) -> None:
    sell, buy = form.sell, form.buy
    assert sell is not None
    assert buy is not None
    order = OrderForm(form.door, sell, buy, "2", series=False, now=lambda: 1_800_000_000)
    order.set("price", "3100.5")
    order.set("expires", "3600")
    await until(lambda: order.outcome is not None)
    closed = []
    order.go(None, lambda: closed.append(True))
    await until(lambda: closed)

    (kept,) = dex.orders.all()
    assert kept.terms == LimitTerms(6_201 * 10**18, 1_800_003_600)
    assert kept.limits.asks


async def test_limits_without_bounds_are_refused_with_the_orders_own_words(form: SwapModel, dex: MemoryDex) -> None:
    sell, buy = form.sell, form.buy
    assert sell is not None
    assert buy is not None
    order = OrderForm(form.door, sell, buy, "0.1", series=True, now=lambda: 1_800_000_000)
    order.set("confirmation", "within-limits")
    await until(lambda: order.problem != NOTHING)
    refusal = str(order.problem)
    order.set("max_gas", "0.01")
    order.set("per_day", "3")
    await until(lambda: order.outcome is not None)
    order.go(None, lambda: None)
    await until(dex.orders.all)

    (kept,) = dex.orders.all()
    assert "needs bounds" in refusal
    assert kept.terms == SeriesTerms(1_800_000_000, 86_400, 10)
    assert (kept.limits.max_gas_cost, kept.limits.per_day) == (10**16, 3)


async def test_an_order_is_paused_resumed_cancelled_and_forgotten(form: SwapModel, desk: Desk, dex: MemoryDex) -> None:
    sell, buy = form.sell, form.buy
    assert sell is not None
    assert buy is not None
    from engine.defi.orders.limits import Limits

    front = form.door.front
    assert front is not None
    assert front.current is not None
    dex.account = front.current.address
    await dex.orders.limit(dex.account, sell, buy, 10**18, LimitTerms(10**21), Limits())
    model = DexOrdersModel(desk, form.door)
    seen = []
    for act in ("pause", "pause", "cancel"):
        model.act("order 0", act)
        await model.tasks.finished()
        seen.append(dex.orders.kept["order 0"].state)
    row = [str(each.text) for each in model.rows()[0].cells]
    model.remove("order 0")
    await model.tasks.finished()
    model.close()

    assert seen == [OrderState.PAUSED, OrderState.WAITING, OrderState.CANCELLED]
    assert row[:4] == ["Limit", "1 ETH", "USDT at 1000 or better", "cancelled"]
    assert dex.orders.all() == []
