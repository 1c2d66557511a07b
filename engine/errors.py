"""The tree of expected failures.

    CrsError                    something we foresaw; the message is for the user
    ├── InvalidInput            correct it: a value is wrong (says where, what, and what was expected)
    │   ├── InvalidSetting      a value in the settings file
    │   ├── WrongPassphrase     the vault stays shut; it is not damaged
    │   ├── Garbled             a frame of an exchange cannot be read; nothing of it was used
    │   ├── ServerRefused       a CRS server said no (its word for programs, its sentence, the fields)
    │   ├── WrongChain          an endpoint or a contract is not what it was given out to be
    │   ├── NodeRefused         a node of a chain understood, and said no
    │   ├── Reverted            a contract said no
    │   ├── WatchOnly           there is no key here for this address
    │   ├── NotSigned           a rule of the send pipeline forbids it, or a warning was not acknowledged
    │   └── NotShown            what would be signed now is not what was shown: look once more
    ├── SignInNeeded            prove who you are, then try again
    │   ├── SecondFactorNeeded  password right, a code is wanted
    │   └── StepUpNeeded        a recent proof of presence is wanted
    ├── Unavailable             wait, then try again
    │   ├── VenueUnavailable    not known to be sent; retry with the same id
    │   │   ├── ServerUntrusted what answers cannot prove that it is the server (its certificate)
    │   │   └── NotACrsServer   what answers is something else: a sign-in page of the network, another program
    │   ├── SecretsLocked       the secrets cannot be read before a passphrase opens them
    │   ├── StorageUnavailable  the disk refuses (full, read-only, locked); nothing acknowledged is lost
    │   ├── ProfileInUse        another program holds this profile
    │   ├── ChainUnavailable    no endpoint of a chain answers
    │   ├── NotSimulated        a node cannot say what a transaction would do
    │   └── KeysLocked          the wallet wants its password
    └── GivenUp                 stop and read: no retry will help
        ├── StorageCorrupt      the journal or its database is damaged (names the record)
        ├── StorageTooNew       written by a newer version of CRS
        ├── WriterFenced        another process took over the writing; this one must end
        └── VersionMismatch     this program and a server do not understand each other

The class says what the caller should do; the message says what happened, why, and what next.
A *refused command* is not here: a refusal is an answer (`domain.events.OrderRejected`).
Anything that is not a `CrsError` is a bug and reaches the crash dialog.
"""

from __future__ import annotations

from collections.abc import Mapping


class CrsError(Exception):
    """Base of every failure we expect; `str(error)` is a sentence for the user."""


class InvalidInput(CrsError):
    """Correct it: the value is wrong, and asking again will not help."""


class InvalidSetting(InvalidInput):
    """A value in the settings file or environment is not allowed."""


class WrongPassphrase(InvalidInput):
    """It does not open the vault; what is in there is untouched."""


class Garbled(InvalidInput):
    """A frame of an exchange cannot be read (cut off, not its format); nothing of it was used."""


class ServerRefused(InvalidInput):
    """A CRS server refused what it was asked; `word` is for programs, the message is its sentence."""

    def __init__(self, text: str, *, word: str = "", status: int = 0, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.word, self.status = word, status
        self.fields = dict(fields or {})
        """What is wrong with each field, by its name."""


class WrongChain(InvalidInput):
    """An endpoint or a contract is not what it was given out to be; nothing is sent to it."""


class NodeRefused(InvalidInput):
    """The node understood and said no (a nonce that was used, too little money, a fee that is too low).

    `word` is for programs: "nonce-too-low", "replacement-underpriced", "insufficient-funds" …
    """

    def __init__(self, text: str, *, code: int = 0, word: str = "") -> None:
        super().__init__(text)
        self.code, self.word = code, word


class Reverted(InvalidInput):
    """A contract said no; `reason` in its own words where it gave any, `data` as it came."""

    def __init__(self, reason: str, data: bytes = b"") -> None:
        super().__init__(reason)
        self.reason, self.data = reason, data


class WatchOnly(InvalidInput):
    """There is no key here for this address: it can be looked at, and nothing can be signed."""


class NotSigned(InvalidInput):
    """A rule forbids it, a warning was not acknowledged, or nobody confirmed it; nothing was signed."""


class NotShown(InvalidInput):
    """What would be signed is not what was shown; `fresh` is what would (a `Prepared`), where there is one."""

    def __init__(self, text: str, fresh: object = None) -> None:
        super().__init__(text)
        self.fresh = fresh


class SignInNeeded(CrsError):
    """Sign in: nobody knows any more who asks."""


class SecondFactorNeeded(SignInNeeded):
    """The password was right; now one of `methods` (`totp`, `recovery`)."""

    def __init__(self, text: str, methods: tuple[str, ...] = ("totp",)) -> None:
        super().__init__(text)
        self.methods = methods


class StepUpNeeded(SignInNeeded):
    """Something sensitive: a fresh proof of presence by one of `methods` (`totp`, `password`), then again."""

    def __init__(self, text: str, methods: tuple[str, ...] = ("password",)) -> None:
        super().__init__(text)
        self.methods = methods


class Unavailable(CrsError):
    """Wait: the same call may succeed later."""


class VenueUnavailable(Unavailable):
    """The venue cannot be reached or does not accept commands now; `retry_after_s` if it said for how long."""

    def __init__(self, text: str, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
        self.was_sent = True
        """Whether the command may have reached the venue; False only where it surely did not."""


class ServerUntrusted(VenueUnavailable):
    """Whoever answers cannot prove that it is the server: nothing was sent to it."""


class NotACrsServer(VenueUnavailable):
    """Something answers there that does not speak as a CRS server does; it was not taken for data."""


class SecretsLocked(Unavailable):
    """The secrets are there, but a passphrase must open them first (or make them a place)."""


class StorageUnavailable(Unavailable):
    """The disk or database refuses to write or open (full, read-only, locked)."""


class ProfileInUse(Unavailable):
    """Another running program holds the profile's lock."""


class ChainUnavailable(Unavailable):
    """No endpoint of the chain answers now, or all ask us to wait."""


class NotSimulated(Unavailable):
    """The node cannot simulate a transaction with its effects (`eth_simulateV1`)."""


class KeysLocked(Unavailable):
    """The wallet is locked: its password is wanted."""


class GivenUp(CrsError):
    """Stop: a person has to look."""


class StorageCorrupt(GivenUp):
    """Stored data fails its own checks."""


class StorageTooNew(GivenUp):
    """Stored data was written by a newer version of this program."""


class WriterFenced(GivenUp):
    """Another process became the writer of this exchange; whatever this one still wants to write is refused."""


class VersionMismatch(GivenUp):
    """One of both sides is too old for the other; the message says which to update."""
