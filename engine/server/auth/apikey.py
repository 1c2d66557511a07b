"""API keys: made, listed, revoked, and found again for a request that is signed with one."""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network
from string import ascii_letters, digits
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.errors import InvalidInput
from engine.server.auth.user import AccountRow, accounts_of
from engine.server.db.tables import api_key, crs_user
from engine.server.keyfiles import KeyFiles
from engine.server.principal import Role, Scope

KEYS_AT_MOST = 50
"""Of one user, revoked ones not counted."""
LENGTH = 64
"""As long as Binance's, so that clients which check the length are content."""
LETTERS = ascii_letters + digits
"""Nothing that a shell or a program could take for an option or a separator; 64 of them are 381 bits."""
GIVEN = frozenset({Scope.READ, Scope.TRADE})
"""Scopes that a key can get; withdrawals are not for keys."""


class KeyRow(NamedTuple):
    """An API key as stored, without its secret."""

    id: int
    user_id: int
    account_id: int
    name: str
    api_key: str
    scopes: str
    addresses: str
    created_ns: int
    used_ns: int | None
    revoked_ns: int | None


class FreshKey(NamedTuple):
    """What is shown once."""

    id: int
    api_key: str
    secret: str

    def __repr__(self) -> str:
        return f"FreshKey(id={self.id})"


class HeldKey(NamedTuple):
    """What a request with a key is checked against."""

    id: int
    user_id: int
    account_id: int
    accounts: tuple[AccountRow, ...]
    role: Role
    scopes: frozenset[Scope]
    addresses: tuple[str, ...]
    secret: bytes

    def __repr__(self) -> str:
        return f"HeldKey(id={self.id})"

    def allows(self, ip: str) -> bool:
        """Return whether the key may be used from an address."""
        if not self.addresses:
            return True
        try:
            peer = ip_address(ip)
        except ValueError:
            return False
        return any(peer in ip_network(each) for each in self.addresses)


_KEY = tuple(api_key.c[name] for name in KeyRow._fields)


def make_key(
    connection: Connection,
    keys: KeyFiles,
    *,
    user_id: int,
    name: str,
    scopes: tuple[str, ...],
    addresses: tuple[str, ...],
    account: str | None,
    now_ns: int,
) -> FreshKey:
    """Insert a key and return it with its secret.

    Raises:
        InvalidInput: a scope, an address or the account is none that it can have, or there are too many keys.
    """
    told = scopes_of(scopes)
    networks = networks_of(addresses)
    owned = accounts_of(connection, user_id)
    chosen = next((each for each in owned if account in (None, each.account)), None)
    if chosen is None:
        raise InvalidInput(f"You have no account {account!r}.")
    _refuse_too_many(connection, user_id)
    public, secret = _random(), _random()
    added = connection.execute(
        api_key.insert().values(
            user_id=user_id, account_id=chosen.id, name=name, api_key=public, secret=keys.seal(secret, public),
            scopes=" ".join(sorted(told)), addresses=" ".join(networks), created_ns=now_ns,
        )
    )  # fmt: skip
    assert added.inserted_primary_key is not None  # noqa: S101 - there is one row
    return FreshKey(int(added.inserted_primary_key[0]), public, secret)


def _random() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def keys_of(connection: Connection, user_id: int) -> list[KeyRow]:
    """Return a user's keys that are in force, the newest first."""
    query = sa.select(*_KEY).where(api_key.c.user_id == user_id, api_key.c.revoked_ns.is_(None))
    return [KeyRow(*row) for row in connection.execute(query.order_by(api_key.c.id.desc()))]


def revoke_key(connection: Connection, user_id: int, key_id: int, now_ns: int) -> bool:
    """Take a key out of force; return whether there was one."""
    ended = connection.execute(
        api_key.update()
        .where(api_key.c.id == key_id, api_key.c.user_id == user_id, api_key.c.revoked_ns.is_(None))
        .values(revoked_ns=now_ns)
    )
    return bool(ended.rowcount)


def held_key(connection: Connection, keys: KeyFiles, public: str) -> HeldKey | None:
    """Return a key that is in force, of a user who may use it; None if there is none."""
    query = (
        sa.select(*_KEY, api_key.c.secret, crs_user.c.role)
        .join(crs_user, crs_user.c.id == api_key.c.user_id)
        .where(api_key.c.api_key == public, api_key.c.revoked_ns.is_(None), sa.not_(crs_user.c.locked))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return HeldKey(
        id=row.id,
        user_id=row.user_id,
        account_id=row.account_id,
        accounts=accounts_of(connection, row.user_id),
        role=Role(row.role),
        scopes=frozenset(Scope(each) for each in row.scopes.split()),
        addresses=tuple(row.addresses.split()),
        secret=keys.unseal(row.secret, public).encode(),
    )


def _refuse_too_many(connection: Connection, user_id: int) -> None:
    live = sa.select(sa.func.count()).where(api_key.c.user_id == user_id, api_key.c.revoked_ns.is_(None))
    if (connection.scalar(live) or 0) >= KEYS_AT_MOST:
        raise InvalidInput(f"You have {KEYS_AT_MOST} API keys already; revoke one first.")


def scopes_of(scopes: tuple[str, ...]) -> frozenset[Scope]:
    """Return what a key may do.

    Raises:
        InvalidInput: nothing, or something that no key may.
    """
    if not scopes or not GIVEN.issuperset(scopes):
        raise InvalidInput("The scopes of a key are read and trade; name at least one.")
    return frozenset(Scope(each) for each in scopes)


def networks_of(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Return addresses and networks in their normal form.

    Raises:
        InvalidInput: one is neither.
    """
    try:
        return tuple(str(ip_network(each.strip(), strict=False)) for each in addresses)
    except ValueError as error:
        raise InvalidInput(f"{error}: an address is like 203.0.113.7 or 203.0.113.0/24.") from None
