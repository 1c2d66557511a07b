"""Addresses as people read them: EIP-55, where the case of the letters is a checksum.

Source: EIP-55, "Mixed-case checksum address encoding".
"""

from __future__ import annotations

import re

from engine.errors import InvalidInput

SHAPE = re.compile(r"0[xX][0-9a-fA-F]{40}")
ZERO = "0x" + "0" * 40


def keccak(data: bytes) -> bytes:
    """Return the Keccak-256 hash, which is not the SHA-3 of NIST."""
    from Crypto.Hash import keccak as crypto  # loaded on use: nothing of a wallet is, before one is opened

    return crypto.new(digest_bits=256, data=data).digest()


def checksummed(address: str) -> str:
    """Return an address of 40 hexadecimal digits with the case that EIP-55 gives them."""
    digits = address[2:].lower()
    nibbles = keccak(digits.encode()).hex()
    return "0x" + "".join(
        each.upper() if int(nibble, 16) >= 8 else each for each, nibble in zip(digits, nibbles, strict=False)
    )


def parsed_address(text: str) -> str:
    """Return an address that somebody typed or that came from a file, checksummed.

    Raises:
        InvalidInput: not 0x and 40 hexadecimal digits, or letters of both cases that do not fit: mistyped.
    """
    address = text.strip()
    if not SHAPE.fullmatch(address):
        raise InvalidInput(f"{text.strip()[:60]!r} is no address: 0x and 40 hexadecimal digits are wanted.")
    right = checksummed(address)
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper()) and digits != right[2:]:
        raise InvalidInput(
            f"The letters of {address} do not fit their checksum: a digit is wrong, or the case was changed."
        )
    return right


def short(address: str) -> str:
    """Return an address as narrow places show it: more digits than a look-alike is likely to match."""
    return f"{address[:8]}…{address[-6:]}"
