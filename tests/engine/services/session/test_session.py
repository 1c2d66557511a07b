from __future__ import annotations

import asyncio
import logging

import pytest

from engine.adapters.secrets.memory import MemorySecrets
from engine.bus import Bus
from engine.errors import ServerRefused, SignInNeeded, StorageUnavailable, VenueUnavailable
from engine.services.session import ServerSession, SessionChanged, SessionState
from tests.engine.services.session.speaking import LIFE_MS, SpokenTo

EMAIL, PASSWORD = "someone@example.org", "a long password"
REFRESH = "/v1/auth/refresh"


def session_with(api: SpokenTo, secrets: MemorySecrets | None = None) -> tuple[ServerSession, list[SessionState]]:
    session = ServerSession(api, secrets or MemorySecrets(), Bus())
    states: list[SessionState] = []
    session.bus.subscribe(SessionChanged, lambda event: states.append(event.state))
    return session, states


async def test_signing_in_says_each_state_and_who_it_is() -> None:
    session, states = session_with(SpokenTo())

    await session.sign_in(EMAIL, PASSWORD)

    assert states == [SessionState.SIGNING_IN, SessionState.SIGNED_IN]
    assert [each.account for each in session.accounts] == ["U-1"]
    assert session.email == EMAIL


async def test_a_second_factor_is_asked_for_and_a_wrong_code_can_be_tried_again() -> None:
    session, states = session_with(SpokenTo(code="123456"))

    assert await session.sign_in(EMAIL, PASSWORD) is SessionState.MFA
    with pytest.raises(ServerRefused, match="code is wrong"):
        await session.give_code("000000")
    assert session.state is SessionState.MFA
    assert await session.give_code("123456") is SessionState.SIGNED_IN
    assert states[-1] is SessionState.SIGNED_IN


async def test_a_code_without_a_password_before_it_is_refused() -> None:
    session, _ = session_with(SpokenTo(code="123456"))
    await session.sign_in(EMAIL, PASSWORD)
    session.forget_password()

    assert session.state is SessionState.SIGNED_OUT
    with pytest.raises(SignInNeeded):
        await session.give_code("123456")


async def test_a_wrong_password_leaves_nobody_signed_in() -> None:
    session, _ = session_with(SpokenTo())

    with pytest.raises(ServerRefused, match="password is wrong"):
        await session.sign_in(EMAIL, "another")
    assert session.state is SessionState.SIGNED_OUT
    assert not session.is_signed_in


async def test_a_token_that_ends_soon_is_replaced_once_however_many_ask() -> None:
    api = SpokenTo()
    session, states = session_with(api)
    await session.sign_in(EMAIL, PASSWORD)
    first = await session.token()
    api.ms, api.pause_s = LIFE_MS - 30_000, 0.02

    tokens = await asyncio.gather(*(session.token() for _ in range(20)))

    assert len(set(tokens)) == 1
    assert tokens[0] != first
    assert api.times(REFRESH) == 1
    assert states[-2:] == [SessionState.REFRESHING, SessionState.SIGNED_IN]


async def test_who_is_cancelled_while_a_token_is_fetched_loses_it_for_nobody() -> None:
    secrets, api = MemorySecrets(), SpokenTo()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.ms, api.pause_s = LIFE_MS, 0.05
    asking = asyncio.create_task(session.token())
    await asyncio.sleep(0.02)
    asking.cancel()
    await asyncio.sleep(0.1)

    assert await session.token()
    assert api.times(REFRESH) == 1
    assert api.good in (secrets.get(f"session {api.url}") or "")


async def test_the_next_run_goes_on_with_the_session_and_the_same_device() -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    assert await session.remembered() == ""
    await session.sign_in(EMAIL, PASSWORD)
    device = api.device

    again, states = session_with(api, secrets)
    assert await again.remembered() == EMAIL
    assert await again.resume() is SessionState.SIGNED_IN
    assert SessionState.SIGNED_IN in states
    await again.sign_out()
    await again.sign_in(EMAIL, PASSWORD)
    assert api.device == device


async def test_a_server_that_cannot_be_reached_signs_nobody_out() -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.ms = LIFE_MS
    api.fails[REFRESH] = [VenueUnavailable("No answer.")]
    with pytest.raises(VenueUnavailable):
        await session.token()
    assert session.state is SessionState.SIGNED_IN
    assert await session.token()

    again, _ = session_with(api, secrets)
    api.fails[REFRESH] = [VenueUnavailable("No answer.")]
    with pytest.raises(VenueUnavailable):
        await again.resume()
    assert await again.resume() is SessionState.SIGNED_IN


async def test_a_session_that_the_server_ended_is_over_and_forgotten_but_not_the_address() -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.ms, api.good = LIFE_MS, "another one's"

    with pytest.raises(SignInNeeded):
        await session.token()

    assert session.state is SessionState.EXPIRED
    assert "used elsewhere" in session.text
    with pytest.raises(SignInNeeded, match="used elsewhere"):
        await session.ticket()
    assert "canary-refresh" not in (secrets.get(f"session {api.url}") or "")
    assert await session_with(api, secrets)[0].remembered() == EMAIL


async def test_signing_out_ends_it_here_even_if_the_server_cannot_be_told() -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.fails["/v1/auth/logout"] = [VenueUnavailable("No answer.")]

    await session.sign_out()

    assert session.state is SessionState.SIGNED_OUT
    assert "could not be told" in session.text
    assert "canary" not in (secrets.get(f"session {api.url}") or "")


async def test_tokens_that_come_while_signing_out_are_not_kept() -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.fails["/v1/auth/logout"] = [VenueUnavailable("No answer.")]
    api.pause_s = 0.1
    renewing = asyncio.create_task(session._refresh())  # somebody's, on its way when the user signs out
    await asyncio.sleep(0.01)
    api.pause_s = 0.0

    await session.sign_out()
    await renewing

    assert session.state is SessionState.SIGNED_OUT
    assert "canary" not in (secrets.get(f"session {api.url}") or "")
    with pytest.raises(SignInNeeded):
        await session.token()


async def test_a_store_that_refuses_does_not_lose_the_session_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.remembered()

    def refuse(_name: str, _value: str) -> None:
        raise StorageUnavailable("The keyring is locked.")

    monkeypatch.setattr(secrets, "put", refuse)
    assert await session.sign_in(EMAIL, PASSWORD) is SessionState.SIGNED_IN
    assert await session.ticket() == "ticket"


async def test_a_proof_of_presence_brings_a_new_access_token() -> None:
    api = SpokenTo()
    session, _ = session_with(api)
    await session.sign_in(EMAIL, PASSWORD)
    before = await session.token()

    await session.step_up(password=PASSWORD)

    assert await session.token() != before
    assert session.stepped_up_until_ms > api.now_ms()
    await session.security.revoke_others()
    assert api.called[-1] == "/v1/auth/sessions"


async def test_nothing_secret_is_printed_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api, secrets = SpokenTo(), MemorySecrets()
    session, _ = session_with(api, secrets)
    await session.sign_in(EMAIL, PASSWORD)
    api.ms = LIFE_MS
    await session.token()
    printed = " ".join((caplog.text, repr(session), repr(session._kept), repr(secrets), repr(session.bus)))

    for secret in (*SpokenTo.SECRETS, PASSWORD, session._kept.private_key if session._kept else "-"):
        assert secret not in printed
