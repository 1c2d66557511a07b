"""Prices from pools: against closed forms, against who would mislead, and on the practice chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.chain import rpc
from engine.adapters.chain.known import known_chains
from engine.adapters.practice.spec import chain_spec
from engine.defi.address import checksummed
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.routes.graph import Market, PoolGraph
from engine.defi.token import Token
from engine.domain.account import Balance
from engine.domain.number import Units
from engine.ports.clock import SystemClock
from engine.services.dex.pools import PoolBook, PoolView
from engine.services.dex.prices import PoolPrices
from engine.services.wallet.balances import Held
from engine.services.wallet.portfolio import Part, WalletPortfolio, account_parts, together, wallet_parts
from tests.engine.services.scripted_feed import BTC
from tests.practice import Node

SPEC = next(each for each in known_chains() if each.chain_id == 1)
USDC = next(each for each in SPEC.tokens if each.symbol == "USDC")
USDT = next(each for each in SPEC.tokens if each.symbol == "USDT")
WETH = SPEC.wrapped
NEW = Token(1, checksummed("0x" + "5" * 40), "NEW", 9)
OWNER = "0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D"


class Given:
    """Pools that a test made up, as of block 7."""

    def __init__(self, *markets: Market) -> None:
        self.markets = markets
        self.asked: list[tuple[str, ...]] = []

    async def among(self, tokens: Iterable[str], *, block: int | None = None) -> PoolView:
        wanted = tuple(tokens)
        self.asked.append(wanted)
        held = [each for each in self.markets if {each.pool.token0, each.pool.token1} <= set(wanted)]
        return PoolView(block or 7, PoolGraph(held), {}, {})


def pair(one: Token, first: int, other: Token, second: int, dex: str = "uniswap-v2", number: int = 0) -> Market:
    """A V2 pool of two tokens with these reserves."""
    (low, below), (high, above) = sorted(
        ((one.address, first), (other.address, second)), key=lambda row: int(row[0], 16)
    )
    return Market(V2Pool(checksummed(f"0x{number + 1:040x}"), low, high, below, above), dex, 100_000)


def prices(*markets: Market) -> PoolPrices:
    return PoolPrices(Given(*markets), SPEC, SystemClock())


@settings(max_examples=60, deadline=None)
@given(st.integers(10**9, 10**15), st.integers(10**12, 10**24), st.integers(10**9, 10**24))
async def test_a_price_over_two_pools_is_the_product_of_their_reserves(usdc: int, weth: int, new: int) -> None:
    found = await prices(pair(USDC, usdc, WETH, weth), pair(WETH, weth, NEW, new, number=1)).worths(
        [NEW, SPEC.native, USDC]
    )

    ether = Fraction(usdc, 10**6) / Fraction(weth, 10**18)
    assert float(found[SPEC.native].price) == pytest.approx(float(ether), rel=1e-12)
    assert float(found[NEW].price) == pytest.approx(float(ether * weth / 10**18 / Fraction(new, 10**9)), rel=1e-12)
    assert float(found[NEW].depth or 0) == pytest.approx(2 * usdc / 10**6, rel=1e-12)
    assert found[USDC].price == 1
    assert found[USDC].depth is None
    assert found[NEW].source == "Uniswap V2, block 7"


async def test_pools_count_by_their_depth_and_shallow_ones_not_at_all() -> None:
    deep = pair(USDC, 3_000 * 10**6, NEW, 1_000 * 10**9)
    half = pair(USDC, 1_000 * 10**6, NEW, 250 * 10**9, "sushiswap", 1)
    liar = pair(USDC, 10**6, NEW, 1, "pancakeswap", 2)

    found = (await prices(liar, half, deep).worths([NEW]))[NEW]

    assert found.price == Decimal("3.25")  # (3 · 6,000 + 4 · 2,000) / 8,000
    assert found.depth == 8000
    assert found.source == "Uniswap V2 and 1 more pool, block 7"


async def test_a_v3_pool_weighs_as_its_liquidity_in_range() -> None:
    low, high = sorted((USDC.address, NEW.address), key=lambda each: int(each, 16))
    units = Fraction(2 * 10**6, 10**9)  # 2 USDC for a token
    ratio = units if low == NEW.address else 1 / units
    root = int((ratio * (1 << 192)) ** Fraction(1, 2))
    pool = V3Pool(
        address=OWNER, token0=low, token1=high, fee=500, tick_spacing=10, sqrt_price=root, tick=0, liquidity=10**12
    )
    found = (await prices(Market(pool, "uniswap-v3", 1, "0.05 %")).worths([NEW]))[NEW]

    assert float(found.price) == pytest.approx(2.0, rel=1e-9)
    virtual = 10**12 * (root / 2**96 if high == USDC.address else 2**96 / root)
    assert float(found.depth or 0) == pytest.approx(2 * virtual / 10**6, rel=1e-9)
    assert found.source.startswith("Uniswap V3 0.05 %")


async def test_what_has_no_pool_with_anything_that_is_priced_has_no_price() -> None:
    other = Token(1, checksummed("0x" + "6" * 40), "OTHER", 18)
    found = await prices(pair(NEW, 10**9, other, 10**18)).worths([NEW, other, Token(10, NEW.address, "X", 1)])
    assert found == {}
    bare = PoolPrices(Given(pair(USDC, 1, NEW, 1)), replace(SPEC, stables=()), SystemClock())
    assert await bare.worths([NEW]) == {}


async def test_many_tokens_are_asked_for_in_groups_that_the_pools_can_take() -> None:
    many = [Token(1, checksummed(f"0x{n:040x}"), f"T{n}", 18) for n in range(100, 130)]
    given_ = Given(
        pair(USDC, 10**12, WETH, 10**21),
        *(pair(WETH, 10**18, each, 10**18, number=n) for n, each in enumerate(many, 9)),
    )

    found = await PoolPrices(given_, SPEC, SystemClock()).worths([WETH, *many])

    assert {each.price for each in found.values()} == {Decimal(1000)}
    assert len(found) == 31
    assert max(map(len, given_.asked)) <= 16


class Balances:
    """What a test made up."""

    def __init__(self, **units: int) -> None:
        self.units = units

    async def read(self, address: str, tokens: tuple[Token, ...]) -> Held:
        amounts = {each: each.units(self.units.get(each.symbol, 0)) for each in tokens}
        return Held(address, amounts, (), 7, 1)


class Tokens:
    def followed(self, _: object) -> tuple[Token, ...]:
        return (SPEC.native, USDC, NEW)


async def test_a_portfolio_does_not_count_what_its_pools_could_never_pay() -> None:
    source = prices(pair(USDC, 10**13, WETH, 5 * 10**21), pair(USDC, 10**6, NEW, 10**9, number=1))
    portfolio = WalletPortfolio(Balances(ETH=10**18, USDC=5 * 10**6, NEW=10**15), Tokens(), source, SPEC)  # type: ignore[arg-type]

    view = await portfolio.read(OWNER)

    assert [each.amount.token.symbol for each in view.rows] == ["ETH", "USDC", "NEW"]
    assert view.total == 2005
    assert view.rows[2].price == 1
    assert view.rows[2].is_thin
    assert view.unpriced == (NEW,)
    whole = together(wallet_parts(view, "Ethereum", "Main"), [Part("Paper", "A", "BTC", Decimal(1), Decimal(50_000))])
    assert [each.what for each in whole.parts] == ["BTC", "ETH", "USDC", "NEW"]
    assert whole.total == 52_005
    assert [each.what for each in whole.unpriced] == ["NEW"]


class Money:
    """An account of the desk with a bitcoin at 50,000 and something without a price."""

    def __init__(self) -> None:
        self.currency = "USDT"
        self.pairs = {BTC.symbol: BTC}

    def balances(self) -> dict[str, Balance]:
        return {
            "BTC": Balance(BTC.base.units(Decimal("0.7")), BTC.base.units(Decimal("0.3"))),
            "USDT": Balance(BTC.quote.units(Decimal(12)), Units(0)),
            "XYZ": Balance(Units(1), Units(0)),
        }

    def value_of(self, asset: str, units: int) -> Units | None:
        return Units(units) if asset == "USDT" else BTC.quote.units(Decimal(50_000))


def test_an_account_of_the_desk_becomes_parts_at_its_own_prices() -> None:
    money = Money()

    assert account_parts(money, "Paper", "A") == [
        Part("Paper", "A", "BTC", Decimal(1), Decimal(50_000)),
        Part("Paper", "A", "USDT", Decimal(12), Decimal(12)),
    ]
    money.currency = "EUR"
    assert [each.value for each in account_parts(money, "Paper", "A")] == [None, None]


async def test_the_practice_chains_prices_are_those_that_its_pools_began_with(practice: Node) -> None:
    spec = chain_spec(practice.manifest, practice.url)
    client = await rpc.connect(spec, checks=False)

    found = await PoolPrices(PoolBook(client, spec), spec, SystemClock()).worths([spec.native, *spec.tokens])

    for made in practice.manifest.tokens:
        token = spec.token(made.address)
        assert token is not None
        if token in found:
            assert float(found[token].price) == pytest.approx(float(Fraction(made.dollars)), rel=0.03), (
                made.symbol
            )  # one is taxed
    assert len(found) >= 5
    await client.close()
