"""Signing in, staying in, signing out."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from engine.server.auth import factor, letter
from engine.server.auth.email import normal_email
from engine.server.auth.factor import Outcome, Proof
from engine.server.auth.identity import Identity
from engine.server.auth.session import (
    Opened,
    Reused,
    SessionRow,
    checked_key,
    device_of,
    end_sessions,
    open_session,
    rotate,
)
from engine.server.auth.user import UserRow, hold_user, user_by_email, user_by_id
from engine.server.db.tables import crs_user, device, session
from engine.server.principal import Principal
from engine.server.refusal import Refusal, forbidden, unauthorized
from engine.wire.auth import Login, Refresh, SteppedUp, StepUp, Tokens

STEP_UP_NS = 600 * NANOS_PER_SECOND


class _Entered(NamedTuple):
    opened: Opened | None
    proof: Proof | None
    new_device: bool = False


class SignIn:
    """Acts of somebody who comes, stays or goes."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def login(self, shown: Login, ip: str) -> Tokens:
        """Open a session.

        Raises:
            Refusal: `bad_login` (whoever asks learns no more), then, for the right password only: `locked`,
                `not_verified`, `mfa_required`, `mfa_wrong`, `mfa_resting`.
        """
        user = await self._user(shown.email)
        right = await self._identity.room.run(
            self._identity.parts.passwords.verified, shown.password, None if user is None else user.password_hash
        )
        if user is None or not right:
            subject = "" if user is None else f"user:{user.id}"
            await self._identity.audit.append("signin.refused", subject=subject, why="password")
            raise unauthorized("The e-mail address or the password is wrong.", "bad_login")
        await self._admit(user)
        await self._renew_hash(user, shown.password)
        entered = await self._identity.writing(lambda connection: self._enter(connection, user, shown, ip))
        if entered.proof is not None:
            refuse(entered.proof)
        if entered.opened is None:
            raise Refusal(
                401, "mfa_required", "Enter the code of your authenticator.", methods=("totp", "recovery"),
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        if entered.new_device:
            letter.new_device(self._identity.post, user.email, shown.device.name)
        return self._tokens(entered.opened)

    async def knows_device(self, email: str, public_key: str) -> bool:
        """Return whether the user with an address signed in from a device with this key before."""
        try:
            address = normal_email(email)
            checked_key(public_key)
        except (InvalidInput, Refusal):
            return False
        query = (
            sa.select(device.c.id)
            .join(crs_user, crs_user.c.id == device.c.user_id)
            .where(crs_user.c.email == address, device.c.public_key == public_key)
        )
        return await self._identity.reading(lambda connection: connection.scalar(query)) is not None

    async def refresh(self, shown: Refresh) -> Tokens:
        """Give a refresh token's successor; a used one ends the session."""
        identity = self._identity
        try:
            result = await identity.writing(lambda connection: self._rotate(connection, shown))
        except Refusal as refusal:
            if refusal.word in ("bad_device", "clock"):
                await identity.audit.append("refresh.refused", why=refusal.word)
            raise
        if isinstance(result, tuple) and isinstance(result[0], Reused):
            await identity.gate.look()
            letter.reused(identity.post, result[1])
            raise unauthorized("This session was used elsewhere and has ended; sign in again.", "reused")
        assert isinstance(result, Opened)  # noqa: S101 - the other case is above
        return self._tokens(result)

    async def logout(self, who: Principal) -> None:
        """End the session that asks."""
        now = self._identity.now

        def end(connection: Connection) -> None:
            ended = end_sessions(connection, who.user_id, "logout", now, only=who.session_id)
            seq = self._identity.record(connection, "session.ended", who.user_id, session=who.session_id)
            self._identity.revoke(connection, seq, ended)

        await self._identity.writing(end)
        await self._identity.gate.look()

    async def step_up(self, who: Principal, shown: StepUp) -> SteppedUp:
        """Let sensitive acts pass for ten minutes, for a fresh proof; the password serves where there is no factor."""
        until = Nanos(self._identity.now + STEP_UP_NS)
        with_factor = await self._identity.reading(lambda connection: factor.is_on(connection, who.user_id))
        if not with_factor:
            await self.check_password(who, shown.password or "")

        def prove(connection: Connection) -> Proof | None:
            if with_factor:
                proof = factor.prove(
                    connection, self._identity.parts.keys, who.user_id, shown.code or "", self._identity.now
                )
                if not proof.holds:
                    record_wrong(self._identity, connection, who.user_id, proof)
                    return proof
            mine = session.c.id == who.session_id
            connection.execute(session.update().where(mine).values(stepped_up_ns=int(until)))
            self._identity.record(connection, "stepup", who.user_id, session=who.session_id)
            return None

        refused = await self._identity.writing(prove)
        if refused is not None:
            refuse(refused)
        amr = ("otp",) if with_factor else ("pwd",)
        token, ends = self._identity.tokens.issue(who.user_id, str(who.session_id), amr, self._identity.now, until)
        return SteppedUp(until // 1_000_000, token, ends // 1_000_000)

    async def check_password(self, who: Principal, password: str) -> UserRow:
        """Return the user whose password was shown.

        Raises:
            Refusal: `wrong_password`.
        """
        user = await self._identity.reading(lambda connection: user_by_id(connection, who.user_id))
        stored = None if user is None else user.password_hash
        right = await self._identity.room.run(self._identity.parts.passwords.verified, password, stored)
        if user is None or not right:
            await self._identity.audit.append(
                "password.refused", actor=f"user:{who.user_id}", subject=f"user:{who.user_id}"
            )
            raise forbidden("The password is wrong.", "wrong_password")
        return user

    async def _user(self, email: str) -> UserRow | None:
        try:
            address = normal_email(email)
        except InvalidInput:
            address = ""  # nobody's: it takes as long as any other that is not known
        return await self._identity.reading(lambda connection: user_by_email(connection, address))

    async def _admit(self, user: UserRow) -> None:
        if user.locked:
            await self._identity.audit.append("signin.refused", subject=f"user:{user.id}", why="locked")
            raise forbidden("This user is locked; ask the operator.", "locked")
        if user.verified_ns is None:
            raise forbidden("Enter the code that came by e-mail first.", "not_verified")

    async def _renew_hash(self, user: UserRow, password: str) -> None:
        passwords = self._identity.parts.passwords
        if passwords.is_outdated(user.password_hash):
            renewed = await self._identity.room.run(passwords.hashed, password)
            same = (crs_user.c.id == user.id, crs_user.c.password_hash == user.password_hash)
            statement = crs_user.update().where(*same).values(password_hash=renewed)
            await self._identity.writing(lambda connection: connection.execute(statement).rowcount)

    def _enter(self, connection: Connection, user: UserRow, shown: Login, ip: str) -> _Entered:
        identity, now = self._identity, self._identity.now
        hold_user(connection, user.id)
        again = user_by_id(connection, user.id)
        if again is None or again.locked:
            raise forbidden("This user is locked; ask the operator.", "locked")
        amr: tuple[str, ...] = ("pwd",)
        if factor.is_on(connection, user.id):
            if shown.code is None:
                return _Entered(None, None)
            proof = factor.prove(connection, identity.parts.keys, user.id, shown.code, now)
            if not proof.holds:
                record_wrong(identity, connection, user.id, proof)
                return _Entered(None, proof)
            amr = ("pwd", "otp" if proof.outcome is Outcome.TOTP else "recovery")
        device_id, is_new = device_of(connection, user.id, shown.device, now)
        opened = open_session(connection, user_id=user.id, device_id=device_id, ip=ip, amr=amr, now_ns=now)
        identity.record(
            connection, "signin", user.id, session=opened.session.id, device=device_id, new=is_new, by=" ".join(amr)
        )
        return _Entered(opened, None, is_new)

    def _rotate(self, connection: Connection, shown: Refresh) -> Opened | tuple[Reused, str]:
        identity = self._identity
        result = rotate(connection, identity.parts.keys, shown, identity.now)
        if isinstance(result, Opened):
            return result
        row = result.session
        ended = end_sessions(connection, row.user_id, "reused", identity.now, only=row.id)
        who = f"user:{row.user_id}"
        seq = identity.audit.record(connection, "refresh.reused", subject=who, session=row.id)
        identity.revoke(connection, seq, ended)
        user = user_by_id(connection, row.user_id)
        return result, "" if user is None else user.email

    def _tokens(self, opened: Opened) -> Tokens:
        row: SessionRow = opened.session
        access, ends = self._identity.tokens.issue(
            row.user_id, row.id, tuple(row.amr.split()), self._identity.now, row.stepped_up_ns
        )
        return Tokens(
            access_token=access,
            access_expires_ms=ends // 1_000_000,
            refresh_token=opened.token,
            refresh_expires_ms=row.expires_ns // 1_000_000,
            session_id=row.id,
            device_id=row.device_id,
        )


def record_wrong(identity: Identity, connection: Connection, user_id: int, proof: Proof) -> None:
    """Append the line about a code that was not right."""
    kind = "mfa.resting" if proof.resting_until_ns else "mfa.refused"
    identity.audit.record(connection, kind, subject=f"user:{user_id}")


def refuse(proof: Proof) -> None:
    """Refuse whoever showed a wrong code, or any while the factor rests.

    Raises:
        Refusal: always, unless the proof holds.
    """
    if proof.outcome is Outcome.RESTING:
        raise Refusal(
            429, "mfa_resting", "Too many wrong codes; wait a quarter of an hour, then try again.", retry_after_s=900.0
        )
    if not proof.holds:
        raise unauthorized("The code is wrong, was used already, or has ended.", "mfa_wrong")
