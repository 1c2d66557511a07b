"""What is kept of a practice chain is all of it, and what cannot be used is set aside, not lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from eth_typing import Address

from engine.adapters.practice import kept, store
from engine.adapters.practice.contracts import Contracts
from engine.adapters.practice.kept import Kept, fingerprint
from engine.adapters.practice.machine import Machine
from engine.adapters.practice.prepared import make
from engine.adapters.practice.sender import Sender
from engine.adapters.practice.store import open_chain, prepare

OTHER = b"\x22" * 20


def reopened(machine: Machine, folder: Path, contracts: Contracts) -> Machine:
    machine.close()
    return Machine(*open_chain(folder, contracts))


def test_a_chain_goes_on_where_it_ended_with_its_clock_and_what_waits(
    machine: Machine, tmp_path: Path, contracts: Contracts
) -> None:
    machine.wire("practice_faucet", ["0x" + OTHER.hex(), None, "0x5"])
    machine.wire("practice_increaseTime", [1_000])
    faucet = Sender(machine.wire, "faucet")
    waiting = machine.ledger.take(faucet.signed(OTHER, b"", 7, 21_000))
    head, everything = machine.ledger.head.hash, machine.wire("practice_manifest", [])

    again = reopened(machine, tmp_path, contracts)

    assert again.ledger.head.hash == head
    assert again.ledger.ahead_s >= 1_000
    assert again.wire("practice_manifest", []) == everything
    assert again.ledger.pool.find(waiting.hash) is not None
    again.mine()
    assert again.ledger.state().get_balance(Address(OTHER)) == 12
    again.close()


def test_what_was_taken_back_is_not_kept(machine: Machine, tmp_path: Path, contracts: Contracts) -> None:
    first = machine.ledger.blocks[-1].number
    machine.wire("practice_mine", [3])
    machine._save()
    machine.wire("practice_reorg", [2, False])
    machine.wire("practice_mine", [1])
    head = machine.ledger.head.hash

    again = reopened(machine, tmp_path, contracts)

    assert (again.ledger.blocks[-1].number, again.ledger.head.hash) == (first + 2, head)
    again.close()


@pytest.mark.parametrize("damage", ["noise", "other contracts"])
def test_a_chain_that_cannot_be_used_is_set_aside(tmp_path: Path, contracts: Contracts, damage: str) -> None:
    path = tmp_path / store.FILE
    if damage == "noise":
        path.write_bytes(b"this is no database" * 100)
    else:
        kept.copy(prepare(contracts), path)
        with sqlite3.connect(path) as database:
            database.execute("UPDATE fact SET value = x'00' WHERE name = 'fingerprint'")
        database.close()

    file, ledger, _ = open_chain(tmp_path, contracts)

    assert path.with_name(f"{store.FILE}.old").exists()
    assert ledger.blocks[-1].number > 100
    file.close()


def test_a_failed_write_leaves_the_kept_chain_as_it_was(
    machine: Machine, tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = machine.ledger.head.hash
    machine.ledger.mine()
    file = machine._file
    assert file is not None
    with monkeypatch.context() as patched:
        patched.setattr(Kept, "_set", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file.save(machine.ledger)
    machine._file = None
    file.close()

    again, ledger, _ = open_chain(tmp_path, contracts)

    assert ledger.head.hash == head
    again.close()


def test_a_disk_that_refuses_is_told_and_caught_up_with(
    machine: Machine, tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = b'{"jsonrpc": "2.0", "id": 1, "method": "practice_mine", "params": []}'
    with monkeypatch.context() as patched:
        patched.setattr(Kept, "_transaction", _refusing)
        machine.answer(ask)
        assert "cannot be written now: disk full" in machine.wire("practice_status", [])["problem"]
    machine.answer(ask)
    assert machine.wire("practice_status", [])["problem"] == ""
    head = machine.ledger.head.hash

    again = reopened(machine, tmp_path, contracts)

    assert again.ledger.head.hash == head
    again.close()


def _refusing(_: Kept) -> None:
    raise sqlite3.OperationalError("disk full")


@pytest.mark.soak
def test_the_prepared_chain_is_the_same_every_time(contracts: Contracts, tmp_path: Path) -> None:
    file, ledger, deployed = open_chain(tmp_path, contracts)

    made, again = make(contracts)

    assert [each.header.hash for each in made.blocks] == [each.header.hash for each in ledger.blocks]
    assert again == deployed
    assert fingerprint(contracts) == fingerprint(contracts)
    file.close()
