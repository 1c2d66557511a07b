"""What the routers of exchanges are told to swap: V2's router, and V3's SwapRouter02 with a deadline around its calls.

A leg is one path; amounts are in smallest units, tokens are addresses of contracts (the wrapped coin for the coin). An
exchange of V3's kind can take several legs in one transaction, one of V2's kind takes one. The coin goes in as value
and comes out unwrapped. No call is made that would accept nothing.

Source: Uniswap v2-periphery UniswapV2Router02; swap-router-contracts SwapRouter02 (V3SwapRouter, MulticallExtended,
PeripheryPaymentsExtended), whose Constants say that the address 2 stands for the router itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.defi import abi
from engine.errors import InvalidInput

ROUTER_ITSELF = "0x" + "0" * 39 + "2"
"""Where SwapRouter02 sends what it is to unwrap."""


class Leg(NamedTuple):
    """A path, and the amounts at its ends: one exact, the other a bound."""

    tokens: tuple[str, ...]
    fees: tuple[int, ...]
    """V3: of each pool, in millionths; V2: empty."""
    given: int
    """What goes in: exactly, or at most."""
    gotten: int
    """What comes out: at least, or exactly."""


class Terms(NamedTuple):
    """What is the same for all legs of a transaction."""

    to: str
    deadline: int
    is_exact_in: bool = True
    pays_coin: bool = False
    gets_coin: bool = False
    is_taxed: bool = False
    """A token on the way keeps a part of each transfer (V2, exact-in)."""


class RouterCall(NamedTuple):
    """What a router is called with."""

    data: bytes
    value: int


def pair_swap(leg: Leg, terms: Terms) -> RouterCall:
    """Return the call of V2's router.

    Raises:
        InvalidInput: it would accept nothing, or asks for an exact amount of a taxed token.
    """
    _check([leg])
    path, end = list(leg.tokens), (terms.to, terms.deadline)
    if terms.is_exact_in:
        suffix = "SupportingFeeOnTransferTokens" if terms.is_taxed else ""
        if terms.pays_coin:
            name = f"swapExactETHForTokens{suffix}(uint256,address[],address,uint256)"
            return RouterCall(abi.encode(name, leg.gotten, path, *end), leg.given)
        to = "ETH" if terms.gets_coin else "Tokens"
        name = f"swapExactTokensFor{to}{suffix}(uint256,uint256,address[],address,uint256)"
        return RouterCall(abi.encode(name, leg.given, leg.gotten, path, *end), 0)
    if terms.is_taxed:
        raise InvalidInput("No router buys an exact amount where a token keeps a part of each transfer.")
    if terms.pays_coin:
        name = "swapETHForExactTokens(uint256,address[],address,uint256)"
        return RouterCall(abi.encode(name, leg.gotten, path, *end), leg.given)
    to = "ETH" if terms.gets_coin else "Tokens"
    name = f"swapTokensForExact{to}(uint256,uint256,address[],address,uint256)"
    return RouterCall(abi.encode(name, leg.gotten, leg.given, path, *end), 0)


def range_swap(legs: Sequence[Leg], terms: Terms) -> RouterCall:
    """Return the call of SwapRouter02: all legs, what belongs to the coin, and the deadline around them.

    Raises:
        InvalidInput: it would accept nothing, or a token on the way is taxed.
    """
    _check(legs)
    if terms.is_taxed:
        raise InvalidInput("Exchanges of V3's kind cannot trade a token that keeps a part of each transfer.")
    to = ROUTER_ITSELF if terms.gets_coin else terms.to
    make = _exact_in if terms.is_exact_in else _exact_out
    calls = [make(each, to) for each in legs]
    if terms.gets_coin:
        least = sum(each.gotten for each in legs)
        calls.append(abi.encode("unwrapWETH9(uint256,address)", least, terms.to))
    if terms.pays_coin and not terms.is_exact_in:
        calls.append(abi.encode("refundETH()"))
    value = sum(each.given for each in legs) if terms.pays_coin else 0
    return RouterCall(abi.encode("multicall(uint256,bytes[])", terms.deadline, calls), value)


def packed_path(tokens: Sequence[str], fees: Sequence[int]) -> bytes:
    """Return a path as V3 packs it: a token, then for each pool its fee in 3 bytes and the next token."""
    packed = bytes.fromhex(tokens[0][2:])
    for fee, token in zip(fees, tokens[1:], strict=True):
        packed += fee.to_bytes(3, "big") + bytes.fromhex(token[2:])
    return packed


def _exact_in(leg: Leg, to: str) -> bytes:
    if len(leg.fees) == 1:
        return abi.encode(
            "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))",
            (*leg.tokens, leg.fees[0], to, leg.given, leg.gotten, 0),
        )
    path = packed_path(leg.tokens, leg.fees)
    return abi.encode("exactInput((bytes,address,uint256,uint256))", (path, to, leg.given, leg.gotten))


def _exact_out(leg: Leg, to: str) -> bytes:
    if len(leg.fees) == 1:
        return abi.encode(
            "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))",
            (*leg.tokens, leg.fees[0], to, leg.gotten, leg.given, 0),
        )
    path = packed_path(leg.tokens[::-1], leg.fees[::-1])
    return abi.encode("exactOutput((bytes,address,uint256,uint256))", (path, to, leg.gotten, leg.given))


def _check(legs: Sequence[Leg]) -> None:
    if not legs or any(each.gotten <= 0 for each in legs):
        raise InvalidInput("A swap must say what has to come out at least, and that is more than 0.")
    if any(each.given <= 0 for each in legs):
        raise InvalidInput("A swap must say what goes in, and that is more than 0.")
