"""A wallet's keys from outside: what is made is found again, and a wrong password changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from eth_account import Account

from engine.adapters.keys.keyfile import Derived, KeyFolder
from engine.adapters.keys.keyring import KeyProcess
from engine.adapters.secrets.memory import MemorySecrets
from engine.errors import InvalidInput, KeysLocked, StorageCorrupt, WatchOnly, WrongPassphrase
from engine.ports.keys import KeyKind, KeyStore
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, PASSWORD, PHRASE, HandClock, transaction, wallet

pytestmark = pytest.mark.integration


async def test_a_phrase_gives_the_accounts_that_other_wallets_show(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        taken = await keys.import_phrase(PHRASE, password=PASSWORD)
        await keys.add_account()
        await keys.add_account(taken.account.source)

        assert tuple(each.address for each in keys.accounts) == ACCOUNTS
        assert [each.path for each in keys.accounts] == [f"m/44'/60'/0'/0/{n}" for n in range(3)]
        assert {each.kind for each in keys.accounts} == {KeyKind.DERIVED}

    async with wallet(tmp_path) as keys:
        assert tuple(each.address for each in keys.accounts) == ACCOUNTS
        assert keys.is_locked
        assert keys.can_sign(ACCOUNTS[2])
        with pytest.raises(KeysLocked):
            await keys.sign(transaction())


@pytest.mark.parametrize("is_legacy", [False, True])
@pytest.mark.parametrize("to", [ACCOUNTS[1], None])
async def test_a_signature_is_that_of_eth_account(tmp_path: Path, is_legacy: bool, to: str | None) -> None:
    asked = transaction(is_legacy=is_legacy, to=to)
    fees = {"gasPrice": asked.max_fee}
    if not is_legacy:
        fees = {"maxFeePerGas": asked.max_fee, "maxPriorityFeePerGas": asked.max_priority_fee, "type": 2}
    peer = Account.sign_transaction(
        {"chainId": 31337, "nonce": 7, "to": to or b"", "value": 10**18, "data": b"\x12\x34", "gas": 120_000, **fees},
        KEYS[0],
    )

    async with wallet(tmp_path) as keys:
        await keys.import_key("0x" + KEYS[0].upper(), password=PASSWORD)
        signed = await keys.sign(asked)

    assert signed.raw == bytes(peer.raw_transaction)
    assert signed.hash == "0x" + bytes(peer.hash).hex()


async def test_a_new_phrase_is_shown_once_and_confirmed_by_three_words(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        made = await keys.create(words=24, password=PASSWORD)
        source = made.account.source
        assert len(made.words) == 24
        assert not made.account.is_confirmed

        asked = keys.positions(source)
        assert len(set(asked)) == 3
        wrong = {place: made.words[place % 24] for place in asked}
        assert not await keys.confirm(source, wrong)
        assert not keys.accounts[0].is_confirmed
        with pytest.raises(InvalidInput):
            await keys.confirm(source, {1: made.words[0]})
        assert await keys.confirm(source, {place: f" {made.words[place - 1].upper()} " for place in asked})

    async with wallet(tmp_path) as keys:
        assert keys.accounts[0].is_confirmed
        await keys.unlock(PASSWORD)
        assert (await keys.reveal_phrase(source, PASSWORD)).words == made.words
    Account.enable_unaudited_hdwallet_features()
    assert Account.from_mnemonic(" ".join(made.words)).address == made.account.address


async def test_a_wrong_password_opens_nothing_and_makes_one_wait(tmp_path: Path) -> None:
    clock = HandClock()
    async with wallet(tmp_path, clock=clock) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        keys.lock()
        for _ in range(3):
            with pytest.raises(WrongPassphrase):
                await keys.unlock("something else")
        assert keys.is_locked
        with pytest.raises(KeysLocked, match="try again in 1 s"):
            await keys.unlock(PASSWORD)
        clock.go_on(1)
        with pytest.raises(WrongPassphrase):
            await keys.unlock("something else")
        assert keys.wait_s == 2
        clock.go_on(2)
        await keys.unlock(PASSWORD)
        assert keys.wait_s == 0
        assert (await keys.sign(transaction())).raw


async def test_all_keys_have_the_new_password(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    async with wallet(tmp_path, secrets=secrets) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        await keys.import_key(KEYS[2].replace("5", "6"))
        await keys.remember(PASSWORD)
        with pytest.raises(WrongPassphrase):
            await keys.change_password("something else", "another one, longer")
        with pytest.raises(InvalidInput):
            await keys.change_password(PASSWORD, "short")
        await keys.change_password(PASSWORD, "another one, longer")
        assert keys.is_locked
        with pytest.raises(WrongPassphrase):
            await keys.unlock(PASSWORD)
        await keys.unlock()
        assert all([(await keys.sign(transaction(each.address))).raw for each in keys.accounts])
        await keys.forget()
        keys.lock()
        with pytest.raises(KeysLocked):
            await keys.unlock()


async def test_keystores_go_out_and_come_in_as_other_programs_have_them(tmp_path: Path) -> None:
    async with wallet(tmp_path / "one") as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
        text = await keys.export_keystore(ACCOUNTS[0], PASSWORD, "for the other one")
        assert bytes(Account.decrypt(json.loads(text), "for the other one")).hex() == KEYS[0]
        with pytest.raises(InvalidInput, match="in this wallet already"):
            await keys.import_keystore(text, "for the other one")
        with pytest.raises(WatchOnly):
            await keys.export_keystore(ACCOUNTS[1], PASSWORD, "for the other one")

    async with wallet(tmp_path / "two") as keys:
        with pytest.raises(InvalidInput, match="does not open this keystore"):
            await keys.import_keystore(text, "a wrong one", password=PASSWORD)
        assert not keys.accounts
        taken = await keys.import_keystore(text, "for the other one", password=PASSWORD)
        assert taken.account.address == ACCOUNTS[0]
        assert "weakly encrypted" in taken.remarks[0]
        file = next((tmp_path / "two" / "keys").glob("*.json"))
        assert bytes(Account.decrypt(json.loads(file.read_text()), PASSWORD)).hex() == KEYS[0]


async def test_removing_asks_for_the_password_and_says_what_is_lost(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        phrase = (await keys.import_phrase(PHRASE, password=PASSWORD)).account
        alone = (await keys.import_key(KEYS[1])).account
        assert keys.removal(alone.source).is_only_copy
        assert "lost for good" in keys.removal(alone.source).sentence
        assert not keys.removal(phrase.source).is_only_copy

        with pytest.raises(WrongPassphrase):
            await keys.remove(alone.source, "something else")
        assert len(keys.accounts) == 2
        await keys.remove(alone.source, PASSWORD)
        assert [each.address for each in keys.accounts] == [ACCOUNTS[0]]
        with pytest.raises(WatchOnly):
            await keys.sign(transaction(ACCOUNTS[1]))
        assert (await keys.sign(transaction())).raw

    async with wallet(tmp_path) as keys:
        assert [each.address for each in keys.accounts] == [ACCOUNTS[0]]


async def test_a_stray_keystore_keeps_no_other_one_shut(tmp_path: Path) -> None:
    async with wallet(tmp_path / "other") as keys:
        stray = (await keys.import_key(KEYS[2], password="the password of another")).account
    async with wallet(tmp_path) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
    (tmp_path / "other" / "keys" / f"{stray.source}.json").rename(tmp_path / "keys" / f"{stray.source}.json")

    async with wallet(tmp_path) as keys:
        await keys.unlock(PASSWORD)
        assert (await keys.sign(transaction())).raw
        assert set(keys.shut) == {stray.source}
        with pytest.raises(KeysLocked, match="has another password"):
            await keys.sign(transaction(ACCOUNTS[2]))
        await keys.change_password(PASSWORD, "a new one, longer")
        with pytest.raises(WrongPassphrase):
            await keys.remove(stray.source, "a new one, longer")
        await keys.remove(stray.source, "the password of another")
        await keys.unlock("a new one, longer")
        assert not keys.shut
        assert (await keys.sign(transaction())).raw


async def test_an_address_that_was_changed_in_a_file_is_found_out(tmp_path: Path) -> None:
    async with wallet(tmp_path) as keys:
        await keys.import_phrase(PHRASE, password=PASSWORD)
    folder = KeyFolder(tmp_path / "keys")
    (file,), _ = folder.load()
    forged = msgspec.structs.replace(file.crs, accounts=(Derived(0, ACCOUNTS[2]),))
    folder.write(msgspec.structs.replace(file, crs=forged))

    async with wallet(tmp_path) as keys:
        with pytest.raises(StorageCorrupt, match="not its own"):
            await keys.unlock(PASSWORD)


def test_it_is_a_key_store(tmp_path: Path) -> None:
    store: KeyStore = KeyProcess(tmp_path)

    assert not store.accounts
