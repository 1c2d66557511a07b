"""V3 keystores of other programs: taken in, and made for them. Loaded in the key process only.

Source: Web3 Secret Storage Definition, version 3.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from eth_account import Account
from eth_keyfile.keyfile import create_keyfile_json, normalize_keys

from engine.adapters.keys import seal
from engine.adapters.keys.keyfile import Crypto
from engine.adapters.keys.refusal import Refusal

MOST_CHARACTERS = 100_000
MOST_BRACKETS = 200
"""A keystore has four. A library lifts Python's own limit of depth in this process: what nests deeper would end it."""
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1: keys are 1 to one less. Source: SEC 2, section 2.4.1."""


def taken_in(text: str, password: str) -> tuple[bytes, str]:
    """Return the key of a keystore, and a remark about how well it was encrypted (or nothing).

    Raises:
        Refusal: no keystore of version 3, one that asks for too much, another password, or not the address it says.
    """
    body, crypto = _parsed(text)
    key = seal.opened(crypto, seal.derived(crypto.kdf, crypto.kdfparams, password))
    if key is None:
        raise Refusal.input("The password does not open this keystore. Nothing was taken in; try again.")
    check_key(key)
    said = str(body.get("address") or "").lower().removeprefix("0x")
    if said and said != address_of(key).lower()[2:]:
        raise Refusal.input("The keystore's key is not that of the address which it names: the file was changed.")
    return key, seal.remark(crypto.kdf, crypto.kdfparams)


def given_out(key: bytes, password: str, cost: int) -> str:
    """Return a key as a keystore that other programs open."""
    body = create_keyfile_json(key, password.encode(), version=3, kdf="scrypt", iterations=cost, salt_size=32)
    return json.dumps(body, indent=1)


def parsed_key(text: str) -> bytes:
    """Return a private key from its 64 hexadecimal digits.

    Raises:
        Refusal: something else, or a number that is no key.
    """
    digits = text.strip().lower().removeprefix("0x")
    if len(digits) != 64 or any(each not in "0123456789abcdef" for each in digits):
        raise Refusal.input("A private key is 64 hexadecimal digits, with or without 0x before them.")
    key = bytes.fromhex(digits)
    check_key(key)
    return key


def check_key(key: bytes) -> None:
    """Refuse what is no key of secp256k1."""
    if len(key) != 32 or not 0 < int.from_bytes(key, "big") < ORDER:
        raise Refusal.input("This number is no private key of the curve secp256k1.")


def address_of(key: bytes) -> str:
    """Return the address of a key."""
    return str(Account.from_key(key).address)


def _parsed(text: str) -> tuple[dict[str, Any], Crypto]:
    if len(text) > MOST_CHARACTERS:
        raise Refusal.input("This is no keystore: it is far too long.")
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise Refusal.input("This is no keystore: it is nested as none is.")
    try:
        body = normalize_keys(json.loads(text))
        version = body["version"]
        if version not in (3, "3"):
            raise Refusal.input("Only keystores of version 3 are taken in: others hold no key of an account.")
        body["version"] = 3
        return body, msgspec.convert(body["crypto"], Crypto)
    except Refusal:
        raise
    except Exception:  # whatever a strange file makes libraries say, it may repeat what is in it
        raise Refusal.input("This is no keystore: JSON with a version and an encrypted key is wanted.") from None
