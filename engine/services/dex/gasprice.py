"""What a gas costs now, for reckoning with it; what a transaction really pays is the send pipeline's to say."""

from __future__ import annotations

from engine.defi.chain import ChainSpec
from engine.defi.fees import PERCENTILES, of_preset, presets
from engine.defi.prepared import FeePreset
from engine.errors import NodeRefused
from engine.ports.chain import ChainClient

BLOCKS = 5
"""Of which the tips are looked at."""


async def gas_price(chain: ChainClient, spec: ChainSpec) -> int | None:
    """Return about what a gas costs in the next block, in wei: its base fee and the usual tip; None: nobody tells.

    Raises:
        ChainUnavailable: nobody answers.
    """
    try:
        history = await chain.fee_history(BLOCKS, PERCENTILES)
    except NodeRefused:
        return None
    usual = of_preset(presets(history, spec.block_s, has_fee_market=spec.has_fee_market), FeePreset.NORMAL)
    return usual.max_fee if usual.base_fee is None else usual.base_fee + usual.max_priority_fee
