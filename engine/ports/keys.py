"""The door to a wallet's keys: making them, taking them in, keeping them, giving them out; who signs is `KeyRing`.

Words and keys come out of it three times only: when a phrase is made, when a phrase is shown again, and encrypted when
a keystore is exported. Signing of messages (EIP-191, EIP-712) is not offered: a signature of a text that nobody can
simulate is what most wallets were emptied with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from engine.ports.chain import KeyRing

Locked = Callable[[str], None]
"""Hears why the wallet was locked, in a sentence."""


class KeyKind(StrEnum):
    """Where a key came from."""

    DERIVED = "derived"
    """From a phrase, by BIP-44: its words give it back."""
    IMPORTED = "imported"
    """A key that came alone: only its keystore gives it back."""


@dataclass(frozen=True, slots=True)
class KeyAccount:
    """An address that can sign; known while the wallet is locked."""

    address: str
    kind: KeyKind
    source: str
    """The id of the phrase or key that it comes from."""
    path: str = ""
    """m/44'/60'/0'/0/i, for derived ones."""
    is_confirmed: bool = True
    """Whether somebody proved to have written the phrase down; imported ones need no proof."""


@dataclass(frozen=True, slots=True)
class NewPhrase:
    """A phrase at the one time that it is shown."""

    account: KeyAccount
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revealed:
    """A phrase that was asked for again."""

    words: tuple[str, ...] = field(repr=False)
    passphrase: str = field(repr=False, default="")
    """The extra words of BIP-39, empty if there are none."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import gave."""

    account: KeyAccount
    remarks: tuple[str, ...] = ()
    """Sentences about it: a file that was weakly encrypted where it came from."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What it would mean to remove a key."""

    accounts: tuple[KeyAccount, ...]
    """All that go with it."""
    sentence: str
    """What is lost, and how it could be had again."""
    is_only_copy: bool
    """Whether nothing else can give it back, as far as is known here."""


class KeyStore(KeyRing, Protocol):
    """A wallet's keys. Every coroutine leaves the loop free, however long it takes.

    A password has at least 8 characters and is one for all keys of the wallet. Where keys exist already, `password`
    may be left out if the wallet is unlocked, and has to be the wallet's otherwise.

    Raises (all of them):
        InvalidInput: something given is wrong; says what, never repeats it.
        WrongPassphrase: the password is not the wallet's.
        KeysLocked: a password is wanted, or too many were wrong and it has to be waited.
        StorageUnavailable, StorageCorrupt: the disk refuses, or a keystore is damaged (it is left as it is).
    """

    @property
    def accounts(self) -> tuple[KeyAccount, ...]:
        """All that can sign, in the order in which they came."""
        ...

    @property
    def damaged(self) -> tuple[str, ...]:
        """A sentence for each keystore that could not be read; none of them is touched."""
        ...

    async def load(self) -> None:
        """Read which keys there are; asks for no password."""
        ...

    async def create(self, *, words: int = 12, password: str | None = None) -> NewPhrase:
        """Make a new phrase of 12 or 24 words, keep it, and return it to be shown once."""
        ...

    def positions(self, source: str) -> tuple[int, ...]:
        """Return which 3 words are asked for to confirm a phrase, counted from 1; others each time."""
        ...

    async def confirm(self, source: str, words: Mapping[int, str]) -> bool:
        """Return whether these words, by position from 1, are right; then the phrase counts as written down."""
        ...

    async def import_phrase(self, phrase: str, *, passphrase: str = "", password: str | None = None) -> TakenIn:
        """Take in a phrase of 12 to 24 words with its optional extra words."""
        ...

    async def import_key(self, key: str, *, password: str | None = None) -> TakenIn:
        """Take in a private key, 64 hexadecimal digits."""
        ...

    async def import_keystore(self, text: str, its_password: str, *, password: str | None = None) -> TakenIn:
        """Take in a V3 keystore; it is kept under the wallet's password from now on."""
        ...

    async def add_account(self, source: str | None = None) -> KeyAccount:
        """Derive the next account of a phrase (of the first one, unless told otherwise)."""
        ...

    async def unlock(self, password: str | None = None) -> None:
        """Unlock; without a password the one that was remembered is used."""
        ...

    def lock(self, reason: str = "") -> None:
        """Forget every key now."""
        ...

    def touch(self) -> None:
        """Say that somebody is there: the time until the wallet locks itself begins anew."""
        ...

    async def change_password(self, password: str, new: str) -> None:
        """Encrypt everything anew; all keys have the old password or all the new one, whatever happens meanwhile."""
        ...

    async def remember(self, password: str) -> str:
        """Keep the password in the system's keyring (which the user chose), and return where that is."""
        ...

    async def forget(self) -> None:
        """Take the password out of the system's keyring."""
        ...

    async def export_keystore(self, address: str, password: str, new: str) -> str:
        """Return an account's key as a V3 keystore under a password of its own."""
        ...

    async def reveal_phrase(self, source: str, password: str) -> Revealed:
        """Return a phrase to be shown again."""
        ...

    def removal(self, source: str) -> Removal:
        """Return what it would mean to remove a phrase or a key."""
        ...

    async def remove(self, source: str, password: str) -> None:
        """Remove a phrase with all its accounts, or a key."""
        ...

    async def close(self) -> None:
        """Lock, and end everything; safe to call twice."""
        ...
