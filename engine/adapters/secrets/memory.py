"""Secrets that end with the program: for whoever wants neither a keyring nor a vault. The next start signs in anew."""

from __future__ import annotations


class MemorySecrets:
    """A `SecretStore` that keeps nothing beyond the run."""

    title = "nowhere: they end with the program"
    is_open = True

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        return "MemorySecrets()"

    def get(self, name: str) -> str | None:
        """Return a secret of this run."""
        return self._secrets.get(name)

    def put(self, name: str, value: str) -> None:
        """Keep a secret for this run."""
        self._secrets[name] = value

    def remove(self, name: str) -> None:
        """Forget a secret."""
        self._secrets.pop(name, None)
