"""API keys: who signed, from where, for what, and until when; in this process and in others."""

from __future__ import annotations

import asyncio
import hmac

import pytest

from engine.bus import Bus
from engine.server.auth.gate import Gate
from engine.server.auth.port import AccessEnded
from engine.server.auth.token import AccessClaims, AccessTokens
from engine.server.principal import Principal, Scope
from engine.server.refusal import Refusal
from tests.engine.server.auth.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refused(awaited: asyncio.Future[Principal] | object) -> str:
    """Return the word with which something was refused."""
    with pytest.raises(Refusal) as caught:
        await awaited  # type: ignore[misc]
    assert caught.value.status == 401
    return caught.value.word


async def test_a_key_signs_for_its_account_and_scopes(any_doors: House) -> None:
    ann, gate = any_doors.person(), any_doors.identity.gate
    second = any_doors.staff.add_account(ann.email, "Second")
    made = any_doors.staff.add_key(ann.email, "bot", scopes=("read",), account=second.account)
    payload = b"symbol=BTCUSDT&timestamp=1"
    signature = hmac.new(made.secret.encode(), payload, "sha256").hexdigest()

    who = await gate.signed(made.api_key, payload, signature, ip="203.0.113.7")

    assert (who.user_id, who.account, who.accounts) == (ann.user_id, second.account, (second.account,))
    assert (who.scopes, who.limited_as) == (frozenset({Scope.READ}), f"key:{made.id}")
    assert await gate.signed(made.api_key, payload, signature.upper(), ip="203.0.113.7") == who
    assert await gate.key(made.api_key, ip="203.0.113.7") == who
    assert await refused(gate.signed(made.api_key, payload + b"0", signature, ip="203.0.113.7")) == "bad_signature"
    assert await refused(gate.signed(made.api_key, payload, "ö", ip="203.0.113.7")) == "bad_signature"
    assert await refused(gate.signed(made.secret, payload, signature, ip="203.0.113.7")) == "bad_key"


async def test_a_key_may_be_bound_to_addresses(doors: House) -> None:
    ann, gate = doors.person(), doors.identity.gate
    made = doors.staff.add_key(ann.email, "bot", addresses=("203.0.113.7", "2001:db8::/32", "198.51.100.9/24"))

    for ip in ("203.0.113.7", "2001:db8::1", "198.51.100.200"):
        assert (await gate.key(made.api_key, ip=ip)).user_id == ann.user_id
    for ip in ("203.0.113.8", "2001:db9::1", "unknown", ""):
        assert await refused(gate.key(made.api_key, ip=ip)) == "bad_key"


async def test_a_new_key_works_at_once_where_it_was_just_refused_and_a_revoked_one_no_more(doors: House) -> None:
    ann, gate = doors.person(), doors.identity.gate
    made = doors.staff.add_key(ann.email, "bot")
    assert (await gate.key(made.api_key, ip="")).key_id == made.id
    ended: list[AccessEnded] = []
    subscription = doors.services.bus.subscribe(AccessEnded, ended.append)
    doors.staff.revoke_key(ann.email, made.id)  # as a command does: another process
    await gate.look()
    subscription.close()

    assert await refused(gate.key(made.api_key, ip="")) == "bad_key"
    assert [each.subjects for each in ended] == [{f"key:{made.id}"}]


async def test_what_one_process_revokes_the_others_forget(any_doors: House) -> None:
    identity, ann = any_doors.identity, any_doors.person()
    await ann.login()
    made = any_doors.staff.add_key(ann.email, "bot")
    bus = Bus()
    other = Gate(
        identity.parts.database, identity.parts.keys, AccessTokens(identity.parts.signing), any_doors.clock, bus
    )
    await other.start()
    try:
        token = ann.tokens["access_token"]
        await other.bearer(token, ip="")
        await other.key(made.api_key, ip="")
        told: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        subscription = bus.subscribe(AccessEnded, lambda event: told.put_nowait(event.subjects))
        await ann.ask("POST", "/v1/auth/logout")
        any_doors.staff.revoke_key(ann.email, made.id)
        async with asyncio.timeout(10):
            while f"key:{made.id}" not in await told.get():  # it looks by itself, twice a second
                pass
        subscription.close()
        assert await refused(other.key(made.api_key, ip="")) == "bad_key"
        assert await refused(other.bearer(token, ip="")) == "session_ended"
    finally:
        await other.close()


async def test_nothing_that_is_kept_is_believed_when_revocations_could_not_be_read_for_long(
    doors: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, gate = doors.person(), doors.identity.gate
    await ann.login()
    await ann.ask("GET", "/v1/account")
    reads: list[str] = []
    read = gate._owner

    def counted(claims: AccessClaims) -> Principal:
        reads.append(claims.session_id)
        return read(claims)

    monkeypatch.setattr(gate, "_owner", counted)

    await ann.ask("GET", "/v1/account")
    assert not reads, "it is kept"
    doors.clock.ahead_s += 91
    await ann.ask("GET", "/v1/account")
    assert len(reads) == 1


async def test_keys_are_made_listed_and_revoked_by_their_owner_only(doors: House) -> None:
    ann, ben = doors.person(), doors.person("ben@crs.example")
    await ann.login()
    await ben.login()
    await ann.step_up()

    made = (await ann.ask("POST", "/v1/auth/keys", {"name": "bot", "scopes": ["read", "trade"]})).json()
    await doors.identity.gate.key(made["api_key"], ip="")
    await doors.identity.gate._write_used()

    listed = (await ann.ask("GET", "/v1/auth/keys")).json()["keys"]
    assert [each["key_id"] for each in listed] == [made["key_id"]]
    assert listed[0]["used_ms"] > 0
    assert made["secret"] not in str(listed)
    assert (await ben.ask("GET", "/v1/auth/keys")).json() == {"keys": []}
    assert (await ben.ask("DELETE", f"/v1/auth/keys/{made['key_id']}")).status_code == 404
    assert (await ann.ask("DELETE", f"/v1/auth/keys/{made['key_id']}")).status_code == 204
    refused_keys: tuple[dict[str, object], ...] = (
        {"scopes": ["withdraw"]}, {"scopes": []}, {"addresses": ["nowhere"]}, {"account": ben.account},
    )  # fmt: skip
    for wrong in refused_keys:
        answer = await ann.ask("POST", "/v1/auth/keys", {"name": "bot"} | wrong)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")


async def test_what_is_shown_of_a_key_passes_through_shells_and_programs_as_it_is(doors: House) -> None:
    ann = doors.person()

    for _ in range(8):  # with 64 signs each, a sign that is none of these would have shown
        made = doors.staff.add_key(ann.email, "bot")
        for told in (made.api_key, made.secret):
            assert len(told) == 64
            assert told.isascii()
            assert told.isalnum()
