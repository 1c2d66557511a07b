"""A server's problem body (RFC 9457) as the error that it is here."""

from __future__ import annotations

import msgspec

from engine.errors import (
    CrsError,
    NotACrsServer,
    SecondFactorNeeded,
    ServerRefused,
    SignInNeeded,
    StepUpNeeded,
    VenueUnavailable,
)
from engine.wire.problem import Problem

WAIT = (429, 418)
PREFIX = "/problems/"
TOKEN_WORDS = ("unauthorized", "expired", "session_ended")
"""What a server calls an access token that is not good; other 401s are about what was sent, such as a wrong code."""


def refusal_of(content: bytes, status: int, retry_after_s: float | None, host: str, *, signed: bool) -> CrsError:
    """Return what a refusal means for whoever asked."""
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return NotACrsServer(f"{host} refuses, but not as a CRS server does (status {status}).")
    word = problem.type.removeprefix(PREFIX)
    wait = retry_after_s if retry_after_s is not None else problem.retry_after_s
    if status in WAIT:
        return VenueUnavailable(f"{host} asks us to slow down. It goes on in {wait or 1:.0f} s.", wait or 1.0)
    if status >= 500:
        return VenueUnavailable(f"{host} cannot do that now: {problem.detail}", wait)
    if word == "mfa_required":
        return SecondFactorNeeded(problem.detail, problem.methods or ("totp",))
    if word == "step_up_required":
        return StepUpNeeded(problem.detail, problem.methods or ("password",))
    if status == 401 and signed and word in TOKEN_WORDS:
        return SignInNeeded(problem.detail)
    fields = {each.field: each.text for each in problem.fields}
    return ServerRefused(problem.detail, word=word, status=status, fields=fields)
