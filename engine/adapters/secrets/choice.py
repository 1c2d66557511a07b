"""Which place for secrets this machine has."""

from __future__ import annotations

from engine.adapters.secrets.keyring import system_keyring
from engine.adapters.secrets.vault import Vault
from engine.ports.secrets import SecretStore
from engine.profile import Profile


def secrets_of(profile: Profile) -> SecretStore:
    """Return where the secrets of a profile are: a vault that was made, else the system's keyring, else a new vault.

    A vault is locked at first: ask for its passphrase (`Vault.unlock`), or for a new one (`Vault.create`, if it does
    not exist); nothing is kept as plain text instead. Blocks; call it off the loop.
    """
    vault = Vault(profile.vault_file)
    if vault.exists:
        return vault
    return system_keyring() or vault
