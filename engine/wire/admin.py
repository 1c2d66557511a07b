"""What operators see of users, and what they do to them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from engine.wire.text import Millis


class AdminUser(Struct):
    """A user as operators see it. `state` is `active`, `locked` or `not_verified`."""

    user_id: int
    email: str
    username: str
    role: str
    state: str
    accounts: tuple[str, ...]
    created_ms: Millis


class AdminUsers(Struct):
    """One page of users in the order of their numbers; `next` is the cursor of the page after it."""

    users: tuple[AdminUser, ...]
    next: str | None = None


class NewRole(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a user shall be: `trader`, `support`, `compliance` or `admin`."""

    role: str


class Ended(Struct):
    """How many sessions were ended."""

    sessions: int


class SecurityLine(Struct):
    """One event of the security log; actor and subject are references such as `user:7`."""

    seq: int
    at_ms: Millis
    kind: str
    actor: str
    subject: str
    data: dict[str, Any]


class SecurityLines(Struct):
    """One page of the security log, newest first."""

    lines: tuple[SecurityLine, ...]
    next: str | None = None
