"""Every refusal of the send pipeline, on a chain with real contracts: not signed, and a sentence says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from engine.defi import abi
from engine.defi.intent import UNLIMITED, Approval, Intent, IntentKind
from engine.defi.intents import exact_allowance, send, unlimited_allowance
from engine.defi.prepared import FeeChoice, Prepared, Weight
from engine.errors import NotSigned, NotSimulated
from engine.ports.chain import Call, Simulated
from tests.engine.services.wallet.desk import ALICE, BOB, CAROL, ETHER, GWEI, Desk, open_desk
from tests.practice import Node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(practice_node: Node, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """One for all of them: nothing is signed, so nothing changes."""
    mark = practice_node.rpc("practice_snapshot")
    opened = await open_desk(practice_node, tmp_path_factory.mktemp("refusals"))
    yield opened
    await opened.client.close()
    opened.store.close()
    assert practice_node.rpc("practice_revert", mark)


async def refused(desk: Desk, intent: Intent, code: str, *, acknowledged: bool = True) -> Prepared:
    """Prepare it, see the refusal, and see that no acknowledgement gets it signed."""
    prepared = await desk.pipeline.prepare(intent)
    assert code in [each.code for each in prepared.refusals], prepared.remarks
    codes = frozenset(each.code for each in prepared.remarks) if acknowledged else frozenset()
    with pytest.raises(NotSigned) as error:
        await desk.pipeline.confirm(prepared, codes)
    assert all(each.text in str(error.value) for each in prepared.refusals)
    assert desk.keys.signed == []
    return prepared


async def test_another_chain(desk: Desk) -> None:
    await refused(desk, replace(await desk.swap(ETHER), chain_id=1), "wrong-chain")


async def test_a_node_that_turned_out_to_be_of_another_chain(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.pipeline._preparer, "spec", replace(desk.spec, chain_id=1))
    await refused(desk, send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")), "wrong-chain")


@pytest.mark.parametrize("changes", [{"arrives": ()}, {"data_least": 0}], ids=["promised", "told to the contract"])
async def test_a_least_amount_of_nothing(desk: Desk, changes: dict[str, Any]) -> None:
    await refused(desk, await desk.swap(ETHER, **changes), "min-out-zero")


async def test_a_contract_that_is_told_to_accept_less_than_is_shown(desk: Desk) -> None:
    await refused(desk, await desk.swap(ETHER, data_least=1), "min-out-mismatch")


async def test_no_deadline(desk: Desk) -> None:
    await refused(desk, await desk.swap(ETHER, deadline=None), "no-deadline")


async def test_a_deadline_that_has_passed(desk: Desk) -> None:
    past = await desk.now() - 1
    await refused(desk, await desk.swap(ETHER, deadline=past, data_deadline=past), "deadline-expired")


async def test_a_deadline_in_years(desk: Desk) -> None:
    late = await desk.now() + 10**8
    await refused(desk, await desk.swap(ETHER, deadline=late, data_deadline=late), "deadline-too-long")


async def test_a_contract_that_is_told_a_later_deadline_than_is_shown(desk: Desk) -> None:
    await refused(desk, await desk.swap(ETHER, data_deadline=2**40), "deadline-mismatch")


async def test_proceeds_that_would_go_to_somebody_else(desk: Desk) -> None:
    prepared = await refused(desk, await desk.swap(ETHER, data_to=BOB), "not-the-intent")
    assert "arrives-less" in [each.code for each in prepared.refusals]


async def test_slippage_above_the_limit(desk: Desk) -> None:
    await refused(desk, await desk.swap(ETHER, keep_bps=8_000), "slippage")


async def test_a_price_that_the_swap_itself_ruins(desk: Desk) -> None:
    await refused(desk, await desk.swap(ETHER, impact_bps=5_000), "price-impact")


async def test_what_could_not_be_simulated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cannot(calls: list[Call]) -> list[Simulated]:
        raise NotSimulated("This node cannot.")

    monkeypatch.setattr(desk.client, "simulate", cannot)
    usdt = desk.give("USDT", "10")
    both = await desk.pipeline.prepare_all([
        exact_allowance(desk.spec, ALICE.address, usdt, desk.node.manifest.exchange("sushiswap").router),
        send(desk.spec, ALICE.address, BOB, usdt),
    ])  # fmt: skip

    assert [each.code for each in both[0].warnings] == ["incomplete-simulation"]
    assert "no-simulation" in [each.code for each in both[1].refusals]
    with pytest.raises(NotSigned, match="could not be found out"):
        await desk.pipeline.confirm(both[1])


async def test_without_simulation_what_can_be_called_is_marked_and_sent_if_acknowledged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot(calls: list[Call]) -> list[Simulated]:
        raise NotSimulated("This node cannot.")

    monkeypatch.setattr(desk.client, "simulate", cannot)
    intent = await desk.swap(ETHER)
    with pytest.raises(NotSigned, match="cannot say what would change"):
        await desk.pipeline.confirm(await desk.pipeline.prepare(intent))
    await desk.pipeline.confirm(await desk.pipeline.prepare(intent), frozenset({"incomplete-simulation", "sandwich"}))
    failing = await desk.swap(ETHER, data_least=10**12, arrives=(desk.token("USDT").units(10**12),))
    prepared = await desk.pipeline.prepare(failing)
    assert "INSUFFICIENT_OUTPUT_AMOUNT" in prepared.refusals[0].text


async def test_what_would_fail_with_the_words_of_the_contract(desk: Desk) -> None:
    intent = await desk.swap(ETHER, data_least=10**12, arrives=(desk.token("USDT").units(10**12),))
    prepared = await refused(desk, intent, "would-fail")
    assert "INSUFFICIENT_OUTPUT_AMOUNT" in prepared.simulation.reason


async def test_an_unlimited_allowance_that_was_not_asked_for(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    intent = unlimited_allowance(desk.spec, ALICE.address, desk.token("USDT"), router)
    await refused(desk, intent, "unlimited-approval")

    asked = await desk.pipeline.prepare(intent, allow_unlimited=True)
    assert [(each.code, each.weight) for each in asked.warnings] == [("unlimited-approval", Weight.WARNING)]
    await desk.pipeline.confirm(asked, frozenset({"unlimited-approval"}))


async def test_an_allowance_that_nobody_mentioned(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    hidden = Intent(
        IntentKind.CLAIM, desk.spec.chain_id, ALICE.address, desk.token("USDT").address, "a farm",
        abi.encode("approve(address,uint256)", router, 5),
    )  # fmt: skip
    await refused(desk, hidden, "unexpected-approval")


async def test_an_allowance_that_is_more_than_was_shown(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    shown = exact_allowance(desk.spec, ALICE.address, desk.token("USDT").units(5), router)
    await refused(desk, replace(shown, data=abi.encode("approve(address,uint256)", router, UNLIMITED)), "approves-more")


async def test_a_revocation_that_gives(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    usdt = desk.token("USDT")
    shown = exact_allowance(desk.spec, ALICE.address, usdt.units(5), router)
    await refused(desk, replace(shown, kind=IntentKind.REVOKE), "not-the-intent")


async def test_an_allowance_for_somebodys_account(desk: Desk) -> None:
    await refused(
        desk, exact_allowance(desk.spec, ALICE.address, desk.token("USDT").of("1"), BOB), "spender-no-contract"
    )


async def test_a_figure_that_is_not_the_one_of_the_allowance(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    intent = exact_allowance(desk.spec, ALICE.address, desk.token("USDT").units(5), router)
    await refused(desk, replace(intent, approval=None), "not-the-intent")
    other = Approval(desk.token("USDT"), CAROL, "", 5)
    await refused(desk, replace(intent, approval=other), "unexpected-approval")


async def test_more_that_leaves_than_was_said(desk: Desk) -> None:
    amount = desk.give("USDT", "3")
    honest = send(desk.spec, ALICE.address, BOB, amount)
    less = amount.token.units(amount.units - 1)
    await refused(desk, replace(honest, leaves=(less,), arrives=(less,)), "leaves-more")


async def test_coin_that_goes_along_unsaid(desk: Desk) -> None:
    intent = send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1"))
    await refused(desk, replace(intent, leaves=(), arrives=()), "not-the-intent")


async def test_less_that_arrives_than_was_promised(desk: Desk) -> None:
    intent = await desk.swap(ETHER)
    await refused(
        desk, replace(intent, arrives=(intent.expected[0].token.units(intent.expected[0].units + 1),)), "arrives-less"
    )


async def test_a_fee_on_transfer_is_a_warning_where_something_is_sent(desk: Desk) -> None:
    amount = desk.give("TAXED", "100")
    prepared = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, amount))
    assert [(each.code, each.text) for each in prepared.warnings] == [
        ("arrives-less", "Of 100 TAXED only 98 would arrive: the token keeps a part of every transfer.")
    ]


async def test_the_coin_that_is_not_there_with_figures(desk: Desk) -> None:
    prepared = await refused(desk, send(desk.spec, ALICE.address, BOB, desk.spec.native.of("11")), "insufficient-funds")
    text = next(each.text for each in prepared.refusals if each.code == "insufficient-funds")
    assert text.startswith("You need 1.0")
    assert text.endswith("10 there.")


async def test_the_token_that_is_not_there_with_figures(desk: Desk) -> None:
    desk.give("UNI", "5")
    prepared = await refused(
        desk, send(desk.spec, ALICE.address, BOB, desk.token("UNI").of("7.5")), "insufficient-funds"
    )
    assert "You need 2.5 UNI more: 7.5 wanted, 5 there." in [each.text for each in prepared.refusals]


@pytest.mark.parametrize("to", ["0x" + "0" * 40, "0x000000000000000000000000000000000000dEaD"])
async def test_an_address_that_nobody_has(desk: Desk, to: str) -> None:
    await refused(desk, send(desk.spec, ALICE.address, to, desk.spec.native.of("1")), "to-nobody")


async def test_a_token_to_its_own_contract(desk: Desk) -> None:
    amount = desk.give("USDT", "1")
    await refused(desk, send(desk.spec, ALICE.address, amount.token.address, amount), "to-token")
    await refused(desk, send(desk.spec, ALICE.address, amount.token.address, desk.spec.native.of("1")), "to-token")


async def test_a_contract_is_no_account(desk: Desk) -> None:
    router = desk.node.manifest.exchange("uniswap-v2").router
    amount = desk.give("USDT", "1")
    prepared = await desk.pipeline.prepare(send(desk.spec, ALICE.address, router, amount))
    assert [each.code for each in prepared.warnings] == ["to-contract"]


async def test_an_account_is_no_contract(desk: Desk) -> None:
    intent = send(desk.spec, ALICE.address, CAROL, desk.give("USDT", "1"))
    await refused(desk, replace(intent, to=BOB), "no-contract")


async def test_an_address_that_looks_like_one_that_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(desk.book.alike, BOB, f"Anna ({CAROL})")
    prepared = await refused(desk, send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")), "look-alike")
    assert CAROL in prepared.refusals[0].text


async def test_a_fee_that_is_a_typing_error(desk: Desk) -> None:
    intent = send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1"))
    typed = await desk.pipeline.prepare(intent, FeeChoice(None, 3_000 * GWEI, GWEI, GWEI))
    assert [each.code for each in typed.refusals] == ["fee-far-above"]
    high = await desk.pipeline.prepare(intent, FeeChoice(None, 20 * GWEI, GWEI, GWEI))
    assert [each.code for each in high.warnings] == ["fee-far-above"]
    upside = await desk.pipeline.prepare(intent, FeeChoice(None, GWEI, 2 * GWEI, GWEI))
    assert [each.code for each in upside.refusals] == ["fee-invalid"]
