"""Signing up, in and out."""

from __future__ import annotations

from engine.errors import InvalidInput
from engine.server.auth.email import limited_as, normal_email
from engine.server.auth.registration import Registration
from engine.server.auth.signin import SignIn
from engine.server.http.dispatch import count
from engine.server.http.route import Access, Call, Route
from engine.server.limits.tier import Tier
from engine.wire.auth import (
    EmailOnly,
    Login,
    Refresh,
    Register,
    ResetPassword,
    SteppedUp,
    StepUp,
    Tokens,
    VerifyEmail,
)


async def register(call: Call) -> None:
    """Make a user that a code by e-mail has to verify."""
    shown: Register = call.body
    await count_email(call, shown.email)
    await Registration(call.services.identity).register(shown)


async def verify(call: Call) -> None:
    """Finish a registration."""
    shown: VerifyEmail = call.body
    await count_email(call, shown.email)
    await Registration(call.services.identity).verify(shown)


async def resend(call: Call) -> None:
    """Send another check code."""
    shown: EmailOnly = call.body
    await count_email(call, shown.email)
    await Registration(call.services.identity).resend(shown.email)


async def login(call: Call) -> Tokens:
    """Open a session on a device."""
    shown: Login = call.body
    sign_in = SignIn(call.services.identity)
    known = await sign_in.knows_device(shown.email, shown.device.public_key)
    await count_email(call, shown.email, shown.device.public_key if known else "")
    return await sign_in.login(shown, call.ip)


async def refresh(call: Call) -> Tokens:
    """Give a session its next tokens."""
    return await SignIn(call.services.identity).refresh(call.body)


async def logout(call: Call) -> None:
    """End the session that asks."""
    await SignIn(call.services.identity).logout(call.who)


async def step_up(call: Call) -> SteppedUp:
    """Let sensitive acts pass for a while."""
    return await SignIn(call.services.identity).step_up(call.who, call.body)


async def forgot(call: Call) -> None:
    """Send a code for a new password."""
    shown: EmailOnly = call.body
    await count_email(call, shown.email)
    await Registration(call.services.identity).forgot(shown.email)


async def reset(call: Call) -> None:
    """Replace a password by code."""
    shown: ResetPassword = call.body
    await count_email(call, shown.email)
    await Registration(call.services.identity).reset(shown)


async def count_email(call: Call, email: str, device_key: str = "") -> None:
    """Count a request against the address that it is about, so that many hosts cannot guess at one user.

    A device that signed in there before is counted by itself, so that strangers cannot lock a user out of it.

    Raises:
        Refusal: too many.
    """
    try:
        who = limited_as(normal_email(email), device_key)
    except InvalidInput:
        return  # nobody's address: nothing can be guessed
    await count(call, who, Tier.LOGIN)


ROUTES = (
    Route(
        "POST", "/v1/auth/register", register, "Sign up; a check code comes by e-mail", "auth", status=202,
        body=Register, access=Access.PUBLIC, tier=Tier.LOGIN, refuses=(409, 422),
    ),
    Route(
        "POST", "/v1/auth/verify", verify, "Finish signing up with the check code", "auth", status=204,
        body=VerifyEmail, access=Access.PUBLIC, tier=Tier.LOGIN, refuses=(422,),
    ),
    Route(
        "POST", "/v1/auth/resend", resend, "Have another check code sent", "auth", status=202, body=EmailOnly,
        access=Access.PUBLIC, tier=Tier.LOGIN,
    ),
    Route(
        "POST", "/v1/auth/login", login, "Open a session", "auth", Tokens, body=Login, access=Access.PUBLIC,
        tier=Tier.LOGIN, refuses=(401,),
    ),
    Route(
        "POST", "/v1/auth/refresh", refresh, "Spend a refresh token for its successor", "auth", Tokens, body=Refresh,
        access=Access.PUBLIC, refuses=(401,),
    ),
    Route("POST", "/v1/auth/logout", logout, "End this session", "auth", status=204, access=Access.SESSION),
    Route(
        "POST", "/v1/auth/step-up", step_up, "Prove presence before something sensitive", "auth", SteppedUp,
        body=StepUp, access=Access.SESSION, tier=Tier.LOGIN,
    ),
    Route(
        "POST", "/v1/auth/password/forgot", forgot, "Have a code for a new password sent", "auth", status=202,
        body=EmailOnly, access=Access.PUBLIC, tier=Tier.LOGIN,
    ),
    Route(
        "POST", "/v1/auth/password/reset", reset, "Replace a password by code; every session ends", "auth", status=204,
        body=ResetPassword, access=Access.PUBLIC, tier=Tier.LOGIN, refuses=(422,),
    ),
)  # fmt: skip
