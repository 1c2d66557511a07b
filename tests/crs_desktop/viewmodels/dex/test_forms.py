"""The desk's forms: amounts that follow from each other, and figures against closed forms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from math import sqrt
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.dex import form as forms
from crs_desktop.viewmodels.dex.adding import AddForm, shown_number
from crs_desktop.viewmodels.dex.form import percent_text, span_text
from crs_desktop.viewmodels.dex.loss import LossForm
from crs_desktop.viewmodels.dex.positions import figure
from crs_desktop.viewmodels.dex.tokens import oriented
from crs_desktop.viewmodels.wallet.door import WalletDoor
from engine.defi.chain import DexKind, DexSpec
from engine.defi.v3math.liquidity import amounts_for_liquidity
from tests.crs_desktop.dex_memory import MemoryDex, front_of
from tests.crs_desktop.viewmodels.wallet.test_tables import Asked
from tests.crs_desktop.wallet_memory import MemoryFront

V3 = DexSpec("uniswap-v3", "Uniswap V3", DexKind.V3, "0x" + "f3" * 20, "0x" + "e3" * 20, "tests", fee_tiers=(3000,))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "TYPING_S", 0.0)


@pytest.fixture
async def door() -> WalletDoor:
    front = MemoryFront(owned=True)
    front.dex = front_of(MemoryDex())

    async def opener(_tell: object) -> MemoryFront:
        return front

    made = WalletDoor(opener, Asked())
    await made.opened()
    return made


async def until(done: Callable[[], object]) -> None:
    for _ in range(1_000):
        if done():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it never happened")


def report(dex: DexSpec) -> Any:  # noqa: ANN401 - as much of a report as the form reads
    weth, usdt, _ = MemoryDex().spec.tokens
    return SimpleNamespace(pool=SimpleNamespace(dex=dex, first=usdt, second=weth, fee=3000, address="0x" + "aa" * 20))


async def test_dollars_stand_last_and_the_coin_stands_for_its_wrapped_token(door: WalletDoor) -> None:
    form = AddForm(door, report(V3))

    assert (form.first.symbol, form.second.symbol) == ("ETH", "USDT")
    assert form.dex.spec.wrapped == form._pooled(form.first)


@pytest.mark.parametrize(("low", "high"), [("2000", "4000"), ("2999", "3001"), ("", "3500"), ("2500", "")])
async def test_the_other_amount_of_a_range_is_what_the_contracts_formula_says(
    door: WalletDoor, low: str, high: str
) -> None:
    form = AddForm(door, report(V3))
    form.price = Decimal(3000)
    form.texts |= {"low": low, "high": high}
    form.set("first", "1")
    second = Decimal(form.text("second"))
    form.close()

    def root(price: float) -> int:
        return int(sqrt(price) * 2**96)

    ends = root(float(low or 1e-9)), root(float(high or 1e18))
    first, other = amounts_for_liquidity(root(3000), *ends, 10**24)
    assert float(second) == pytest.approx(other / first, rel=1e-6)


async def test_a_range_above_the_price_takes_the_first_token_only(door: WalletDoor) -> None:
    form = AddForm(door, report(V3))
    form.price = Decimal(3000)
    form.texts |= {"low": "3100", "high": "3500"}
    form.set("first", "1")
    one_sided = form.text("second")
    form.set("second", "500")
    form.close()

    assert one_sided == "0"
    assert form.text("second") == "0"


async def test_a_button_sets_both_ends_and_all_prices_have_none(door: WalletDoor) -> None:
    form = AddForm(door, report(V3))
    form.price = Decimal(3000)
    form.set("high", "±10")
    around = form.text("low"), form.text("high")
    form.set("high", "full")
    form.close()

    assert around == ("2700", "3300")
    assert form.ends() == (None, None)


@pytest.mark.parametrize(("change", "loss"), [("100", -5.719), ("300", -20.0), ("-50", -5.719), ("0", 0.0)])
async def test_impermanent_loss_is_that_of_the_known_table(door: WalletDoor, change: str, loss: float) -> None:
    form = LossForm(door)
    form.set("change", change)
    form.set("apr", "0")
    await until(lambda: form.outcome is not None)
    outcome = form.outcome
    form.close()

    assert outcome is not None
    told = str(outcome.lines[0].text).replace("\N{MINUS SIGN}", "-").removesuffix(" %")
    assert float(told) == pytest.approx(loss, abs=0.001)


async def test_the_curve_is_deepest_at_its_ends_and_nothing_where_nothing_moved(door: WalletDoor) -> None:
    form = LossForm(door)
    curve = form.curve()
    form.close()

    ratios, losses = zip(*curve, strict=True)
    assert losses[len(losses) // 2] == pytest.approx(0.0, abs=1e-12)
    assert losses[0] == pytest.approx(losses[-1]) == pytest.approx(-0.2)
    assert ratios[0] == pytest.approx(0.25)


@pytest.mark.parametrize("typed", ["-100", "x", "", "1e9"])
async def test_a_change_that_cannot_be_is_refused(door: WalletDoor, typed: str) -> None:
    form = LossForm(door)
    form.set("change", typed)
    await until(lambda: str(form.problem))
    form.close()

    assert form.outcome is None


@given(st.decimals("0.000000000001", "1000000000000", allow_nan=False, allow_infinity=False))
def test_a_price_is_shown_within_its_last_figure(value: Decimal) -> None:
    assert float(shown_number(value)) == pytest.approx(float(value), rel=1e-11)
    assert float(figure(value).replace(",", "")) == pytest.approx(float(value), rel=1e-5)


def test_figures_as_people_read_them() -> None:
    assert percent_text(-0.0000001, 3) == "0.000 %"
    assert percent_text(-0.05719, 2) == "\N{MINUS SIGN}5.72 %"
    assert percent_text(None) == "\N{EN DASH}"
    assert span_text(3 * 86_400) == "3.0 d"
    assert span_text(90) == "1 min 30 s"


def test_two_tokens_of_one_kind_keep_their_order() -> None:
    spec = MemoryDex().spec
    weth, usdt, dai = spec.tokens

    assert oriented(spec, usdt, weth) == (weth, usdt)
    assert oriented(spec, weth, dai) == (dai, weth)
