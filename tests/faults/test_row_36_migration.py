"""Fault row 36: migrations of a populated database, there and back, and killed half way; on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sql.address import store_at
from engine.adapters.sql.database import KNOWN, REVISION
from engine.adapters.sql.migrations import downgrade, upgrade
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Store
from engine.adapters.sql.verify import verify
from engine.domain.command import SetLotMethod
from engine.domain.number import Nanos
from engine.domain.order import LotMethod
from tests.engine.adapters.databases import Copies, Databases, Files, content, edit, url_of
from tests.engine.adapters.journaled import ME, Book, trade
from tests.services import Postgres

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]

BAR = "INSERT INTO market_data VALUES ('BTC/USDT', '1m', 60, '1', '2', '0.5', '1.5', '10', 3)"
WRITER = "INSERT INTO writer VALUES ('main', 7, 'there', 1, 2) ON CONFLICT (shard) DO UPDATE SET epoch = 7"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made: Databases
    if request.param == "sqlite":
        made = Files(tmp_path_factory.mktemp("row36"))
    else:
        postgres = request.getfixturevalue("postgres")
        made = Copies(postgres, postgres.create())
    yield made
    made.close()


@pytest.fixture(scope="module")
def lived(kind: Databases) -> Store:
    """A database in which everything that a migration touches holds something."""
    book = Book(kind.new(empty=True))
    book.open()
    trade(book, 40)
    book.journal.append([SetLotMethod(ME, LotMethod.LIFO)], Nanos(book.now)).result()
    book.journal.snapshot(b"state", Nanos(book.now), {}).result()
    book.journal.close()
    edit(book.store, BAR, WRITER)
    return book.store


def moved(store: Store, to: str) -> dict[str, Any]:
    """Move a database to a version and return what is in it then."""
    engine, stored = store.engine(), store.revision() or ""
    (upgrade if to > stored else downgrade)(engine, to)
    engine.dispose()
    return content(store)


@pytest.mark.parametrize("to", KNOWN[:-1])
def test_row_36_down_and_up_again_gives_equal_schema_and_data(kind: Databases, lived: Store, to: str) -> None:
    store = kind.copy(lived)
    before = content(store)

    down = moved(store, to)
    after = moved(store, REVISION)

    assert "ix_journal_account_seq" not in down["journal"][1]
    assert down["journal"][3] == before["journal"][3]
    assert {name: after[name] for name in before if name != "account_snapshot"} == {
        name: each for name, each in before.items() if name != "account_snapshot"
    }
    with Reader(store) as reader:
        assert verify(reader).records == len(before["journal"][3])


CODE = """
import os, sys
from sqlalchemy import event
from engine.adapters.sql.address import store_at
from engine.adapters.sql.migrations import downgrade, upgrade

url, to, left = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = store_at(url)
engine = store.engine()

@event.listens_for(engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os._exit(9)

(upgrade if to > (store.revision() or "") else downgrade)(engine, to)
"""


def killed(store: Store, to: str, after: int) -> bool:
    """Migrate in a process of its own that dies before a statement; return whether it got to the end."""
    command = [sys.executable, "-c", CODE, url_of(store), to, str(after)]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), check=False)
    assert done.returncode in (0, 9)
    return done.returncode == 0


PLACES = (14, *(pytest.param(place, marks=pytest.mark.soak) for place in (2, 6, 10, 20, 30, 40)))
"""Statements before which the process dies."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("to", ["0001", REVISION])
def test_row_36_killed_half_way_it_is_old_or_new_and_whole(kind: Databases, lived: Store, to: str, place: int) -> None:
    store = kind.copy(lived)
    if to == REVISION:
        moved(store, "0001")
    before, stored = content(store), store.revision()

    died = not killed(store, to, place)

    assert died or place > 14
    if died:
        assert (content(store), store.revision()) == (before, stored)
        moved(store, to)
    assert store.revision() == to
    if to == REVISION:
        with Reader(store) as reader:
            verify(reader)


def test_row_36_two_programs_that_start_at_once_make_the_tables_once(postgres: Postgres) -> None:
    code = (
        "import sys\nfrom engine.adapters.sql.address import store_at\nfrom engine.adapters.sql.tables import prepare\n"
        "store = store_at(sys.argv[1])\nengine = store.engine()\nprepare(engine, store)\nengine.dispose()\n"
    )
    with postgres.database() as url:
        programs = [subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT) for _ in range(2)]

        assert [each.wait(60) for each in programs] == [0, 0]
        assert store_at(url).revision() == REVISION
