"""Accounts: those of the keys and those that are watched, with names that outlast the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InvalidInput
from engine.services.wallet.accounts import WalletAccounts
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PASSWORD, PHRASE, wallet

WATCHED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
pytestmark = pytest.mark.integration


async def test_names_and_the_one_in_use_outlast_the_program(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        accounts = WalletAccounts(tmp_path / "wallet.json", keys)
        await accounts.load()
        assert accounts.current is None
        await keys.import_phrase(PHRASE, password=PASSWORD)
        await keys.add_account()
        await keys.import_key(KEYS[2])
        await accounts.watch(WATCHED.lower(), "Treasury")
        await accounts.rename(ACCOUNTS[1].lower(), "Savings")
        await accounts.use(ACCOUNTS[1])

    async with wallet(tmp_path) as keys:
        accounts = WalletAccounts(tmp_path / "wallet.json", keys)
        await accounts.load()
        assert [(each.label, each.address, each.kind, each.can_sign) for each in accounts.all] == [
            ("Account 1", ACCOUNTS[0], "derived", True),
            ("Savings", ACCOUNTS[1], "derived", True),
            ("Imported 1", ACCOUNTS[2], "imported", True),
            ("Treasury", WATCHED, "watch", False),
        ]
        assert accounts.current is not None
        assert accounts.current.label == "Savings"
        await accounts.rename(ACCOUNTS[1], "")
        assert accounts.label(ACCOUNTS[1]) == "Account 2"


async def test_first_names_stay_when_others_come_and_go(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        accounts = WalletAccounts(tmp_path / "wallet.json", keys)
        await keys.import_key(KEYS[1], password=PASSWORD)
        await keys.import_key(KEYS[2])
        await accounts.use(ACCOUNTS[2])
        await keys.remove(accounts.all[0].source, PASSWORD)
        await keys.import_phrase(PHRASE)
        assert [each.label for each in accounts.all] == ["Imported 2", "Account 1"]
        await keys.import_key("11" * 32)
        assert [each.label for each in accounts.all][2] == "Imported 3"


async def test_a_watched_address_whose_key_comes_is_one_account(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        accounts = WalletAccounts(tmp_path / "wallet.json", keys)
        await accounts.watch(ACCOUNTS[2], "Cold")
        with pytest.raises(InvalidInput, match="already, as Cold"):
            await accounts.watch(ACCOUNTS[2])
        await keys.import_key(KEYS[2], password=PASSWORD)
        assert [(each.label, each.kind) for each in accounts.all] == [("Cold", "imported")]
        with pytest.raises(InvalidInput, match="has a key here"):
            await accounts.unwatch(ACCOUNTS[2])
        await keys.remove(accounts.all[0].source, PASSWORD)
        assert [(each.label, each.kind) for each in accounts.all] == [("Cold", "watch")]
        await accounts.unwatch(ACCOUNTS[2])
        assert accounts.all == ()


async def test_an_unconfirmed_phrase_is_told_until_it_is_confirmed(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        accounts = WalletAccounts(tmp_path / "wallet.json", keys)
        made = await keys.create(password=PASSWORD)
        assert [each.address for each in accounts.unconfirmed] == [made.account.address]
        asked = keys.positions(made.account.source)
        await keys.confirm(made.account.source, {place: made.words[place - 1] for place in asked})
        assert accounts.unconfirmed == ()


async def test_a_damaged_list_is_kept_aside_and_the_keys_are_there(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        path = tmp_path / "wallet.json"
        path.write_bytes(b'{"format":1,"labels":7}')
        accounts = WalletAccounts(path, keys)
        await accounts.load()

        assert "wallet.damaged-1.json" in accounts.problem
        assert (tmp_path / "wallet.damaged-1.json").read_bytes() == b'{"format":1,"labels":7}'
        assert [each.address for each in accounts.all] == [ACCOUNTS[0]]
