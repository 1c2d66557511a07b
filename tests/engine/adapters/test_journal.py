"""Claims about the journal: durable before acknowledged, chained, equal to its projections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from random import Random

import pytest

from engine.adapters.sql.books import Books
from engine.adapters.sql.codec import decode
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Store
from engine.adapters.sql.verify import verify
from engine.domain.command import Deposit, ListPair, SetLotMethod, SubmitList, SubmitOrder
from engine.domain.event import LegStarted, OrderAccepted
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, Liquidity, ListKind, LotMethod, OrderId, OrderType, Side
from engine.domain.why import Arrival, FillExplained, QueueStep
from engine.errors import InvalidInput, StorageCorrupt, StorageTooNew, StorageUnavailable
from tests.engine.adapters.databases import Databases, blob, edit
from tests.engine.adapters.journaled import ME, Book
from tests.engine.adapters.small_market import PAIR, SYMBOL

pytestmark = pytest.mark.integration


@pytest.fixture
def book(store: Store) -> Iterator[Book]:
    found = Book(store)
    yield found
    found.journal.close()


def test_an_acknowledged_append_is_on_the_disk_when_it_is_acknowledged(book: Book) -> None:
    seq = book.open().result()

    with Reader(book.store) as reader:
        kinds = [entry.kind for entry in reader.entries()]

    assert (seq, kinds) == (5, ["ListPair", "Deposit", "FundsDeposited", "Deposit", "FundsDeposited"])


def test_what_was_appended_together_becomes_durable_in_the_order_of_the_calls(book: Book) -> None:
    book.open()
    order: list[int] = []
    futures = [book.order(f"b{i}", Side.BUY, 5_000_000 - i) for i in range(200)]
    for i, future in enumerate(futures):
        future.add_done_callback(lambda _, i=i: order.append(i))  # type: ignore[misc]
    futures[-1].result()

    assert order == list(range(200))


def test_projections_follow_from_the_journal_and_equal_the_exchange(book: Book) -> None:
    book.open()
    book.order("s1", Side.SELL, 6_000_000, 300)
    book.order("s2", Side.SELL, 6_000_100, 300)
    book.order("b1", Side.BUY, 6_000_100, 500)
    book.order("b2", Side.BUY, 5_900_000, 400).result()

    with Reader(book.store) as reader:
        found = verify(reader)
        balances = {row["asset"]: row["free"] for row in reader.table("portfolio_balance")}
        open_orders = {row["order_id"]: row["filled"] for row in reader.open_order_rows()}

    kernel = book.exchange.balances(ME)
    assert found.records == 17
    assert balances == {asset: PAIR.quote.text(each.free) for asset, each in kernel.items()}
    assert open_orders == {"s2": "0.00200", "b2": "0.00000"}


def test_lists_reasons_and_lot_methods_are_projected(book: Book) -> None:
    book.open()
    book.order("s1", Side.SELL, 6_000_000)
    leg = SubmitOrder(
        account=ME,
        order_id=OrderId("leg"),
        symbol=SYMBOL,
        side=Side.SELL,
        order_type=OrderType.TRAILING_STOP,
        qty=Lots(500),
        trail=Ticks(1_000),
        display_qty=Lots(100),
    )
    listed = SubmitList(ME, OrderId("list"), ListKind.OTO, (leg,))
    accepted = OrderAccepted(
        ME, leg.order_id, leg, 2, Nanos(9), OrderId("list"), ListKind.OTO, starts_after=OrderId("s1")
    )
    why = FillExplained(
        ME, OrderId("s1"), 7, SYMBOL, Liquidity.MAKER, "0.001", "displayed",
        Arrival(Nanos(1), Nanos(2), None, None, None, ()), (QueueStep(Nanos(2), Lots(3)),), (), Nanos(9),
    )  # fmt: skip
    book.journal.append([SetLotMethod(ME, LotMethod.LIFO), SetLotMethod(ME, LotMethod.HIFO), why], Nanos(9))
    book.journal.append([listed, accepted], Nanos(9)).result()

    with Reader(book.store) as reader:
        assert reader.table("account_setting") == [{"account": ME, "key": "lot_method", "value": "hifo"}]
        [row] = reader.table("fill_why")
        assert (decode("FillExplained", row["payload"]), row["trade_id"]) == (why, 7)
        order = {row["order_id"]: row for row in reader.open_order_rows()}["leg"]
        assert [each["action"] for each in reader.table("audit_log")[-3:]] == ["SetLotMethod"] * 2 + ["SubmitList"]
    assert (order["status"], order["starts_after"], order["list_id"]) == ("pending", "s1", "list")
    assert (order["trail"], order["display_qty"], order["list_kind"]) == ("10.00", "0.00100", "oto")
    book.journal.append([LegStarted(ME, leg.order_id, Lots(300), Nanos(10))], Nanos(10)).result()
    with Reader(book.store) as reader:
        order = {row["order_id"]: row for row in reader.open_order_rows()}["leg"]
    assert (order["status"], order["qty"], order["starts_after"]) == ("waiting", "0.00300", None)
    assert (order["list_place"], order["triggered_ns"]) == (0, None)


def test_the_ledger_of_every_record_sums_to_nothing(book: Book) -> None:
    book.open()
    book.order("s1", Side.SELL, 6_000_000)
    book.order("b1", Side.BUY, 6_000_000).result()

    with Reader(book.store) as reader:
        sums: dict[tuple[int, str], int] = {}
        for row in reader.table("transaction"):
            units = int(row["amount"].replace(".", ""))
            sums[row["seq"], row["asset"]] = sums.get((row["seq"], row["asset"]), 0) + units

    assert set(sums.values()) == {0}


def test_a_reader_sees_one_state_while_the_journal_grows(book: Book) -> None:
    book.open().result()
    with Reader(book.store) as reader:
        before = reader.tip()
        book.order("b1", Side.BUY, 5_000_000).result()

        assert reader.tip() == before


def test_closing_writes_what_waits_and_later_appends_are_refused(store: Store) -> None:
    book = Book(store)
    book.open()
    last = book.order("b1", Side.BUY, 5_000_000)
    book.journal.close()

    assert last.result() == 7
    with pytest.raises(StorageUnavailable):
        book.order("b2", Side.BUY, 5_000_000).result()


def test_a_second_run_continues_the_chain(store: Store) -> None:
    first = Book(store)
    first.open()
    first.order("s1", Side.SELL, 6_000_000)
    first.journal.close()
    books = Books()
    with Reader(first.store) as reader:
        for _, record in reader.records():
            books.apply(record)

    journal = SqlJournal(first.store)
    journal.begin(books)
    first.journal = journal
    first.order("b1", Side.BUY, 6_000_000).result()
    journal.close()

    with Reader(first.store) as reader:
        assert verify(reader).records == 11


def test_a_changed_record_is_named(store: Store) -> None:
    book = Book(store)
    book.open()
    book.journal.close()
    edit(book.store, "UPDATE journal SET payload = replace(payload, 'USDT', 'USDC') WHERE seq = 3")

    with Reader(book.store) as reader, pytest.raises(StorageCorrupt, match=r"Record 3 .* was changed"):
        list(reader.entries())


def test_a_missing_record_is_named(store: Store) -> None:
    book = Book(store)
    book.open()
    book.journal.close()
    edit(book.store, "DELETE FROM journal WHERE seq = 2")

    with Reader(book.store) as reader, pytest.raises(StorageCorrupt, match=r"Record 2 .* is missing"):
        list(reader.entries())
    with Reader(book.store) as reader, pytest.raises(StorageCorrupt, match=r"Record 2 .* is missing"):
        list(reader.entries(after=2))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE portfolio_balance SET free = '1' WHERE asset = 'USDT'", "portfolio_balance .* does not follow"),
        ("DELETE FROM \"order\" WHERE order_id = 's1'", "order .* is missing"),
        ("UPDATE trade SET qty = '9' WHERE side = 'buy'", "trade .* does not follow"),
    ],
)
def test_a_projection_that_does_not_follow_is_named(store: Store, statement: str, words: str) -> None:
    book = Book(store)
    book.open()
    book.order("s1", Side.SELL, 6_000_000)
    book.order("b1", Side.BUY, 6_000_000)
    book.journal.close()
    edit(book.store, statement)

    with Reader(book.store) as reader, pytest.raises(StorageCorrupt, match=words):
        verify(reader)


def test_records_that_contradict_each_other_are_named(store: Store) -> None:
    book = Book(store)
    book.open().result()
    refused = book.journal.append([book.exchange.handle], Nanos(9))
    book.journal.close()

    with pytest.raises(StorageUnavailable, match="restart"):
        refused.result()
    assert [state.ok for state in book.states] == [False]


def test_an_append_of_nothing_waits_for_everything_before(book: Book) -> None:
    book.open()
    nothing = book.journal.append([], Nanos(1))

    assert nothing.result() == 5


def test_only_whole_snapshots_are_used_and_two_are_kept(book: Book) -> None:
    book.open()
    for i in range(4):
        book.journal.snapshot(b"state %d" % i, Nanos(i), {SYMBOL: "1.00"}).result()
    edit(book.store, f"UPDATE market_snapshot SET data = {blob(book.store, '00')} WHERE id = 4")  # noqa: S608

    with Reader(book.store) as reader:
        snapshot, kept = reader.snapshot(), reader.table("market_snapshot")

    assert snapshot is not None
    assert (snapshot.data, snapshot.seq, len(kept)) == (b"state 2", 5, 2)


def test_a_refused_transaction_lets_go_of_the_lock_at_once(store: Store) -> None:
    book = Book(store)
    book.open().result()
    if isinstance(store, PostgresStore):
        refuse = "ALTER TABLE audit_log ADD CONSTRAINT no CHECK (subject <> 'bad')"
        allow = "ALTER TABLE audit_log DROP CONSTRAINT no"
    else:
        refuse = (
            "CREATE TRIGGER no BEFORE INSERT ON audit_log WHEN new.subject = 'bad' BEGIN SELECT raise(ABORT, 'no'); END"
        )
        allow = "DROP TRIGGER no"
    edit(store, refuse)
    refused = book.order("bad", Side.BUY, 5_000_000)
    with pytest.raises(StorageUnavailable):
        refused.result(10)
    edit(store, allow)  # while the writer waits for its next try
    book.journal.close()  # which writes what waits
    with Reader(book.store) as reader:
        assert [each["order_id"] for each in reader.open_order_rows()] == ["bad"]


def test_answers_come_through_the_chosen_thread(store: Store) -> None:
    calls: list[str] = []

    def deliver(call: object) -> None:
        calls.append(threading.current_thread().name)
        call()  # type: ignore[operator]

    journal = SqlJournal(store, deliver=deliver)
    journal.begin(Books())
    told: list[int] = []
    journal.append([ListPair(PAIR)], Nanos(1), told.append)
    journal.close()

    assert (calls, told) == (["journal"], [1])


def test_nobody_to_tell_does_not_stop_the_writer(store: Store) -> None:
    def gone(_: object) -> None:
        raise RuntimeError("the loop is closed")

    journal = SqlJournal(store, deliver=gone)
    journal.begin(Books())
    done = journal.append([], Nanos(1))
    journal.close()

    assert done.result() == 0


def test_a_database_of_a_later_version_is_left_alone(store: Store) -> None:
    book = Book(store)
    book.open()
    book.journal.close()
    edit(book.store, "UPDATE alembic_version SET version_num = '9999'")

    journal = SqlJournal(book.store)
    with pytest.raises(StorageTooNew, match="9999"):
        journal.ready.result()
    journal.close()
    with pytest.raises(StorageTooNew):
        Reader(book.store)


def test_a_database_with_nothing_in_it_says_how_to_fill_it(databases: Databases) -> None:
    with pytest.raises(StorageUnavailable, match=r"Start crs-desktop once|crs server db init"):
        Reader(databases.new(empty=True))


def test_the_journal_reads_its_own_entries(book: Book) -> None:
    book.open().result()

    assert [entry.seq for entry in book.journal.entries(after=3)] == [4, 5]
    assert book.journal.waiting == 0


def test_any_text_and_the_largest_numbers_come_back_as_they_were(book: Book) -> None:
    random = Random(5)  # noqa: S311 - repeatable texts
    nasty = [
        "'; DROP TABLE journal; --",
        '"\\"',
        "\\u0000",
        "\u2028\x7f\x01\t",
        "%s ? $1 {}",
        "\U0001f4b8é\u0301",
        "null",
    ]
    drawn = ["".join(chr(random.choice((random.randrange(1, 0xD800), random.randrange(0xE000, 0x110000))))
                     for _ in range(12)) for _ in range(200)]  # fmt: skip
    texts = [each for each in (*nasty, *drawn) if "\n" not in each]
    records = [SetLotMethod(AccountId(text), LotMethod.LIFO) for text in texts]
    book.journal.append(records, Nanos(2**63 - 1)).result()

    with Reader(book.store) as reader:
        verify(reader)
        found = [(entry.account, record, entry.ts_ns) for entry, record in reader.records()]
        assert sorted(row["account"] for row in reader.table("account_setting")) == sorted(texts)
    assert found == [(text, record, 2**63 - 1) for text, record in zip(texts, records, strict=True)]


def test_a_deposit_of_nothing_is_refused_before_it_is_written(book: Book) -> None:
    with pytest.raises(InvalidInput):
        book.do(Deposit(ME, "USDT", Units(0)))
