"""Quotes and swaps against the real contracts of the practice chain: what was quoted is what arrives, to the unit."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest

from engine.defi import abi
from engine.defi.intent import IntentKind
from engine.defi.intents.allow import exact_allowance
from engine.defi.routes.graph import PoolGraph
from engine.defi.token import Token
from engine.errors import InvalidInput, Reverted
from engine.ports.chain import Call
from engine.services.dex.pools import PoolView
from engine.services.dex.quoterow import RowKind
from engine.services.dex.quoting import Asked, Quoting
from engine.services.dex.swap import Ticket
from engine.services.dex.verify import verify
from tests.engine.services.dex.swapdesk import opened, row_of
from tests.practice import Node

pytestmark = pytest.mark.integration

DIRECT, SEVERAL = RowKind.DIRECT, RowKind.MULTI_HOP
GAS_PRICE = 10**9
NO_POOLS = {name: PoolGraph(()) for name in ("uniswap-v2", "sushiswap", "pancakeswap")}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pools are kept from one test to the next, so that they are searched for once."""
    return tmp_path_factory.mktemp("dex") / "pools.json"


async def test_what_was_quoted_arrives(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDT", "USDC", "WBTC", "LINK") as desk:
        for dex, kind, sold, bought, amount in (
            ("uniswap-v2", DIRECT, "ETH", "USDT", "1.5"),
            ("sushiswap", DIRECT, "USDT", "ETH", "2500"),
            ("pancakeswap", DIRECT, "USDT", "WBTC", "10000"),
            ("uniswap-v3", DIRECT, "USDC", "WETH", "25000"),
            ("uniswap-v3", DIRECT, "ETH", "USDC", "600"),
            ("uniswap-v3", SEVERAL, "LINK", "USDT", "500"),
            ("uniswap-v2", SEVERAL, "LINK", "USDC", "300"),
        ):
            if sold != "ETH":
                practice.give(desk.address, desk.token(sold).of(amount).units, sold)
            row = row_of(await desk.quote(sold, bought, amount), dex, kind)

            compared = await verify(desk.client, desk.spec, row)
            went, came, intents = await desk.carry_out(row)

            assert all(each.is_equal for each in compared)
            assert (went, came) == (row.amount_in.units, row.amount_out.units)
            assert intents[-1].kind is IntentKind.SWAP
            assert intents[-1].arrives[0].units == came * 9_900 // 10_000


async def test_exactly_what_was_asked_for_arrives_for_what_was_quoted(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDT", "USDC", "LINK") as desk:
        for dex, kind, sold, bought, amount in (
            ("uniswap-v2", SEVERAL, "USDT", "LINK", "50"),
            ("sushiswap", DIRECT, "ETH", "USDT", "2000"),
            ("pancakeswap", DIRECT, "USDT", "ETH", "1"),
            ("uniswap-v3", DIRECT, "ETH", "USDC", "5000"),
            ("uniswap-v3", SEVERAL, "USDC", "LINK", "50"),
        ):
            row = row_of(await desk.quote(sold, bought, amount, exact_in=False), dex, kind)
            if sold != "ETH":
                practice.give(desk.address, 2 * row.amount_in.units, sold)

            compared = await verify(desk.client, desk.spec, row)
            went, came, intents = await desk.carry_out(row)

            assert all(each.is_equal for each in compared)
            assert came == desk.token(bought).of(amount).units == row.amount_out.units
            assert went == row.amount_in.units
            assert intents[-1].leaves[0].units == -(-went * 101 // 100)


async def test_the_parts_of_a_split_arrive_as_quoted_each_with_its_own_least(practice: Node, known: Path) -> None:
    async with opened(practice, known, "WBTC") as desk:
        practice.give(desk.address, desk.token("WBTC").of("4").units, "WBTC")
        quotes = await desk.quote("WBTC", "ETH", "4")
        row = quotes.best_split
        assert row is not None
        assert quotes.best is row

        went, came, intents = await desk.carry_out(row)

        swaps = [each for each in intents if each.kind is IntentKind.SWAP]
        assert (went, came) == (desk.token("WBTC").of("4").units, row.amount_out.units)
        assert len(swaps) == row.transactions > 1
        assert sum(each.expected[0].units for each in swaps) == came
        assert all(0 < each.arrives[0].units < each.expected[0].units for each in swaps)
        assert {each.approval.amount for each in intents if each.approval} == {each.leaves[0].units for each in swaps}
        assert quotes.best_single is not None
        assert row.net.units > quotes.best_single.net.units


async def test_routes_of_a_v3_exchange_go_together_in_one_transaction(practice: Node, known: Path) -> None:
    async with opened(practice, known, "WBTC") as desk:
        view = await desk.book.between(desk.token("WBTC"), desk.token("ETH"))
        only = PoolView(
            view.block, view.by_dex["uniswap-v3"], {**NO_POOLS, "uniswap-v3": view.by_dex["uniswap-v3"]}, {}
        )
        asked = Asked(desk.token("ETH"), desk.token("WBTC"), 200 * 10**18)
        row = Quoting(desk.spec, only, asked, GAS_PRICE).run().best_split
        assert row is not None

        went, came, intents = await desk.carry_out(row)

        assert len(intents) == row.transactions == 1
        assert len(row.paths) > 1
        assert (went, came) == (200 * 10**18, row.amount_out.units)


async def test_a_token_that_taxes_transfers_is_found_out_and_what_arrives_is_what_was_quoted(
    practice: Node, known: Path
) -> None:
    async with opened(practice, known, "USDC", "TAXED") as desk:
        for sold, bought in (("TAXED", "ETH"), ("USDC", "TAXED")):
            practice.give(desk.address, desk.token(sold).of("20000").units, sold)
            sold_units = await desk.balance(desk.token(sold))
            quotes = await desk.quotes.best(desk.token(sold), desk.token(bought), sold_units)
            row = quotes.best
            assert row is not None

            went, came, intents = await desk.carry_out(row)

            assert (went, came) == (sold_units, row.amount_out.units)
            assert row.tax
            assert "2.00%" in quotes.notes[0]
            call = abi.decoded_call(intents[-1].data)
            assert call is not None
            assert "SupportingFeeOnTransferTokens" in call.name
        with pytest.raises(InvalidInput, match="exact amount out"):
            await desk.quotes.best(desk.token(sold), desk.token(bought), 10**18, exact_in=False)


async def test_an_allowance_that_is_enough_is_not_asked_for_again(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDT") as desk:
        token, dex = desk.token("USDT"), desk.spec.dex("sushiswap")
        assert dex is not None
        practice.give(desk.address, token.of("1000").units, "USDT")
        row = row_of(await desk.quote("USDT", "ETH", "500"), "sushiswap", DIRECT)
        await desk.send([exact_allowance(desk.spec, desk.address, token.of("499"), dex.router)])
        short = await desk.swaps.intents(row, Ticket(desk.address))
        await desk.send(short[:1])

        enough = await desk.swaps.intents(row, Ticket(desk.address))

        assert [each.kind for each in short] == [IntentKind.APPROVE, IntentKind.SWAP]
        assert [each.kind for each in enough] == [IntentKind.SWAP]


async def test_a_swap_after_the_price_moved_is_refused_by_its_least_amount(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDT") as desk:
        row = row_of(await desk.quote("ETH", "USDT", "1"), "uniswap-v2", DIRECT)
        intents = await desk.swaps.intents(row, Ticket(desk.address, slippage_bps=10))
        moved = row_of(await desk.quote("ETH", "USDT", "100"), "uniswap-v2", DIRECT)
        await desk.carry_out(moved)

        with pytest.raises(Reverted, match="INSUFFICIENT_OUTPUT_AMOUNT"):
            await desk.client.call(Call(intents[0].to, intents[0].data, intents[0].value, desk.address))


async def test_a_quote_beyond_what_was_read_is_refused_until_more_is_read(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDC") as desk:
        weth, usdc = desk.token("WETH"), desk.token("USDC")
        view = await desk.book.among((weth.address, usdc.address))
        asked = Asked(weth, usdc, weth.of("5000").units, hops=1)

        short = Quoting(desk.spec, view, asked, GAS_PRICE).run()
        quotes = short
        while quotes.unread:
            view = await desk.book.wider(view, quotes.unread)
            quotes = Quoting(desk.spec, view, asked, GAS_PRICE).run()
        row = row_of(quotes, "uniswap-v3", DIRECT)
        (compared,) = await verify(desk.client, desk.spec, row)

        assert "uniswap-v3" not in {each.dexes[0] for each in short.rows}
        assert "read far enough" in short.refusals["uniswap-v3"]
        assert compared.is_equal


async def test_pools_read_again_take_two_requests_and_follow_the_block(practice: Node, known: Path) -> None:
    async with opened(practice, known, "USDC") as desk:
        quotes = await desk.quote("ETH", "USDC", "1")
        assert await desk.quotes.again(quotes) is quotes
        await desk.carry_out(row_of(quotes, "uniswap-v3", DIRECT))

        before = desk.client.requests
        view = await desk.book.between(desk.token("ETH"), desk.token("USDC"))

        assert desk.client.requests - before == 2
        assert view.block == quotes.block + 1
        newer = await desk.quotes.again(quotes)
        assert (
            row_of(newer, "uniswap-v3", DIRECT).amount_out.units < row_of(quotes, "uniswap-v3", DIRECT).amount_out.units
        )


@pytest.mark.soak
async def test_every_row_between_all_tokens_is_what_the_chain_answers(practice: Node, known: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - made up, not secret
    symbols = [each.symbol for each in practice.spec().tokens if each.symbol not in ("WETH", "TAXED")]
    compared = 0
    async with opened(practice, known, *symbols) as desk:
        for sold, bought in 3 * list(permutations(desk.spec.tokens, 2)):
            exact_in = chance.random() < 0.6
            dollars = 10 ** chance.uniform(0, 5.5)
            amount = worth(practice, sold if exact_in else bought, dollars)
            for row in (await desk.quotes.best(sold, bought, amount, exact_in)).rows:
                if row.is_executable:
                    for each in await verify(desk.client, desk.spec, row):
                        assert each.is_equal, (each, row.lines)
                        compared += 1
    assert compared > 300


def worth(node: Node, token: Token, dollars: float) -> int:
    """Return how much of a token so many dollars are, at the beginning's prices."""
    price = next(Fraction(each.dollars) for each in node.manifest.tokens if each.symbol == token.symbol)
    return int(Fraction(dollars) / price * 10**token.decimals)
