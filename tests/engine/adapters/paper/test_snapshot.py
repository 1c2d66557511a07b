"""Snapshots of the accounts: a start that takes one equals a start that folds everything, at every record."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine.adapters.paper import answers as answering
from engine.adapters.paper import past as pasts
from engine.adapters.paper import pastdump
from engine.adapters.paper.answers import Answers
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How
from engine.adapters.sql import chaincheck
from engine.adapters.sql import journal as journals
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_orders
from engine.adapters.sql.verify import verify
from engine.bootstrap import local as engines
from engine.bootstrap import open_engine
from engine.cli.__main__ import main
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId, Reason, Side
from engine.errors import StorageCorrupt, StorageTooNew, StorageUnavailable
from engine.exchange.outcomes import Outcome
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from engine.services.order_fold import OrderFold
from tests.engine.adapters.desk import let_pass, limit, opened, use_small_market
from tests.engine.adapters.rich_life import ME, live
from tests.engine.adapters.small_market import MIDDLE
from tests.engine.portfolio.remembered import remembered

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A profile in which everything happened that the accounts remember."""
    with pytest.MonkeyPatch.context() as patch:
        use_small_market(patch)
        directory = tmp_path_factory.mktemp("lived")
        asyncio.run(live(directory))
        yield directory


def whole(path: Path) -> Past:
    """Fold everything."""
    past = Past()
    with Reader(path) as reader:
        for entry, record in reader.records():
            past.take(entry.seq, entry.ts_ns, record)
    return past


def known(past: Past) -> object:
    """Return all that a past remembers, but for how it was come by."""
    ledger = past.books.fold.ledger
    past.books.fold.transaction, past.folded = None, 0
    ledger._orders = {owner: orders for owner, orders in sorted(ledger._orders.items()) if orders}
    for account in past.books.fold.accounts():
        past.open_lists(account)
    return remembered(past)


def test_at_every_record_a_snapshot_and_the_rest_give_what_everything_gives(lived: Path) -> None:
    with Reader(lived / "crs.sqlite") as reader:
        records = list(reader.records())
    expected, before = whole(lived / "crs.sqlite"), Past()
    assert len(records) > 70
    for entry, record in records:
        loaded, last_hash = Past.load(before.snapshot("h"))
        if entry.kind not in ("OrderAccepted", "OrderRejected"):  # an answer stands beside what was asked
            assert (known(loaded), last_hash) == (known(before), "h")
        before.take(entry.seq, entry.ts_ns, record)
    for cut in range(0, len(records), 7):
        past = Past()
        for entry, record in records[:cut]:
            past.take(entry.seq, entry.ts_ns, record)
        asked = past._asked
        past, _ = Past.load(past.snapshot(""))
        past._asked = asked
        for entry, record in records[cut:]:
            past.take(entry.seq, entry.ts_ns, record)
        assert known(past) == known(expected)
        assert past.books.fold.state_hash() == expected.books.fold.state_hash()


def test_a_start_takes_the_snapshot_and_folds_nothing_again(lived: Path) -> None:
    with Reader(lived / "crs.sqlite") as reader:
        past = read_past(reader)
        stored = list(reader.account_snapshots())

    assert stored
    assert (past.folded, stored[0].seq) == (0, past.records)
    assert known(past) == known(whole(lived / "crs.sqlite"))


def copied(lived: Path, target: Path) -> Path:
    """Return a copy of the database that may be spoilt."""
    path = target / "crs.sqlite"
    with closing(sqlite3.connect(lived / "crs.sqlite")) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return path


def edit(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE account_snapshot SET data = x'00' WHERE id = (SELECT max(id) FROM account_snapshot)", "damaged"),
        ("UPDATE account_snapshot SET seq = seq - 1 WHERE id = (SELECT max(id) FROM account_snapshot)", "passed over"),
        ("UPDATE account_snapshot SET data = x'00'", "whole journal"),
        ("DELETE FROM account_snapshot", "whole journal"),
    ],
)
def test_a_snapshot_that_cannot_be_used_is_passed_over_and_that_is_logged(
    lived: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str, said: str
) -> None:
    path = copied(lived, tmp_path)
    edit(path, damage)

    with caplog.at_level(logging.INFO), Reader(path) as reader:
        past = read_past(reader)

    assert known(past) == known(whole(path))
    assert said in caplog.text


@pytest.mark.parametrize("seq", [2, 40, 80])
def test_a_record_that_was_changed_is_named_although_a_snapshot_holds_what_it_did(
    lived: Path, tmp_path: Path, seq: int
) -> None:
    path = copied(lived, tmp_path)
    edit(path, f"UPDATE journal SET ts_ns = 1 WHERE seq = {seq}")  # noqa: S608

    with Reader(path) as reader, pytest.raises(StorageCorrupt, match=f"Record {seq}"):
        read_past(reader)


@pytest.mark.parametrize("damage", ["UPDATE journal SET account = 'X'", "DELETE FROM journal"])
async def test_a_bad_record_long_before_the_snapshot_stops_trading_soon_after_the_start(
    lived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(pasts, "CHECKED", 10)
    monkeypatch.setattr(engines, "CHECK_AFTER_S", 0.0)
    monkeypatch.setattr(chaincheck, "PIECE", 3)
    path = copied(lived, tmp_path)
    edit(path, f"{damage} WHERE seq = 5")
    async with opened(tmp_path) as running:
        said = asyncio.Event()
        running.bus.subscribe(StorageStateChanged, lambda event: said.set())
        async with asyncio.timeout(10):
            await said.wait()
        with pytest.raises(StorageUnavailable, match="Record 5 of the journal"):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 4_000))
    with pytest.raises(StorageCorrupt, match="Record 5 of the journal"):
        await open_engine(Profile(tmp_path))
    copied(lived, tmp_path)
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 4_000))
    assert not path.with_name("crs.sqlite.bad-record").exists()


def test_a_long_journal_is_checked_piece_by_piece(lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaincheck, "PIECE", 7)
    check, steps = chaincheck.ChainCheck(lived / "crs.sqlite", 50), 0
    while not check.done:
        check.step()
        steps += 1

    assert (check.checked, steps) == (50, 8)


async def test_a_killed_program_starts_from_the_snapshot_before_and_the_records_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "SNAPSHOT_RECORDS", 25)
    monkeypatch.setattr(journals, "RECORDS_PER_ORDER", 1)
    (tmp_path / "lived").mkdir()
    (tmp_path / "killed").mkdir()
    async with opened(tmp_path / "lived") as running:
        await let_pass(running, 2)
        for i in range(30):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 30 * i))
        path = copied(tmp_path / "lived", tmp_path / "killed")

    with Reader(path) as reader:
        past = read_past(reader)
        kept = reader.table("account_snapshot")

    assert 0 < past.folded < 30
    assert len(kept) == 2
    assert known(past) == known(whole(path))


async def test_two_restarts_in_a_row_give_the_same_state(lived: Path, tmp_path: Path) -> None:
    copied(lived, tmp_path)
    found = []
    for _ in range(3):
        async with opened(tmp_path) as running:
            assert running.recovery.how is How.RERUN
            fold, exchange = running.venue.fold, running.venue.market.exchange
            found.append((fold.state_hash(), exchange.state_hash(), running.runner.now))

    assert len(set(found)) == 1


async def test_two_restarts_without_the_books_give_the_same_state_too(lived: Path, tmp_path: Path) -> None:
    path, found = copied(lived, tmp_path), []
    for _ in range(3):
        edit(path, "DELETE FROM market_snapshot")
        async with opened(tmp_path) as running:
            assert running.recovery.how is How.SEATED
            found.append((running.venue.fold.state_hash(), running.venue.market.exchange.state_hash()))

    assert len(set(found)) == 1


async def test_an_early_order_sent_again_to_fresh_books_gets_its_first_answer(lived: Path, tmp_path: Path) -> None:
    path = copied(lived, tmp_path)
    edit(path, "DELETE FROM market_snapshot")
    with Reader(path) as reader:
        records = [record for _, record in reader.records()]
    answers = {
        each.order_id: each
        for each in reversed(records)
        if isinstance(each, OrderAccepted | OrderRejected) and each.account == ME
    }
    orders = [each for each in records if isinstance(each, SubmitOrder) and each.account == ME]
    lists = [each for each in records if isinstance(each, SubmitList)]
    async with opened(tmp_path) as running:
        before = running.venue.fold.state_hash()
        for order in orders:
            first = answers[order.order_id]
            again = await running.venue.submit(order)
            assert type(again) is type(first)
            assert again.order_id == first.order_id
        for each in lists:
            assert not isinstance(await running.venue.submit_list(each), OrderRejected)
        assert running.venue.fold.state_hash() == before


def folded(path: Path, account: AccountId) -> OrderFold:
    """Return the orders of an account, folded from all its facts."""
    fold = OrderFold(lambda: account)
    with Reader(path) as reader:
        for _, record in reader.records():
            fold.apply(record)
    return fold


@pytest.mark.parametrize("account", ["PAPER-1", "PAPER-2"])
def test_orders_read_from_the_tables_are_those_folded_from_every_fact(lived: Path, account: AccountId) -> None:
    expected = folded(lived / "crs.sqlite", account)
    with Reader(lived / "crs.sqlite") as reader:
        past = read_orders(reader, account)
        few = read_orders(reader, account, 2)

    assert list(past.open) == list(expected.open.values())
    assert list(past.history) == list(expected.history)
    assert list(past.fills) == list(expected.fills)
    assert past.fill_count == few.fill_count == expected.fill_count
    assert list(few.history) == list(past.history)[:2]


async def test_what_happens_while_an_account_is_chosen_is_shown_once(lived: Path, tmp_path: Path) -> None:
    copied(lived, tmp_path)
    async with opened(tmp_path) as running:
        other = AccountId("PAPER-2")
        for account in (other, ME):
            order = replace(limit(running, Side.BUY, MIDDLE - 4_000), account=account)
            await asyncio.gather(running.select_account(account), running.venue.submit(order), let_pass(running, 3))
            shown = [record.order.order_id for record in running.orders.records()]
            fills = running.orders.fills()

            assert sorted(shown) == sorted(each.order_id for each in running.venue.fold.orders(account))
            assert len(fills) == len(set(fills))
            with Reader(Profile(tmp_path).database) as reader:
                assert list(read_orders(reader, account).fills) == fills


def test_a_snapshot_that_holds_other_accounts_is_noticed_and_can_be_forgotten(
    lived: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(lived, tmp_path)
    assert main(["journal", "verify", "--profile-dir", str(tmp_path)]) == 0
    with Reader(path) as reader:
        past, last_hash = read_past(reader), reader.tip().hash
    past.books.fold.ledger._totals["fees", "USDT"] += 1
    data = past.snapshot(last_hash)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE account_snapshot SET data = ?, digest = ?", (data, sha256(data).hexdigest()))
        connection.commit()

    assert main(["journal", "verify", "--profile-dir", str(tmp_path)]) == 1
    assert "does not hold what the records say" in capsys.readouterr().err
    assert main(["database", "forget-snapshots", "--profile-dir", str(tmp_path)]) == 0
    assert main(["journal", "verify", "--profile-dir", str(tmp_path)]) == 0
    assert main(["doctor", "--profile-dir", str(tmp_path)]) in (0, 1)
    assert "none yet; `crs backup create`" in capsys.readouterr().out


def test_the_tables_of_everything_that_happened_are_sound(lived: Path) -> None:
    with Reader(lived / "crs.sqlite") as reader:
        kinds = {entry.kind for entry in reader.entries()}
        verify(reader)

    assert {"LegStarted", "OrderTriggered", "OrderAmended", "OrderCancelled", "OrderFilled"} <= kinds


# Answers


def outcome(number: int) -> Outcome:
    return Outcome(f"digest {number}", number, None, "", Nanos(number))


def test_the_first_answer_of_an_id_counts_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "BATCH", 10)
    answers = Answers()
    for number in range(150):
        answers.add(OrderId(f"o{number}"), outcome(number))
    answers.add(OrderId("o149"), outcome(999))
    answers.add(OrderId("o140"), Outcome("", 0, Reason.BAD_ORDER, "no", Nanos(1)))

    again = Answers(answers.parts())

    assert list(again) == list(answers) == [(OrderId(f"o{number}"), outcome(number)) for number in range(50, 150)]


def test_no_answers_are_packed_and_unpacked() -> None:
    assert list(Answers(Answers().parts())) == list(Answers()) == []


@pytest.mark.parametrize("data", [b"", b"\0" * 7, b"\xff" * 40, b"\0" * 8])
def test_what_is_no_snapshot_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(StorageCorrupt, match="cannot be read"):
        Past.load(data)


def test_a_snapshot_of_another_version_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Past().snapshot("")
    monkeypatch.setattr(pastdump, "VERSION", 99)

    with pytest.raises(StorageTooNew, match="version 1, not 99"):
        Past.load(data)
