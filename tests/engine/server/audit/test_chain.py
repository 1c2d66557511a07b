"""The chain of the security log: whatever is done to it without the key is found."""

from __future__ import annotations

import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from engine.server.audit.chain import GENESIS, Line, Tip, canonical, first_break, marked
from engine.server.auth.parts import Parts, open_parts
from engine.server.db.tables import security_log, security_tip
from engine.server.settings import load_settings

KEY = b"k" * 32


def mark(message: bytes) -> str:
    return hmac.new(KEY, message, "sha256").hexdigest()


def chain(count: int) -> list[Line]:
    lines: list[Line] = []
    before = GENESIS
    for seq in range(1, count + 1):
        told = (seq, seq * 10, f"kind{seq % 3}", "user:1", f"user:{seq % 2}", canonical({"n": seq}))
        before = marked(mark, before, *told)
        lines.append(Line(*told, before))
    return lines


def tip_of(lines: list[Line]) -> Tip:
    return Tip(lines[-1].seq, lines[-1].hash) if lines else Tip()


def test_the_mark_is_the_hmac_of_what_stands_in_the_line() -> None:
    line = chain(1)[0]
    text = '[1,10,"kind1","user:1","user:1","{\\"n\\":1}"]'
    assert line.hash == hmac.new(KEY, f"{GENESIS}\n{text}".encode(), "sha256").hexdigest()
    assert json.loads(text)[-1] == line.data


def test_an_untouched_log_is_whole() -> None:
    for count in (0, 1, 7):
        assert first_break(chain(count), mark, tip_of(chain(count))) is None


@given(st.integers(0, 6), st.sampled_from(["at_ns", "kind", "actor", "subject", "data", "hash"]))
def test_an_edited_line_is_found(index: int, field: str) -> None:
    lines = chain(7)
    value = getattr(lines[index], field)
    told = lines[index]._asdict() | {field: value + 1 if isinstance(value, int) else value + " "}
    lines[index] = Line(**told)
    broken = first_break(lines, mark, tip_of(chain(7)))
    assert broken is not None
    assert broken.seq in (index + 1, index + 2)


@given(st.integers(0, 6))
def test_a_deleted_line_is_found_also_when_the_rest_is_renumbered(index: int) -> None:
    whole = chain(7)
    left = whole[:index] + whole[index + 1 :]
    renumbered = [line._replace(seq=number) for number, line in enumerate(left, 1)]
    for lines in (left, renumbered):
        assert first_break(lines, mark, tip_of(whole)) is not None


@given(st.permutations(range(7)))
def test_another_order_is_found(order: list[int]) -> None:
    whole = chain(7)
    lines = [whole[index]._replace(seq=number) for number, index in enumerate(order, 1)]
    assert (first_break(lines, mark, tip_of(whole)) is None) == (order == list(range(7)))


@given(st.integers(0, 6))
def test_a_line_that_stands_twice_is_found(index: int) -> None:
    whole = chain(7)
    twice = [*whole[: index + 1], whole[index], *whole[index + 1 :]]
    renumbered = [line._replace(seq=number) for number, line in enumerate(twice, 1)]
    for lines in (twice, renumbered):
        assert first_break(lines, mark, tip_of(whole)) is not None


@given(st.integers(0, 6))
def test_a_tail_that_was_cut_together_with_the_tip_is_found_by_an_anchor_only(kept: int) -> None:
    whole = chain(7)
    cut = whole[:kept]
    assert first_break(cut, mark, tip_of(whole)) is not None
    assert first_break(cut, mark, tip_of(cut)) is None, "nothing in the database tells"
    assert first_break(cut, mark, tip_of(cut), [tip_of(whole)]) is not None
    assert first_break(whole, mark, tip_of(whole), [tip_of(cut), tip_of(whole)]) is None


def test_a_log_written_anew_with_the_key_is_found_by_an_anchor() -> None:
    anchor = Tip(3, "f" * 64)
    broken = first_break(chain(7), mark, tip_of(chain(7)), [anchor])
    assert broken is not None
    assert broken.seq == 3


@pytest.fixture(params=["sqlite", "postgres"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Parts:
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")
    opened = open_parts(load_settings(tmp_path / "data", database=url))
    request.addfinalizer(opened.close)  # noqa: PT021 - the other fixture is asked for by one of two only
    return opened


@pytest.fixture
def fresh_postgres(request: pytest.FixtureRequest) -> object:
    with request.getfixturevalue("postgres").database() as url:
        yield url


def test_several_writers_append_in_one_order(parts: Parts) -> None:
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: parts.audit.append_now("test", n=n), range(40)))

    assert sorted(numbers) == list(range(1, 41))
    tip, broken = parts.audit.verify()
    assert (tip.seq, broken) == (40, None)


def test_what_is_done_to_the_table_is_found(parts: Parts) -> None:
    for number in range(5):
        parts.audit.append_now("test", subject="user:1", n=number)
    anchor = parts.audit.tip()
    with parts.database.writing() as connection:
        connection.execute(security_log.delete().where(security_log.c.seq > 3))
    assert parts.audit.verify()[1] is not None
    with parts.database.writing() as connection:
        last = connection.execute(sa.select(security_log).where(security_log.c.seq == 3)).one()
        connection.execute(security_tip.update().values(seq=3, hash=last.hash))
    assert parts.audit.verify()[1] is None
    assert parts.audit.verify((anchor,))[1] is not None


def test_a_line_is_there_only_if_its_act_is(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "engine.server.audit.log")
    with pytest.raises(RuntimeError), parts.database.writing() as connection:  # noqa: PT012 - that is the point
        parts.audit.record(connection, "act")
        raise RuntimeError
    assert parts.audit.page() == []
    assert parts.audit.append_now("next", subject="user:7") == 1
    told = [(each.seq, each.kind, each.subject) for each in caplog.records]  # type: ignore[attr-defined] # from extra
    assert told == [(1, "next", "user:7")], "and whoever collects logs is told of it, once"
