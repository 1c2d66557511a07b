"""The security log in both databases, while others write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from engine.server.auth.parts import Parts, open_parts
from engine.server.auth.staff import Staff
from engine.server.principal import Role
from engine.server.settings import load_settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    with ExitStack() as stack:
        options: dict[str, Any] = {}
        if request.param == "postgres":
            options["database"] = stack.enter_context(request.getfixturevalue("postgres").database())
        opened = open_parts(load_settings(tmp_path / "data", **options))
        stack.callback(opened.close)
        yield opened


def test_a_line_that_is_added_while_the_log_is_verified_breaks_nothing(parts: Parts) -> None:
    parts.audit.append_now("first")
    added: list[int] = []

    def meanwhile(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM security_log" in statement and not added:  # after the end of the log was read
            added.append(0)
            with ThreadPoolExecutor(1) as other:
                added[0] = other.submit(parts.audit.append_now, "second").result()

    sa.event.listen(parts.database.engine, "before_cursor_execute", meanwhile)
    tip, broken = parts.audit.verify()

    assert added == [2]
    assert (tip.seq, broken) == (1, None)


def test_two_administrators_who_depose_each_other_at_once_leave_one(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(parts)
    ids = [staff.add_user(f"{name}@crs.test", "a long password", role=Role.ADMIN).user.id for name in ("ada", "bob")]
    record = Staff._record

    def record_slowly(self: Staff, connection: sa.Connection, *told: Any, **data: Any) -> int:  # noqa: ANN401
        time.sleep(0.2)
        return record(self, connection, *told, **data)

    monkeypatch.setattr(Staff, "_record", record_slowly)

    def depose(user_id: int) -> bool:
        try:
            staff.set_role(user_id, Role.TRADER)
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(depose, ids)) == [False, True]
