"""What must never be written down in clear is searched for in everything that a server writes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.engine.server.auth.house import PASSWORD, Person, house

NEXT = "four-Herons-in-a-row"


async def test_no_secret_is_in_a_log_a_database_or_a_letter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets: dict[str, str] = {"password": PASSWORD, "next password": NEXT}
    async with house(tmp_path / "data") as doors:
        shown = {"email": "ann@crs.example", "username": "ann", "password": PASSWORD}
        await doors.http.post("/v1/auth/register", json=shown)
        ann = Person(doors, "ann@crs.example")
        code = await doors.code(ann.email)
        await doors.http.post("/v1/auth/verify", json={"email": ann.email, "code": code})
        await ann.login(password="a-wrong-canary-Password")
        await ann.login()
        secrets |= {name: ann.tokens[name] for name in ("access_token", "refresh_token")}
        secrets["successor"] = (await ann.refresh()).json()["refresh_token"]
        recovery = await ann.with_factor()
        assert ann.otp is not None
        secrets |= {"totp": ann.otp.secret, "recovery code": recovery[0], "wrong password": "a-wrong-canary-Password"}
        await ann.step_up()
        made = (await ann.ask("POST", "/v1/auth/keys", {"name": "bot", "scopes": ["read"]})).json()
        secrets |= {"api secret": made["secret"]}
        secrets["ticket"] = (await ann.ask("POST", "/v1/auth/ws-ticket")).json()["ticket"]
        await ann.ask("POST", "/v1/auth/password", {"current": PASSWORD, "password": NEXT})
        await ann.refresh(ann.signed_refresh() | {"signature": "x"})
        letters = await doors.letters()
        things = (doors.identity, doors.identity.parts, doors.identity.parts.keys, doors.identity.parts.signing)
        shown_by_repr = " ".join(map(repr, things))
    printed = capsys.readouterr()
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    files = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert {"accounts.sqlite", "crs.sqlite", "pepper"} <= {path.name for path in files}

    for name, secret in secrets.items():
        assert secret not in logged, f"{name} is in the log"
        assert secret not in printed.out + printed.err, f"{name} was printed"
        assert secret not in shown_by_repr, f"{name} is in a repr"
        where = [path.name for path, held in files.items() if secret.encode() in held]
        assert where == [], f"{name} is in {where}"
        assert not any(secret in text for _, _, text in letters), f"{name} was mailed"
    assert all(code not in text for _, subject, text in letters if subject != "Your check code")
    assert not any(code.encode() in held for path, held in files.items() if path.suffix != ".eml")
    for path, held in files.items():
        if "keys" in path.parts:
            assert held.hex() not in logged
            assert not any(held in other for name, other in files.items() if name != path), f"{path.name} was copied"
