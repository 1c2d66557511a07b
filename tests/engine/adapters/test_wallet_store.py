"""What a wallet remembers is there after everything, and of any size."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.sql.walletstore import SqliteWalletStore
from engine.adapters.sql.wallettables import STEPS, VERSION
from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.token import NATIVE, Token, TokenAmount
from engine.errors import StorageCorrupt, StorageTooNew, StorageUnavailable
from engine.ports.chain import UnsignedTransaction
from engine.ports.wallet_store import StoredOrder, StoredTransfer
from engine.services.wallet.sent import SETTLED, SendState, SentTransaction, intent_of, intent_text, restored, stored

pytestmark = pytest.mark.integration

BIG = st.integers(0, 2**256 - 1)
TOKENS = st.builds(
    Token,
    st.integers(1, 2**53),
    st.sampled_from([NATIVE, "0x" + "a" * 40]),
    st.text(max_size=20),
    st.integers(0, 77),
    st.text(),
)
AMOUNTS = st.lists(st.builds(TokenAmount, TOKENS, BIG), max_size=2).map(tuple)
INTENTS = st.builds(
    Intent, st.sampled_from(IntentKind), st.integers(1, 2**53), st.text(), st.text(), st.text(), st.binary(), BIG,
    AMOUNTS, AMOUNTS, st.text(), st.none() | st.builds(Approval, TOKENS, st.text(), st.text(), BIG, st.none() | BIG),
    st.none() | st.integers(0, 2**40), AMOUNTS, st.none() | st.integers(), st.none() | st.integers(),
    st.lists(st.text()).map(tuple), st.none() | st.text(), st.none() | st.integers(0, 2**40),
)  # fmt: skip


@settings(max_examples=20)
@given(INTENTS)
def test_an_intent_reads_back_to_the_last_field(intent: Intent) -> None:
    again = intent_of(intent_text(intent))
    assert again == intent
    assert repr(again) == repr(intent)  # tokens are equal by their address alone


def sent(nonce: int = 0, state: SendState = SendState.KEPT, **changes: object) -> SentTransaction:
    unsigned = UnsignedTransaction(1, "0xs", nonce, "0xt", 2**255, b"\x00\xff", 21_000, 10**12, 10**9)
    intent = Intent(IntentKind.SEND, 1, "0xs", "0xt", "", value=2**255)
    made = SentTransaction(f"0x{nonce}", unsigned, intent, "Send", "", state, nonce, nonce, b"raw")
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wallet" / "wallet.db"


def test_what_was_kept_is_there_after_the_file_was_closed(path: Path) -> None:
    store = SqliteWalletStore(path)
    one = sent(gas_price=2**100, gas_used=7, block=5, block_hash="0xb", depth=3, reason="x", reorgs=2)
    store.keep(stored(one))
    store.close()

    row = SqliteWalletStore(path).transaction(1, one.hash)

    assert row is not None
    assert restored(row) == one


def test_keeping_the_same_twice_keeps_one_and_does_not_take_back_what_became_of_it(path: Path) -> None:
    store = SqliteWalletStore(path)
    store.keep(stored(sent()))
    store.change(stored(sent(state=SendState.CONFIRMED)))
    store.keep(stored(sent()))
    assert [each.state for each in store.transactions(1, "0xs")] == ["confirmed"]


def test_pages_and_searches(path: Path) -> None:
    store = SqliteWalletStore(path)
    for nonce, state in enumerate(SendState):
        store.keep(stored(sent(nonce, state)))
    settled = tuple(each.value for each in SETTLED)
    assert {each.state for each in store.unsettled(1, settled)} == {each.value for each in SendState} - set(settled)
    assert store.unsettled(2, settled) == []
    assert [each.nonce for each in store.transactions(1, "0xs", limit=3)] == [9, 8, 7]
    assert [each.nonce for each in store.transactions(1, None, below_ns=2)] == [1, 0]
    assert [each.nonce for each in store.transactions(None, "0xother")] == []
    assert [each.nonce for each in store.of_nonce(1, "0xs", 4)] == [4]


def test_transfers_of_blocks_that_are_looked_at_again_are_replaced(path: Path) -> None:
    store = SqliteWalletStore(path)
    rows = [StoredTransfer(1, "0xs", "0xt", "0xo", -(2**255), "0xh", index, index, 9) for index in range(5)]
    store.add_transfers(rows, 1, "0xs", 0, 4)
    store.add_transfers([replace(rows[3], units=7)], 1, "0xs", 3, 9)
    found = store.transfers(1, "0xs")
    assert [(each.block, each.units) for each in found] == [(3, 7), (2, -(2**255)), (1, -(2**255)), (0, -(2**255))]
    assert store.scanned_to(1, "0xs") == 9
    assert [each.block for each in store.transfers(1, "0xs", below=2, limit=1)] == [1]
    assert store.scanned_to(1, "0xother") is None


def test_orders_are_kept_changed_found_and_dropped(path: Path) -> None:
    store = SqliteWalletStore(path)
    order = StoredOrder("a", "limit", 1, "0xs", "open", '{"x": 1}', 1, 1)
    store.keep_order(order)
    store.keep_order(StoredOrder("b", "dca", 2, "0xs", "open", "{}", 2, 2))
    store.keep_order(replace(order, state="done", changed_ns=3))
    assert [each.id for each in store.orders()] == ["a", "b"]
    assert store.orders(states=["done"]) == [replace(order, state="done", changed_ns=3)]
    assert [each.id for each in store.orders(2)] == ["b"]
    store.remove_order("a")
    store.remove_order("a")
    assert [each.id for each in store.orders()] == ["b"]


def test_a_chain_that_began_anew_is_forgotten_and_no_other(path: Path) -> None:
    store = SqliteWalletStore(path)
    store.keep(stored(sent()))
    store.add_transfers([StoredTransfer(1, "0xs", "0xt", "0xo", 1, "0xh", 0, 0, 9)], 1, "0xs", 0, 4)
    store.keep_order(StoredOrder("b", "dca", 2, "0xs", "open", "{}", 2, 2))
    store.forget_chain(1)
    assert store.transactions(1, None) == []
    assert (store.transfers(1, "0xs"), store.scanned_to(1, "0xs")) == ([], None)
    assert [each.id for each in store.orders()] == ["b"]


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    SqliteWalletStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(StorageTooNew, match="newer"):
        SqliteWalletStore(path)


def test_an_older_file_is_brought_up_to_date_or_left_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SqliteWalletStore(path)
    store.keep(stored(sent()))
    store.close()
    monkeypatch.setattr("engine.adapters.sql.walletstore.VERSION", VERSION + 1)
    monkeypatch.setitem(STEPS, VERSION, ("ALTER TABLE sent ADD COLUMN note TEXT", "NO SUCH STATEMENT"))
    with pytest.raises(StorageUnavailable):
        SqliteWalletStore(path)
    monkeypatch.setitem(STEPS, VERSION, ("ALTER TABLE sent ADD COLUMN note TEXT",))

    SqliteWalletStore(path).close()

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
    assert connection.execute("SELECT hash, note FROM sent").fetchall() == [("0x0", None)]
    connection.close()


def test_a_damaged_file_is_told_as_such(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageCorrupt, match="damaged"):
        SqliteWalletStore(path)


def test_it_writes_with_full_durability(path: Path) -> None:
    store = SqliteWalletStore(path)
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
