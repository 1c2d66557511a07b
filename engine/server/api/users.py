"""What operators may see of users and do to them. Every act has its line in the security log.

Support, compliance and administrators see users, lock them and end their sessions; unlocking and the log are not
support's; roles are an administrator's. Nobody but an administrator does anything to somebody who is not a trader.
"""

from __future__ import annotations

import json
from typing import Annotated

from msgspec import Meta, Struct

from engine.server.auth.staff import Listed, Staff
from engine.server.http.route import Access, Call, Route
from engine.server.principal import Role
from engine.server.refusal import Refusal, forbidden, not_found
from engine.services.offload import offload
from engine.wire.admin import AdminUser, AdminUsers, Ended, NewRole, SecurityLine, SecurityLines
from engine.wire.text import PageSize

MILLI = 1_000_000
STAFF = (Role.SUPPORT, Role.COMPLIANCE, Role.ADMIN)
TRUSTED = (Role.COMPLIANCE, Role.ADMIN)
LONGEST_ID = 18
"""Digits of a user's number."""

NO_CONTROL = r"^[^\x00-\x1f\x7f]*$(?!\n)"
Numbered = Annotated[str, Meta(pattern=r"^[0-9]{1,18}$", description="as the page before gave it")]


class WhichUsers(Struct):
    """Users to list: those whose address or name has a text in it."""

    search: Annotated[str, Meta(max_length=254, pattern=NO_CONTROL)] = ""
    cursor: Numbered | None = None
    limit: PageSize = 100


class WhichLines(Struct):
    """Lines to list: of one subject such as `user:7`, or all."""

    subject: Annotated[str, Meta(max_length=80, pattern=NO_CONTROL)] = ""
    cursor: Numbered | None = None
    limit: PageSize = 100


async def users(call: Call) -> AdminUsers:
    """Answer with a page of users."""
    asked: WhichUsers = call.query
    found = await offload(_staff(call).find, asked.search, after=int(asked.cursor or 0), count=asked.limit + 1)
    shown = found[: asked.limit]
    return AdminUsers(tuple(map(_told, shown)), str(shown[-1].user.id) if len(found) > len(shown) else None)


async def user(call: Call) -> AdminUser:
    """Answer with one user."""
    return _told(await offload(_one, call))


async def lock(call: Call) -> None:
    """Lock a user."""
    listed = await offload(_whom, call)
    await offload(_staff(call).lock, listed.user.id)
    await call.services.identity.gate.look()


async def unlock(call: Call) -> None:
    """Unlock a user."""
    listed = await offload(_whom, call)
    await offload(_staff(call).unlock, listed.user.id)


async def end_sessions(call: Call) -> Ended:
    """End all sessions of a user."""
    listed = await offload(_whom, call)
    ended = await offload(_staff(call).end_sessions, listed.user.id)
    await call.services.identity.gate.look()
    return Ended(ended)


async def set_role(call: Call) -> None:
    """Give a user another role."""
    shown: NewRole = call.body
    if shown.role not in tuple(Role):
        raise Refusal(422, "invalid", f"A role is one of {', '.join(Role)}.")
    listed = await offload(_whom, call)
    await offload(_staff(call).set_role, listed.user.id, Role(shown.role))
    await call.services.identity.gate.look()


async def security_log(call: Call) -> SecurityLines:
    """Answer with a page of the security log."""
    asked: WhichLines = call.query
    before = None if asked.cursor is None else int(asked.cursor)
    page = call.services.identity.audit.page
    found = await offload(page, before=before, subject=asked.subject, count=asked.limit + 1)
    shown = found[: asked.limit]
    lines = (
        SecurityLine(each.seq, each.at_ns // MILLI, each.kind, each.actor, each.subject, json.loads(each.data))
        for each in shown
    )
    return SecurityLines(tuple(lines), str(shown[-1].seq) if len(found) > len(shown) else None)


def _staff(call: Call) -> Staff:
    return Staff(call.services.identity.parts, f"user:{call.who.user_id}")


def _one(call: Call) -> Listed:
    number = call.params["user_id"]
    found = None
    if number.isascii() and number.isdigit() and len(number) <= LONGEST_ID:
        found = _staff(call).seek(int(number))
    if found is None:
        raise not_found("There is no such user.")
    return found


def _whom(call: Call) -> Listed:
    """Return the user that an act is about, if who acts may.

    Raises:
        Refusal: no such user, oneself, or somebody whom only an administrator may touch.
    """
    listed = _one(call)
    if listed.user.id == call.who.user_id:
        raise forbidden("Ask a colleague to do this to you.", "oneself")
    if listed.user.role is not Role.TRADER and call.who.role is not Role.ADMIN:
        raise forbidden("Only an administrator may do this to a member of the staff.", "role")
    return listed


def _told(listed: Listed) -> AdminUser:
    row = listed.user
    return AdminUser(
        user_id=row.id,
        email=row.email,
        username=row.username,
        role=str(row.role),
        state="locked" if row.locked else "not_verified" if row.verified_ns is None else "active",
        accounts=tuple(each.account for each in listed.accounts),
        created_ms=row.created_ns // MILLI,
    )


ROUTES = (
    Route(
        "GET", "/v1/admin/users", users, "List and search users", "admin", AdminUsers, query=WhichUsers,
        access=Access.SESSION, roles=STAFF,
    ),
    Route(
        "GET", "/v1/admin/users/{user_id}", user, "Show a user", "admin", AdminUser, access=Access.SESSION,
        roles=STAFF, refuses=(404,),
    ),
    Route(
        "POST", "/v1/admin/users/{user_id}/lock", lock, "Lock a user; sessions end, keys rest", "admin", status=204,
        access=Access.SESSION, roles=STAFF, refuses=(404,),
    ),
    Route(
        "POST", "/v1/admin/users/{user_id}/unlock", unlock, "Unlock a user", "admin", status=204,
        access=Access.SESSION, roles=TRUSTED, refuses=(404,),
    ),
    Route(
        "DELETE", "/v1/admin/users/{user_id}/sessions", end_sessions, "End all sessions of a user", "admin", Ended,
        access=Access.SESSION, roles=STAFF, refuses=(404,),
    ),
    Route(
        "POST", "/v1/admin/users/{user_id}/role", set_role, "Give a user another role", "admin", status=204,
        body=NewRole, access=Access.SESSION, roles=(Role.ADMIN,), step_up=True, refuses=(404, 422),
    ),
    Route(
        "GET", "/v1/admin/security-log", security_log, "Read the security log, newest first", "admin", SecurityLines,
        query=WhichLines, access=Access.SESSION, roles=TRUSTED,
    ),
)  # fmt: skip
