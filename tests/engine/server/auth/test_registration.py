"""Signing up by e-mail, and coming back without the password."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.engine.server.auth.house import PASSWORD, House, Person, house

BODY = {"email": "Ann@CRS.example", "username": "ann", "password": PASSWORD}

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def post(doors: House, what: str, **body: object) -> httpx.Response:
    return await doors.http.post(f"/v1/auth/{what}", json=body)


async def test_a_code_that_came_by_mail_makes_a_user(any_doors: House) -> None:
    ann = Person(any_doors, "ann@crs.example")
    assert (await post(any_doors, "register", **BODY)).status_code == 202
    assert (await ann.login()).json()["type"] == "/problems/not_verified"
    code = await any_doors.code("ann@crs.example")
    assert len(code) == 8

    assert (await post(any_doors, "verify", email="ann@crs.example", code=code)).status_code == 204

    assert (await ann.login()).status_code == 200
    assert (await post(any_doors, "verify", email="ann@crs.example", code=code)).json()["type"] == "/problems/bad_code"


async def test_a_code_has_five_tries_and_ten_minutes(doors: House) -> None:
    await post(doors, "register", **BODY)
    code = await doors.code("ann@crs.example")
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(5):
        await post(doors, "verify", email="ann@crs.example", code=wrong)
    assert (await post(doors, "verify", email="ann@crs.example", code=code)).status_code == 422

    doors.clock.ahead_s += 61
    await post(doors, "resend", email="ann@crs.example")
    late = await doors.code("ann@crs.example")
    doors.clock.ahead_s += 601
    assert (await post(doors, "verify", email="ann@crs.example", code=late)).status_code == 422


async def test_letters_to_one_address_are_a_minute_apart(doors: House) -> None:
    await post(doors, "register", **BODY)
    await doors.letters()
    for _ in range(3):
        await post(doors, "resend", email="ann@crs.example")
    assert len(await doors.letters()) == 1
    doors.clock.ahead_s += 61
    await post(doors, "resend", email="ann@crs.example")
    assert len(await doors.letters()) == 2


async def test_nobody_learns_who_is_registered(doors: House) -> None:
    doors.person("ben@crs.example")

    known = await post(doors, "register", **(BODY | {"email": "ben@crs.example"}))
    fresh = await post(doors, "register", **(BODY | {"username": "cat"}))
    asked = [
        await post(doors, "password/forgot", email=who) for who in ("ben@crs.example", "no@crs.example", "no address")
    ]
    tried = [
        await post(doors, "password/reset", email=who, code="00000000", password="four-Herons-in-a-row")
        for who in ("ben@crs.example", "no@crs.example")
    ]

    assert (known.status_code, known.content) == (fresh.status_code, fresh.content) == (202, b"")
    assert {(each.status_code, each.content) for each in asked} == {(202, b"")}
    assert tried[0].json() | {"instance": ""} == tried[1].json() | {"instance": ""}
    assert sorted(each[:2] for each in await doors.letters()) == [
        ("ann@crs.example", "Your check code"),
        ("ben@crs.example", "You are registered already"),
        ("ben@crs.example", "Your code for a new password"),
    ]


async def test_whoever_registers_an_address_first_without_owning_it_does_not_get_its_user(doors: House) -> None:
    await post(doors, "register", email="ann@crs.example", username="mallory", password="mallory-was-here-before")
    await doors.letters()
    doors.clock.ahead_s += 61
    await post(doors, "register", **BODY)
    await post(doors, "verify", email="ann@crs.example", code=await doors.code("ann@crs.example"))

    ann = Person(doors, "ann@crs.example")
    assert (await ann.login(password="mallory-was-here-before")).status_code == 401
    assert (await ann.login()).status_code == 200
    assert (await ann.ask("GET", "/v1/account")).json()["username"] == "ann"


async def test_whoever_registers_an_address_last_without_owning_it_does_not_get_its_user_either(doors: House) -> None:
    await post(doors, "register", **BODY)
    for_ann = await doors.code("ann@crs.example")
    await post(doors, "register", email="ann@crs.example", username="mallory", password="mallory-was-here-after")

    old = await post(doors, "verify", email="ann@crs.example", code=for_ann)
    doors.clock.ahead_s += 61
    await post(doors, "resend", email="ann@crs.example")
    for_mallory = {"email": "ann@crs.example", "code": await doors.code("ann@crs.example")}
    meant = await post(doors, "verify", **for_mallory, password=PASSWORD)

    assert (old.status_code, meant.json()["type"]) == (422, "/problems/bad_code")
    ann = Person(doors, "ann@crs.example")
    refused = await ann.login(password="mallory-was-here-after")
    assert refused.json()["type"] == "/problems/not_verified"
    await post(doors, "register", **BODY)
    doors.clock.ahead_s += 61
    await post(doors, "resend", email="ann@crs.example")
    for_ann = await doors.code("ann@crs.example")
    right = await post(doors, "verify", email="ann@crs.example", code=for_ann, password=PASSWORD)
    assert right.status_code == 204
    assert (await ann.login()).status_code == 200


async def test_bad_input_is_refused_with_a_sentence(doors: House) -> None:
    doors.person("ben@crs.example")
    refused = {
        "weak_password": BODY | {"password": "ann@crs.example"},
        "username_taken": BODY | {"username": "BEN"},
        "invalid": BODY | {"email": "ann@crs..example"},
        "bad_request": BODY | {"username": "<b>"},
    }
    for word, body in refused.items():
        answer = await post(doors, "register", **body)
        assert answer.json()["type"] == f"/problems/{word}", answer.text
        assert answer.json()["detail"].endswith(".")
        assert answer.status_code in (400, 409, 422)


async def test_a_forgotten_password_is_replaced_by_code_and_every_session_ends(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    doors.staff.add_key(ann.email, "bot")
    await post(doors, "password/forgot", email="ann@crs.example")
    code = await doors.code("ann@crs.example")

    reset = await post(doors, "password/reset", email="ann@crs.example", code=code, password="four-Herons-in-a-row")

    assert reset.status_code == 204
    assert (await ann.ask("GET", "/v1/account")).status_code == 401
    assert (await ann.login()).status_code == 401
    assert (await ann.login(password="four-Herons-in-a-row")).status_code == 200
    assert doors.kinds().count("password.reset") == 1
    told = next(text for _, subject, text in await doors.letters() if subject == "The password changed")
    assert "API keys still in force: 1." in told


async def test_a_server_can_be_closed_to_new_users(tmp_path: Path) -> None:
    async with house(tmp_path / "data", registration=False) as doors:
        assert (await post(doors, "register", **BODY)).json()["type"] == "/problems/registration_closed"
