"""Encrypted SQLite files (SQLCipher): which profiles have them, their key, and connections that use it.

A profile whose accounts are encrypted has a small file beside them, the *seal*. It holds no secret: a check value says
whether a key is the right one, so that a wrong key, a missing key and a damaged file are told apart, and nothing is
ever made anew over accounts that cannot be opened. Keys are 32 random bytes, so no passphrase is stretched here.

The trap: a connection that is not given its key in time writes a plain file, and says nothing. So the first bytes of
the file are looked at, before and after.

Source: https://www.zetetic.net/sqlcipher/sqlcipher-api/ (`PRAGMA key`, `sqlcipher_export`).
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from engine.errors import InvalidInput, SecretsLocked, StorageCorrupt, StorageUnavailable

SEAL = "encryption.json"
PLAIN = b"SQLite format 3\0"
KEY_BYTES = 32

Provider = Callable[[Path], None]

_keys: dict[Path, bytes] = {}
provider: Provider | None = None
"""Asked for the key of a profile's directory when it is first needed, if somebody set it; it calls `use_key`."""


def errors() -> tuple[type[Exception], ...]:
    """Return what connections to files raise."""
    if not _keys:
        return (sqlite3.Error,)
    return (sqlite3.Error, _driver().Error)


def is_sealed(path: Path) -> bool:
    """Whether the accounts of the profile that a file belongs to are encrypted."""
    return _profile_of(path) is not None


def use_key(directory: Path, key: bytes) -> None:
    """Open the encrypted files of a profile with this key from now on.

    Raises:
        SecretsLocked: it is not their key; nothing was touched.
    """
    told = _seal_of(directory)
    if len(key) != KEY_BYTES or not hmac.compare_digest(_check(key), str(told.get("check", ""))):
        raise SecretsLocked(
            f"This key does not open the accounts in {directory}. Nothing was changed. The right key is in the keyring "
            "or vault of whoever encrypted them."
        )
    _keys[directory.absolute()] = key


def forget_keys() -> None:
    """Let every encrypted file be closed to this program again."""
    _keys.clear()


def connect_file(path: Path, mode: str, *, immutable: bool = False, **options: Any) -> sqlite3.Connection:  # noqa: ANN401
    """Return a connection to a SQLite file, encrypted or not; `mode` is SQLite's: `ro`, `rw`, `rwc`.

    Raises:
        SecretsLocked: it is encrypted, and its key is not here.
        StorageCorrupt: it should be encrypted and is not.
        StorageUnavailable: what reads encrypted files is not installed.
        Exception: as the driver raises them, one of `errors()`.
    """
    uri = f"{path.absolute().as_uri()}?{'immutable=1' if immutable else f'mode={mode}'}"
    key = key_of(path)
    if key is None:
        plain: sqlite3.Connection = sqlite3.connect(uri, uri=True, **options)
        return plain
    connection: sqlite3.Connection = _driver().connect(uri, uri=True, **options)  # it has the same methods
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def row_of(connection: sqlite3.Connection) -> Any:  # noqa: ANN401 - a driver's class
    """Return the class of rows that fits a connection."""
    return sqlite3.Row if isinstance(connection, sqlite3.Connection) else _driver().Row


def engine_options(path: Path, timeout_s: float) -> dict[str, Any]:
    """Return what SQLAlchemy needs to connect to a file."""
    if key_of(path) is None:
        return {"connect_args": {"timeout": timeout_s}}
    return {"module": _driver(), "creator": lambda: connect_file(path, "rwc", timeout=timeout_s)}


def key_of(path: Path) -> bytes | None:
    """Return the key of a file, None if it is (to be) a plain one; raises as `connect_file`."""
    directory = _profile_of(path)
    if directory is None:
        return None
    main = path.name == _seal_of(directory).get("file")
    if is_plain(path):
        if main and not _seal_of(directory).get("moving"):
            raise StorageCorrupt(f"{path} should be encrypted, and is not: somebody put another file there.")
        return None  # a backup from before
    key = _keys.get(directory)
    if key is None and provider is not None:
        provider(directory)
        key = _keys.get(directory)
    if key is None:
        raise SecretsLocked(
            f"The accounts in {directory} are encrypted, and their key is not here. Unlock the keyring or the vault "
            "that has it, then try again. Nothing was changed."
        )
    return key


def key_name(directory: Path, key: bytes | None = None) -> str:
    """Return the name under which a secret store has a key: that of a profile, or a new one."""
    check = str(_seal_of(directory).get("check", "")) if key is None else _check(key)
    return f"accounts {check[:16]}"


def is_plain(path: Path) -> bool:
    """Whether a file is a SQLite file that anybody can read."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(PLAIN)) == PLAIN
    return False


def prepare_key() -> bytes:
    """Return a new key; keep it somewhere before `seal`."""
    return secrets.token_bytes(KEY_BYTES)


def seal(database: Path, key: bytes) -> None:
    """Encrypt a profile's accounts with a key. A stop on the way leaves them as they were, or encrypted.

    Raises:
        InvalidInput: they are encrypted already, or there are none.
        StorageUnavailable: no room, or what encrypts is not installed; nothing was changed.
    """
    if is_sealed(database):
        raise InvalidInput("The accounts are encrypted already.")
    if not is_plain(database):
        raise InvalidInput(f"There are no accounts in {database.parent} yet. Start crs-desktop once to open one.")
    copy = _exported(database, f"KEY \"x'{key.hex()}'\"", None, ".sealing")
    if is_plain(copy):
        copy.unlink()
        raise StorageUnavailable("The copy was not encrypted; it was removed again, and nothing was changed.")
    told = {"file": database.name, "check": _check(key), "moving": True}
    _write_seal(database.parent, told)
    os.replace(copy, database)
    _write_seal(database.parent, told | {"moving": False})
    use_key(database.parent, key)


def unseal(database: Path) -> None:
    """Make a profile's accounts plain again; its key must be in use. Raises as `seal` and `connect_file`."""
    directory = _profile_of(database)
    if directory is None:
        raise InvalidInput("The accounts are not encrypted.")
    copy = _exported(database, "KEY ''", key_of(database), ".opening")
    _write_seal(directory, dict(_seal_of(directory)) | {"moving": True})
    os.replace(copy, database)
    (directory / SEAL).unlink()


def finish_moving(database: Path) -> None:
    """Finish what a stop while encrypting or decrypting left, either way; for whoever holds the profile's lock."""
    directory = _profile_of(database)
    if directory is not None and _seal_of(directory).get("moving"):
        if is_plain(database):  # the seal came first, or went last: the accounts are as they were, or plain again
            (directory / SEAL).unlink()
        else:
            _write_seal(directory, dict(_seal_of(directory)) | {"moving": False})
    for name in (f"{database.name}.sealing", f"{database.name}.opening", f"{SEAL}.partial"):
        with suppress(OSError):
            database.with_name(name).unlink(missing_ok=True)


def check_written(database: Path) -> None:
    """Look at what was written: a file of a sealed profile must not be readable by anybody.

    Raises:
        StorageCorrupt: it is.
    """
    if is_sealed(database) and is_plain(database):
        raise StorageCorrupt(f"{database} was written readable by anybody, although it should be encrypted.")


def _exported(database: Path, key_clause: str, key: bytes | None, ending: str) -> Path:
    """Return a checked copy of a database under another key, all of its write-ahead log included."""
    driver = _driver()
    copy = database.with_name(database.name + ending)
    copy.unlink(missing_ok=True)
    try:
        with closing(driver.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as own:
            if key is not None:
                own.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            own.execute(f"ATTACH DATABASE ? AS other {key_clause}", (str(copy),))
            own.execute("SELECT sqlcipher_export('other')")
            if own.execute("PRAGMA other.integrity_check").fetchall() != [("ok",)]:
                raise StorageUnavailable("The copy is not whole; nothing was changed.")
            own.execute("DETACH DATABASE other")
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
        copy.chmod(0o600)
    except (OSError, driver.Error) as error:
        copy.unlink(missing_ok=True)
        raise StorageUnavailable(f"No such copy of {database} could be made: {error}. Nothing was changed.") from error
    return copy


def _profile_of(path: Path) -> Path | None:
    """Return the directory of the profile that a file belongs to, if it is sealed."""
    for directory in path.absolute().parents[:2]:  # beside it, or in a folder of backups
        if (directory / SEAL).exists():
            return directory
    return None


def _seal_of(directory: Path) -> dict[str, Any]:
    try:
        found = json.loads((directory / SEAL).read_bytes())
    except OSError as error:
        raise StorageUnavailable(f"{directory / SEAL} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StorageCorrupt(f"{directory / SEAL} is damaged; restore it from a backup of the profile.") from error
    if not isinstance(found, dict):
        raise StorageCorrupt(f"{directory / SEAL} is damaged; restore it from a backup of the profile.")
    return found


def _write_seal(directory: Path, told: dict[str, Any]) -> None:
    partial = directory / f"{SEAL}.partial"
    with partial.open("w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, directory / SEAL)


def _check(key: bytes) -> str:
    """Return what tells the right key from others, without telling the key."""
    return hmac.digest(key, b"crs-desktop accounts", "sha256").hex()


def _driver() -> Any:  # noqa: ANN401 - a module
    try:
        from sqlcipher3 import dbapi2  # type: ignore[import-untyped]
    except ImportError as error:
        raise StorageUnavailable(
            "The accounts are encrypted, and what opens them is not installed. "
            "Install it with: pip install crs-desktop[vault]"
        ) from error
    return dbapi2
