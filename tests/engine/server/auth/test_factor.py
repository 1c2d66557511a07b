"""The second factor: when a code is good, what stands in for it."""

from __future__ import annotations

import pyotp
import pytest

from engine.server.auth.factor import _ALPHABET
from tests.engine.server.auth.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_factor_that_is_on_is_asked_for_after_the_password(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    await ann.with_factor()

    asked = await ann.login()
    assert (asked.status_code, asked.json()["type"]) == (401, "/problems/mfa_required")
    assert asked.json()["methods"] == ["totp", "recovery"]
    assert (await ann.login(password="wrong")).json()["type"] == "/problems/bad_login"
    assert (await ann.login(code=ann.one_time())).status_code == 200
    assert (await ann.ask("GET", "/v1/account")).json()["mfa"] is True


@pytest.mark.parametrize(
    ("asked_at", "made_at", "good"),
    [(0, 0, True), (29, 0, True), (39, 0, True), (40, 0, False), (59, 0, False), (0, 30, False), (29, 31, False)],
)
async def test_a_code_is_good_for_its_half_minute_and_ten_seconds_more(
    doors: House, asked_at: int, made_at: int, good: bool
) -> None:
    ann = doors.person()
    await ann.login()
    await ann.with_factor()
    assert ann.otp is not None
    doors.clock.ahead_s += 61
    begun = doors.now_s + 30 - doors.now_s % 30
    code = ann.otp.at(begun + made_at)
    doors.clock.ahead_s += begun + asked_at + 0.2 - doors.clock.wall() / 10**9

    assert (await ann.login(code=code)).status_code == (200 if good else 401)


async def test_recovery_codes_work_once_each_and_new_ones_replace_them(any_doors: House) -> None:
    ann = any_doors.person()
    await ann.login()
    codes = await ann.with_factor()
    assert len(set(codes)) == 10
    assert all(len(set(_ALPHABET)) ** len(each.replace("-", "")) >= 2**112 for each in codes)

    assert (await ann.login(code=codes[0].upper())).status_code == 200
    assert (await ann.login(code=codes[0])).status_code == 401
    await ann.step_up()
    fresh = (await ann.ask("POST", "/v1/auth/recovery-codes")).json()["codes"]
    assert (await ann.login(code=codes[1])).status_code == 401
    assert (await ann.login(code=fresh[1])).status_code == 200


async def test_an_offer_is_not_in_force_until_it_is_confirmed(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    await ann.step_up()
    offer = (await ann.ask("POST", "/v1/auth/mfa/enroll")).json()

    parsed = pyotp.parse_uri(offer["uri"])
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.secret, parsed.name, parsed.issuer) == (offer["secret"], "ann@crs.example", "CRS")
    assert (await ann.ask("POST", "/v1/auth/mfa/confirm", {"code": "000000"})).status_code == 401
    assert (await ann.login()).status_code == 200


async def test_the_factor_is_switched_off_by_one_of_its_codes(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    await ann.with_factor()

    assert (await ann.ask("POST", "/v1/auth/mfa/disable", {"code": "123456"})).status_code == 401
    assert (await ann.ask("POST", "/v1/auth/mfa/disable", {"code": ann.one_time()})).status_code == 204
    assert (await ann.login()).status_code == 200
    assert (await ann.ask("POST", "/v1/auth/mfa/disable", {"code": "123456"})).json()["type"] == "/problems/mfa_off"


async def test_what_takes_a_factor_away_wants_a_whole_sign_in_just_before(doors: House) -> None:
    ann = doors.person()
    await ann.login()
    await ann.with_factor()
    doors.clock.ahead_s += 601
    ann.tokens = (await ann.refresh()).json()
    await ann.step_up()

    off = await ann.ask("POST", "/v1/auth/mfa/disable", {"code": ann.one_time()})
    fresh = await ann.ask("POST", "/v1/auth/recovery-codes")

    assert {off.json()["type"], fresh.json()["type"]} == {"/problems/sign_in_again"}
    await ann.login(code=ann.one_time())
    assert (await ann.ask("POST", "/v1/auth/mfa/disable", {"code": ann.one_time()})).status_code == 204
