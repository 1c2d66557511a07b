"""Signing up, and coming back without the password: both prove an e-mail address with a code.

Whether somebody is registered nobody learns here: answers, and what is done before them, are the same for all; letters
and their codes are made afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.errors import InvalidInput
from engine.server.auth import letter
from engine.server.auth.apikey import keys_of
from engine.server.auth.checkcode import Purpose, fresh_code, spend_code, void_code
from engine.server.auth.email import normal_email
from engine.server.auth.identity import Identity
from engine.server.auth.password import weakness
from engine.server.auth.session import end_sessions
from engine.server.auth.user import UserRow, check_username, insert_user, user_by_email
from engine.server.db.tables import crs_user
from engine.server.principal import Role
from engine.server.refusal import Refusal, forbidden
from engine.wire.auth import Register, ResetPassword, VerifyEmail
from engine.wire.problem import FieldProblem

_SENDERS = {"verify": letter.verify, "reset": letter.reset}


class _Signed(NamedTuple):
    """Who signed up: a new or unfinished user, or (`user_id` None) somebody who is there already."""

    user_id: int | None


class Registration:
    """Acts of somebody who is not signed in and need not be known."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    async def register(self, shown: Register) -> None:
        """Make a user that an e-mailed code has to verify; a second registration replaces an unfinished first one.

        Raises:
            Refusal: `registration_closed`, `weak_password`, `username_taken`.
            InvalidInput: no e-mail address.
        """
        identity = self._identity
        if not identity.parts.settings.registration:
            raise forbidden("This server takes no new users; ask its operator.", "registration_closed")
        address = normal_email(shown.email)
        await refuse_weak(identity, shown.password, address, shown.username)
        hashed = await identity.room.run(identity.parts.passwords.hashed, shown.password)
        try:
            signed = await identity.writing(lambda connection: self._sign_up(connection, shown, address, hashed))
        except IntegrityError:  # somebody else took the name or the address in this very moment
            raise username_taken(shown.username) from None
        if signed.user_id is None:
            letter.known_already(identity.post, address)
        else:
            identity.later(self._send(address, "verify"))

    async def resend(self, email: str) -> None:
        """Send another check code, if there is an unfinished user and the last letter is a minute old."""
        self._identity.later(self._send(email, "verify"))

    async def forgot(self, email: str) -> None:
        """Send a code for a new password, if there is a user and the last letter is a minute old."""
        self._identity.later(self._send(email, "reset"))

    async def verify(self, shown: VerifyEmail) -> None:
        """Finish a registration: the one with this password, if one is shown.

        Raises:
            Refusal: `bad_code`.
        """
        meant = await self._hash_of(shown.email, shown.password) if shown.password is not None else None

        def spend(connection: Connection) -> bool:
            user = _known(connection, shown.email)
            if user is None or (shown.password is not None and user.password_hash != meant):
                return False
            if not self._spend(connection, user, "verify", shown.code):
                return False
            mine = crs_user.c.id == user.id
            connection.execute(crs_user.update().where(mine).values(verified_ns=int(self._identity.now)))
            self._identity.record(connection, "user.verified", user.id)
            return True

        if not await self._identity.writing(spend):
            raise bad_code()

    async def reset(self, shown: ResetPassword) -> None:
        """Replace a password by code; every session ends. A second factor stays.

        Raises:
            Refusal: `bad_code`, `weak_password`.
        """
        identity = self._identity
        await refuse_weak(identity, shown.password, shown.email)
        hashed = await identity.room.run(identity.parts.passwords.hashed, shown.password)

        def replace(connection: Connection) -> tuple[UserRow, int] | None:
            user = _known(connection, shown.email)
            if user is None or not self._spend(connection, user, "reset", shown.code):
                return None
            new_password(identity, connection, user.id, hashed, "password.reset")
            return user, len(keys_of(connection, user.id))

        done = await identity.writing(replace)
        if done is None:
            raise bad_code()
        await identity.gate.look()
        letter.changed(identity.post, done[0].email, "The password", keys=done[1])

    async def _hash_of(self, email: str, password: str) -> str | None:
        """Return the stored hash of whoever has an address and this password, None for a wrong one or nobody."""
        user = await self._identity.reading(lambda connection: _known(connection, email))
        stored = None if user is None else user.password_hash
        right = await self._identity.room.run(self._identity.parts.passwords.verified, password, stored)
        return stored if right else None

    def _sign_up(self, connection: Connection, shown: Register, address: str, hashed: str) -> _Signed:
        identity = self._identity
        found = user_by_email(connection, address)
        unfinished = found.id if found is not None and found.verified_ns is None else None
        try:
            check_username(connection, shown.username, but_of=unfinished)
        except InvalidInput:
            raise username_taken(shown.username) from None
        if found is None:
            user_id = insert_user(
                connection, email=address, username=shown.username, password_hash=hashed, role=Role.TRADER,
                now_ns=int(identity.now), verified=False,
            )  # fmt: skip
            identity.record(connection, "user.registered", user_id)
            return _Signed(user_id)
        if unfinished is not None:
            void_code(connection, unfinished, "verify")  # it was sent for another password
            connection.execute(
                crs_user.update()
                .where(crs_user.c.id == unfinished)
                .values(username=shown.username, username_key=shown.username.lower(), password_hash=hashed)
            )
        identity.audit.record(connection, "user.registered_again", subject=f"user:{found.id}")
        return _Signed(unfinished)

    async def _send(self, email: str, purpose: Purpose) -> None:
        def code(connection: Connection) -> tuple[UserRow, str] | None:
            user = _known(connection, email)
            if user is None or user.locked or (user.verified_ns is None) != (purpose == "verify"):
                return None
            made = fresh_code(connection, self._identity.parts.keys, user.id, purpose, int(self._identity.now))
            return None if made is None else (user, made)

        to_send = await self._identity.writing(code)
        if to_send is not None:
            _SENDERS[purpose](self._identity.post, to_send[0].email, to_send[1])

    def _spend(self, connection: Connection, user: UserRow, purpose: Purpose, code: str) -> bool:
        right = spend_code(connection, self._identity.parts.keys, user.id, purpose, code, int(self._identity.now))
        if not right:
            self._identity.audit.record(connection, "code.refused", subject=f"user:{user.id}", purpose=purpose)
        return right


def new_password(
    identity: Identity, connection: Connection, user_id: int, hashed: str, kind: str, *, but: str | None = None
) -> None:
    """Store a new hash, end a user's sessions (but one), and say so in the log."""
    now = int(identity.now)
    connection.execute(crs_user.update().where(crs_user.c.id == user_id).values(password_hash=hashed, password_ns=now))
    ended = end_sessions(connection, user_id, "password", now, but=but)
    identity.revoke(connection, identity.record(connection, kind, user_id, sessions=len(ended)), ended)


async def refuse_weak(identity: Identity, password: str, *known: str) -> None:
    """Refuse a password that is easy to guess.

    Raises:
        Refusal: `weak_password`, with a sentence that helps.
    """
    why = await identity.room.run(weakness, password, *known)
    if why is not None:
        raise Refusal(422, "weak_password", why, fields=(FieldProblem("password", why),))


def username_taken(username: str) -> Refusal:
    """Return the answer to a name that somebody else has."""
    text = f"The user name {username} is taken; choose another one."
    return Refusal(409, "username_taken", text, fields=(FieldProblem("username", text),))


def bad_code() -> Refusal:
    """Return the answer to a code that is not, or no longer, good; the same whether there is such a user or not."""
    return Refusal(422, "bad_code", "The code is wrong or has ended; ask for a new one.")


def _known(connection: Connection, email: str) -> UserRow | None:
    try:
        return user_by_email(connection, normal_email(email))
    except InvalidInput:
        return None
