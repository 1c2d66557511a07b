"""The last look before a signature: what is said of a transaction, and when it can be signed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.format import MINUS
from crs_desktop.viewmodels.wallet.confirm import GUARD_NS, ConfirmModel, Stage
from crs_desktop.viewmodels.wallet.confirm_lines import Line
from crs_desktop.viewmodels.wallet.figures import address_in_full, brief, exact, gwei, plain, wei_of
from crs_desktop.viewmodels.words import NOTHING
from engine.defi.intent import Approval, Intent
from engine.defi.prepared import FeePreset, Remark
from engine.defi.token import Token, TokenAmount
from tests.crs_desktop.wallet_floor import (
    CHAIN,
    ETH,
    FRIEND,
    GWEI,
    ME,
    NOW,
    ROUTER,
    USDC,
    MemoryPipeline,
    approve,
    note,
    prepared,
    refusal,
    send,
    swap,
    warning,
)

MINUTE = 60 * GWEI


def model(
    intent: Intent, *remarks: Remark, pipeline: MemoryPipeline | None = None, locked: bool = False
) -> ConfirmModel:
    """Show an intent, long enough for it to be signed."""
    made = pipeline or MemoryPipeline()
    made.is_locked = locked
    shown = ConfirmModel(made, prepared(intent, *remarks), CHAIN, clock=made.clock, wall=made.clock, unlock=made.unlock)
    made.now += GUARD_NS
    return shown


def pipeline_of(shown: ConfirmModel) -> MemoryPipeline:
    assert isinstance(shown._pipeline, MemoryPipeline)
    return shown._pipeline


def said(lines: list[Line]) -> str:
    return "\n".join(f"{each.title}: {each.text} [{each.tone}] {each.note} {each.address}" for each in lines)


def test_a_swap_says_what_leaves_at_most_and_what_arrives_at_least() -> None:
    shown = model(swap())

    assert said(shown.moves).splitlines() == [
        f"Leaves: {MINUS}1 ETH [down]  ",
        "Arrives at least: ≥ +2,970.25 USDC [up] ≈ 3,000.25 USDC expected ",
    ]


def test_an_allowance_of_nothing_is_a_revocation_whoever_calls_it_an_approval() -> None:
    shown = model(approve(0, before=5_000_000))

    assert (str(shown.title), str(shown.verb)) == ("Revoke", "Sign the revocation")
    assert said(shown.allowance).startswith("Revoke: May spend no more USDC [good] Until now: 5 USDC")


@pytest.mark.parametrize("amount", [2**255, 2**256 - 1])
def test_an_allowance_that_never_runs_out_is_told_in_the_tone_of_danger(amount: int) -> None:
    lines = model(approve(amount)).allowance

    assert {each.tone for each in lines} == {"error"}
    assert "Never runs out" in said(lines)


def test_an_exact_allowance_names_amount_and_spender_in_full() -> None:
    text = said(model(approve(1_500_000)).allowance)

    assert "Exactly 1.5 USDC" in text
    assert "0x" + text.partition("0x ")[2].splitlines()[0].replace(" ", "") == ROUTER


def test_a_payee_is_shown_to_the_last_digit_and_called_by_its_label() -> None:
    shown = model(send())
    shown._label = {FRIEND: "Ann"}.get  # type: ignore[assignment]

    who = next(each for each in shown.parties if str(each.title) == "To")

    assert str(who.text) == "Ann"
    assert "0x" + who.address.removeprefix("0x").replace(" ", "") == FRIEND


async def test_each_warning_has_to_be_ticked_by_itself() -> None:
    first, second = warning("impact", "It moves the price."), warning("new", "You never paid it before.")
    shown = model(swap(), first, second)

    shown.tick(first, True)
    half = await shown.sign()
    shown.tick(second, True)
    whole = await shown.sign()

    assert (half, whole) == (False, True)
    assert [codes for _, codes in pipeline_of(shown).confirmed] == [frozenset({"impact", "new"})]


def test_two_warnings_of_one_kind_are_two() -> None:
    one, other = warning("fee-on-transfer", "A keeps 1 %."), warning("fee-on-transfer", "B keeps 5 %.")
    shown = model(swap(), one, other)

    shown.tick(one, True)

    assert shown.acknowledged == frozenset()
    assert shown.hindrance != NOTHING


async def test_a_refusal_leaves_no_button_but_its_sentence() -> None:
    shown = model(send(), refusal("It looks like Ann's."), warning())
    for each in shown.prepared.warnings:
        shown.tick(each, True)

    signed = await shown.sign()

    assert not signed
    assert not shown.offers_signing
    assert str(shown.hindrance) == "Not signed: It looks like Ann's."


async def test_what_would_fail_is_not_signed_and_says_why() -> None:
    shown = model(swap())
    shown.prepared = replace(
        shown.prepared, simulation=replace(shown.prepared.simulation, ok=False, reason="UniswapV2: \u202eEXPIRED")
    )

    assert not await shown.sign()
    assert not shown.offers_signing
    assert "UniswapV2: \ufffdEXPIRED" in said(shown.simulated)


async def test_what_has_just_come_onto_the_screen_cannot_be_signed_by_a_key_that_was_meant_for_something_else() -> None:
    pipeline = MemoryPipeline()
    shown = ConfirmModel(pipeline, prepared(send()), CHAIN, clock=pipeline.clock, wall=pipeline.clock)

    at_once = await shown.sign()
    pipeline.now += GUARD_NS
    later = await shown.sign()

    assert (at_once, later, len(pipeline.sent)) == (False, True, 1)


async def test_an_old_simulation_is_made_again_before_it_can_be_signed() -> None:
    shown = model(swap(), note())
    pipeline_of(shown).now += 2 * MINUTE

    stale, before = shown.is_stale, await shown.sign()
    await shown.beat()
    after = await shown.sign()

    assert (stale, before, after) == (True, False, True)
    assert pipeline_of(shown).confirmed[0][0].simulation.block == 19_000_002


async def test_what_changed_meanwhile_is_said_and_has_to_be_acknowledged_anew() -> None:
    old, new = warning("impact", "It moves the price by 4 %."), warning("impact", "It moves the price by 9 %.")
    pipeline = MemoryPipeline(change=lambda each: replace(each, remarks=(new,)))
    shown = model(swap(), old, pipeline=pipeline)
    shown.tick(old, True)

    await shown.refresh()

    assert not shown.is_ticked(new)
    assert shown.acknowledged == frozenset()

    pipeline.change = lambda each: replace(each, remarks=(new, warning("slippage", "Slippage is 5 %.")))
    await shown.refresh()
    assert "changed" in str(shown.note)
    assert not shown.can_sign


def test_a_deadline_counts_down_and_then_forbids_it() -> None:
    shown = model(swap())
    pipeline = pipeline_of(shown)

    pipeline.now = NOW + 590 * GWEI
    near = shown.deadline
    pipeline.now = NOW + 600 * GWEI
    gone = shown.deadline

    assert (str(near[0]), near[1]) == ("10 s left", "warn")
    assert gone[1] == "error"
    assert "deadline" in str(shown.hindrance)


async def test_a_locked_wallet_asks_for_its_password_and_then_signs_the_same_thing() -> None:
    shown = model(send(), locked=True)

    first = await shown.sign()
    stage = shown.stage
    wrong = await shown.unlock("battery staple")
    told = str(shown.problem)
    right = await shown.unlock("correct horse")

    assert (first, stage, wrong, right) == (False, Stage.LOCKED, False, True)
    assert told == "This password does not open the wallet."
    assert pipeline_of(shown).sent == [shown.prepared]


async def test_one_password_is_tried_at_a_time() -> None:
    shown = model(send(), locked=True)
    await shown.sign()
    may = asyncio.Event()
    tried: list[str | None] = []

    async def slowly(password: str | None) -> None:
        tried.append(password)
        await may.wait()
        await pipeline_of(shown).unlock(password)

    shown._unlock = slowly
    first = asyncio.create_task(shown.unlock("correct horse"))
    await asyncio.sleep(0)
    second = await shown.unlock("correct horse")
    may.set()

    assert (second, await first, tried) == (False, True, ["correct horse"])
    assert pipeline_of(shown).sent == [shown.prepared]


async def test_a_password_that_was_remembered_is_not_asked_for() -> None:
    shown = model(send(), locked=True)
    pipeline_of(shown).remembered = "correct horse"

    assert await shown.sign()
    assert shown.stage is Stage.SENT


async def test_a_remembered_password_that_opens_nothing_is_tried_once() -> None:
    shown = model(send(), locked=True)
    pipeline_of(shown).remembered = "of another wallet"

    assert not await shown.sign()
    assert shown.stage is Stage.LOCKED


async def test_another_fee_is_prepared_anew_and_own_figures_are_checked() -> None:
    shown = model(send())
    await shown.choose_fee(FeePreset.FAST)
    shown.open_own_fee()
    typing = str(shown.hindrance)
    shown.fee.set("9", "1")
    await shown.use_own_fee()
    too_low = str(shown.fee.problem)
    shown.fee.set("30.5", "40")
    await shown.use_own_fee()
    tip = str(shown.fee.problem)
    shown.fee.set("30.5", "3")
    await shown.use_own_fee()

    assert "own fee" in typing
    assert "10 gwei" in too_low
    assert "30.5" in tip
    assert shown.prepared.transaction.max_fee == 30_500_000_000
    assert shown.fee.is_own
    assert pipeline_of(shown).asked[0] is FeePreset.FAST


async def test_a_failure_keeps_all_that_was_acknowledged() -> None:
    remark = warning()
    shown = model(send(), remark)
    shown.tick(remark, True)
    pipeline_of(shown).refuses = "No endpoint answers."

    signed = await shown.sign()

    assert not signed
    assert (str(shown.problem), shown.stage, shown.is_ticked(remark)) == ("No endpoint answers.", Stage.SHOWN, True)


def test_the_simulation_tells_every_balance_and_every_allowance_that_was_not_meant() -> None:
    shown = model(send())
    stranger = Approval(USDC, ROUTER, "", 2**256 - 1)
    shown.prepared = replace(shown.prepared, simulation=replace(shown.prepared.simulation, approvals=(stranger,)))

    lines = said(shown.simulated)

    assert f"You: {MINUS}1.5 ETH [down]" in lines
    assert f"{FRIEND[:8]}…{FRIEND[-6:]}: +1.5 ETH [up]" in lines
    assert "Also sets an allowance: USDC [error]" in lines


def test_every_field_that_is_signed_is_there() -> None:
    shown = model(swap())
    text = said(shown.fields)
    made = shown.prepared.transaction

    for value in ("Ethereum · 1", address_in_full(ME), address_in_full(ROUTER), f"{made.gas:,}", "22 gwei", "2 gwei"):
        assert value in text
    assert "136 bytes more" in text


@given(st.integers(0, 10**21 - 1))
def test_a_price_of_gas_reads_back(wei: int) -> None:
    assert wei_of(gwei(wei)) == wei


@given(st.integers(0, 10**30), st.integers(0, 30))
def test_an_amount_in_short_is_never_more_than_it_is_and_nearly_all_of_it(units: int, decimals: int) -> None:
    amount = TokenAmount(Token(1, USDC.address, "X", decimals), units)

    shown = Decimal(brief(amount).replace(",", ""))

    assert shown <= amount.exact
    assert amount.exact - shown <= amount.exact / 100_000


@given(st.text())
def test_a_strangers_text_stays_on_its_line(text: str) -> None:
    shown = plain(text, 40)

    assert len(shown) <= 41
    assert shown.isprintable()


def test_an_address_is_grouped_without_a_digit_lost() -> None:
    assert address_in_full(ME).replace(" ", "") == ME


def test_a_coin_is_told_by_its_symbol() -> None:
    assert exact(ETH.of("0.000000000000000001")) == "0.000000000000000001 ETH"
