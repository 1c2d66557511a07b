"""The key of encrypted accounts on the command line: from the keyring, or from a vault whose passphrase is asked for.

A passphrase is typed at the terminal, without being shown, or is the first line of standard input where that is none.
"""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from engine.adapters.secrets.choice import secrets_of
from engine.adapters.secrets.vault import Vault
from engine.adapters.sql import encrypted
from engine.bootstrap.sealed import decrypt_database, encrypt_database, unlock_database
from engine.ports.secrets import SecretStore
from engine.profile import Profile, ProfileLock


def ask_when_needed() -> None:
    """Let every command open encrypted accounts: their key is brought when it is first needed."""
    encrypted.provider = _bring


def encrypt(profile: Profile) -> int:
    """Encrypt a profile's accounts; return the exit status."""
    lock = ProfileLock(profile)
    try:
        store = _opened(profile, new=True)
        encrypt_database(profile, store)
    finally:
        lock.release()
    print(f"The accounts in {profile.data_dir} are encrypted; {store.title} keeps their key.")
    print("Without that key nobody opens them again: back it up. Backups made before are still readable by anybody.")
    return 0


def decrypt(profile: Profile) -> int:
    """Make a profile's accounts plain again; return the exit status."""
    lock = ProfileLock(profile)
    try:
        decrypt_database(profile, _opened(profile))
    finally:
        lock.release()
    print(f"The accounts in {profile.data_dir} are readable without a key again.")
    print("Backups made while they were encrypted still need it: make a new one with `crs backup create`.")
    return 0


def _bring(directory: Path) -> None:
    profile = Profile(directory)
    unlock_database(profile, _opened(profile))


def _opened(profile: Profile, *, new: bool = False) -> SecretStore:
    """Return the secret store of a profile, open; a vault is made only if `new`."""
    store = secrets_of(profile)
    if isinstance(store, Vault) and not store.is_open:
        if store.exists:
            store.unlock(_asked("Passphrase of the vault: "))
        elif new:
            store.create(_asked("This system has no keyring. Choose a passphrase for a vault: "))
    return store


def _asked(question: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\n")
