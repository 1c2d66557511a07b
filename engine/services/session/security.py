"""What a person does about the own security on a server: sessions, second factor, password, API keys.

Each is one call. All raise `StepUpNeeded` where the server wants a fresh proof of presence (`ServerSession.step_up`,
then again), `ServerRefused` with the server's sentence, `SignInNeeded` when the session is over, `VenueUnavailable`.
Secrets that are shown once are returned and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.ports.server import ServerApi
from engine.services.session import paths
from engine.wire.auth import (
    ChangePassword,
    EmailOnly,
    Key,
    Keys,
    KeySecret,
    MfaCode,
    MfaOffer,
    NewKey,
    RecoveryCodes,
    ResetPassword,
    Session,
    Sessions,
)


class Security:
    """The security of who is signed in, over one server."""

    def __init__(self, api: ServerApi) -> None:
        self._api = api

    async def sessions(self) -> tuple[Session, ...]:
        """Return where the user is signed in, the newest first."""
        return (await self._api.call("GET", paths.SESSIONS, Sessions)).sessions

    async def revoke_session(self, session_id: str) -> None:
        """End one session."""
        await self._api.call("DELETE", f"{paths.SESSIONS}/{session_id}")

    async def revoke_others(self) -> None:
        """End every session but this one."""
        await self._api.call("DELETE", paths.SESSIONS)

    async def enroll(self) -> MfaOffer:
        """Return a secret for an authenticator; in force once `confirm` had a code of it."""
        return await self._api.call("POST", paths.MFA_ENROLL, MfaOffer)

    async def confirm(self, code: str) -> tuple[str, ...]:
        """Put the second factor in force; return the recovery codes, which are shown once."""
        return (await self._api.call("POST", paths.MFA_CONFIRM, RecoveryCodes, body=MfaCode(code=code))).codes

    async def disable(self, code: str) -> None:
        """Go on without a second factor."""
        await self._api.call("POST", paths.MFA_DISABLE, body=MfaCode(code=code))

    async def renew_recovery_codes(self) -> tuple[str, ...]:
        """Return new recovery codes, which are shown once; the old ones end."""
        return (await self._api.call("POST", paths.RECOVERY, RecoveryCodes)).codes

    async def change_password(self, current: str, password: str) -> None:
        """Change the password; every other session ends."""
        await self._api.call("POST", paths.PASSWORD, body=ChangePassword(current=current, password=password))

    async def forgot(self, email: str) -> None:
        """Have a code for a new password sent; the answer is the same whether there is such a user or not."""
        await self._api.call("POST", paths.FORGOT, body=EmailOnly(email=email), signed=False)

    async def reset(self, email: str, code: str, password: str) -> None:
        """Set a new password with the code that came; every session ends."""
        body = ResetPassword(email=email, code=code, password=password)
        await self._api.call("POST", paths.RESET, body=body, signed=False)

    async def keys(self) -> tuple[Key, ...]:
        """Return the API keys, without their secrets."""
        return (await self._api.call("GET", paths.KEYS, Keys)).keys

    async def add_key(
        self, name: str, scopes: Sequence[str], addresses: Sequence[str] = (), account: str | None = None
    ) -> KeySecret:
        """Make an API key; its secret is shown once."""
        body = NewKey(name=name, scopes=tuple(scopes), addresses=tuple(addresses), account=account)
        return await self._api.call("POST", paths.KEYS, KeySecret, body=body)

    async def revoke_key(self, key_id: int) -> None:
        """End an API key."""
        await self._api.call("DELETE", f"{paths.KEYS}/{key_id}")
