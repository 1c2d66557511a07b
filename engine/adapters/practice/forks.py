"""Three exchanges from one Uniswap V2 bytecode, as real forks are: each its own init code hash, one its own fee.

SushiSwap is deployed as it was on Ethereum. For the others the pair's metadata hash (it is never executed) or its fee
constants are exchanged for others of the same length, and the router is told the new init code hash. PancakeSwap
takes 0.25 %: 9975 of 10000, here as 3990 of 4000, for which the places of 997 and 1000 are wide enough.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_hash.auto import keccak

from engine.adapters.practice.contracts import Contracts

SUSHI_HASH = bytes.fromhex("e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303")
"""Of SushiSwap's pairs on Ethereum, and the one its router expects."""
PAIR_FEE = (
    ("846003611bb9565b6109ce87", "84600a611bb9565b6109ce87", 1),
    ("6109ce876103e8611bb956", "6109ce87610fa0611bb956", 1),
    ("846003611bb9565b9050", "84600a611bb9565b9050", 1),
    ("610a0b620f4240610a05", "610a0b62f42400610a05", 1),
)
"""In the pair's `swap`: 3 → 10 twice, 1000 → 4000 (both sums share one), 1000² → 4000²."""
ROUTER_FEE = (
    ("6132698561" + "03e5" + "6141c5", "6132698561" + "0f96" + "6141c5", 1),
    ("61328b8861" + "03e8" + "6141c5", "61328b8861" + "0fa0" + "6141c5", 1),
    ("613d7b61" + "03e8" + "613d75", "613d7b61" + "0fa0" + "613d75", 1),
    ("613d8f61" + "03e5" + "613d75", "613d8f61" + "0f96" + "613d75", 1),
)
"""In the router's library: 997 → 3990 and 1000 → 4000, in `getAmountOut` and `getAmountIn`."""


@dataclass(frozen=True, slots=True)
class Fork:
    """What one exchange deploys."""

    factory: bytes
    router: bytes
    init_code_hash: bytes


def sushiswap(contracts: Contracts) -> Fork:
    """Return SushiSwap, unchanged."""
    factory = contracts.artifact("sushi/UniswapV2FactoryMainnet").bytecode
    return Fork(factory, contracts.artifact("sushi/UniswapV2Router02").bytecode, SUSHI_HASH)


def uniswap(contracts: Contracts) -> Fork:
    """Return a fork with Uniswap's fee and an init code hash of its own."""
    return _fork(contracts, contracts.artifact("sushi/UniswapV2Pair").bytecode, ())


def pancakeswap(contracts: Contracts) -> Fork:
    """Return a fork with PancakeSwap's fee."""
    pair = contracts.artifact("sushi/UniswapV2Pair").bytecode
    return _fork(contracts, _exchanged(pair, PAIR_FEE), ROUTER_FEE)


def _fork(contracts: Contracts, pair: bytes, router_fee: tuple[tuple[str, str, int], ...]) -> Fork:
    original = contracts.artifact("sushi/UniswapV2Pair").bytecode
    made = keccak(pair)
    factory = contracts.artifact("sushi/UniswapV2Factory").bytecode
    factory = _exchanged(factory, ((original.hex(), pair.hex(), 1),))
    router = contracts.artifact("sushi/UniswapV2Router02").bytecode
    router = _exchanged(router, ((SUSHI_HASH.hex(), made.hex(), 1), *router_fee))
    return Fork(factory, router, made)


def _exchanged(code: bytes, changes: tuple[tuple[str, str, int], ...]) -> bytes:
    """Return the code with bytes exchanged; each must be there exactly so many times."""
    for old_hex, new_hex, times in changes:
        old, new = bytes.fromhex(old_hex), bytes.fromhex(new_hex)
        if code.count(old) != times or len(old) != len(new):
            raise ValueError(f"{old_hex[:40]} is not {times} times in this bytecode: it is not the expected one.")
        code = code.replace(old, new)
    return code
