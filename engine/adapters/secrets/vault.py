"""A file that a passphrase opens, for machines without a keyring.

The passphrase becomes two keys by scrypt (N = 2^17, r = 8, p = 1, 128 MiB): one says whether it is the right one, the
other encrypts (AES-256-GCM, a new nonce for each writing, the head as associated data). The file carries a SHA-256 of
itself as well, so that a damaged file and a wrong passphrase are told apart; the hash is no protection, GCM is.
It is written beside itself and put in place whole, readable by its owner only.

Source: RFC 7914 (scrypt), NIST SP 800-38D (GCM).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from engine.errors import (
    InvalidInput,
    SecretsLocked,
    StorageCorrupt,
    StorageTooNew,
    StorageUnavailable,
    WrongPassphrase,
)

VERSION = 1
COST, BLOCK, LANES = 2**17, 8, 1
SHORTEST = 8
"""Characters of a passphrase."""
MOST_COST = 2**20
"""A damaged head must not ask for all memory."""


class Vault:
    """Secrets in an encrypted file; locked until `unlock`, or `create` where there is none yet.

    Every method blocks (the key takes half a second, the disk what it takes): call them off the loop.
    """

    title = "an encrypted file that your passphrase opens"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head: dict[str, object] | None = None
        self._key = b""
        self._secrets: dict[str, str] = {}
        self._turn = threading.Lock()

    def __repr__(self) -> str:
        return f"Vault({self._path}, {'open' if self.is_open else 'locked'})"

    @property
    def exists(self) -> bool:
        """Whether there is a file to unlock; if not, `create` makes one."""
        return self._path.exists()

    @property
    def is_open(self) -> bool:
        """Whether the passphrase was given."""
        return self._head is not None

    def create(self, passphrase: str) -> None:
        """Make a new, empty vault, open afterwards.

        Raises:
            InvalidInput: the passphrase is too short, or there is a vault already, which is not touched.
            StorageUnavailable: the disk refuses.
        """
        with self._turn:
            if self.exists:
                raise InvalidInput("There is a vault already; open it with its passphrase.")
            self._secrets = {}
            self._seal_with(passphrase)

    def unlock(self, passphrase: str) -> None:
        """Open the vault.

        Raises:
            WrongPassphrase: it is another one; the file is whole.
            StorageCorrupt: the file is damaged, whatever the passphrase.
            StorageTooNew, StorageUnavailable: it cannot be read.
        """
        with self._turn:
            head, check, nonce, sealed = _parsed(_read(self._path))
            key, proof = _keys(passphrase, head)
            if not hmac.compare_digest(proof, check):
                raise WrongPassphrase("This passphrase does not open the vault. Nothing was changed; try again.")
            self._secrets = _opened(key, nonce, sealed, head, self._path)
            self._head, self._key = head, key

    def change(self, passphrase: str) -> None:
        """Seal it with another passphrase from now on; errors as `create`, and SecretsLocked."""
        with self._turn:
            self._check_open()
            self._seal_with(passphrase)

    def lock(self) -> None:
        """Forget the key and what was read."""
        with self._turn:
            self._head, self._key, self._secrets = None, b"", {}

    def get(self, name: str) -> str | None:
        """Return a secret; see `SecretStore.get`."""
        with self._turn:
            self._check_open()
            return self._secrets.get(name)

    def put(self, name: str, value: str) -> None:
        """Keep a secret; see `SecretStore.put`."""
        with self._turn:
            self._check_open()
            self._write({**self._secrets, name: value})

    def remove(self, name: str) -> None:
        """Forget a secret; see `SecretStore.remove`."""
        with self._turn:
            self._check_open()
            self._write({each: value for each, value in self._secrets.items() if each != name})

    def _check_open(self) -> None:
        if self._head is None:
            raise SecretsLocked("The vault is locked; its passphrase opens it.")

    def _seal_with(self, passphrase: str) -> None:
        if len(passphrase) < SHORTEST:
            raise InvalidInput(f"A passphrase has at least {SHORTEST} characters; a few words are easiest to remember.")
        head: dict[str, object] = {
            "version": VERSION, "kdf": "scrypt", "n": COST, "r": BLOCK, "p": LANES,
            "salt": _text(secrets.token_bytes(16)),
        }  # fmt: skip
        before = self._head, self._key
        self._key, proof = _keys(passphrase, head)
        self._head = head | {"check": _text(proof)}
        try:
            self._write(self._secrets)
        except StorageUnavailable:
            self._head, self._key = before
            raise

    def _write(self, content: dict[str, str]) -> None:
        """Write everything; what was there stays until the new file is whole."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(content).encode(), _canonical(self._head or {}))
        body = {**(self._head or {}), "nonce": _text(nonce), "sealed": _text(sealed)}
        body["sha256"] = hashlib.sha256(_canonical(body)).hexdigest()
        _replace(self._path, _canonical(body))
        self._secrets = content


def _keys(passphrase: str, head: dict[str, object]) -> tuple[bytes, bytes]:
    """Return the key that encrypts and the proof that the passphrase is right."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    cost, block, lanes = (int(str(head[name])) for name in ("n", "r", "p"))
    salt = base64.b64decode(str(head["salt"]))
    both = Scrypt(salt=salt, length=64, n=cost, r=block, p=lanes).derive(passphrase.encode())
    return both[:32], hmac.digest(both[32:], b"crs-vault", "sha256")


def _parsed(data: bytes) -> tuple[dict[str, object], bytes, bytes, bytes]:
    """Return head, proof, nonce and what is sealed."""
    damaged = StorageCorrupt(
        "The vault is damaged: it is not what was written. Restore it from a backup, or move it away and sign in anew."
    )
    try:
        body = json.loads(data)
        digest = body.pop("sha256")
        if not hmac.compare_digest(hashlib.sha256(_canonical(body)).hexdigest(), digest):
            raise damaged
        if body["version"] != VERSION or body["kdf"] != "scrypt":
            raise StorageTooNew("The vault was written by a newer version of CRS Desktop. Update to open it.")
        if not 2 <= body["n"] <= MOST_COST:
            raise damaged
        nonce, sealed = (base64.b64decode(body.pop(name)) for name in ("nonce", "sealed"))
        return body, base64.b64decode(body["check"]), nonce, sealed
    except (ValueError, KeyError, TypeError, AttributeError):
        raise damaged from None


def _opened(key: bytes, nonce: bytes, sealed: bytes, head: dict[str, object], path: Path) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        found: dict[str, str] = json.loads(AESGCM(key).decrypt(nonce, sealed, _canonical(head)))
    except (InvalidTag, ValueError):
        raise StorageCorrupt(f"The vault {path.name} was changed by somebody who does not have its key.") from None
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SecretsLocked("There is no vault yet; choose a passphrase to make one.") from None
    except OSError as error:
        raise StorageUnavailable(f"The vault cannot be read: {error.strerror}.") from error


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileNotFoundError):
            partial.unlink()
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageUnavailable(f"The vault could not be written: {error.strerror}. What was there stays.") from error


def _canonical(body: dict[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
