"""The wallet's password in the system's keyring, for whoever chose that. Every method blocks."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.errors import InvalidInput
from engine.ports.secrets import SecretStore


class Remembered:
    """One password in a `SecretStore`, under the folder's name: two profiles have two."""

    def __init__(self, secrets: SecretStore | None, folder: Path) -> None:
        self._secrets = secrets
        self._name = "wallet " + hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]
        self.is_there: bool | None = None

    def look(self) -> bool:
        """Return whether it is there, without asking for anything that is shut."""
        return self.get() is not None

    def get(self) -> str | None:
        """Return it, None if it is not there or its place is shut."""
        found = self._secrets.get(self._name) if self._secrets is not None and self._secrets.is_open else None
        self.is_there = found is not None
        return found

    def put(self, password: str) -> str:
        """Keep it and return where.

        Raises:
            InvalidInput: there is no place for secrets.
            SecretsLocked, StorageUnavailable: it takes nothing now.
        """
        if self._secrets is None:
            raise InvalidInput("There is no keyring here that could keep the password.")
        self._secrets.put(self._name, password)
        self.is_there = True
        return self._secrets.title

    def remove(self) -> None:
        """Take it out; that there is none is no error."""
        if self._secrets is not None and self._secrets.is_open:
            self._secrets.remove(self._name)
        self.is_there = False
