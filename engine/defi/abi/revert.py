"""Why a contract said no: in its own words, and in ours where its own are a code.

Sources: Solidity's documentation (Error, Panic), the require texts of Uniswap V2 and V3 and their forks.
"""

from __future__ import annotations

from functools import cache

from engine.defi.abi.codec import SELECTOR, decode, selector
from engine.defi.abi.known import ERRORS
from engine.defi.abi.signature import Signature, parsed
from engine.errors import InvalidInput

MOST_REASON = 200
"""Letters of a contract's words that become part of a sentence."""

PANICS = {
    0x00: "the compiler's own check",
    0x01: "an assertion of the contract does not hold",
    0x11: "a number became too large or negative",
    0x12: "a division by zero",
    0x21: "a value that its enumeration does not have",
    0x22: "a stored text is damaged",
    0x31: "an empty list was to give something",
    0x32: "a place in a list that does not exist",
    0x41: "more memory than there is",
    0x51: "a call of a function that was never set",
}
CODES = {
    "STF": "the token could not be taken: too little of it, or too small an allowance",
    "ST": "the token could not be sent",
    "STE": "the coin could not be sent",
    "SA": "the allowance could not be set",
    "SPL": "the price limit lies on the wrong side",
    "LOK": "the pool is locked or has no price yet",
    "IIA": "the pool was not paid",
    "AS": "an amount of 0",
    "AI": "the pool has a price already",
    "TLU": "the lower tick must be below the upper",
    "TLM": "the lower tick is below the smallest",
    "TUM": "the upper tick is above the largest",
    "LO": "too much liquidity at a tick",
    "LS": "more liquidity is taken than there is",
    "LA": "more liquidity than a pool can hold",
    "M0": "the pool was not paid of its first token",
    "M1": "the pool was not paid of its second token",
    "R": "the price is out of what a pool can hold",
    "T": "the tick is out of what a pool can hold",
    "Too little received": "less would arrive than the least that was asked for",
    "Too much requested": "more would leave than the most that was allowed",
    "Transaction too old": "its deadline has passed",
    "Price slippage check": "the price moved further than was allowed",
    "INSUFFICIENT_OUTPUT_AMOUNT": "less would arrive than the least that was asked for",
    "EXCESSIVE_INPUT_AMOUNT": "more would leave than the most that was allowed",
    "INSUFFICIENT_A_AMOUNT": "the price moved: too little of the first token would be used",
    "INSUFFICIENT_B_AMOUNT": "the price moved: too little of the second token would be used",
    "INSUFFICIENT_LIQUIDITY": "the pool holds too little",
    "INSUFFICIENT_LIQUIDITY_MINTED": "too small an amount to become a share of the pool",
    "INSUFFICIENT_LIQUIDITY_BURNED": "too small a share to become an amount",
    "INSUFFICIENT_INPUT_AMOUNT": "nothing reached the pool",
    "EXPIRED": "its deadline has passed",
    "K": "the pool would lose by it: a token with a fee on its transfer, or a wrong amount",
    "TRANSFER_FAILED": "the token refused to be sent",
    "TRANSFER_FROM_FAILED": "the token could not be taken: too little of it, or too small an allowance",
}
"""By the text, or by what stands behind its last colon ("UniswapV2Router: EXPIRED")."""


def revert_reason(data: bytes) -> str:
    """Return why a contract said no, as one line; empty data and unknown errors get a sentence too."""
    if not data:
        return "the contract gave no reason"
    head, rest = bytes(data[:SELECTOR]), bytes(data[SELECTOR:])
    try:
        if head == selector("Error(string)"):
            return _explained(_plain(decode("(string)", rest)[0]))
        if head == selector("Panic(uint256)"):
            code = decode("(uint256)", rest)[0]
            return f"{PANICS.get(code, 'a check of the compiler')} (panic 0x{code:02x})"
        if (error := errors().get(head)) is not None:
            return _plain(f"{error.name}({_shown(error, decode(error.listed, rest))})")
    except InvalidInput:
        pass
    return f"an error of its own that we do not know (0x{bytes(data[:36]).hex()}{'…' if len(data) > 36 else ''})"


@cache
def errors() -> dict[bytes, Signature]:
    """Return the errors that we know, by selector."""
    return {selector(each): parsed(each) for each in reversed(ERRORS)}


def _shown(error: Signature, values: tuple[object, ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(error.names, values, strict=True))


def _explained(words: str) -> str:
    meaning = CODES.get(words) or CODES.get(words.rpartition(":")[2].strip())
    return f"{words} ({meaning})" if meaning else words or "the contract gave no reason"


def _plain(text: str) -> str:
    """Return a stranger's text as one bounded line."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= MOST_REASON else f"{line[: MOST_REASON - 1]}…"
