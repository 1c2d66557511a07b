"""The key of encrypted accounts: brought from the secret store before they are opened, put there before sealing.

Everything here blocks; a program with a loop calls it off the loop.
"""

from __future__ import annotations

from engine.adapters.secrets.choice import secrets_of
from engine.adapters.sql.encrypted import (
    finish_moving,
    is_sealed,
    key_name,
    prepare_key,
    seal,
    unseal,
    use_key,
)
from engine.errors import SecretsLocked
from engine.ports.secrets import SecretStore
from engine.profile import Profile


def unlock_database(profile: Profile, secrets: SecretStore | None = None) -> None:
    """Bring the key of a profile's accounts, if they are encrypted.

    Raises:
        SecretsLocked: the vault is locked, or no store here has the key; nothing was touched.
        StorageUnavailable, StorageCorrupt: the store or the seal cannot be read.
    """
    if not is_sealed(profile.database):
        return
    store = secrets or secrets_of(profile)
    if not store.is_open and getattr(store, "exists", True):
        raise SecretsLocked(
            f"The accounts in {profile.data_dir} are encrypted, and their key is in a vault. Give its passphrase to "
            "open them; nothing was changed."
        )
    key = store.get(key_name(profile.data_dir)) if store.is_open else None
    if key is None:
        raise SecretsLocked(
            f"The accounts in {profile.data_dir} are encrypted, and {store.title} does not have their key. Nothing was "
            "changed, and nothing new was made. Open them where they were encrypted, or restore the key."
        )
    use_key(profile.data_dir, bytes.fromhex(key))


def encrypt_database(profile: Profile, secrets: SecretStore) -> None:
    """Encrypt a profile's accounts with a new key, which is kept in the store first.

    Raises:
        InvalidInput: there are none, or they are encrypted already.
        SecretsLocked, StorageUnavailable: the key cannot be kept, or there is no room; nothing was changed.
    """
    finish_moving(profile.database)
    key = prepare_key()
    name = key_name(profile.data_dir, key)
    secrets.put(name, key.hex())
    try:
        seal(profile.database, key)
    except BaseException:
        secrets.remove(name)
        raise


def decrypt_database(profile: Profile, secrets: SecretStore) -> None:
    """Make a profile's accounts readable without a key; the key stays in the store, for backups that need it.

    Raises:
        InvalidInput: they are not encrypted.
        SecretsLocked, StorageUnavailable: the key is not there, or there is no room; nothing was changed.
    """
    finish_moving(profile.database)
    unlock_database(profile, secrets)
    unseal(profile.database)
