"""Finding and reading pools: against pools that are wholly known, and a file that may be anything."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.defi.address import checksummed
from engine.defi.pools.v2 import V2Pool
from engine.defi.pools.v3 import V3Pool
from engine.defi.refusal import TicksUnknown, WouldRevert
from engine.defi.v3math.tick import sqrt_price_at, tick_at
from engine.services.dex.pools import PoolBook
from engine.services.dex.pools import known as kept_pools
from engine.services.dex.pools.discovery import RECHECK_S
from engine.services.dex.pools.known import KnownPool, KnownPools, load, save
from engine.services.dex.pools.reader import PoolReader
from tests.engine.services.dex.poolchain import FACTORY3, TOKENS, V2_DEX, V3_DEX, PoolChain, spec

AA, BB = checksummed("0x" + "aa" * 20), checksummed("0x" + "bb" * 20)
PAIR = V2Pool(AA, TOKENS[0], TOKENS[1], 10**20, 3 * 10**20)
SPECS = {500: 10, 3000: 60, 10000: 200}


@st.composite
def ranged_pools(draw: st.DrawFn) -> V3Pool:
    """Return a pool with up to 120 ranges, some far from the price."""
    fee = draw(st.sampled_from(sorted(SPECS)))
    spacing = SPECS[fee]
    root = draw(st.integers(isqrt(2**192 // 10**6), isqrt(2**192 * 10**6)))
    tick = tick_at(root)
    base, nets, inside = tick // spacing * spacing, dict[int, int](), 0
    far = draw(st.sampled_from([20, 300, 2_000])) * 60 // spacing
    steps = draw(st.lists(st.tuples(st.integers(-far, far), st.integers(1, far)), min_size=1, max_size=120))
    for first, length in steps:
        low, high = base + first * spacing, base + (first + length) * spacing
        nets[low], nets[high] = nets.get(low, 0) + 10**18, nets.get(high, 0) - 10**18
        inside += 10**18 if low <= tick < high else 0
    nets = {each: net for each, net in nets.items() if net}
    return V3Pool.checked(BB, (TOKENS[0], TOKENS[1]), fee, spacing, (root, tick), inside, nets)


def known(pool: V3Pool) -> KnownPool:
    return KnownPool("uniswap-v3", FACTORY3, pool.address, pool.token0, pool.token1, pool.fee, pool.tick_spacing)


@settings(max_examples=40, deadline=None)
@given(ranged_pools(), st.integers(1, 10**24), st.booleans(), st.booleans())
async def test_a_pool_read_in_part_gives_the_whole_pools_answer_or_none(
    pool: V3Pool, amount: int, up: bool, exact_in: bool
) -> None:
    chain = PoolChain([pool])
    reader = PoolReader(chain.client(), spec(V3_DEX))
    token = pool.token1 if up else pool.token0

    def asked(of: object) -> int | str:
        assert isinstance(of, V3Pool)
        try:
            return of.quote_out(token, amount) if exact_in else of.quote_in(token, amount)
        except WouldRevert as refusal:
            return str(refusal)

    for _ in range(8):
        read = await reader.read([known(pool)], 1)
        try:
            answer = asked(read.pools[pool.address])
        except TicksUnknown:
            reader.widen([pool.address])
            continue
        assert answer == asked(pool)
        return
    pytest.fail("it was read eight times, each time further, and is still not known far enough")


async def test_pools_that_were_read_before_take_one_request() -> None:
    ticks = {6000 + 60 * each: -(10**18) if each > 0 else 10**18 for each in range(-49, 50) if each}
    start = sqrt_price_at(6000), 6000
    ranged = V3Pool.checked(BB, (TOKENS[0], TOKENS[1]), 3000, 60, start, 49 * 10**18, ticks)
    chain = PoolChain([PAIR, ranged])
    reader = PoolReader(chain.client(), spec(V2_DEX, V3_DEX))
    pools = [KnownPool("sushiswap", V2_DEX.factory, PAIR.address, PAIR.token0, PAIR.token1), known(ranged)]
    await reader.read(pools, 1)
    first = len(chain.asked)
    chain.pools[ranged.address] = ranged.after(TOKENS[0], 10**16)

    again = await reader.read(pools, 2)

    assert (first, len(chain.asked) - first) == (3, 1)
    assert again.pools[PAIR.address] == PAIR
    assert again.growth == {ranged.address: (7, 8)}
    value = again.pools[ranged.address]
    assert value.quote_out(TOKENS[1], 10**15) == chain.pools[ranged.address].quote_out(TOKENS[1], 10**15)


async def test_a_pool_that_does_not_answer_is_left_out() -> None:
    chain = PoolChain([PAIR])
    chain.broken.add(PAIR.address)
    book = PoolBook(chain.client(), spec(V2_DEX))

    view = await book.among(TOKENS)

    assert view.graph.markets == {}


async def test_a_pair_that_is_not_where_its_init_code_hash_says_is_not_used() -> None:
    chain = PoolChain([PAIR])
    honest, other = PoolBook(chain.client(), spec(V2_DEX)), replace(V2_DEX, init_code_hash=b"\x01" * 32)

    found = await honest.among(TOKENS)
    refused = await PoolBook(chain.client(), spec(other)).among(TOKENS)

    assert set(found.graph.markets) == {PAIR.address}
    assert refused.graph.markets == {}


async def test_a_pool_that_was_missing_is_asked_for_again_after_a_while(tmp_path: Path) -> None:
    chain, file = PoolChain([]), tmp_path / "pools.json"
    book = PoolBook(chain.client(), spec(V2_DEX), file)
    await book.among(TOKENS)
    chain.pools[PAIR.address] = PAIR
    chain.number += 1
    soon = await book.among(TOKENS)
    chain.number += int(RECHECK_S / 12) + 1

    late = await PoolBook(chain.client(), spec(V2_DEX), file).among(TOKENS)

    assert (len(soon.graph.markets), len(late.graph.markets)) == (0, 1)


async def test_pools_are_found_once_and_kept(tmp_path: Path) -> None:
    chain, file = PoolChain([PAIR]), tmp_path / "pools.json"
    await PoolBook(chain.client(), spec(V2_DEX), file).among(TOKENS)
    before = len(chain.asked)

    view = await PoolBook(chain.client(), spec(V2_DEX), file).among(TOKENS)

    assert set(view.graph.markets) == {PAIR.address}
    assert chain.asked[before:] == [0, 1] or chain.asked[before:] == [1]


@given(st.binary(max_size=200))
def test_whatever_stands_in_the_file_it_is_read_or_set_aside(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pools.json"
        path.write_bytes(content)

        loaded = load(path, 9)

        assert loaded.pools == ()
        assert bool(loaded.problem) != path.exists()


def test_the_file_holds_what_was_found_and_no_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_pools, "MOST_POOLS", 3)
    chain = spec(V2_DEX)
    pools = KnownPools(chain)
    for number in range(5):
        pools.add(KnownPool("sushiswap", V2_DEX.factory, f"0x{number:040x}", TOKENS[0], f"0x{number + 9:040x}"))
    pools.miss((V2_DEX.factory, TOKENS[0], TOKENS[2], 0), 50)
    save(tmp_path / "pools.json", pools.packed())

    loaded = load(tmp_path / "pools.json", 9)

    assert [int(each.address, 16) for each in loaded.pools] == [2, 3, 4]
    assert loaded.missing == (((V2_DEX.factory, TOKENS[0], TOKENS[2], 0), 50),)
    assert load(tmp_path / "pools.json", 8).pools == ()
