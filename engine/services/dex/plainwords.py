"""Calls and answers made of plain 32-byte words, for reads by the hundred: no types to look up, microseconds each.

Anything with a dynamic part goes through `engine.defi.abi`.
"""

from __future__ import annotations

from functools import lru_cache

from engine.defi import abi
from engine.defi.address import checksummed
from engine.ports.chain import Call, Outcome

WORD = 32
_selector = lru_cache(abi.selector)
_checksummed = lru_cache(maxsize=4096)(checksummed)


def plain_call(to: str, function: str, *values: int | str) -> Call:
    """Return a call; values are whole numbers (negative ones in two's complement) or addresses."""
    words = (int(each, 16) if isinstance(each, str) else each for each in values)
    return Call(to, _selector(function) + b"".join((each % 2**256).to_bytes(WORD, "big") for each in words))


def numbers(outcome: Outcome, count: int) -> tuple[int, ...] | None:
    """Return the first words of an answer as numbers >= 0; None where it failed or is shorter."""
    if not outcome.ok or len(outcome.data) < count * WORD:
        return None
    return tuple(int.from_bytes(outcome.data[at * WORD : (at + 1) * WORD], "big") for at in range(count))


def signed(word: int) -> int:
    """Return a word as a number that may be negative."""
    return word - 2**256 if word >> 255 else word


def address_in(outcome: Outcome) -> str:
    """Return the address that an answer is, empty where it failed or is zero."""
    found = numbers(outcome, 1)
    return "" if not found or not found[0] or found[0] >> 160 else _checksummed(f"0x{found[0]:040x}")
