"""The door to where secrets are kept: tokens, device keys, the key of an encrypted database."""

from __future__ import annotations

from typing import Protocol


class SecretStore(Protocol):
    """Keeps small texts under names; every call may block (a keyring asks other programs), so it is made off the loop.

    Nothing of it is ever kept as plain text, and nothing secret is in its `repr`.
    """

    @property
    def title(self) -> str:
        """What it is, for the screen: the system's keyring, or a file with a passphrase."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether secrets can be read now; if not, a passphrase must be asked for."""
        ...

    def get(self, name: str) -> str | None:
        """Return a secret, None if there is none of that name.

        Raises:
            SecretsLocked: a passphrase is needed first.
            StorageUnavailable: the keyring or the file cannot be read now.
            StorageCorrupt: the file is damaged.
        """
        ...

    def put(self, name: str, value: str) -> None:
        """Keep a secret, in place of an earlier one; it is there when this returns. Errors as `get`."""
        ...

    def remove(self, name: str) -> None:
        """Forget a secret; that there is none is no error. Errors as `get`."""
        ...
