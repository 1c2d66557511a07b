"""`crs server user|key|account|keys|audit`, as operators type it, beside a server that runs."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from engine.cli.__main__ import main
from tests.engine.server.auth.house import PASSWORD, Person, house

ANN = ("--email", "ann@crs.example")


class Crs(Protocol):
    """Runs a verb of `crs server`; returns its status and what it printed."""

    def __call__(self, verb: str, act: str, *arguments: str, stdin: str = "") -> tuple[int, str]: ...


@pytest.fixture
def crs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Crs:
    """Return a function that runs a verb and returns its status and what it printed."""

    def run(verb: str, act: str, *arguments: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = main(["server", verb, act, "--data-dir", str(tmp_path / "data"), *arguments])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def test_a_user_and_a_key_are_made_in_a_new_directory(crs: Crs, tmp_path: Path) -> None:
    status, said = crs("user", "add", *ANN, "--password-stdin", "--json", stdin=f"{PASSWORD}\nsecond line\n")
    assert status == 0
    assert json.loads(said)["accounts"] == ["U-1"]
    status, said = crs("key", "add", *ANN, "--json")
    made = json.loads(said)
    assert status == 0
    assert min(len(made["api_key"]), len(made["secret"])) >= 64
    assert (tmp_path / "data" / "accounts.sqlite").stat().st_mode & 0o077 == 0


def test_a_running_server_knows_a_new_user_and_a_new_key_at_once(crs: Crs, tmp_path: Path) -> None:
    async def beside() -> None:
        async with house(tmp_path / "data") as doors:
            await asyncio.to_thread(crs, "user", "add", *ANN, "--password-stdin", stdin=PASSWORD)
            _, said = await asyncio.to_thread(crs, "key", "add", *ANN, "--json")
            ann = Person(doors, "ann@crs.example")
            assert (await ann.login()).status_code == 200
            assert (await doors.identity.gate.key(json.loads(said)["api_key"], ip="")).account == "U-1"
            await asyncio.to_thread(crs, "account", "add", *ANN, "--name", "Second")
            await asyncio.to_thread(crs, "user", "role", *ANN, "--role", "support")
            await doors.identity.gate.look()
            me = (await ann.ask("GET", "/v1/account")).json()
            assert [each["account"] for each in me["accounts"]] == ["U-1", "U-2"]
            assert me["role"] == "support"
            await asyncio.to_thread(crs, "user", "logout", *ANN)
            await doors.identity.gate.look()
            assert (await ann.ask("GET", "/v1/account")).status_code == 401

    asyncio.run(beside())


def test_what_cannot_be_is_refused_with_a_sentence(crs: Crs) -> None:
    crs("user", "add", *ANN, "--password-stdin", "--role", "admin", stdin=PASSWORD)
    for verb, act, *arguments in (
        ("user", "add", *ANN, "--password-stdin"),
        ("user", "add", "--email", "ann", "--password-stdin"),
        ("user", "add", "--email", "b@crs.example", "--password-stdin", "--username", "a"),
        ("user", "add", "--email", "b@crs.example", "--password-stdin", "--username", "ANN"),
        ("user", "lock", "--email", "nobody@crs.example"),
        ("user", "role", *ANN, "--role", "trader"),
        ("key", "add", *ANN, "--scopes", "withdraw"),
        ("key", "add", *ANN, "--address", "somewhere"),
        ("key", "revoke", *ANN, "7"),
    ):
        status, said = crs(verb, act, *arguments, stdin=PASSWORD)
        assert status == 2, (verb, act, arguments)
        assert said.startswith("crs: ")
        assert said.strip().endswith(".")
    assert crs("user", "add", "--email", "c@crs.example", "--password-stdin", stdin="\n")[0] == 2
    assert crs("user", "add", "--email", "c@crs.example", "--password-stdin", stdin="short\n")[0] == 2


def test_users_and_keys_are_listed_and_taken_back(crs: Crs) -> None:
    crs("user", "add", *ANN, "--password-stdin", stdin=PASSWORD)
    made = json.loads(crs("key", "add", *ANN, "--json", "--name", "bot")[1])

    assert json.loads(crs("user", "list", "ANN", "--json")[1])[0]["state"] == "active"
    assert crs("user", "list", "100%")[1].strip() == "Users: none"
    listed = crs("key", "list", *ANN)[1]
    assert "bot" in listed
    assert made["secret"] not in listed
    assert crs("key", "revoke", *ANN, str(made["key_id"]))[0] == 0
    assert crs("key", "list", *ANN)[1].strip() == "API keys: none"
    assert crs("user", "lock", *ANN)[0] == crs("user", "unlock", *ANN)[0] == 0
    assert crs("user", "password", *ANN, "--password-stdin", stdin="four-Herons-in-a-row")[0] == 0
    assert crs("keys", "rotate")[0] == crs("keys", "rotate", "--drop-old")[0] == 0


def test_the_log_is_verified_anchored_and_listed(crs: Crs, tmp_path: Path) -> None:
    crs("user", "add", *ANN, "--password-stdin", stdin=PASSWORD)
    crs("key", "add", *ANN)
    anchors = str(tmp_path / "anchors")
    assert crs("audit", "anchor", "--append", anchors)[0] == 0
    assert crs("audit", "verify", "--anchors", anchors) == (0, crs("audit", "verify", "--anchors", anchors)[1])
    assert [each["kind"] for each in json.loads(crs("audit", "list", "--json")[1])] == ["key.added", "user.added"]
    assert "ann@crs.example" not in crs("audit", "list")[1], "people are named by reference only"
    with closing(sqlite3.connect(tmp_path / "data" / "accounts.sqlite")) as connection, connection:
        connection.execute("UPDATE security_log SET data = '{}' WHERE seq = 1")
    status, said = crs("audit", "verify", "--json")
    assert (status, json.loads(said)["broken_at"]) == (1, 1)
    assert crs("audit", "verify", "--anchors", str(tmp_path / "none"))[0] == 2
