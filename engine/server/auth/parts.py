"""What accounts and sessions stand on: database, keys, log, hashing; for the server and its commands."""

from __future__ import annotations

from dataclasses import dataclass

from engine.ports.clock import Clock, SystemClock
from engine.server.audit.log import SecurityLog
from engine.server.auth.password import Passwords
from engine.server.auth.token import SigningKeys
from engine.server.db.database import AccountsDb, open_accounts
from engine.server.keyfiles import KeyFiles
from engine.server.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """Opened by `open_parts`."""

    settings: ServerSettings
    clock: Clock
    database: AccountsDb
    keys: KeyFiles
    signing: SigningKeys
    audit: SecurityLog
    passwords: Passwords

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


def open_parts(settings: ServerSettings, clock: Clock | None = None) -> Parts:
    """Open the users of a data directory; directory, keys and tables are made where they are missing. Blocks.

    Raises:
        CrsError: the disk or the database is in the way; the sentence says how.
    """
    clock = clock or SystemClock()
    database = open_accounts(settings)
    try:
        keys = KeyFiles(settings.data_dir)
        signing = SigningKeys(keys.signing_dir)
    except BaseException:
        database.close()
        raise
    return Parts(
        settings, clock, database, keys, signing, SecurityLog(database, keys, clock),
        Passwords(keys, settings.password_hash),
    )  # fmt: skip
