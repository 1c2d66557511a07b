"""What flowed through a pool in a window of blocks, from the swaps that it wrote.

Units are the tokens' smallest; fees are the part of the input that stays in the pool (of V3: before the protocol's
part), reckoned as input x fee, so they may be a unit off for each swap. Source: Uniswap's V2 and V3 `Swap` events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from engine.defi import abi
from engine.defi.abi.known import PANCAKE_V3_SWAP, V2_SWAP, V3_SWAP
from engine.ports.chain import Log


@dataclass(frozen=True, slots=True)
class Flow:
    """Swaps of a window, added up."""

    swaps: int = 0
    in0: int = 0
    in1: int = 0
    out0: int = 0
    out1: int = 0

    def fees(self, fee: Fraction) -> tuple[Fraction, Fraction]:
        """Return the fees of both tokens: `fee` of what came in."""
        return self.in0 * fee, self.in1 * fee


def flow_of(logs: Iterable[Log]) -> Flow:
    """Return what a pool's swaps come to; logs of other events are passed over."""
    swaps, sums = 0, [0, 0, 0, 0]
    for log in logs:
        amounts = _amounts(log)
        if amounts is not None:
            swaps += 1
            sums = [a + b for a, b in zip(sums, amounts, strict=True)]
    return Flow(swaps, *sums)


def swap_topics() -> tuple[bytes, ...]:
    """Return the first topics of all swaps that are understood."""
    return tuple(abi.topic(each) for each in (V2_SWAP, V3_SWAP, PANCAKE_V3_SWAP))


def _amounts(log: Log) -> tuple[int, int, int, int] | None:
    """Return in0, in1, out0, out1 of a swap: V2 says what came back of the input as well, so it is taken off."""
    v2, v3, pancake = swap_topics()
    kind = log.topics[0] if log.topics else b""
    if kind == v2:
        told = abi.decode_log(V2_SWAP, log)
        net0, net1 = told["amount0In"] - told["amount0Out"], told["amount1In"] - told["amount1Out"]
    elif kind in (v3, pancake):
        told = abi.decode_log(V3_SWAP if kind == v3 else PANCAKE_V3_SWAP, log)
        net0, net1 = told["amount0"], told["amount1"]
    else:
        return None
    return max(net0, 0), max(net1, 0), max(-net0, 0), max(-net1, 0)
