"""What tells an order that this program wrote from one that somebody wrote into its database.

Orders within limits are signed without a person. Whoever can write to `wallet.db` and cannot read the system's keyring
must not be able to make one: each row carries a MAC under a key that is in the keyring. A row without its own is not
thrown away; it is asked about before anything is signed for it. Every method blocks.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets as chance
from pathlib import Path

from engine.errors import CrsError
from engine.ports.secrets import SecretStore

NAME = "wallet orders "
log = logging.getLogger(__name__)


class Seal:
    """Marks texts, and knows its own marks again."""

    def __init__(self, secrets: SecretStore | None, folder: Path) -> None:
        """`folder` is the wallet's: two profiles have two keys."""
        self._secrets = secrets
        self._name = NAME + hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
        self._key: bytes | None = None

    def __repr__(self) -> str:
        return "Seal()"

    def mark(self, text: str) -> str:
        """Return the mark of a text; empty where there is no place for secrets now."""
        key = self._found(make=True)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() if key else ""

    def is_own(self, text: str, mark: str) -> bool:
        """Return whether a mark is that of a text, and was made here."""
        key = self._found(make=False)
        if not key or not mark:
            return False
        return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode(), mark.encode())

    def _found(self, *, make: bool) -> bytes | None:
        if self._key is not None or self._secrets is None:
            return self._key
        try:
            if not self._secrets.is_open:
                return None
            kept = self._secrets.get(self._name)
            if kept is None and make:
                kept = chance.token_hex(32)
                self._secrets.put(self._name, kept)
            self._key = bytes.fromhex(kept) if kept else None
        except (CrsError, ValueError) as error:
            log.info("orders cannot be sealed", extra={"reason": type(error).__name__})
        return self._key
