"""A user's own sessions, second factor, password and API keys."""

from __future__ import annotations

from engine.server.auth.selfcare import SelfCare
from engine.server.http.route import Access, Call, Route
from engine.server.limits.tier import Tier
from engine.server.refusal import not_found
from engine.wire.account import AccountInfo, User
from engine.wire.auth import (
    ChangePassword,
    Key,
    Keys,
    KeySecret,
    MfaCode,
    MfaOffer,
    NewKey,
    RecoveryCodes,
    Session,
    Sessions,
    Ticket,
)

MILLI = 1_000_000
LONGEST_ID = 18
"""Digits of a key's number."""


async def me(call: Call) -> User:
    """Answer with who asks."""
    user, accounts, mfa = await _care(call).me()
    return User(
        user_id=user.id,
        email=user.email,
        username=user.username,
        role=str(user.role),
        accounts=tuple(AccountInfo(each.account, each.name) for each in accounts),
        mfa=mfa,
        created_ms=user.created_ns // MILLI,
    )


async def sessions(call: Call) -> Sessions:
    """Answer with where the user is signed in."""
    rows = await _care(call).sessions()
    return Sessions(
        tuple(
            Session(
                row.id, device, row.ip, row.created_ns // MILLI, row.seen_ns // MILLI, row.id == call.who.session_id
            )
            for row, device in rows
        )
    )


async def end_session(call: Call) -> None:
    """End one session."""
    await _care(call).end_session(call.params["session_id"])


async def end_others(call: Call) -> None:
    """End all sessions but this one."""
    await _care(call).end_others()


async def enroll(call: Call) -> MfaOffer:
    """Offer a second factor."""
    return MfaOffer(*await _care(call).enroll())


async def confirm(call: Call) -> RecoveryCodes:
    """Put an offered factor into force."""
    return RecoveryCodes(await _care(call).confirm(call.body.code))


async def switch_off(call: Call) -> None:
    """Remove the second factor."""
    await _care(call).switch_off(call.body.code)


async def renew_recovery(call: Call) -> RecoveryCodes:
    """Replace the recovery codes."""
    return RecoveryCodes(await _care(call).renew_recovery())


async def change_password(call: Call) -> None:
    """Replace the password."""
    await _care(call).change_password(call.body)


async def keys(call: Call) -> Keys:
    """Answer with the API keys in force."""
    rows = await _care(call).keys()
    return Keys(
        tuple(
            Key(
                key_id=row.id, name=row.name, api_key=row.api_key, scopes=tuple(row.scopes.split()),
                addresses=tuple(row.addresses.split()), account=account, created_ms=row.created_ns // MILLI,
                used_ms=None if row.used_ns is None else row.used_ns // MILLI,
            )
            for row, account in rows
        )
    )  # fmt: skip


async def add_key(call: Call) -> KeySecret:
    """Make an API key."""
    made = await _care(call).add_key(call.body)
    return KeySecret(made.id, made.api_key, made.secret)


async def revoke_key(call: Call) -> None:
    """Take an API key out of force."""
    number = call.params["key_id"]
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_ID):
        raise not_found("You have no such key.")
    await _care(call).revoke_key(int(number))


async def ticket(call: Call) -> Ticket:
    """Give a ticket for one WebSocket."""
    made, ends = await _care(call).ticket()
    return Ticket(made, ends // MILLI)


def _care(call: Call) -> SelfCare:
    return SelfCare(call.services.identity, call.who)


ROUTES = (
    Route("GET", "/v1/account", me, "Say who is signed in", "account", User),
    Route("GET", "/v1/auth/sessions", sessions, "List sessions", "auth", Sessions, access=Access.SESSION),
    Route(
        "DELETE", "/v1/auth/sessions/{session_id}", end_session, "End a session", "auth", status=204,
        access=Access.SESSION, step_up=True, refuses=(404,),
    ),
    Route(
        "DELETE", "/v1/auth/sessions", end_others, "End all sessions but this one", "auth", status=204,
        access=Access.SESSION, step_up=True,
    ),
    Route(
        "POST", "/v1/auth/mfa/enroll", enroll, "Offer a second factor", "auth", MfaOffer, access=Access.SESSION,
        step_up=True, refuses=(409,),
    ),
    Route(
        "POST", "/v1/auth/mfa/confirm", confirm, "Put the offered factor into force", "auth", RecoveryCodes,
        body=MfaCode, access=Access.SESSION, step_up=True, tier=Tier.LOGIN, refuses=(409,),
    ),
    Route(
        "POST", "/v1/auth/mfa/disable", switch_off, "Remove the second factor", "auth", status=204, body=MfaCode,
        access=Access.SESSION, tier=Tier.LOGIN, refuses=(409,),
    ),
    Route(
        "POST", "/v1/auth/recovery-codes", renew_recovery, "Replace the recovery codes", "auth", RecoveryCodes,
        access=Access.SESSION, step_up=True, refuses=(409,),
    ),
    Route(
        "POST", "/v1/auth/password", change_password, "Replace the password; every other session ends", "auth",
        status=204, body=ChangePassword, access=Access.SESSION, step_up=True, tier=Tier.LOGIN, refuses=(422,),
    ),
    Route("GET", "/v1/auth/keys", keys, "List API keys", "auth", Keys, access=Access.SESSION),
    Route(
        "POST", "/v1/auth/keys", add_key, "Make an API key; its secret is shown once", "auth", KeySecret, status=201,
        body=NewKey, access=Access.SESSION, step_up=True, refuses=(422,),
    ),
    Route(
        "DELETE", "/v1/auth/keys/{key_id}", revoke_key, "Take an API key out of force", "auth", status=204,
        access=Access.SESSION, refuses=(404,),
    ),
    Route(
        "POST", "/v1/auth/ws-ticket", ticket, "Get a ticket for one WebSocket", "auth", Ticket, access=Access.SESSION,
    ),
)  # fmt: skip
