from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.secrets import vault as module
from engine.adapters.secrets.vault import Vault
from engine.errors import InvalidInput, SecretsLocked, StorageCorrupt, StorageUnavailable, WrongPassphrase

PASSPHRASE = "four words and a comma"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spend no tenth of a second on each key here."""
    monkeypatch.setattr(module, "COST", 2**10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    vault = Vault(tmp_path / "vault.json")
    vault.create(PASSPHRASE)
    vault.put("session", "the refresh token")
    return tmp_path / "vault.json"


def opened(path: Path) -> Vault:
    vault = Vault(path)
    vault.unlock(PASSPHRASE)
    return vault


def test_what_was_put_in_is_found_after_a_restart(path: Path) -> None:
    vault = opened(path)
    vault.put("device", "ключ 🔑")
    vault.remove("session")
    vault.remove("nothing")

    again = opened(path)
    assert (again.get("device"), again.get("session")) == ("ключ 🔑", None)


def test_it_is_locked_until_the_passphrase_is_given_and_after_it_was_locked_again(path: Path) -> None:
    vault = Vault(path)
    for _ in range(2):
        assert not vault.is_open
        with pytest.raises(SecretsLocked):
            vault.get("session")
        with pytest.raises(SecretsLocked):
            vault.put("session", "another")
        vault.unlock(PASSPHRASE)
        assert vault.get("session") == "the refresh token"
        vault.lock()


def test_a_wrong_passphrase_is_not_a_damaged_file(path: Path) -> None:
    before = path.read_bytes()
    for wrong in (PASSPHRASE + " ", PASSPHRASE.upper(), ""):
        with pytest.raises(WrongPassphrase):
            Vault(path).unlock(wrong)

    assert path.read_bytes() == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_damaged_file_is_not_a_wrong_passphrase(path: Path, at: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    damaged = path.with_name("damaged.json")
    damaged.write_bytes(data)
    vault = Vault(damaged)
    try:
        vault.unlock(PASSPHRASE)
    except StorageCorrupt:
        assert not vault.is_open
    else:  # a bit that JSON does not mind, such as the case of a hex digit's escape
        assert json.loads(data) == json.loads(path.read_bytes())


@pytest.mark.parametrize("length", [0, 1, 100])
def test_a_torn_file_is_damaged(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(StorageCorrupt, match="damaged"):
        Vault(path).unlock(PASSPHRASE)


def test_whoever_changes_it_without_the_key_is_found_out_even_with_a_matching_sum(path: Path) -> None:
    body = json.loads(path.read_bytes())
    del body["sha256"]
    body["sealed"] = "A" + body["sealed"][1:] if body["sealed"][0] != "A" else "B" + body["sealed"][1:]
    body["sha256"] = hashlib.sha256(module._canonical(body)).hexdigest()
    path.write_bytes(module._canonical(body))

    with pytest.raises(StorageCorrupt, match="changed by somebody"):
        Vault(path).unlock(PASSPHRASE)


def test_it_is_what_another_hand_reads_with_the_published_algorithms(path: Path) -> None:
    """scrypt by hashlib, not by the library that wrote it."""
    body = json.loads(path.read_bytes())
    salt, nonce, sealed = (base64.b64decode(body[name]) for name in ("salt", "nonce", "sealed"))
    key = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, n=body["n"], r=body["r"], p=body["p"], dklen=64)
    head = {name: value for name, value in body.items() if name not in ("nonce", "sealed", "sha256")}

    assert json.loads(AESGCM(key[:32]).decrypt(nonce, sealed, module._canonical(head))) == {
        "session": "the refresh token"
    }


def test_only_its_owner_may_read_it_and_nothing_in_it_is_plain(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"refresh token" not in path.read_bytes()
    assert "refresh" not in repr(opened(path))
    assert [each.name for each in path.parent.iterdir()] == ["vault.json"]


def test_a_disk_that_refuses_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault, before = opened(path), path.read_bytes()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageUnavailable, match="No space left"):
        vault.put("session", "another")
    with pytest.raises(StorageUnavailable):
        vault.change("another passphrase")
    monkeypatch.undo()

    assert path.read_bytes() == before
    assert vault.get("session") == "the refresh token"
    assert [each.name for each in path.parent.iterdir()] == ["vault.json"]


def test_another_passphrase_takes_the_place_of_the_first(path: Path) -> None:
    opened(path).change("another passphrase")

    with pytest.raises(WrongPassphrase):
        Vault(path).unlock(PASSPHRASE)
    vault = Vault(path)
    vault.unlock("another passphrase")
    assert vault.get("session") == "the refresh token"


def test_short_passphrases_are_refused_and_an_existing_vault_is_never_made_anew(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least 8"):
        Vault(tmp_path / "other.json").create("seven77")
    with pytest.raises(InvalidInput, match="already"):
        Vault(path).create(PASSPHRASE)
    assert not (tmp_path / "other.json").exists()


def test_the_real_cost_is_that_of_the_docstring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    vault = Vault(tmp_path / "vault.json")
    vault.create(PASSPHRASE)
    body = json.loads((tmp_path / "vault.json").read_bytes())
    assert (body["n"], body["r"], body["p"]) == (2**17, 8, 1)
