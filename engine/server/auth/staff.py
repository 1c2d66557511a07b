"""What an operator does to users and keys, from the command line or over the API; blocking, each act with its line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import InvalidInput
from engine.server.auth import apikey
from engine.server.auth.email import normal_email
from engine.server.auth.parts import Parts
from engine.server.auth.session import end_sessions
from engine.server.auth.user import (
    AccountRow,
    UserRow,
    accounts_of,
    check_password_length,
    free_username,
    insert_account,
    insert_user,
    known_user,
    user_by_id,
)
from engine.server.db.tables import crs_user
from engine.server.principal import Role

OPERATOR = "operator"
"""The actor of what is done by commands on the server's own machine."""


class Listed(NamedTuple):
    """A user as operators see it."""

    user: UserRow
    accounts: tuple[AccountRow, ...]


class Staff:
    """Acts of operators."""

    def __init__(self, parts: Parts, actor: str = OPERATOR) -> None:
        self._parts, self._actor = parts, actor

    def add_user(self, email: str, password: str, *, username: str | None = None, role: Role = Role.TRADER) -> Listed:
        """Make a verified, active user with one account; the operator answers for the password's strength.

        Raises:
            InvalidInput: address, name or password are none that are possible, or taken.
        """
        address = normal_email(email)
        check_password_length(password)
        hashed = self._parts.passwords.hashed(password)
        with self._parts.database.writing() as connection:
            user_id = insert_user(
                connection, email=address, username=username or free_username(connection, address),
                password_hash=hashed, role=role, now_ns=self._now, verified=True,
            )  # fmt: skip
            self._record(connection, "user.added", user_id, role=str(role))
            return _listed(connection, user_id)

    def add_account(self, email: str, name: str) -> AccountRow:
        """Open one more trading account for a user."""
        with self._parts.database.writing() as connection:
            user = known_user(connection, email)
            added = insert_account(connection, user.id, name, self._now)
            seq = self._record(connection, "account.opened", user.id, account=added.account)
            self._parts.audit.revoke(connection, seq, f"user:{user.id}")
            return added

    def add_key(
        self,
        email: str,
        name: str,
        *,
        scopes: tuple[str, ...] = ("read", "trade"),
        addresses: tuple[str, ...] = (),
        account: str | None = None,
    ) -> apikey.FreshKey:
        """Make an API key for a user."""
        with self._parts.database.writing() as connection:
            user = known_user(connection, email)
            made = apikey.make_key(
                connection, self._parts.keys, user_id=user.id, name=name, scopes=scopes, addresses=addresses,
                account=account, now_ns=self._now,
            )  # fmt: skip
            self._record(connection, "key.added", user.id, key=made.id, scopes=" ".join(sorted(scopes)))
            return made

    def keys(self, email: str) -> list[apikey.KeyRow]:
        """Return a user's keys that are in force."""
        with self._parts.database.reading() as connection:
            return apikey.keys_of(connection, known_user(connection, email).id)

    def revoke_key(self, email: str, key_id: int) -> None:
        """Take a key out of force.

        Raises:
            InvalidInput: the user has no such key.
        """
        with self._parts.database.writing() as connection:
            user = known_user(connection, email)
            if not apikey.revoke_key(connection, user.id, key_id, self._now):
                raise InvalidInput(f"{user.email} has no key {key_id} in force.")
            seq = self._record(connection, "key.revoked", user.id, key=key_id)
            self._parts.audit.revoke(connection, seq, f"key:{key_id}")

    def account_of(self, email: str, account: str | None = None) -> AccountRow:
        """Return one of a user's accounts, the first if none is named.

        Raises:
            InvalidInput: there is no such user or account.
        """
        with self._parts.database.reading() as connection:
            user = known_user(connection, email)
            found = accounts_of(connection, user.id)
        for each in found:
            if account in (None, each.account):
                return each
        raise InvalidInput(
            f"{user.email} has no account {account!r}, only {', '.join(each.account for each in found)}."
        )

    def funded(self, email: str, account: str, asset: str, amount: str, venue: str = "") -> None:
        """Note that an operator gave an account money, in an upstream market if one is named."""
        what = {"account": account, "asset": asset, "amount": amount} | ({"venue": venue} if venue else {})
        with self._parts.database.writing() as connection:
            user = known_user(connection, email)
            self._record(connection, "account.funded", user.id, **what)

    def find(self, text: str = "", *, after: int = 0, count: int = 100) -> list[Listed]:
        """Return users whose address or name contains a text, in the order of their ids."""
        query = sa.select(crs_user.c.id).where(crs_user.c.id > after).order_by(crs_user.c.id).limit(count)
        if text:
            like = text.lower()
            holds = (column.contains(like, autoescape=True) for column in (crs_user.c.email, crs_user.c.username_key))
            query = query.where(sa.or_(*holds))
        with self._parts.database.reading() as connection:
            return [_listed(connection, user_id) for user_id in connection.scalars(query)]

    def seek(self, user_id: int) -> Listed | None:
        """Return a user, None if there is none."""
        with self._parts.database.reading() as connection:
            return None if user_by_id(connection, user_id) is None else _listed(connection, user_id)

    def id_of(self, email: str) -> int:
        """Return the id behind an address.

        Raises:
            InvalidInput: nobody has it.
        """
        with self._parts.database.reading() as connection:
            return known_user(connection, email).id

    def lock(self, user_id: int) -> None:
        """Let a user in no more, from now on; sessions end, keys rest."""
        with self._parts.database.writing() as connection:
            _listed(connection, user_id)
            connection.execute(crs_user.update().where(crs_user.c.id == user_id).values(locked=True))
            ended = end_sessions(connection, user_id, "locked", self._now)
            seq = self._record(connection, "user.locked", user_id, sessions=len(ended))
            self._revoke(connection, seq, user_id, ended)

    def unlock(self, user_id: int) -> None:
        """Let a user in again."""
        with self._parts.database.writing() as connection:
            _listed(connection, user_id)
            connection.execute(crs_user.update().where(crs_user.c.id == user_id).values(locked=False))
            self._record(connection, "user.unlocked", user_id)

    def end_sessions(self, user_id: int) -> int:
        """End all of a user's sessions and return how many there were."""
        with self._parts.database.writing() as connection:
            _listed(connection, user_id)
            ended = end_sessions(connection, user_id, "operator", self._now)
            seq = self._record(connection, "session.revoked", user_id, sessions=len(ended), why="operator")
            self._revoke(connection, seq, user_id, ended)
            return len(ended)

    def set_role(self, user_id: int, role: Role) -> None:
        """Give a user another role.

        Raises:
            InvalidInput: nobody would be left to give roles.
        """
        with self._parts.database.writing() as connection:
            admins = sa.select(crs_user.c.id).where(crs_user.c.role == Role.ADMIN, sa.not_(crs_user.c.locked))
            held = connection.scalars(admins.order_by(crs_user.c.id).with_for_update()).all()  # two may go at once
            was = _listed(connection, user_id).user.role
            if was is Role.ADMIN and role is not Role.ADMIN and not set(held) - {user_id}:
                raise InvalidInput("This is the last administrator; make another one first.")
            connection.execute(crs_user.update().where(crs_user.c.id == user_id).values(role=str(role)))
            seq = self._record(connection, "role.changed", user_id, was=str(was), now=str(role))
            self._parts.audit.revoke(connection, seq, f"user:{user_id}")

    def set_password(self, email: str, password: str) -> None:
        """Give a user a new password; every session ends."""
        check_password_length(password)
        hashed, now = self._parts.passwords.hashed(password), self._now
        with self._parts.database.writing() as connection:
            user = known_user(connection, email)
            changed = crs_user.update().where(crs_user.c.id == user.id)
            connection.execute(changed.values(password_hash=hashed, password_ns=now))
            ended = end_sessions(connection, user.id, "password", now)
            seq = self._record(connection, "password.set", user.id, sessions=len(ended))
            self._revoke(connection, seq, user.id, ended)

    def rotate_keys(self, *, drop_old: bool = False) -> str:
        """Sign access tokens with a fresh key; the old ones verify until their tokens have ended, or not at all."""
        kid = self._parts.signing.rotate(self._now, drop_old=drop_old)
        with self._parts.database.writing() as connection:
            seq = self._parts.audit.record(connection, "keys.rotated", actor=self._actor, kid=kid, dropped=drop_old)
            if drop_old:
                self._parts.audit.revoke(connection, seq, "*")
        return kid

    @property
    def _now(self) -> int:
        return int(self._parts.clock.wall())

    def _record(self, connection: Connection, kind: str, user_id: int, **data: str | int | bool | None) -> int:
        return self._parts.audit.record(connection, kind, actor=self._actor, subject=f"user:{user_id}", **data)

    def _revoke(self, connection: Connection, seq: int, user_id: int, sessions: Iterable[str]) -> None:
        self._parts.audit.revoke(connection, seq, f"user:{user_id}", *(f"session:{each}" for each in sessions))


def _listed(connection: Connection, user_id: int) -> Listed:
    user = user_by_id(connection, user_id)
    if user is None:
        raise InvalidInput(f"There is no user {user_id}.")
    return Listed(user, accounts_of(connection, user_id))
