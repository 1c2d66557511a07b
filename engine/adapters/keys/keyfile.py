"""The keystores of a wallet on the disk: one V3 file for each phrase and each key, under wallet/keys.

What is secret in them is encrypted; addresses, paths and what was confirmed are not, so that a locked wallet can be
looked at. A file of a single key is an ordinary V3 keystore that other programs open; a file of a phrase is made the
same way, with the phrase's entropy in place of a key. `crs.check` is a SHA-256 over the rest: it tells a damaged file
from a wrong password, and protects against nobody.

A damaged file is never moved nor written over. A change of password writes all files anew beside the old ones, then
says so in `change.json`, then puts them in place: `load` completes what was begun, or takes it back.

Source: Web3 Secret Storage Definition, version 3.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import StorageCorrupt, StorageUnavailable
from engine.services.wallet.kept import PARTIAL, sync_folder, write_whole

FORMAT = 1
NEXT = ".next"
CHANGE = "change.json"
MOST_BYTES = 1_000_000
PATH = "m/44'/60'/0'/0/{}"
"""Of an account, with its index. Source: BIP-44; coin 60 of SLIP-44."""


class KdfParams(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a password becomes a key: scrypt (n, r, p) or PBKDF2 (c, prf)."""

    dklen: int
    salt: str
    n: int | None = None
    r: int | None = None
    p: int | None = None
    c: int | None = None
    prf: str | None = None


class CipherParams(msgspec.Struct, frozen=True):
    """Where the counter begins, as 32 hexadecimal digits."""

    iv: str


class Crypto(msgspec.Struct, frozen=True):
    """What is encrypted, and how."""

    cipher: str
    cipherparams: CipherParams
    ciphertext: str
    kdf: str
    kdfparams: KdfParams
    mac: str


class Derived(msgspec.Struct, frozen=True):
    """An account of a phrase by its index; of a single key, index 0."""

    index: int
    address: str


class Open(msgspec.Struct, frozen=True):
    """What a locked wallet knows."""

    kind: str
    """phrase or key."""
    accounts: tuple[Derived, ...]
    is_confirmed: bool = True
    words: int = 0
    made: int = 0
    """Nanoseconds since 1970; files are in that order."""
    format: int = FORMAT
    check: str = ""


class Keyfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One keystore."""

    version: int
    id: str
    crypto: Crypto
    crs: Open
    address: str = ""
    """Of a single key, without 0x, as other programs want it."""

    @property
    def is_phrase(self) -> bool:
        """Whether it holds a phrase."""
        return self.crs.kind == "phrase"


class Change(msgspec.Struct, frozen=True):
    """A change of password that has to be completed: files that are whole, and wait for their names."""

    files: tuple[str, ...]


class KeyFolder:
    """The keystores of one wallet; every method blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> tuple[list[Keyfile], list[str]]:
        """Return what can be read, oldest first, and a sentence for each file that cannot.

        Raises:
            StorageUnavailable: the folder cannot be read, or a begun change of password cannot be completed.
        """
        try:
            self._complete_change()
            paths = sorted(self._folder.glob("*.json"))
        except OSError as error:
            raise StorageUnavailable(f"The wallet's keys cannot be read: {error.strerror}.") from error
        found, damaged = [], []
        for path in paths:
            if path.name == CHANGE:
                continue
            try:
                found.append(read(path))
            except (StorageCorrupt, StorageUnavailable) as error:
                damaged.append(str(error))
        return sorted(found, key=lambda each: (each.crs.made, each.id)), damaged

    def write(self, file: Keyfile) -> None:
        """Keep one keystore, in place of its earlier version."""
        write_whole(self._path(file.id), encoded(file), "The keystore")

    def replace_all(self, files: Mapping[str, Keyfile]) -> None:
        """Replace several keystores, all or none."""
        for name, file in files.items():
            write_whole(self._path(name).with_suffix(NEXT), encoded(file), "The new password")
        names = tuple(self._path(each).name for each in files)
        write_whole(self._folder / CHANGE, msgspec.json.encode(Change(names)), "The new password")
        try:
            self._complete_change()
        except OSError as error:
            raise StorageUnavailable(
                f"The new password is set, but not on all files yet ({error.strerror}); "
                "this is completed when the wallet is opened next."
            ) from error

    def remove(self, name: str) -> None:
        """Overwrite and delete a keystore."""
        path = self._path(name)
        try:
            with suppress(FileNotFoundError):
                with path.open("r+b") as file:  # a journal or a solid-state disk may keep what was there
                    file.write(os.urandom(path.stat().st_size))
                    file.flush()
                    os.fsync(file.fileno())
                path.unlink()
                sync_folder(self._folder)
        except OSError as error:
            raise StorageUnavailable(f"The keystore could not be removed: {error.strerror}.") from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _complete_change(self) -> None:
        """Put the files of a change in place if all of them were written, else forget those that were."""
        if not self._folder.exists():
            return
        marker = self._folder / CHANGE
        if marker.exists():
            for name in _names(marker):
                waiting = (self._folder / name).with_suffix(NEXT)
                if waiting.exists():
                    os.replace(waiting, self._folder / name)
            sync_folder(self._folder)
            marker.unlink()
        for leftover in (*self._folder.glob("*" + NEXT), *self._folder.glob("*" + PARTIAL)):
            leftover.unlink()


def _names(marker: Path) -> tuple[str, ...]:
    """Return the files of a change.

    Raises:
        StorageUnavailable: it names none, or one that is not a keystore of this folder; nothing was touched.
    """
    try:
        names = msgspec.json.decode(marker.read_bytes(), type=Change).files
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        names = ()
    if not names or any(Path(each).name != each or Path(each).suffix != ".json" for each in names):
        raise StorageUnavailable(
            f"{CHANGE} in the wallet's folder of keys is damaged, so that a change of password cannot be completed. "
            "Nothing was touched: restore the folder from a backup."
        )
    return names


def encoded(file: Keyfile) -> bytes:
    """Return a keystore as it is written, with its check."""
    body = msgspec.to_builtins(file)
    body["crs"]["check"] = _check(body)
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


def read(path: Path) -> Keyfile:
    """Return a keystore.

    Raises:
        StorageUnavailable: the disk refuses.
        StorageCorrupt: it is not what was written.
    """
    damaged = StorageCorrupt(
        f"The keystore {path.name} is damaged: it is not what was written. It is left as it is; restore it from a "
        "backup, or take its phrase or key in again."
    )
    try:
        if path.stat().st_size > MOST_BYTES:
            raise damaged
        body = msgspec.json.decode(path.read_bytes())
        file = msgspec.convert(body, Keyfile)
    except OSError as error:
        raise StorageUnavailable(f"The keystore {path.name} cannot be read: {error.strerror}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise damaged from None
    if file.crs.format > FORMAT:
        raise StorageCorrupt(
            f"The keystore {path.name} was written by a newer version of CRS Desktop. Update to open it."
        )
    if file.crs.check != _check(body) or file.id != path.stem or not file.crs.accounts:
        raise damaged
    return file


def _check(body: dict[str, Any]) -> str:
    """Return the check of a whole file: also of what this version does not know."""
    bare = body | {"crs": {name: value for name, value in body["crs"].items() if name != "check"}}
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()
