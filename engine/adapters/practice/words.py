"""The words of Ethereum's JSON-RPC: hex numbers and bytes, and the parameters of requests.

Quantities are hex without leading zeros, data is hex with two digits a byte (execution-apis). What does not fit is
refused with a sentence.
"""

from __future__ import annotations

import re
from typing import Any

from eth_typing import Address

from engine.adapters.practice.refusal import bad

QUANTITY = re.compile(r"0x(0|[1-9a-f][0-9a-f]{0,63})", re.IGNORECASE)
DATA = re.compile(r"0x([0-9a-f]{2})*", re.IGNORECASE)
WORD_BITS = 256
Json = Any
"""A value that came out of JSON: anything, until it was looked at."""


def quantity(number: int) -> str:
    """Return a number as JSON-RPC writes it."""
    return hex(number)


def data(content: bytes) -> str:
    """Return bytes as JSON-RPC writes them."""
    return "0x" + bytes(content).hex()


def to_int(value: Json, name: str) -> int:
    """Read a quantity; a plain JSON integer will do as well."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << WORD_BITS:
        return value
    if isinstance(value, str) and QUANTITY.fullmatch(value):
        return int(value, 16)
    raise bad(f"{name} must be a quantity such as 0x1f.")


def to_bytes(value: Json, name: str, length: int | None = None) -> bytes:
    """Read data, of so many bytes if a length is given."""
    if not isinstance(value, str) or not DATA.fullmatch(value):
        raise bad(f"{name} must be hex data such as 0x00ff.")
    content = bytes.fromhex(value[2:])
    if length is not None and len(content) != length:
        raise bad(f"{name} must have {length} bytes, not {len(content)}.")
    return content


def to_address(value: Json, name: str) -> Address:
    """Read an address."""
    return Address(to_bytes(value, name, 20))


def to_word(value: Json, name: str) -> int:
    """Read a storage slot or its value: data of up to 32 bytes, or a quantity."""
    if isinstance(value, str) and re.fullmatch(r"0x[0-9a-fA-F]{1,64}", value):
        return int(value, 16)
    raise bad(f"{name} must be hex of up to 32 bytes.")
