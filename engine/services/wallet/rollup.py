"""What chains of Optimism's kind take besides gas: the room that a transaction takes on their base chain.

It is taken from the sender's balance when the transaction is carried out, and stands in no field of it. A contract of
the chain says how much it is now. Source: the OP Stack's specification, predeploy `GasPriceOracle` (`getL1Fee(bytes)`).
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.defi import abi
from engine.defi.address import keccak
from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent
from engine.ports.chain import Call, ChainClient

ORACLE = "0x420000000000000000000000000000000000000F"
CHAINS = frozenset({10, 8453})
"""Optimism and Base."""
ENVELOPE = 160
"""Bytes of a signed transaction besides its data, at most: numbers, addresses, a signature; they do not compress."""
MARGIN_PERCENT = 125
"""It follows the base chain's fee, which moves by an eighth a block."""


async def base_fees(chain: ChainClient, spec: ChainSpec, intents: Sequence[Intent]) -> list[int]:
    """Return what each transaction may cost on the base chain, in wei; 0 on chains without one."""
    if spec.chain_id not in CHAINS:
        return [0] * len(intents)
    asked = [Call(ORACLE, abi.encode("getL1Fee(bytes)", _like_signed(each.data))) for each in intents]
    told = await chain.read(asked)
    return [
        rounded_up(int.from_bytes(each.data[:32], "big") * MARGIN_PERCENT // 100) if each.ok else 0 for each in told
    ]


def rounded_up(wei: int) -> int:
    """Return the next of 1, 2, 5, 10, 20 …: what is shown must not be another figure every few seconds."""
    step = 1
    while step < wei:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step if wei else 0


def _like_signed(data: bytes) -> bytes:
    """As many bytes as the signed transaction will have, that compress as badly."""
    noise = b"".join(keccak(bytes([each])) for each in range(ENVELOPE // 32))
    return noise + data
