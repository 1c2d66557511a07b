"""What the dialogs need of a server's session.

The session itself is `engine.services.session.ServerSession`; here is only what is asked of it, so that a dialog can be
shown over anything that answers. Every method raises a `CrsError` whose text is a sentence for the user;
`StepUpNeeded` asks for a proof of presence, then the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.services.session import SessionState
from engine.wire.account import User
from engine.wire.auth import Key, KeySecret, MfaOffer, Session


class Security(Protocol):
    """What a person does about the own security."""

    async def sessions(self) -> tuple[Session, ...]:
        """Return where the user is signed in, newest first."""
        ...

    async def revoke_session(self, session_id: str) -> None:
        """End a session."""
        ...

    async def revoke_others(self) -> None:
        """End all sessions but this one."""
        ...

    async def enroll(self) -> MfaOffer:
        """Return a secret for an authenticator."""
        ...

    async def confirm(self, code: str) -> tuple[str, ...]:
        """Put the authenticator in force; return the recovery codes."""
        ...

    async def disable(self, code: str) -> None:
        """Ask for no second factor any more."""
        ...

    async def renew_recovery_codes(self) -> tuple[str, ...]:
        """Return new recovery codes; those before work no more."""
        ...

    async def change_password(self, current: str, password: str) -> None:
        """Set another password; ends every other session."""
        ...

    async def forgot(self, email: str) -> None:
        """Ask for a code that lets the password be set anew."""
        ...

    async def reset(self, email: str, code: str, password: str) -> None:
        """Set the password anew; ends every session."""
        ...

    async def keys(self) -> tuple[Key, ...]:
        """Return the API keys."""
        ...

    async def add_key(
        self, name: str, scopes: Sequence[str], addresses: Sequence[str] = (), account: str | None = None
    ) -> KeySecret:
        """Make an API key."""
        ...

    async def revoke_key(self, key_id: int) -> None:
        """Let an API key work no more."""
        ...


class Access(Protocol):
    """Being signed in to one server, or about to."""

    @property
    def state(self) -> SessionState:
        """Whether somebody is signed in."""
        ...

    @property
    def user(self) -> User | None:
        """Who is signed in, None if nobody is."""
        ...

    @property
    def security(self) -> Security:
        """What a person does about the own security."""
        ...

    async def register(self, email: str, username: str, password: str) -> None:
        """Make a user; a check code goes to the e-mail address."""
        ...

    async def resend(self, email: str) -> None:
        """Send another check code."""
        ...

    async def verify(self, email: str, code: str, password: str | None = None) -> None:
        """Hand in the check code."""
        ...

    async def sign_in(self, email: str, password: str, code: str | None = None) -> SessionState:
        """Sign in; the state is MFA afterwards if a code is wanted."""
        ...

    async def give_code(self, code: str) -> SessionState:
        """Go on with a sign-in that waits for a code."""
        ...

    def forget_password(self) -> None:
        """Give up a sign-in that waits for a code."""
        ...

    async def step_up(self, *, code: str | None = None, password: str | None = None) -> None:
        """Prove one's presence, so that sensitive acts pass for a while."""
        ...

    async def reload(self) -> User:
        """Ask again who is signed in."""
        ...

    async def sign_out(self) -> None:
        """End the session here and on the server."""
        ...
