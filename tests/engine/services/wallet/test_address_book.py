"""The address book: nothing is lost, everything can be taken back, and nobody is mistaken for somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InvalidInput, StorageUnavailable
from engine.services.wallet.address_book import AddressBook

OWN = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
ANNA = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
BEN = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
POISON = "0x7099" + "1" * 32 + "79c8"
"""Looks like Anna's where addresses are shortened."""

pytestmark = pytest.mark.integration


async def opened(folder: Path) -> AddressBook:
    book = AddressBook(folder / "wallet" / "address_book.json", lambda: [(OWN, "Account 1")])
    await book.load()
    return book


async def test_lines_are_there_again_and_can_be_found(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    anna = await book.add("  Anna   K. ", ANNA.lower(), note="from Lisbon")
    await book.add("Ben", BEN, chain_id=137)

    again = await opened(tmp_path)
    assert [each.label for each in again.entries] == ["Anna K.", "Ben"]
    assert again.entries[0] == anna
    assert anna.address == ANNA
    assert again.find("lisb") == (anna,)
    assert again.title(ANNA.lower(), 1) == "Anna K."
    assert (again.title(BEN, 1), again.title(BEN, 137), again.title(OWN, 1)) == ("", "Ben", "Account 1")
    assert (tmp_path / "wallet" / "address_book.json").stat().st_mode & 0o777 == 0o600


async def test_every_change_can_be_taken_back(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    states = [book.entries]
    anna = await book.add("Anna", ANNA)
    states.append(book.entries)
    ben = await book.edit(anna, label="Ben", address=BEN, note="was Anna")
    states.append(book.entries)
    await book.remove(ben)
    assert book.undoes == "Remove Ben"

    for state in reversed(states):
        await book.undo()
        assert book.entries == state
        assert (await opened(tmp_path)).entries == state
    with pytest.raises(InvalidInput, match="nothing to undo"):
        await book.undo()


@pytest.mark.parametrize(
    ("label", "address", "why"),
    [
        ("", ANNA, "name is wanted"),
        ("x" * 61, ANNA, "at most 60"),
        ("An\u202ena", ANNA, "cannot be seen"),
        ("Eve", ANNA[:-1], "no address"),
        ("Eve", ANNA.replace("C8", "c8"), "checksum"),
        ("Eve", BEN, "already, as Ben"),
        ("ben", ANNA, "is the name of"),
        ("Me", OWN, "your own account"),
    ],
)
async def test_bad_lines_are_refused_and_change_nothing(tmp_path: Path, label: str, address: str, why: str) -> None:
    book = await opened(tmp_path)
    await book.add("Ben", BEN)
    with pytest.raises(InvalidInput, match=why):
        await book.add(label, address)

    assert [each.label for each in book.entries] == ["Ben"]
    assert book.undoes == "Add Ben"


async def test_an_address_that_looks_like_a_known_one_is_told(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    assert book.look_alike(POISON) is None
    await book.add("Anna", ANNA)

    found = book.look_alike(POISON)
    assert found is not None
    assert found.sentence == (
        f"This is not Anna ({ANNA}), although it looks like it: the first 4 and the last 4 digits are the same."
    )
    assert book.mistaken_for(POISON) == f"Anna ({ANNA})"
    assert book.mistaken_for(ANNA) == ""
    assert book.look_alike("0xf39F" + "2" * 32 + "2266") is not None

    await book.add("Meant", POISON)
    assert book.mistaken_for(POISON) == ""


async def test_who_was_paid_is_known_and_who_paid_is_not(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    book.remember(ANNA)
    assert book.is_known(ANNA)
    assert book.suspicion(POISON, 5).startswith(f"This is not {ANNA}, which was paid before")
    assert "transfer of nothing" in book.suspicion(BEN, 0)
    assert book.suspicion(BEN, 5) == ""
    assert book.suspicion(ANNA, 0) == ""
    assert "Nothing was signed for it here" in book.suspicion(BEN, -5)
    assert book.suspicion(ANNA, -5) == ""
    await book.close()

    again = await opened(tmp_path)
    assert (again.seen(ANNA.lower()), again.seen(BEN)) == (True, False)
    assert again.mistaken_for(POISON) == ANNA


async def test_a_name_that_reads_as_another_is_told(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    await book.add("Kraken", ANNA)
    assert ANNA in book.label_alike("Kr\u0430ken", BEN)
    assert OWN in book.label_alike("Account l", BEN)
    assert book.label_alike("Kraken", ANNA) == ""
    assert book.label_alike("Ben", BEN) == ""


async def test_what_is_added_while_an_address_is_kept_is_not_lost(tmp_path: Path) -> None:
    book = await opened(tmp_path)
    book.remember(BEN)
    await book.add("Anna", ANNA)
    book.remember(OWN)
    await book.close()

    again = await opened(tmp_path)
    assert [each.label for each in again.entries] == ["Anna"]
    assert again.seen(BEN)
    assert again.seen(OWN)


async def test_a_disk_that_refuses_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "wallet").write_text("in the way")
    book = AddressBook(tmp_path / "wallet" / "address_book.json")
    with pytest.raises(StorageUnavailable, match="The address book could not be saved"):
        await book.add("Anna", ANNA)

    assert book.entries == ()
    assert book.undoes == ""
