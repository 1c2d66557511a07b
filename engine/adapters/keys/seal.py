"""The encryption of V3 keystores: scrypt, AES-128 in counter mode, a MAC by Keccak-256.

All keystores of a wallet share one salt, so that a password is turned into a key once and not once for each; every file
has a counter of its own. The MAC covers what is encrypted and not the counter, as the format has it: whoever opens a
file checks that the address that comes out is the one that it says.

Source: Web3 Secret Storage Definition, version 3; RFC 7914 (scrypt). Loaded in the key process only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from Crypto.Protocol.KDF import scrypt
from eth_keyfile.keyfile import decrypt_aes_ctr, encrypt_aes_ctr

from engine.adapters.keys.keyfile import CipherParams, Crypto, KdfParams
from engine.adapters.keys.refusal import Refusal
from engine.defi.address import keccak

BLOCK, LANES, KEY_BYTES = 8, 1, 32
STRONG = 2**18
"""n of scrypt: 256 MiB and about a second for each guess."""
MOST_MEMORY = 2**30
"""A damaged or hostile file must not ask for all memory."""
MOST_WORK = 2**25
"""n · r · p of scrypt at most: 16 times ours."""
MOST_LANES = 256
"""p of scrypt at most: each takes memory of its own. Files of other programs have 1, 6 or 8."""
MOST_ROUNDS = 20_000_000
WEAK_WORK = 2**17 * BLOCK
"""n · r · p of scrypt below which a file is called weak. Source: OWASP, Password Storage Cheat Sheet."""
WEAK_ROUNDS = 600_000
"""Rounds of PBKDF2 with SHA-256, likewise."""


@dataclass(frozen=True, slots=True)
class Master:
    """A password turned into a key."""

    params: KdfParams
    key: bytes = field(repr=False)


def new_master(password: str, cost: int) -> Master:
    """Return a key under a new salt."""
    params = KdfParams(dklen=KEY_BYTES, salt=os.urandom(32).hex(), n=cost, r=BLOCK, p=LANES)
    return Master(params, derived("scrypt", params, password))


def derived(kdf: str, params: KdfParams, password: str) -> bytes:
    """Return the key that a password gives.

    Raises:
        Refusal: unknown, impossible or excessive parameters.
    """
    try:
        salt = bytes.fromhex(params.salt.removeprefix("0x"))
    except ValueError:
        raise Refusal.input("The keystore's salt is no hexadecimal number.") from None
    if params.dklen != KEY_BYTES:
        raise Refusal.input(f"The keystore wants a key of {params.dklen} bytes; 32 are usual.")
    if kdf == "scrypt":
        n, r, p = params.n or 0, params.r or 0, params.p or 0
        _check_scrypt(n, r, p)
        # OpenSSL's refuses the r = 1 of older files (RFC 7914 does for such an n), as the specification's own vector.
        return bytes(scrypt(password.encode(), salt, KEY_BYTES, N=n, r=r, p=p))  # type: ignore[arg-type]
    if kdf == "pbkdf2":
        rounds = params.c or 0
        if params.prf != "hmac-sha256" or not 1 <= rounds <= MOST_ROUNDS:
            raise Refusal.input("The keystore's PBKDF2 is not one that this program computes.")
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds, KEY_BYTES)
    raise Refusal.input("The keystore derives its key by neither scrypt nor PBKDF2.")


def remark(kdf: str, params: KdfParams) -> str:
    """Return a sentence if a file is easily guessed, else nothing."""
    if kdf == "scrypt":
        work = (params.n or 0) * (params.r or 0) * (params.p or 0)
        weak, figures = work < WEAK_WORK, f"scrypt with n = {params.n}, r = {params.r}, p = {params.p}"
    else:
        weak, figures = (params.c or 0) < WEAK_ROUNDS, f"PBKDF2 with {params.c} rounds"
    if not weak:
        return ""
    return (
        f"The file was weakly encrypted ({figures}). Here the key is kept by scrypt with n = {STRONG}; "
        "whoever has the old file may still guess its password."
    )


def sealed(plain: bytes, master: Master) -> Crypto:
    """Return something encrypted."""
    counter = os.urandom(16)
    hidden = encrypt_aes_ctr(plain, master.key[:16], int.from_bytes(counter, "big"))
    return Crypto(
        cipher="aes-128-ctr",
        cipherparams=CipherParams(counter.hex()),
        ciphertext=hidden.hex(),
        kdf="scrypt",
        kdfparams=master.params,
        mac=_mac(master.key, hidden).hex(),
    )


def opened(crypto: Crypto, key: bytes) -> bytes | None:
    """Return what was encrypted, None if the key is another one."""
    try:
        hidden, mac = (bytes.fromhex(each.removeprefix("0x")) for each in (crypto.ciphertext, crypto.mac))
        counter = int(crypto.cipherparams.iv, 16)
    except ValueError:
        raise Refusal.input("The keystore is not written as keystores are.") from None
    if crypto.cipher != "aes-128-ctr":
        raise Refusal.input("The keystore is encrypted by another cipher than AES-128 in counter mode.")
    if not hmac.compare_digest(_mac(key, hidden), mac):
        return None
    return bytes(decrypt_aes_ctr(hidden, key[:16], counter))


def _mac(key: bytes, hidden: bytes) -> bytes:
    return keccak(key[16:32] + hidden)


def _check_scrypt(n: int, r: int, p: int) -> None:
    if n < 2 or n & (n - 1) or r < 1 or p < 1:
        raise Refusal.input("The keystore's scrypt has impossible parameters.")
    if 128 * n * r > MOST_MEMORY or n * r * p > MOST_WORK or p > MOST_LANES:
        raise Refusal.input("The keystore's scrypt would take more memory or time than this machine should give it.")
