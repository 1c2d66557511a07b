"""How much gas a transaction may take: what was measured, and room for what can be different when it is mined.

A pair of Uniswap V2's kind writes two price accumulators if a second has passed since its last trade, and nothing if
none has; a V3 pool writes an observation likewise. An estimate made in the same second as a trade is too low by that
(measured: 87,454 against 132,082). What is not used is not paid.
"""

from __future__ import annotations

from engine.defi.intent import Intent
from engine.defi.intents.send import PLAIN_GAS

MARGIN_PERCENT = 125
NEAR_PERCENT = 105
"""Nodes search for an estimate and stop when it is near; far from 21,000, something else is paid with it (Arbitrum)."""
ACCUMULATORS = 45_000
"""Two slots of a pair that are written for the first time, and their reads."""
REFUND = (5, 4)
"""What a simulation reports has refunds taken off, a fifth at most; the gas must be there first (EIP-3529)."""
UNKNOWN = 500_000
"""Where nothing could be measured; such a transaction is refused anyway."""


def gas_limit(intent: Intent, *, simulated: int, estimated: int | None, pools: int, block_limit: int) -> int:
    """Return the gas to allow.

    Args:
        intent: what is to be done; its hint counts as one more measurement.
        simulated: gas that a simulation took, 0 if there was none.
        estimated: the node's own estimate, None if there is none.
        pools: pools that took part.
        block_limit: no transaction can take more.
    """
    if not intent.data and simulated == PLAIN_GAS and (estimated or 0) <= PLAIN_GAS * NEAR_PERCENT // 100:
        return PLAIN_GAS
    needed = max(simulated * REFUND[0] // REFUND[1], estimated or 0, intent.gas_hint or 0)
    if not needed:
        return min(UNKNOWN, block_limit)
    return min(needed * MARGIN_PERCENT // 100 + pools * ACCUMULATORS, block_limit)
