"""The server's own secrets: files in `keys/` of its data directory, made at first use, readable by its user only.

`pepper` (with the hashes of passwords and codes), `seal` (what is stored sealed), `audit` (the chain of the security
log), `refresh` (successors of refresh tokens) are 32 random bytes each; `signing/` holds one Ed25519 key per rotation.
None of them is in a database, so a stolen copy of that proves nothing. Processes of one server share the directory.
"""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from hmac import digest
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import StorageCorrupt, StorageUnavailable

SECRET_BYTES, NONCE_BYTES = 32, 12


class KeyFiles:
    """The secrets of one data directory; its `repr` shows none of them.

    Raises:
        StorageUnavailable: a file cannot be made or read.
        StorageCorrupt: a file is not what it should be.
    """

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir / "keys"
        self.signing_dir = self._dir / "signing"
        try:
            self.signing_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.chmod(self._dir, 0o700)
        except OSError as error:
            if not self.signing_dir.is_dir():
                raise StorageUnavailable(f"The directory of keys {self._dir} cannot be made: {error}.") from error
        self._pepper, self._audit, self._refresh = (
            self._secret("pepper"),
            self._secret("audit"),
            self._secret("refresh"),
        )
        self._aead = AESGCM(self._secret("seal"))

    def __repr__(self) -> str:
        return f"KeyFiles({str(self._dir)!r})"

    def peppered(self, purpose: str, text: str) -> bytes:
        """Return 32 bytes that only this server can make of a text."""
        return digest(self._pepper, f"{purpose}\n{text}".encode("utf-8", "surrogatepass"), sha256)

    def reference(self, text: str) -> str:
        """Return what stands for a network address or the like in the security log: the same one for the same text."""
        return self.peppered("reference", text)[:12].hex()

    def audited(self, message: bytes) -> str:
        """Return the mark of a line of the security log, hex."""
        return digest(self._audit, message, sha256).hex()

    def successor(self, refresh_token: str) -> str:
        """Return the one refresh token that follows another; without the key nobody can tell it."""
        return b64(digest(self._refresh, b"crs-successor\n" + refresh_token.encode(), sha256))

    def seal(self, text: str, purpose: str) -> str:
        """Return a text sealed with AES-256-GCM; it opens for the same purpose only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return b64(nonce + self._aead.encrypt(nonce, text.encode(), purpose.encode()))

    def unseal(self, sealed: str, purpose: str) -> str:
        """Return what was sealed.

        Raises:
            StorageCorrupt: it was changed, or sealed with another key.
        """
        raw = unb64(sealed)
        try:
            return self._aead.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise StorageCorrupt("A stored secret does not open with the key in keys/seal.") from error

    def _secret(self, name: str) -> bytes:
        held = read_or_make(self._dir / name, lambda: secrets.token_bytes(SECRET_BYTES))
        if len(held) != SECRET_BYTES:
            raise StorageCorrupt(f"The key {self._dir / name} has {len(held)} bytes, not {SECRET_BYTES}.")
        return held


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return a file's bytes; if it is missing it appears whole, and of several processes the first one's stays.

    Raises:
        StorageUnavailable: it can be neither read nor made.
    """
    try:
        with suppress(FileNotFoundError):
            return path.read_bytes()
        partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(partial, path)
        finally:
            partial.unlink(missing_ok=True)
        return path.read_bytes()
    except OSError as error:
        raise StorageUnavailable(f"The key {path} cannot be read or made: {error}.") from error


def new_signing_key() -> bytes:
    """Return the 32 private bytes of a fresh Ed25519 key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def b64(raw: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Return the bytes of a base64url text without padding.

    Raises:
        ValueError: it is none.
    """
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
