"""Quotes and intents on a chain of a few pools: what is refused, in which words, and what is never signed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.defi import abi
from engine.defi.address import checksummed
from engine.defi.intent import IntentKind
from engine.defi.pools.v2 import V2Pool
from engine.defi.token import Token
from engine.errors import InvalidInput
from engine.services.dex.pools import PoolBook
from engine.services.dex.quoterow import DexQuotes, RowKind
from engine.services.dex.quotes import Quotes
from engine.services.dex.swap import Swaps, Ticket
from tests.engine.services.dex.poolchain import TOKENS, V2_DEX, V3_DEX, PoolChain, spec

OTHER = replace(V2_DEX, name="pancakeswap", title="PancakeSwap", factory="0x" + "f4" * 20, router="0x" + "e4" * 20)
SENDER = "0x" + "ab" * 20
FIRST = V2Pool(checksummed("0x" + "aa" * 20), TOKENS[0], TOKENS[1], 10**22, 3 * 10**22)
SECOND = V2Pool(checksummed("0x" + "ac" * 20), TOKENS[1], TOKENS[2], 10**22, 10**22)
CHAIN = spec(V2_DEX, V3_DEX)
WRAPPED, MIDDLE, LAST = CHAIN.tokens


def desk(*pools: V2Pool) -> tuple[PoolChain, Quotes, Swaps]:
    """Return a chain with these pools, and what works on it."""
    chain = PoolChain(pools)
    client = chain.client()
    return chain, Quotes(client, CHAIN, PoolBook(client, CHAIN)), Swaps(client, CHAIN)


async def quoted(amount: int, *pools: V2Pool, token_in: Token = WRAPPED, token_out: Token = MIDDLE) -> DexQuotes:
    _, quotes, _ = desk(*pools)
    return await quotes.best(token_in, token_out, amount)


async def test_each_exchange_without_a_row_says_why() -> None:
    found = await quoted(10**18, FIRST)

    assert [each.dexes for each in found.rows] == [("sushiswap",)]
    assert found.refusals == {"uniswap-v3": "Uniswap V3 has no pool of T0 with a token that leads further."}
    assert found.refusal == ""


async def test_where_no_pool_leads_it_is_said() -> None:
    found = await quoted(10**18, SECOND)

    assert found.best is None
    assert "SushiSwap has no pool of T0" in found.refusal


async def test_too_little_liquidity_is_said() -> None:
    _, quotes, _ = desk(FIRST)

    bought = await quotes.best(WRAPPED, MIDDLE, 4 * 10**22, exact_in=False)
    sold = await quotes.best(WRAPPED, MIDDLE, 2**112)

    assert bought.best is None
    assert bought.refusals["sushiswap"] == "SushiSwap has too little liquidity for it."
    assert sold.best is None
    assert sold.refusals["sushiswap"].startswith("SushiSwap has too little liquidity for it. The pool cannot hold")


@pytest.mark.parametrize(
    ("token_in", "token_out", "amount", "words"),
    [
        (WRAPPED, MIDDLE, 0, "more than 0"),
        (WRAPPED, WRAPPED, 1, "Both sides are T0"),
        (CHAIN.native, WRAPPED, 1, "wrap or unwrap it"),
        (WRAPPED, Token(1, TOKENS[1], "T1", 18), 1, "not a token of Test chain"),
    ],
)
async def test_what_makes_no_swap_is_refused(token_in: Token, token_out: Token, amount: int, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        await quoted(amount, FIRST, token_in=token_in, token_out=token_out)


async def test_a_way_through_several_exchanges_is_shown_and_never_signed() -> None:
    chain = replace(CHAIN, dexes=(V2_DEX, OTHER))
    world = PoolChain([FIRST, SECOND])
    client = world.client()
    quotes = Quotes(client, chain, PoolBook(client, chain))
    view = await PoolBook(client, CHAIN).among(TOKENS)
    assert len(view.graph.markets) == 2
    world.factories = {V2_DEX.factory: {FIRST.address}, OTHER.factory: {SECOND.address}}

    found = await quotes.best(WRAPPED, LAST, 10**18)

    (row,) = found.rows
    assert (row.kind, row.dexes, row.transactions) == (RowKind.MIXED, ("sushiswap", "pancakeswap"), 2)
    assert found.best is None
    assert "swaps one after the other: T0 → T1 → T2 at SushiSwap, PancakeSwap" in found.refusal
    with pytest.raises(InvalidInput, match="not offered"):
        await Swaps(client, chain).intents(row, Ticket(SENDER))


async def test_where_transfers_cannot_be_tried_it_is_said_and_asked_once() -> None:
    chain, quotes, _ = desk(FIRST)

    found = await quotes.best(WRAPPED, MIDDLE, 10**18)
    await quotes.best(WRAPPED, MIDDLE, 10**17)

    assert "could not be tried" in found.notes[-1]
    assert chain.simulations == 1


async def test_the_least_amount_is_never_0() -> None:
    _, quotes, swaps = desk(V2Pool(FIRST.address, TOKENS[0], TOKENS[1], 10**22, 3))
    found = await quotes.best(WRAPPED, MIDDLE, 10**22)
    assert found.best is not None
    assert found.best.amount_out.units == 1

    (*_, swap) = await swaps.intents(found.best, Ticket(SENDER, slippage_bps=5_000))

    assert swap.arrives[0].units == 1
    call = abi.decoded_call(swap.data)
    assert call is not None
    assert call.named["amountOutMin"] == 1


@pytest.mark.parametrize("slippage", [-1, 10_000])
async def test_a_slippage_that_makes_no_sense_is_refused(slippage: int) -> None:
    _, quotes, swaps = desk(FIRST)
    found = await quotes.best(WRAPPED, MIDDLE, 10**18)
    assert found.best is not None

    with pytest.raises(InvalidInput, match="makes no sense"):
        await swaps.intents(found.best, Ticket(SENDER, slippage_bps=slippage))
    with pytest.raises(InvalidInput, match="deadline"):
        await swaps.intents(found.best, Ticket(SENDER, deadline_s=0))


async def test_a_token_that_does_not_let_an_allowance_be_raised_is_set_to_0_first() -> None:
    chain, quotes, swaps = desk(FIRST)
    found = await quotes.best(WRAPPED, MIDDLE, 10**18)
    assert found.best is not None
    chain.allowance, chain.is_stubborn = 5, True

    intents = await swaps.intents(found.best, Ticket(SENDER))
    chain.is_stubborn = False
    plain = await swaps.intents(found.best, Ticket(SENDER))

    assert [each.kind for each in intents] == [IntentKind.REVOKE, IntentKind.APPROVE, IntentKind.SWAP]
    assert [each.kind for each in plain] == [IntentKind.APPROVE, IntentKind.SWAP]
    given = [each.approval.amount for each in intents if each.approval is not None]
    assert given == [0, 10**18]


async def test_quotes_that_are_followed_are_told_at_each_block() -> None:
    chain, quotes, _ = desk(FIRST)
    first = await quotes.best(WRAPPED, MIDDLE, 10**18)
    chain.pools[FIRST.address] = FIRST.after(TOKENS[0], 10**20)
    chain.number += 1
    heard: asyncio.Queue[DexQuotes] = asyncio.Queue()
    quotes.pause_s = 0.0
    following = quotes.follow(first, heard.put_nowait)
    second = await heard.get()
    await following.join()

    assert second.block == first.block + 1
    assert second.best is not None
    assert first.best is not None
    assert second.best.amount_out.units < first.best.amount_out.units
