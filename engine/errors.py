"""The tree of expected failures.

    CrsError                    something we foresaw; the message is for the user
    ├── InvalidInput            correct it: a value is wrong (says where, what, and what was expected)
    │   └── InvalidSetting      a value in the settings file
    ├── Unavailable             wait, then try again
    │   ├── VenueUnavailable    not known to be sent; retry with the same id
    │   ├── StorageUnavailable  the disk refuses (full, read-only, locked); nothing acknowledged is lost
    │   └── ProfileInUse        another program holds this profile
    └── GivenUp                 stop and read: no retry will help
        ├── StorageCorrupt      the journal or its database is damaged (names the record)
        ├── StorageTooNew       written by a newer version of CRS
        └── WriterFenced        another process took over the writing; this one must end

The class says what the caller should do; the message says what happened, why, and what next.
A *refused command* is not here: a refusal is an answer (`domain.events.OrderRejected`).
Anything that is not a `CrsError` is a bug and reaches the crash dialog.
"""

from __future__ import annotations


class CrsError(Exception):
    """Base of every failure we expect; `str(error)` is a sentence for the user."""


class InvalidInput(CrsError):
    """Correct it: the value is wrong, and asking again will not help."""


class InvalidSetting(InvalidInput):
    """A value in the settings file or environment is not allowed."""


class Unavailable(CrsError):
    """Wait: the same call may succeed later."""


class VenueUnavailable(Unavailable):
    """The venue cannot be reached or does not accept commands now."""


class StorageUnavailable(Unavailable):
    """The disk or database refuses to write or open (full, read-only, locked)."""


class ProfileInUse(Unavailable):
    """Another running program holds the profile's lock."""


class GivenUp(CrsError):
    """Stop: a person has to look."""


class StorageCorrupt(GivenUp):
    """Stored data fails its own checks."""


class StorageTooNew(GivenUp):
    """Stored data was written by a newer version of this program."""


class WriterFenced(GivenUp):
    """Another process became the writer of this exchange; whatever this one still wants to write is refused."""
