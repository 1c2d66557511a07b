"""The states of a session with a server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SessionState(StrEnum):
    """Whether somebody is signed in."""

    SIGNED_OUT = "signed_out"
    SIGNING_IN = "signing_in"
    MFA = "mfa"
    """The password was right; a code is wanted (`ServerSession.give_code`)."""
    SIGNED_IN = "signed_in"
    REFRESHING = "refreshing"
    """Signed in, and the next token is being fetched."""
    EXPIRED = "expired"
    """Was signed in until the server said no: revoked, too old, or used elsewhere. Sign in again."""


@dataclass(frozen=True, slots=True)
class SessionChanged:
    """Event: somebody signed in or out, or has to; `text` is a sentence for the screen, perhaps empty."""

    state: SessionState
    text: str = ""
    email: str = ""
