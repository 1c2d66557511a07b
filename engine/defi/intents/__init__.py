"""Makers of plain intents: sending, wrapping, allowing. Swaps and liquidity have makers of their own."""

from engine.defi.intents.allow import allow, exact_allowance, revoke, unlimited_allowance
from engine.defi.intents.send import most_of_coin, send, send_coin, send_token
from engine.defi.intents.wrap import unwrap, wrap

__all__ = [
    "allow",
    "exact_allowance",
    "most_of_coin",
    "revoke",
    "send",
    "send_coin",
    "send_token",
    "unlimited_allowance",
    "unwrap",
    "wrap",
]
