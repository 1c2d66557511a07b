"""Swaps through the one send pipeline: nothing speaks against them, and what was shown is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.services.dex.pools import PoolBook
from engine.services.dex.quoterow import QuoteRow, RowKind
from engine.services.dex.quotes import Quotes
from engine.services.dex.swap import Swaps, Ticket
from tests.engine.services.dex.swapdesk import narrowed
from tests.engine.services.wallet.desk import ALICE, Desk, open_desk
from tests.practice import Node

pytestmark = pytest.mark.integration


async def row(quotes: Quotes, desk: Desk, sold: str, bought: str, text: str, wanted: str) -> QuoteRow:
    """Return the row of an exchange, or the split."""
    spec = desk.client.spec
    token_in, token_out = spec.token(sold), spec.token(bought)
    assert token_in is not None
    assert token_out is not None
    found = await quotes.best(token_in, token_out, token_in.of(text).units)
    if wanted == "split":
        assert found.best_split is not None
        return found.best_split
    return next(each for each in found.rows if each.dexes == (wanted,) and each.kind is not RowKind.SPLIT)


async def test_swaps_pass_the_pipeline_with_their_approvals(practice: Node, tmp_path: Path) -> None:
    desk = await open_desk(practice, tmp_path)
    try:
        spec = narrowed(practice.spec(), "WETH", "USDC", "WBTC", "TAXED")
        desk.client.spec = spec
        quotes, swaps = Quotes(desk.client, spec, PoolBook(desk.client, spec)), Swaps(desk.client, spec)
        for symbol, text in (("USDC", "50000"), ("WBTC", "3"), ("TAXED", "1000")):
            desk.give(symbol, text)
        for sold, bought, text, wanted in (
            ("USDC", "ETH", "20000", "uniswap-v3"),
            ("WBTC", "ETH", "3", "split"),
            ("TAXED", "ETH", "1000", "uniswap-v2"),
        ):
            found = await row(quotes, desk, sold, bought, text, wanted)
            intents = await swaps.intents(found, Ticket(ALICE.address))

            prepared = await desk.pipeline.prepare_all(intents)

            assert not [remark.text for each in prepared for remark in each.refusals]
            before = await desk.balance(found.token_out, ALICE.address)
            paid = 0
            for each in prepared:
                warned = frozenset(remark.code for remark in each.warnings)
                sent = await desk.pipeline.send(await desk.pipeline.confirm(each, warned))
                receipt = await desk.client.receipt(sent.hash)
                assert receipt is not None
                assert receipt.ok
                paid += receipt.gas_used * receipt.gas_price
            came = (
                await desk.balance(found.token_out, ALICE.address) - before + (paid if found.token_out.is_native else 0)
            )
            assert came == found.amount_out.units
    finally:
        await desk.client.close()
        desk.store.close()
