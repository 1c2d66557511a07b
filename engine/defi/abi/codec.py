"""From values to bytes and back, by the types of a signature."""

from __future__ import annotations

# mypy: disable-error-code="no-untyped-call"
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from engine.defi.abi.signature import parsed
from engine.defi.address import keccak
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from eth_abi.codec import ABICodec

SELECTOR = 4
"""Bytes in front of a call that say which function is meant."""
MOST_BYTES = 4_000_000
"""Of one answer that is taken apart."""


@lru_cache(maxsize=1024)
def selector(signature: str) -> bytes:
    """Return the four bytes that a call of a function starts with."""
    return keccak(parsed(signature).canonical.encode())[:SELECTOR]


@lru_cache(maxsize=1024)
def topic(signature: str) -> bytes:
    """Return the 32 bytes that stand first in an event's topics."""
    return keccak(parsed(signature).canonical.encode())


def encode(signature: str, *args: object) -> bytes:
    """Return the data of a call: selector and arguments. A tuple is given as a tuple, in the order of its parts.

    Raises:
        InvalidInput: too many or too few arguments, or one that its type cannot hold.
    """
    return selector(signature) + encode_args(signature, *args)


def encode_args(signature: str, *args: object) -> bytes:
    """Return arguments without a selector, as constructors take them; errors as `encode`."""
    wanted = parsed(signature)
    if len(args) != len(wanted.types):
        raise InvalidInput(f"{wanted.canonical} takes {len(wanted.types)} arguments; {len(args)} were given.")
    from eth_abi.exceptions import EncodingError

    try:
        return load().encode(wanted.types, args)
    except (EncodingError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{wanted.canonical} cannot be told this: {str(error)[:200]}") from error


def decode(types: str, data: bytes) -> tuple[Any, ...]:
    """Return the values of "(uint256,address)"; bytes behind them are let be, as contracts do.

    Raises:
        InvalidInput: the data are something else (cut off, a pointer out of bounds, a number too large for its type).
    """
    wanted = parsed(types)
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"An answer of {len(data):,} bytes is too long to be taken apart.")
    from eth_abi.exceptions import DecodingError

    try:
        return load().decode(wanted.types, data)
    except (DecodingError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidInput(
            f"{len(data)} bytes are not {wanted.listed}" + (f": {str(error)[:120]}" if data else ".")
        ) from error


@cache
def load() -> ABICodec:
    """Load the library that does it (a fifth of a second, once) and return it as this program uses it.

    Addresses come out checksummed, text with what is no UTF-8 replaced.
    """
    from eth_abi.codec import ABICodec
    from eth_abi.encoding import AddressEncoder, ByteStringEncoder, TextStringEncoder
    from eth_abi.registry import ABIRegistry, BaseEquals, registry

    from engine.defi.abi import coders

    own: ABIRegistry = registry.copy()
    named = partial(BaseEquals, with_sub=False)
    for label, encoder, decoder in (
        ("address", AddressEncoder(), coders.AddressDecoder()),
        ("string", TextStringEncoder(), coders.TextDecoder()),
        ("bytes", ByteStringEncoder(), coders.BytesDecoder()),
    ):
        own.unregister(label)
        own.register(named(label), encoder, decoder, label=label)
    return ABICodec(own)
