"""Signing in, staying in, going: what opens a session, what keeps it, what ends it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.server.principal import Role
from engine.server.refusal import Refusal
from tests.engine.server.auth.house import House, Person, house

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_session_is_opened_refreshed_and_ended(any_doors: House) -> None:
    ann = any_doors.person()
    assert (await ann.login()).status_code == 200
    first = dict(ann.tokens)

    renewed = await ann.refresh()
    me = await ann.ask("GET", "/v1/account")
    gone = await ann.ask("POST", "/v1/auth/logout")

    assert renewed.status_code == 200
    assert renewed.json()["refresh_token"] != first["refresh_token"]
    assert {key: renewed.json()[key] for key in ("session_id", "device_id")} == {
        key: first[key] for key in ("session_id", "device_id")
    }
    assert me.json() | {"created_ms": 0} == {
        "user_id": ann.user_id, "email": "ann@crs.example", "username": "ann", "role": "trader",
        "accounts": [{"account": ann.account, "name": "Main"}], "mfa": False, "created_ms": 0,
    }  # fmt: skip
    assert gone.status_code == 204
    assert (await ann.ask("GET", "/v1/account")).json()["type"] == "/problems/session_ended"
    ann.tokens["refresh_token"] = renewed.json()["refresh_token"]
    assert (await ann.refresh()).json()["type"] == "/problems/bad_refresh"
    assert any_doors.kinds() == ["user.added", "signin", "session.ended"]


async def test_whoever_guesses_learns_nothing_from_the_answer(doors: House) -> None:
    ann = doors.person()
    stranger = Person(doors, "nobody@crs.example")
    no_address = Person(doors, "not an address")

    answers = [
        (await who.login(password=password)).json()
        for who, password in ((ann, "wrong"), (stranger, ann.password), (no_address, ann.password))
    ]

    assert {answer["type"] for answer in answers} == {"/problems/bad_login"}
    assert len({tuple(sorted((answer | {"instance": ""}).items())) for answer in answers}) == 1


async def test_a_locked_user_is_told_so_only_with_the_right_password(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    doors.staff.lock(ann.user_id)
    await doors.identity.gate.look()

    assert (await ann.ask("GET", "/v1/account")).status_code == 401
    assert (await ann.login(password="wrong")).json()["type"] == "/problems/bad_login"
    assert (await ann.login()).json()["type"] == "/problems/locked"
    doors.staff.unlock(ann.user_id)
    assert (await ann.login()).status_code == 200


async def test_an_access_token_ends_after_ten_minutes_and_a_session_thirty_days_after_its_last_use(
    doors: House,
) -> None:
    ann = doors.person()
    await ann.login()
    doors.clock.ahead_s += 599
    assert (await ann.ask("GET", "/v1/account")).status_code == 200
    doors.clock.ahead_s += 2
    assert (await ann.ask("GET", "/v1/account")).json()["type"] == "/problems/expired"

    doors.clock.ahead_s += 29 * 86_400
    renewed = await ann.refresh()
    assert renewed.status_code == 200
    ann.tokens = renewed.json()
    doors.clock.ahead_s += 31 * 86_400
    assert (await ann.refresh()).json()["type"] == "/problems/bad_refresh"


async def test_a_stolen_refresh_token_is_useless_without_the_device(doors: House) -> None:
    ann, thief = doors.person(), Person(doors, "ann@crs.example")
    await ann.login()
    thief.tokens = ann.tokens

    assert (await thief.refresh()).json()["type"] == "/problems/bad_device"
    body = ann.signed_refresh()
    assert (await ann.refresh(body | {"device_id": "0" * 32})).json()["type"] == "/problems/bad_device"
    assert (await ann.refresh(body | {"signature": "AA"})).json()["type"] == "/problems/bad_device"
    assert (await ann.refresh(body | {"nonce": "another-nonce"})).json()["type"] == "/problems/bad_device"
    assert (await ann.refresh(ann.signed_refresh(skew_s=301))).json()["type"] == "/problems/clock"
    assert (await ann.refresh(ann.signed_refresh(skew_s=-301))).json()["type"] == "/problems/clock"
    assert (await ann.refresh(body)).status_code == 200
    assert (await ann.refresh(body)).json()["type"] == "/problems/bad_device", "its nonce was spent"
    assert "refresh.refused" in doors.kinds()


async def test_the_successor_is_given_again_for_ten_seconds(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    first = (await ann.refresh()).json()
    doors.clock.ahead_s += 9

    again = await ann.refresh()

    assert again.json()["refresh_token"] == first["refresh_token"]
    next_one = await ann.refresh(ann.signed_refresh(first["refresh_token"]))
    assert next_one.status_code == 200
    assert (await ann.refresh()).json()["type"] == "/problems/reused", "its successor was used already"


async def test_sessions_are_listed_and_ended_one_by_one_and_all_together(doors: House) -> None:
    phone, laptop, tablet = doors.person(), *(Person(doors, "ann@crs.example") for _ in range(2))
    for each in (phone, laptop, tablet):
        await each.login()

    listed = (await laptop.ask("GET", "/v1/auth/sessions")).json()["sessions"]
    assert [each["current"] for each in listed] == [False, True, False]
    unproven = await laptop.ask("DELETE", f"/v1/auth/sessions/{phone.tokens['session_id']}")
    assert unproven.json()["type"] == "/problems/step_up_required"
    await laptop.step_up()
    gone = await laptop.ask("DELETE", f"/v1/auth/sessions/{phone.tokens['session_id']}")
    assert gone.status_code == 204
    assert (await phone.ask("GET", "/v1/account")).status_code == 401
    assert (await tablet.ask("GET", "/v1/account")).status_code == 200
    assert (await laptop.ask("DELETE", f"/v1/auth/sessions/{phone.tokens['session_id']}")).status_code == 404
    await laptop.ask("DELETE", "/v1/auth/sessions")
    assert (await tablet.ask("GET", "/v1/account")).status_code == 401
    assert (await laptop.ask("GET", "/v1/account")).status_code == 200


async def test_sensitive_acts_want_a_proof_of_presence_that_is_ten_minutes_old_at_most(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    key = {"name": "bot", "scopes": ["read"]}

    refused = await ann.ask("POST", "/v1/auth/keys", key)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/step_up_required")
    assert (await ann.ask("POST", "/v1/auth/step-up", {"password": "wrong"})).status_code == 403
    await ann.step_up()
    assert (await ann.ask("POST", "/v1/auth/keys", key)).status_code == 201
    doors.clock.ahead_s += 601
    ann.tokens = (await ann.refresh()).json()
    assert (await ann.ask("POST", "/v1/auth/keys", key)).status_code == 403


async def test_a_copy_of_the_token_from_before_a_proof_of_presence_gains_nothing(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    stolen = ann.bearer
    await ann.step_up()
    doors.identity.gate.forget_all()  # as a process that has not seen either token

    with_copy = await doors.http.post("/v1/auth/keys", json={"name": "bot", "scopes": ["read"]}, headers=stolen)

    assert with_copy.json()["type"] == "/problems/step_up_required"
    assert (await ann.ask("POST", "/v1/auth/keys", {"name": "bot", "scopes": ["read"]})).status_code == 201
    ann.tokens = (await ann.refresh()).json()
    assert (await ann.ask("POST", "/v1/auth/keys", {"name": "two", "scopes": ["read"]})).status_code == 201


async def test_a_session_ends_after_ninety_days_however_often_it_is_used(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    for _ in range(3):
        doors.clock.ahead_s += 29 * 86_400
        ann.tokens = (await ann.refresh()).json()
    assert ann.tokens["refresh_expires_ms"] // 1000 - doors.now_s <= 3 * 86_400
    doors.clock.ahead_s += 3 * 86_400 + 1

    assert (await ann.refresh()).json()["type"] == "/problems/bad_refresh"
    assert (await ann.login()).status_code == 200


async def test_a_new_password_ends_every_other_session(doors: House) -> None:
    ann, other = doors.person(), Person(doors, "ann@crs.example")
    await ann.login()
    await other.login()
    await ann.step_up()

    weak = await ann.ask("POST", "/v1/auth/password", {"current": ann.password, "password": "password1"})
    wrong = await ann.ask("POST", "/v1/auth/password", {"current": "wrong", "password": "four-Herons-in-a-row"})
    good = await ann.ask("POST", "/v1/auth/password", {"current": ann.password, "password": "four-Herons-in-a-row"})

    assert (weak.json()["type"], wrong.json()["type"]) == ("/problems/weak_password", "/problems/wrong_password")
    assert good.status_code == 204
    assert (await other.ask("GET", "/v1/account")).status_code == 401
    assert (await ann.ask("GET", "/v1/account")).status_code == 200
    assert (await other.login()).status_code == 401
    assert (await other.login(password="four-Herons-in-a-row")).status_code == 200
    assert ("ann@crs.example", "The password changed") in [letter[:2] for letter in await doors.letters()]


async def test_a_sign_in_from_a_new_device_is_told_by_mail_and_one_from_a_known_device_is_not(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    await ann.login()

    assert [subject for _, subject, _ in await doors.letters()] == ["New sign-in"]


async def test_a_ticket_lets_one_socket_in_within_half_a_minute(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    gate = doors.identity.gate
    first, second, third = [(await ann.ask("POST", "/v1/auth/ws-ticket")).json()["ticket"] for _ in range(3)]

    entered = await asyncio.gather(*(gate.ticket(first, ip="") for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in entered) == 1
    who = await gate.ticket(second, ip="")
    assert (who.user_id, who.session_id) == (ann.user_id, ann.tokens["session_id"])
    doors.clock.ahead_s += 31
    assert isinstance((await asyncio.gather(gate.ticket(third, ip=""), return_exceptions=True))[0], Exception)


async def test_what_databases_choke_on_is_refused_before_they_see_it(any_doors: House) -> None:
    ann = any_doors.person("ann@crs.example", Role.ADMIN)
    await ann.login()
    await ann.step_up()
    nul = "a\0bcdefgh"
    refresh = ann.signed_refresh()
    public = refresh["device_id"] + refresh["device_id"]
    login = {"email": ann.email, "password": ann.password, "device": {"name": nul, "public_key": public}}

    answers = [
        await any_doors.http.post("/v1/auth/login", json=login),
        await any_doors.http.post("/v1/auth/login", json=login | {"email": f"{nul}@crs.example"}),
        await ann.refresh(refresh | {"nonce": nul}),
        await ann.refresh(refresh | {"refresh_token": nul}),
        await ann.refresh(refresh | {"device_id": nul}),
        await ann.ask("DELETE", "/v1/auth/sessions/a%00b"),
        await ann.ask("GET", "/v1/admin/users?search=a%00b"),
        await ann.ask("GET", "/v1/admin/security-log?subject=a%00b"),
        await ann.ask("GET", "/v1/admin/users/1%00"),
    ]

    assert all(400 <= answer.status_code < 500 for answer in answers), [answer.text for answer in answers]
    with pytest.raises(Refusal):
        await any_doors.identity.gate.key(nul, ip="")
    with pytest.raises(Refusal):
        await any_doors.identity.gate.ticket(nul, ip="")


async def test_one_device_that_signs_in_many_times_at_once_is_one_device(any_doors: House) -> None:
    ann = any_doors.person()
    answers = await asyncio.gather(*(ann.login() for _ in range(6)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["device_id"] for answer in answers}) == 1
    assert len({answer.json()["session_id"] for answer in answers}) == 6


async def test_guesses_at_one_address_are_counted_wherever_they_come_from(tmp_path: Path) -> None:
    async with house(tmp_path / "data", limits="on", trusted_proxies=("127.0.0.1",)) as doors:
        ann = doors.person()
        statuses = []
        for number in range(12):
            doors.http.headers["x-forwarded-for"] = f"203.0.113.{number}"
            statuses.append((await ann.login(password="wrong")).status_code)
        stranger = await Person(doors, "nobody@crs.example").login()

    assert statuses == [401] * 10 + [429] * 2
    assert stranger.status_code == 401


async def test_strangers_who_guess_do_not_lock_a_user_out_of_a_known_device(tmp_path: Path) -> None:
    async with house(tmp_path / "data", limits="on", trusted_proxies=("127.0.0.1",)) as doors:
        ann, fresh = doors.person(), Person(doors, "ann@crs.example")
        doors.http.headers["x-forwarded-for"] = "198.51.100.1"
        await ann.login()
        for number in range(12):
            doors.http.headers["x-forwarded-for"] = f"203.0.113.{number}"
            await Person(doors, "ann@crs.example").login(password="wrong")
        doors.http.headers["x-forwarded-for"] = "198.51.100.1"

        assert (await fresh.login()).status_code == 429
        assert (await ann.login()).status_code == 200


async def test_a_session_and_a_key_outlive_the_server(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as doors:
        ann = doors.person()
        await ann.login()
        made = doors.staff.add_key(ann.email, "bot")
    async with house(tmp_path / "data") as doors:
        ann.house = doors
        assert (await ann.ask("GET", "/v1/account")).status_code == 200
        assert (await ann.refresh()).status_code == 200
        assert (await doors.identity.gate.key(made.api_key, ip="")).user_id == ann.user_id


async def test_what_has_ended_is_deleted_and_what_has_not_goes_on(any_doors: House) -> None:
    ann, ben, cat = any_doors.person(), any_doors.person("ben@crs.example"), Person(any_doors, "cat@crs.example")
    unfinished = {"email": cat.email, "username": "cat", "password": cat.password}
    await any_doors.http.post("/v1/auth/register", json=unfinished)
    await any_doors.letters()
    for person in (ann, ben):
        await person.login()
        await person.refresh()
    await ben.ask("POST", "/v1/auth/logout")
    any_doors.clock.ahead_s += 25 * 86_400
    ann.tokens = (await ann.refresh(ann.signed_refresh(any_doors.successor(ann)))).json()
    await ann.ask("POST", "/v1/auth/ws-ticket")
    any_doors.clock.ahead_s += 10 * 86_400

    any_doors.identity.gate.tidy()

    assert any_doors.counts() == {"session": 2, "refresh_token": 1, "ws_ticket": 0, "crs_user": 2, "check_code": 0}
    assert (await ann.refresh()).status_code == 200
    any_doors.clock.ahead_s += 85 * 86_400
    any_doors.identity.gate.tidy()
    assert any_doors.counts()["session"] == 1, "ben's is long ago, ann's ended a while ago"
    assert any_doors.identity.audit.verify()[1] is None
