"""What an error of PostgreSQL means to a person, in one sentence, and which of our errors it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CrsError, StorageCorrupt, StorageUnavailable

if TYPE_CHECKING:
    import psycopg

PASSING = ("40001", "40P01", "57P01", "57P02", "57P03", "25006")
"""Conflict, deadlock, a server that ends or crashed or starts, one that is read only as it was just demoted."""


_UNWANTED = ("authentication failed", "no password supplied", "no pg_hba.conf entry")
"""How a server refuses a connection, for which it gives no code."""


def passing(error: Exception) -> bool:
    """Whether the same transaction may well succeed at once, on a new connection."""
    import psycopg

    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    if state is None:  # the connection broke: the server had no chance to say why
        return isinstance(error, psycopg.OperationalError)
    return state in PASSING or state.startswith("08")


def explained(error: psycopg.Error, name: str, advice: str) -> CrsError:
    """Return a failure of the database called `name` as one of ours, with what to do next."""
    state, said = error.sqlstate or "", _first_line(error)
    if state.startswith("XX"):
        return StorageCorrupt(f"PostgreSQL finds the database {name} damaged ({said}). {advice}")
    if state == "53100":
        return StorageUnavailable(
            f"The disk of the database {name} is full. Nothing acknowledged is lost; free some space and trading "
            "resumes."
        )
    if state.startswith("28") or (not state and any(words in said for words in _UNWANTED)):
        return StorageUnavailable(
            f"The database {name} does not let us in ({said}). Check user and password in the URL, and pg_hba.conf."
        )
    if is_missing(error):
        return StorageUnavailable(f"There is no database {name}. `crs server db init` makes it, or check the URL.")
    if state == "42501":
        return StorageUnavailable(f"The user of the database {name} may not do this ({said}). Grant it the rights.")
    if state == "53300" or (not state and ("too many clients" in said or "connection slots" in said)):
        return StorageUnavailable(f"The database {name} has no connection left for us. Raise max_connections.")
    if not state or state.startswith(("08", "57P")):
        return StorageUnavailable(
            f"The database {name} does not answer ({said}). Nothing acknowledged is lost; trading resumes when it is "
            "back."
        )
    return StorageUnavailable(f"The database {name} refuses: {said}.")


def is_missing(error: Exception) -> bool:
    """Whether a server answered that it has no database of this name; it says that without a code."""
    text = str(error)
    return "database" in text and "does not exist" in text and "FATAL" in text


def _first_line(error: psycopg.Error) -> str:
    """Return what the server said, without the lines that only repeat our statement."""
    said = error.diag.message_primary or str(error)
    return " ".join(said.splitlines()[:1]).strip().rstrip(".") or type(error).__name__
