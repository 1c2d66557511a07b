"""Allowances and history on the practice chain, against what was done there."""

from __future__ import annotations

from dataclasses import replace

from engine.defi.chain import DexKind, DexSpec
from engine.defi.intent import UNLIMITED
from engine.defi.intents import exact_allowance, revoke, send, unlimited_allowance, wrap
from engine.services.wallet.allowances import Allowances
from engine.services.wallet.history import History
from tests.engine.services.wallet.desk import ALICE, BOB, ETHER, Desk


def routers(desk: Desk) -> tuple[str, str]:
    return desk.node.manifest.exchange("uniswap-v2").router, desk.node.manifest.exchange("sushiswap").router


def allowances(desk: Desk) -> Allowances:
    titles = dict(zip(routers(desk), ("First router", "Second router"), strict=True))
    return Allowances(desk.client, desk.spec, desk.pipeline.names, lambda address: titles.get(address, ""))


async def test_what_is_allowed_now_is_listed_the_unlimited_first(desk: Desk) -> None:
    first, second = routers(desk)
    usdt, dai, link = desk.token("USDT"), desk.token("DAI"), desk.token("LINK")
    desk.give("DAI", "3")
    await desk.send(exact_allowance(desk.spec, ALICE.address, usdt.of("5"), first))
    await desk.send(exact_allowance(desk.spec, ALICE.address, dai.of("7"), second))
    await desk.send(exact_allowance(desk.spec, ALICE.address, dai.of("7"), first))
    await desk.send(revoke(desk.spec, ALICE.address, dai, first))
    await desk.send(
        unlimited_allowance(desk.spec, ALICE.address, link, first), "unlimited-approval", allow_unlimited=True
    )
    pane = allowances(desk)

    found = await pane.list(ALICE.address)

    assert [(each.token.symbol, each.spender_title, each.text) for each in found] == [
        ("LINK", "First router", "all LINK"),
        ("DAI", "Second router", "7 DAI"),
        ("USDT", "First router", "5 USDT"),
    ]
    assert [str(each.at_risk) for each in found] == ["0 LINK", "3 DAI", "0 USDT"]
    assert found[0].amount.units == UNLIMITED


async def test_revoking_from_the_list_takes_it_off_the_list(desk: Desk) -> None:
    usdt = desk.token("USDT")
    await desk.send(exact_allowance(desk.spec, ALICE.address, usdt.of("5"), routers(desk)[0]))
    pane = allowances(desk)
    (found,) = await pane.list(ALICE.address)

    prepared = await desk.pipeline.prepare(pane.revoke(ALICE.address, found))
    assert prepared.lines[0].text == "Revoke: First router may take no more USDT"
    await desk.pipeline.send(await desk.pipeline.confirm(prepared))

    assert await pane.list(ALICE.address) == ()


async def test_a_second_look_asks_only_for_new_blocks(desk: Desk) -> None:
    pane = allowances(desk)
    assert await pane.list(ALICE.address) == ()
    asked: list[int] = []
    logs = desk.client.logs

    async def watched(addresses, topics, first, last):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        asked.append(first)
        return await logs(addresses, topics, first, last)

    desk.client.logs = watched  # type: ignore[method-assign]
    newest = await desk.client.block_number()
    await pane.list(ALICE.address)
    assert asked == [newest + 1 - desk.spec.confirmations]


async def test_what_was_allowed_to_a_known_contract_before_the_logs_that_are_read_is_found(desk: Desk) -> None:
    first, second = routers(desk)
    usdt = desk.token("USDT")
    await desk.send(exact_allowance(desk.spec, ALICE.address, usdt.of("5"), first))
    await desk.send(exact_allowance(desk.spec, ALICE.address, usdt.of("6"), second))
    dex = DexSpec("a", "A", DexKind.V2, first, first, "tests")
    pane = Allowances(desk.client, replace(desk.spec, dexes=(dex,)), desk.pipeline.names)
    later = await desk.client.block_number() + 1

    found = await pane.list(ALICE.address, later)

    assert [(each.text, each.spender_title, each.block) for each in found] == [("5 USDT", "A's router", 0)]
    assert pane.since(ALICE.address) is None
    assert len(await pane.list(ALICE.address)) == 2
    assert pane.since(ALICE.address) == 0


async def test_history_has_what_was_sent_decoded_and_what_others_sent(desk: Desk) -> None:
    desk.give("USDT", "10")
    history = History(desk.client, desk.spec, desk.ledger, desk.pipeline.names, desk.bus)
    sent = await desk.send(send(desk.spec, ALICE.address, BOB, desk.token("USDT").of("4")))
    wrapped = await desk.send(wrap(desk.spec, ALICE.address, ETHER))

    await history.look(ALICE.address)
    await history.look(ALICE.address)  # the newest blocks again: nothing twice

    lines = {each.hash: each for each in await history.page(ALICE.address)}
    assert [str(each.amount) for each in lines[sent.hash].transfers] == ["-4 USDT"]
    assert lines[sent.hash].transfers[0].counterparty == BOB
    assert lines[sent.hash].sent is not None
    assert sent.call == f"transfer(to {BOB}, amount 4000000)"
    assert lines[wrapped.hash].sent is not None
    (gift,) = [each for each in lines.values() if each.sent is None]
    assert ([str(each.amount) for each in gift.transfers], gift.transfers[0].is_ours) == (["10 USDT"], False)
    assert gift.at > 0


async def test_transfers_of_a_block_that_was_taken_back_are_gone(desk: Desk) -> None:
    history = History(desk.client, desk.spec, desk.ledger, desk.pipeline.names, desk.bus)
    desk.give("USDT", "10")
    await history.look(ALICE.address)
    assert len(await history.page(ALICE.address)) == 1
    desk.node.rpc("practice_reorg", 1, False)

    await history.look(ALICE.address)

    assert await history.page(ALICE.address) == ()
