"""Signing up, in and out."""

from __future__ import annotations

from engine.errors import InvalidInput
from engine.server.auth.email import limited_as, normal_email
from engine.server.auth.signin import SignIn
from engine.server.http.dispatch import count
from engine.server.http.route import Access, Call, Route
from engine.server.limits.tier import Tier
from engine.wire.auth import Login, Refresh, Tokens


async def login(call: Call) -> Tokens:
    """Open a session on a device."""
    shown: Login = call.body
    await count_email(call, shown.email)
    return await SignIn(call.services.identity).login(shown, call.ip)


async def refresh(call: Call) -> Tokens:
    """Give a session its next tokens."""
    return await SignIn(call.services.identity).refresh(call.body)


async def logout(call: Call) -> None:
    """End the session that asks."""
    await SignIn(call.services.identity).logout(call.who)


async def count_email(call: Call, email: str) -> None:
    """Count a request against the address that it is about, so that many hosts cannot guess at one user.

    Raises:
        Refusal: too many.
    """
    try:
        who = limited_as(normal_email(email))
    except InvalidInput:
        return  # nobody's address: nothing can be guessed
    await count(call.services, who, Tier.LOGIN, call.answer_headers)


ROUTES = (
    Route(
        "POST", "/v1/auth/login", login, "Open a session", "auth", Tokens, body=Login, access=Access.PUBLIC,
        tier=Tier.LOGIN,
    ),
    Route(
        "POST", "/v1/auth/refresh", refresh, "Spend a refresh token for its successor", "auth", Tokens, body=Refresh,
        access=Access.PUBLIC,
    ),
    Route("POST", "/v1/auth/logout", logout, "End this session", "auth", status=204, access=Access.SESSION),
)  # fmt: skip
