"""The models behind the dialogs at a real server: sign up, second factor, keys, sessions, a forgotten password."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pyotp
import pytest

from crs_desktop.viewmodels.server.metrics import MetricsModel
from crs_desktop.viewmodels.server.security import SecurityModel
from crs_desktop.viewmodels.server.sign_in import SignIn, Step
from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap.remote import close_server, find_server
from engine.profile import Profile
from engine.services.session import ServerSession
from engine.wire.metrics import Metrics
from tests.engine.server.harness import Program, program

pytestmark = pytest.mark.integration

EMAIL, PASSWORD, OTHER = "bob@example.org", "four words that differ", "another four words here"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(tmp_path_factory.mktemp("venue") / "server") as running:
        yield running


async def code_from(server: Program, subject: str) -> str:
    """Return the code in the newest letter of a subject."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        letters = sorted(
            (server.data_dir / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True
        )
        for path in letters:
            letter = message_from_bytes(path.read_bytes())
            text = bytes(letter.get_payload(decode=True)).decode()
            if letter["Subject"] == subject and (found := re.search(r" is ([A-Za-z0-9-]{4,20})\.", text)):
                path.unlink()
                return found.group(1)
        await asyncio.sleep(0.05)
    raise AssertionError("no letter came")


async def typed(model: SignIn, **values: str) -> None:
    for name, value in values.items():
        model.set(name, value)
    await model.submit()
    assert model.problem.source == "", str(model.problem)
    assert model.problems == {}


async def test_a_person_signs_up_secures_the_account_forgets_the_password_and_comes_back(
    server: Program, tmp_path: Path
) -> None:
    sessions: list[ServerSession] = []

    async def connect(url: str) -> ServerSession:
        sessions.append(await find_server(Profile(tmp_path), url, MemorySecrets()))
        return sessions[-1]

    model = SignIn(connect)
    await typed(model, url=server.url)
    model.go(Step.REGISTER)
    await typed(model, email=EMAIL, username="bob", new_password=PASSWORD)
    await typed(model, mail_code=await code_from(server, "Your check code"))
    assert model.step is Step.DONE
    session = sessions[0]
    assert session.user is not None
    assert [each.account for each in session.accounts] != []

    security = SecurityModel(session)
    await security.read()
    assert [each.current for each in security.sessions] == [True]
    await security.enroll()
    assert security.proof is not None
    assert not security.proof.by_code
    await security.prove(PASSWORD)
    assert security.offer is not None
    authenticator = pyotp.TOTP(security.offer.secret)
    await security.confirm(authenticator.now())
    codes = security.codes
    assert security.mfa
    assert len(codes) >= 8
    security.dismiss()

    await security.make_key("Bot", ("read",), "127.0.0.1")
    if security.proof is not None:  # the proof from before may still count
        await security.prove(codes[0])
    assert security.secret is not None, str(security.problem)
    assert security.secret.secret not in repr(security.key_rows())
    assert [str(row.cells[0].text) for row in security.key_rows()] == ["Bot"]
    await security.end_key(security.key_rows()[0].key)
    assert security.keys == ()

    metrics = MetricsModel(lambda: session.api.call("GET", "/v1/metrics", Metrics), "here", time.monotonic)
    await metrics.read()
    assert metrics.problem.source  # a trader is none who may see that
    assert metrics.metrics is None

    assert await security.sign_out()
    model = SignIn(connect, url=server.url, email=EMAIL, access=session)
    model.go(Step.FORGOT)
    await typed(model, email=EMAIL)
    await typed(model, mail_code=await code_from(server, "Your code for a new password"), new_password=OTHER)
    await typed(model, password=OTHER)
    assert model.step is Step.CODE
    await typed(model, code=codes[1])
    assert session.is_signed_in
    for each in sessions:
        await close_server(each)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("https://127.0.0.1:1", "127.0.0.1:1"),
        ("http://example.org", "in the clear"),
        ("nowhere.invalid", "nowhere.invalid"),
    ],
)
async def test_an_address_where_no_server_is_gets_a_sentence(text: str, part: str, tmp_path: Path) -> None:
    async def connect(url: str) -> ServerSession:
        return await find_server(Profile(tmp_path), url, MemorySecrets())

    model = SignIn(connect)
    model.set("url", text)
    await model.submit()

    said = str(model.problem) + "".join(str(each) for each in model.problems.values())
    assert part in said
    assert said.endswith(".")
    assert model.step is Step.SERVER


async def test_another_program_that_answers_is_not_taken_for_a_server(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        page = b"<html><body>Please sign in to the network</body></html>"
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(page) + page)
        await writer.drain()
        writer.close()

    stranger = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = stranger.sockets[0].getsockname()[1]

    async def connect(url: str) -> ServerSession:
        return await find_server(Profile(tmp_path), url, MemorySecrets())

    model = SignIn(connect)
    model.set("url", f"127.0.0.1:{port}")
    await model.submit()
    stranger.close()
    await stranger.wait_closed()

    assert model.step is Step.SERVER
    assert f"127.0.0.1:{port}" in str(model.problem)
    assert "<html" not in str(model.problem)
