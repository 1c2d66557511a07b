"""Accounts that are encrypted, and a key that is wrong, missing or locked away: said, and nothing made over them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import keyring
import keyring.backends.null
import pytest

from engine.adapters.secrets.memory import MemorySecrets
from engine.adapters.secrets.vault import Vault
from engine.adapters.sql import encrypted
from engine.adapters.sql.backup import create, examine
from engine.adapters.sql.database import check_revision
from engine.adapters.sql.manifest import Kind
from engine.adapters.sql.reader import Reader
from engine.bootstrap import Engine, open_engine
from engine.bootstrap.sealed import decrypt_database, encrypt_database
from engine.cli.__main__ import main
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots
from engine.domain.order import OrderId, OrderType, Side
from engine.errors import InvalidInput, SecretsLocked, StorageCorrupt
from engine.profile import Profile
from tests.engine.adapters.journaled import Book

pytestmark = pytest.mark.integration

CANARY = "canary-order-id"


@pytest.fixture(autouse=True)
def _no_keys() -> Iterator[None]:
    encrypted.forget_keys()
    yield
    encrypted.forget_keys()
    encrypted.provider = None


@asynccontextmanager
async def engine_on(profile: Profile, secrets: MemorySecrets | None = None) -> AsyncIterator[Engine]:
    engine = await open_engine(profile, market="simulated", seed=3, secrets=secrets)
    engine.runner.pause()
    try:
        yield engine
    finally:
        await engine.close()


async def traded(profile: Profile, name: str, secrets: MemorySecrets | None = None) -> str:
    """Send an order under a name; return the state of the accounts afterwards."""
    async with engine_on(profile, secrets) as engine:
        answer = await engine.orders.submit(
            SubmitOrder(
                account=engine.venue.account, order_id=OrderId(name), symbol="BTC/USDT", side=Side.BUY,
                order_type=OrderType.MARKET, qty=Lots(1_000),
            )
        )  # fmt: skip
        assert isinstance(answer, OrderAccepted)
        return engine.venue.fold.state_hash()


def files(profile: Profile) -> dict[str, bytes]:
    """Return what lies beside the accounts, but for the lock, logs and settings."""
    found = profile.data_dir.glob("crs.sqlite*")
    return {each.name: each.read_bytes() for each in found if each.is_file()}


async def test_row_23_encrypted_accounts_are_read_and_written_only_with_their_key(tmp_path: Path) -> None:
    profile, secrets = Profile(tmp_path), MemorySecrets()
    before = await traded(profile, "plain-order")
    assert encrypted.is_plain(profile.database)
    encrypt_database(profile, secrets)

    assert not encrypted.is_plain(profile.database)
    encrypted.forget_keys()
    async with engine_on(profile, secrets) as engine:
        assert engine.venue.fold.state_hash() == before
    await traded(profile, CANARY, secrets)
    for name, data in files(profile).items():
        assert CANARY.encode() not in data, name
        assert not data.startswith(encrypted.PLAIN), name
    made = create(profile.database, Kind.MANUAL, 10**18)
    assert not encrypted.is_plain(made.path)
    examine(made.path)


async def test_row_23_a_missing_or_wrong_key_is_said_and_nothing_new_is_made(tmp_path: Path) -> None:
    profile, secrets = Profile(tmp_path), MemorySecrets()
    await traded(profile, "one")
    encrypt_database(profile, secrets)
    encrypted.forget_keys()
    before = files(profile)
    name = encrypted.key_name(profile.data_dir)

    with pytest.raises(SecretsLocked, match="does not have their key"):
        await open_engine(profile, secrets=MemorySecrets())
    wrong = MemorySecrets()
    wrong.put(name, "11" * 32)
    with pytest.raises(SecretsLocked, match="does not open"):
        await open_engine(profile, secrets=wrong)
    vault = Vault(tmp_path / "vault.json")
    with pytest.raises(SecretsLocked, match="does not have their key"):
        await open_engine(profile, secrets=vault)
    vault.create("four words and a comma")
    vault.lock()
    with pytest.raises(SecretsLocked, match="passphrase"):
        await open_engine(profile, secrets=vault)
    with pytest.raises(SecretsLocked, match="key is not here"):
        check_revision(profile.database)

    assert files(profile) == before
    profile.database.rename(tmp_path / "elsewhere")  # even with the accounts gone, none are made over their place
    with pytest.raises(SecretsLocked):
        await open_engine(profile, secrets=MemorySecrets())
    assert not profile.database.exists()


async def test_row_23_a_plain_file_in_the_place_of_encrypted_accounts_is_not_taken_for_them(tmp_path: Path) -> None:
    profile, secrets = Profile(tmp_path / "own"), MemorySecrets()
    await traded(profile, "one")
    encrypt_database(profile, secrets)
    other = Profile(tmp_path / "other")
    await traded(other, "two")
    profile.database.write_bytes(other.database.read_bytes())

    with pytest.raises(StorageCorrupt, match="should be encrypted"):
        await open_engine(profile, secrets=secrets)


async def test_row_23_a_damaged_file_is_damage_not_a_wrong_key(tmp_path: Path) -> None:
    profile, secrets = Profile(tmp_path), MemorySecrets()
    await traded(profile, "one")
    encrypt_database(profile, secrets)
    data = bytearray(profile.database.read_bytes())
    data[100] ^= 1
    profile.database.write_bytes(data)

    with pytest.raises(StorageCorrupt, match="damaged"):
        await open_engine(profile, secrets=secrets)


async def test_row_23_decrypting_gives_the_same_accounts_back(tmp_path: Path) -> None:
    profile, secrets = Profile(tmp_path), MemorySecrets()
    await traded(profile, "one")
    encrypt_database(profile, secrets)
    after = await traded(profile, "two", secrets)
    decrypt_database(profile, secrets)
    encrypted.forget_keys()

    assert encrypted.is_plain(profile.database)
    with pytest.raises(InvalidInput, match="not encrypted"):
        decrypt_database(profile, secrets)
    async with engine_on(profile) as engine:
        assert engine.venue.fold.state_hash() == after


@pytest.mark.parametrize("way", ["seal", "unseal"])
@pytest.mark.parametrize("at", range(4))
def test_row_23_a_kill_while_encrypting_leaves_accounts_that_open(way: str, at: int, tmp_path: Path) -> None:
    """A process is killed at each replacement or removal of a file."""
    database = a_book(tmp_path)
    before, key = records(database), encrypted.prepare_key()
    if way == "unseal":
        encrypted.seal(database, key)
        encrypted.forget_keys()
    command = [sys.executable, "-c", KILLED, str(database), key.hex(), way, str(at)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr.decode()

    encrypted.finish_moving(database)
    if encrypted.is_sealed(database):
        encrypted.use_key(tmp_path, key)
    assert records(database) == before
    assert encrypted.is_sealed(database) is not encrypted.is_plain(database)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(("ing", ".partial"))]


def a_book(directory: Path) -> Path:
    """Make a database with some records."""
    directory.mkdir(exist_ok=True)
    book = Book(directory / "crs.sqlite")
    book.open()
    book.order("one", Side.BUY, 100)
    book.journal.close()
    return book.path


def records(database: Path) -> list[str]:
    """Return the hashes of all records."""
    with Reader(database) as reader:
        return [entry.hash for entry in reader.entries(0)]


KILLED = """
import os, signal, sys
from pathlib import Path
from engine.adapters.sql import encrypted
database, key, way, at = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3], int(sys.argv[4])
left = [at]
def dying(act):
    def instead(*args, **options):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return act(*args, **options)
    return instead
if way == "unseal":
    encrypted.use_key(database.parent, key)
os.replace, os.unlink = dying(os.replace), dying(os.unlink)
Path.unlink = dying(Path.unlink)
encrypted.seal(database, key) if way == "seal" else encrypted.unseal(database)
"""


def test_row_23_the_command_encrypts_and_other_commands_ask_for_the_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", keyring.backends.null.Keyring)
    profile = tmp_path / "profile"

    def crs(*words: str, typed: str = "") -> int:
        encrypted.forget_keys()  # as a new process knows none
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        return main([*words, "--profile-dir", str(profile)])

    a_book(profile)
    assert crs("database", "encrypt", typed="four words and a comma\n") == 0
    assert "four words" not in "".join(capsys.readouterr())
    assert crs("account", typed="four words and a comma\n") == 0
    assert crs("account", typed="another passphrase\n") == 2
    assert "does not open the vault" in capsys.readouterr().err
    assert crs("database", "decrypt", typed="four words and a comma\n") == 0
    assert crs("account") == 0
