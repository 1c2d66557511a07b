"""Rows 32 to 35: stolen and shared refresh tokens, keys that change under way, codes that are tried out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.server.auth.token import SigningKeys
from engine.server.keyfiles import KeyFiles
from tests.engine.server.auth.house import House, Person, house


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, or nothing for SQLite."""
    if request.param == "sqlite":
        yield ""
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


async def test_row_32_a_used_refresh_token_ends_the_session_on_both_sides(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as doors:
        ann = doors.person()
        await ann.login()
        thief = Person(doors, ann.email, device=ann.device, tokens=dict(ann.tokens))  # has the device's key too
        thief.tokens = (await thief.refresh()).json()
        doors.clock.ahead_s += 11

        refused = await ann.refresh()

        assert refused.json()["type"] == "/problems/reused"
        for each in (ann, thief):
            assert (await each.ask("GET", "/v1/account")).status_code == 401
            assert (await each.refresh()).json()["type"] == "/problems/bad_refresh"
        assert doors.kinds().count("refresh.reused") == 1
        assert ("ann@crs.example", "A session was ended") in [letter[:2] for letter in await doors.letters()]


async def refreshed_by_two(doors: House, ann: Person, rounds: int) -> Counter[int]:
    """Let two windows of one device refresh at the same time, over and over."""
    statuses: Counter[int] = Counter()
    for _ in range(rounds):
        answers = await asyncio.gather(*(ann.refresh() for _ in range(2)))
        statuses.update(answer.status_code for answer in answers)
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1, "both got the one successor"
        ann.tokens = answers[0].json()
    return statuses


async def test_row_33_two_windows_that_refresh_at_once_stay_one_session(tmp_path: Path, database: str) -> None:
    async with house(tmp_path / "data", database=database or None) as doors:
        ann = doors.person()
        await ann.login()

        assert await refreshed_by_two(doors, ann, 20) == {200: 40}

        assert len((await ann.ask("GET", "/v1/auth/sessions")).json()["sessions"]) == 1
        assert "refresh.reused" not in doors.kinds()


@pytest.mark.soak
async def test_row_33_five_hundred_races_leave_one_session(tmp_path: Path, database: str) -> None:
    async with house(tmp_path / "data", database=database or None) as doors:
        ann = doors.person()
        await ann.login()
        assert await refreshed_by_two(doors, ann, 500) == {200: 1_000}
        assert len((await ann.ask("GET", "/v1/auth/sessions")).json()["sessions"]) == 1


async def test_row_34_no_request_fails_while_the_signing_key_is_rotated(tmp_path: Path) -> None:
    async with house(tmp_path / "data") as doors:
        ann = doors.person()
        await ann.login()
        old = ann.bearer["authorization"].removeprefix("Bearer ")
        another_process = SigningKeys(KeyFiles(doors.data_dir).signing_dir)

        for _ in range(5):  # requests go on while a command of another process rotates
            requests = [ann.ask("GET", "/v1/account") for _ in range(8)]
            rotation = asyncio.to_thread(another_process.rotate, doors.clock.wall())
            answers, _ = await asyncio.gather(asyncio.gather(*requests), rotation)
            assert {answer.status_code for answer in answers} == {200}
            doors.identity.parts.signing.read_again()
            ann.tokens = (await ann.refresh()).json()

        keys = list((doors.data_dir / "keys" / "signing").glob("*.key"))
        assert len(keys) == 6
        doors.identity.gate.forget_all()
        assert (await doors.http.get("/v1/account", headers={"authorization": f"Bearer {old}"})).status_code == 200
        doors.clock.ahead_s += 601
        assert (await doors.http.get("/v1/account", headers={"authorization": f"Bearer {old}"})).status_code == 401
        doors.clock.ahead_s += 61
        another_process.rotate(doors.clock.wall())
        assert len(list((doors.data_dir / "keys" / "signing").glob("*.key"))) == 2, "those that nobody needs are gone"


async def test_row_35_a_one_time_password_works_once_and_guessing_rests(tmp_path: Path, database: str) -> None:
    async with house(tmp_path / "data", database=database or None) as doors:
        ann = doors.person()
        await ann.login()
        await ann.with_factor()
        code = ann.one_time()

        at_once = await asyncio.gather(*(ann.login(code=code) for _ in range(3)))

        assert sorted(answer.status_code for answer in at_once) == [200, 401, 401]
        wrong = f"{(int(ann.one_time()) + 1) % 10**6:06}"
        for _ in range(3):  # two were wrong above: a code that was used counts as one
            await ann.login(code=wrong)
        resting = await ann.login(code=ann.one_time())
        assert (resting.status_code, resting.json()["type"]) == (429, "/problems/mfa_resting")
        assert resting.json()["retry_after_s"] > 0
        doors.clock.ahead_s += 901
        assert (await ann.login(code=ann.one_time())).status_code == 200
        assert "mfa.resting" in doors.kinds()
