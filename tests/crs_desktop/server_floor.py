"""A server's session that answers from memory, for dialogs that are shown over one: it keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from engine.errors import CrsError, ServerRefused, StepUpNeeded
from engine.services.session import SessionState
from engine.wire.account import AccountInfo, User
from engine.wire.auth import Key, KeySecret, MfaOffer, Session

PASSWORD = "correct horse battery"
CODE = "123456"
AT_MS = 1_764_000_000_000


def user(*, mfa: bool = False, role: str = "trader") -> User:
    """Return somebody."""
    accounts = (AccountInfo("U-1", "Main"),)
    return User(
        user_id=1, email="ann@example.org", username="ann", role=role, accounts=accounts, mfa=mfa, created_ms=AT_MS
    )


class MemorySecurity:
    """The security of one user; `sensitive` acts ask for a proof until there was one."""

    def __init__(self, access: MemoryAccess) -> None:
        self._access = access
        self.listed = [
            Session("s-1", "CRS Desktop", "127.0.0.1", AT_MS, AT_MS + 60_000, True),
            Session("s-2", "<b>laptop</b>", "203.0.113.7", AT_MS, AT_MS + 30_000, False),
        ]
        self.made: list[Key] = []
        self.proofs = 0
        self.password = PASSWORD

    def _sensitive(self) -> None:
        if not self.proofs:
            raise StepUpNeeded("Prove that it is you.", ("totp",) if self._access.has_mfa else ("password",))

    async def sessions(self) -> tuple[Session, ...]:
        return tuple(self.listed)

    async def revoke_session(self, session_id: str) -> None:
        self.listed = [each for each in self.listed if each.session_id != session_id]

    async def revoke_others(self) -> None:
        self.listed = [each for each in self.listed if each.current]

    async def enroll(self) -> MfaOffer:
        self._sensitive()
        return MfaOffer("JBSWY3DPEHPK3PXP", "otpauth://totp/CRS:ann@example.org?secret=JBSWY3DPEHPK3PXP")

    async def confirm(self, code: str) -> tuple[str, ...]:
        _expect(code == CODE, "That code is wrong, or was used already.")
        self._access.has_mfa = True
        return tuple(f"{number:04}-abcd-efgh" for number in range(10))

    async def disable(self, code: str) -> None:
        _expect(code == CODE, "That code is wrong, or was used already.")
        self._access.has_mfa = False

    async def renew_recovery_codes(self) -> tuple[str, ...]:
        self._sensitive()
        return tuple(f"{number:04}-ijkl-mnop" for number in range(10))

    async def change_password(self, current: str, password: str) -> None:
        _expect(current == self.password, "The current password is wrong.")
        self.password = password

    async def forgot(self, email: str) -> None:
        self._access.told.append(f"forgot {email}")

    async def reset(self, email: str, code: str, password: str) -> None:
        _expect(code == CODE, "That code is wrong.", {"code": "That code is wrong."})
        self.password = password

    async def keys(self) -> tuple[Key, ...]:
        return tuple(self.made)

    async def add_key(
        self, name: str, scopes: Sequence[str], addresses: Sequence[str] = (), account: str | None = None
    ) -> KeySecret:
        self._sensitive()
        number = len(self.made) + 1
        made = Key(number, name, f"key{number:08}", tuple(scopes), tuple(addresses), account or "U-1", AT_MS, None)
        self.made.append(made)
        return KeySecret(number, made.api_key, "the-secret-of-the-key")

    async def revoke_key(self, key_id: int) -> None:
        self.made = [each for each in self.made if each.key_id != key_id]


class MemoryAccess:
    """A session with a server that knows one user; `error` is raised by the next call, `gate` holds calls up."""

    def __init__(self, *, mfa: bool = False, signed_in: bool = False) -> None:
        self.has_mfa = mfa
        self.state = SessionState.SIGNED_IN if signed_in else SessionState.SIGNED_OUT
        self.security = MemorySecurity(self)
        self.error: CrsError | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.told: list[str] = []
        self._waits = False

    @property
    def user(self) -> User | None:
        return user(mfa=self.has_mfa) if self.state is SessionState.SIGNED_IN else None

    async def _answer(self) -> None:
        await self.gate.wait()
        error, self.error = self.error, None
        if error is not None:
            raise error

    async def register(self, email: str, username: str, password: str) -> None:
        await self._answer()
        self.told.append(f"register {email} {username} {len(password)}")
        self.security.password = password

    async def resend(self, email: str) -> None:
        await self._answer()
        self.told.append(f"resend {email}")

    async def verify(self, email: str, code: str, password: str | None = None) -> None:
        await self._answer()
        _expect(password in (None, self.security.password), "That code is wrong.", {"code": "That code is wrong."})
        _expect(code == CODE, "That code is wrong.", {"code": "That code is wrong."})

    async def sign_in(self, email: str, password: str, code: str | None = None) -> SessionState:
        await self._answer()
        _expect(password == self.security.password, "The e-mail address or the password is wrong.")
        self._waits = self.has_mfa and code is None
        self.state = SessionState.MFA if self._waits else SessionState.SIGNED_IN
        return self.state

    async def give_code(self, code: str) -> SessionState:
        await self._answer()
        _expect(self._waits and code == CODE, "That code is wrong, or was used already.")
        self.state = SessionState.SIGNED_IN
        return self.state

    def forget_password(self) -> None:
        self._waits = False

    async def step_up(self, *, code: str | None = None, password: str | None = None) -> None:
        _expect(code == CODE or password == self.security.password, "That proves nothing. Try again.")
        self.security.proofs += 1

    async def reload(self) -> User:
        return user(mfa=self.has_mfa)

    async def sign_out(self) -> None:
        self.state = SessionState.SIGNED_OUT


def _expect(good: bool, text: str, fields: dict[str, str] | None = None) -> None:
    if not good:
        raise ServerRefused(text, word="refused", status=400, fields=fields)
