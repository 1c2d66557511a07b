"""Rows 4 and 5: a last write that was torn off anywhere, and a bit that flipped anywhere."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from engine.adapters.sql.chain import Tip
from engine.adapters.sql.logtail import log_of, read_tail
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.cli.__main__ import main
from engine.domain.order import Side
from engine.errors import StorageCorrupt, StorageUnavailable
from engine.profile import Profile
from tests.engine.adapters.desk import limit, opened
from tests.engine.adapters.journaled import Book, trade
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

FRAME = 24 + 4096
LOW = MIDDLE - 5_000


class Torn:
    """A database with its log, as a kill leaves them: copied while it was in use."""

    def __init__(self, directory: Path, orders: int = 4) -> None:
        self.database = directory / "torn" / "crs.sqlite"
        self.database.parent.mkdir(parents=True)
        live = directory / "live" / "crs.sqlite"
        live.parent.mkdir()
        book = Book(live)
        try:
            book.open().result()
            trade(book, orders)
            self.whole = log_of(live).stat().st_size
            with Reader(live) as reader:
                self.before = reader.tip()
            trade(book, 1, first=orders)
            with Reader(live) as reader:
                self.after = reader.tip()
            shutil.copy(live, self.database)
            self.log = log_of(live).read_bytes()
        finally:
            book.journal.close()

    def put(self, log: bytes) -> None:
        """Let the log be this."""
        self.database.with_name("crs.sqlite-shm").unlink(missing_ok=True)
        log_of(self.database).write_bytes(log)

    def tip(self) -> Tip:
        """Return where the journal ends for whoever opens the database now."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)) as connection:
            return Tip(*connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone())


def offsets(torn: Torn, step: int) -> Iterator[int]:
    """Yield places in the last transaction: every one around the ends of its pieces, and some between."""
    for place in range(torn.whole, len(torn.log)):
        within = (place - torn.whole) % FRAME
        if within < 26 or within > FRAME - 3 or within % step == 0:
            yield place


def check_torn(torn: Torn, step: int) -> int:
    """Cut the log at many places and check that only the last transaction is missing; return at how many."""
    count = 0
    for cut in offsets(torn, step):
        torn.put(torn.log[:cut])
        tail = read_tail(torn.database)
        assert (torn.tip(), tail.unfinished) == (torn.before, cut - torn.whole), f"cut at byte {cut}"
        count += 1
    torn.put(torn.log)
    assert (torn.tip(), read_tail(torn.database).unfinished) == (torn.after, 0)
    return count


def test_row_04_torn_last_journal_record(tmp_path: Path) -> None:
    assert check_torn(Torn(tmp_path), 509) > 200


@pytest.mark.soak
def test_row_04_torn_last_journal_record_at_every_byte(tmp_path: Path) -> None:
    torn = Torn(tmp_path)
    assert check_torn(torn, 1) == len(torn.log) - torn.whole


@pytest.mark.usefixtures("small_market")
@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
async def test_row_04_an_engine_starts_with_the_last_whole_record_and_says_so(
    share: float, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lived, torn = tmp_path / "lived", tmp_path / "torn"
    async with opened(lived) as running:
        for i in range(5):
            await running.orders.submit(limit(running, Side.BUY, LOW - i))
        whole = log_of(running.profile.database).stat().st_size
        last = limit(running, Side.BUY, LOW - 9)
        await running.orders.submit(last)
        shutil.copytree(lived, torn, ignore=shutil.ignore_patterns("lock", "*-shm"))
    log = log_of(torn / "crs.sqlite").read_bytes()
    cut = whole + int((len(log) - whole) * share)
    log_of(torn / "crs.sqlite").write_bytes(log[:cut])

    with caplog.at_level(logging.WARNING):
        async with opened(torn) as running:
            assert len(running.orders.open()) == 5
            assert last.order_id not in {each.order_id for each in running.orders.open()}

    said = [record for record in caplog.records if "unfinished write" in record.message]
    assert [record.__dict__["bytes"] for record in said] == [cut - whole]
    with Reader(torn / "crs.sqlite") as reader:
        verify(reader)


def test_row_05_bit_flip_mid_journal_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torn, random = Torn(tmp_path, orders=6), Random(5)  # noqa: S311 - repeatable places
    for number in range(200):
        data = bytearray(torn.log)
        place = number if number < 32 else random.randrange(torn.whole - 30 * FRAME)  # before the last two transactions
        data[place] ^= 1 << random.randrange(8)
        torn.put(bytes(data))

        frame = 0 if place < 32 else 32 + (place - 32) // FRAME * FRAME
        with pytest.raises(StorageCorrupt, match=rf"damaged at byte {frame}, and [0-9]+ transactions"):
            read_tail(torn.database)
    assert main(["journal", "verify", "--profile-dir", str(torn.database.parent)]) == 1
    assert f"damaged at byte {frame}" in capsys.readouterr().err


def places_of_records(data: bytes, reader: Reader) -> dict[int, list[int]]:
    """Return where each record's payload and hash stand in the file."""
    found: dict[int, list[int]] = {}
    for entry in reader.entries():
        for text in (entry.payload.encode(), entry.hash.encode()):
            at = data.find(text)
            if at >= 0 and data.count(text) == 1:
                found.setdefault(entry.seq, []).extend(range(at, at + len(text)))
    return found


@pytest.mark.usefixtures("small_market")
async def test_row_05_bit_flip_mid_journal(tmp_path: Path) -> None:
    async with opened(tmp_path / "profile") as running:
        for i in range(30):
            await running.orders.submit(limit(running, Side.BUY, LOW - i))
    path, random = tmp_path / "profile" / "crs.sqlite", Random(6)  # noqa: S311 - repeatable places
    data = path.read_bytes()
    with Reader(path) as reader:
        places = places_of_records(data, reader)
    assert len(places) > 60
    for seq in sorted(places):
        flipped = bytearray(data)
        place = random.choice(places[seq])
        flipped[place] ^= 1 << random.randrange(7)
        path.write_bytes(flipped)

        with pytest.raises(StorageCorrupt, match=rf"Record {seq} of the journal"), Reader(path) as reader:
            verify(reader)
        if seq % 10 == 0:
            with pytest.raises(StorageCorrupt, match=rf"Record {seq} of the journal"):
                await open_engine(Profile(path.parent))
            assert path.read_bytes() == bytes(flipped), "a damaged file was changed"
    path.write_bytes(data)
    async with opened(path.parent) as running:
        assert len(running.orders.open()) == 30


def test_a_log_that_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    log_of(tmp_path / "crs.sqlite").mkdir()

    with pytest.raises(StorageUnavailable, match="cannot be read"):
        read_tail(tmp_path / "crs.sqlite")


@pytest.mark.parametrize(("size", "unfinished"), [(0, 0), (5, 5), (5_000, 4_968)])
def test_a_log_that_sqlite_will_not_use_holds_nothing_whole(size: int, unfinished: int, tmp_path: Path) -> None:
    log_of(tmp_path / "crs.sqlite").write_bytes(b"\0" * size)

    assert read_tail(tmp_path / "crs.sqlite") == (0, unfinished)
