"""Users and their trading accounts in the database. Everything here blocks and runs within the caller's transaction."""

from __future__ import annotations

import re
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.domain.order import AccountId
from engine.errors import InvalidInput
from engine.server.auth.email import normal_email
from engine.server.db.tables import crs_user, trading_account
from engine.server.principal import Role

USERNAME = re.compile(r"[A-Za-z0-9_.-]{3,30}")
SHORTEST, LONGEST = 8, 128
"""Characters of a password."""


class UserRow(NamedTuple):
    """One user as stored."""

    id: int
    email: str
    username: str
    password_hash: str
    role: Role
    locked: bool
    verified_ns: int | None
    created_ns: int

    def __repr__(self) -> str:  # no hash in a log
        return f"UserRow(id={self.id})"


class AccountRow(NamedTuple):
    """One trading account of a user."""

    id: int
    user_id: int
    name: str
    created_ns: int

    @property
    def account(self) -> AccountId:
        """Its name at the exchange."""
        return AccountId(f"U-{self.id}")


_USER = tuple(crs_user.c[name] for name in UserRow._fields)
_ACCOUNT = tuple(trading_account.c[name] for name in AccountRow._fields)


def user_by_email(connection: Connection, email: str) -> UserRow | None:
    """Return the user with a normal address."""
    return _user(connection, crs_user.c.email == email)


def user_by_id(connection: Connection, user_id: int) -> UserRow | None:
    """Return a user."""
    return _user(connection, crs_user.c.id == user_id)


def hold_user(connection: Connection, user_id: int) -> None:
    """Let nobody else sign in as, prove or change a user until the transaction ends.

    Whoever holds several rows takes them in this order: user, session, end of the log.
    """
    connection.execute(sa.select(crs_user.c.id).where(crs_user.c.id == user_id).with_for_update())


def known_user(connection: Connection, email: str) -> UserRow:
    """Return the user with an address, as an operator wrote it.

    Raises:
        InvalidInput: it is no address, or nobody has it.
    """
    found = user_by_email(connection, normal_email(email))
    if found is None:
        raise InvalidInput(f"There is no user {normal_email(email)}. `crs server user list` shows all.")
    return found


def accounts_of(connection: Connection, user_id: int) -> tuple[AccountRow, ...]:
    """Return a user's trading accounts, the first one first."""
    query = sa.select(*_ACCOUNT).where(trading_account.c.user_id == user_id).order_by(trading_account.c.id)
    return tuple(AccountRow(*row) for row in connection.execute(query))


def insert_user(
    connection: Connection,
    *,
    email: str,
    username: str,
    password_hash: str,
    role: Role,
    now_ns: int,
    verified: bool,
) -> int:
    """Insert a user with one trading account and return the id.

    Raises:
        InvalidInput: the address or the name is taken.
    """
    if user_by_email(connection, email) is not None:
        raise InvalidInput(f"There is a user {email} already.")
    check_username(connection, username)
    added = connection.execute(
        crs_user.insert().values(
            email=email, username=username, username_key=username.lower(), password_hash=password_hash, role=role,
            locked=False, verified_ns=now_ns if verified else None, created_ns=now_ns, password_ns=now_ns,
        )
    )  # fmt: skip
    assert added.inserted_primary_key is not None  # noqa: S101 - there is one row
    user_id = int(added.inserted_primary_key[0])
    insert_account(connection, user_id, "Main", now_ns)
    return user_id


def insert_account(connection: Connection, user_id: int, name: str, now_ns: int) -> AccountRow:
    """Insert a trading account and return it."""
    added = connection.execute(trading_account.insert().values(user_id=user_id, name=name, created_ns=now_ns))
    assert added.inserted_primary_key is not None  # noqa: S101 - there is one row
    return AccountRow(int(added.inserted_primary_key[0]), user_id, name, now_ns)


def check_username(connection: Connection, username: str, but_of: int | None = None) -> None:
    """Refuse a name that is none or is taken by somebody else.

    Raises:
        InvalidInput: says which.
    """
    if not USERNAME.fullmatch(username):
        raise InvalidInput("A user name has 3 to 30 letters, digits, dots, dashes or underscores.")
    holder = connection.scalar(sa.select(crs_user.c.id).where(crs_user.c.username_key == username.lower()))
    if holder is not None and holder != but_of:
        raise InvalidInput(f"The user name {username} is taken.")


def free_username(connection: Connection, email: str) -> str:
    """Return a name for an address that nobody has yet."""
    base = re.sub(r"[^A-Za-z0-9_.-]", "", email.partition("@")[0])[:20].ljust(3, "_")
    number, name = 1, base
    while connection.scalar(sa.select(crs_user.c.id).where(crs_user.c.username_key == name.lower())) is not None:
        number += 1
        name = f"{base}-{number}"
    return name


def check_password_length(password: str) -> None:
    """Refuse a password that is too short or too long.

    Raises:
        InvalidInput: it is.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}.")


def _user(connection: Connection, condition: sa.ColumnElement[bool]) -> UserRow | None:
    row = connection.execute(sa.select(*_USER).where(condition)).one_or_none()
    return None if row is None else UserRow(*row)._replace(role=Role(row.role))
