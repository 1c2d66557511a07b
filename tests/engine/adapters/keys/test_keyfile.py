"""Keystores on the disk: whole or not there, all of one password or all of another, and never written over blindly."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from engine.adapters.keys.keyfile import CipherParams, Crypto, Derived, KdfParams, Keyfile, KeyFolder, Open
from engine.errors import StorageUnavailable
from engine.observe import failpoint
from tests.killed import killed_at_each

pytestmark = pytest.mark.integration
NAMES = ("one", "two")


def keyfile(name: str, password: str) -> Keyfile:
    """What a keystore under a password is to the folder: something opaque."""
    params = KdfParams(dklen=32, salt=password.encode().hex(), n=2, r=8, p=1)
    crypto = Crypto("aes-128-ctr", CipherParams("00" * 16), "ab" * 32, "scrypt", params, "cd" * 32)
    address = "0x" + "1" * 40
    return Keyfile(3, name, crypto, Open("key", (Derived(0, address),), made=NAMES.index(name)), address[2:])


def passwords(folder: Path) -> set[str]:
    found, damaged = KeyFolder(folder).load()
    assert not damaged
    assert [each.id for each in found] == list(NAMES)
    return {bytes.fromhex(each.crypto.kdfparams.salt).decode() for each in found}


def test_a_change_of_password_is_for_all_or_for_none_whenever_it_is_killed(tmp_path: Path) -> None:
    folder, seen = tmp_path / "keys", set()

    def before() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for name in NAMES:
            KeyFolder(folder).write(keyfile(name, "old"))

    new = {name: keyfile(name, "new") for name in NAMES}
    for ended in killed_at_each(before, lambda: KeyFolder(folder).replace_all(new)):
        found = passwords(folder)
        assert found in ({"old"}, {"new"}), ended
        seen |= found
        assert {each.suffix for each in folder.iterdir()} == {".json"}
        assert len(list(folder.iterdir())) == 2
    assert seen == {"old", "new"}


def test_a_disk_that_refuses_a_new_password_leaves_the_old_one(tmp_path: Path) -> None:
    for name in NAMES:
        KeyFolder(tmp_path).write(keyfile(name, "old"))
    with failpoint.armed("wallet.before_rename:2+=error ENOSPC"), pytest.raises(StorageUnavailable):
        KeyFolder(tmp_path).replace_all({name: keyfile(name, "new") for name in NAMES})

    assert passwords(tmp_path) == {"old"}


def test_completing_a_change_can_be_killed_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    def before() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for name in NAMES:
            KeyFolder(folder).write(keyfile(name, "new"))
            (folder / f"{name}.json").rename(folder / f"{name}.next")
            (folder / f"{name}.json").write_bytes(b"the old one")
        (folder / "change.json").write_bytes(msgspec.json.encode({"files": [f"{name}.json" for name in NAMES]}))

    for ended in killed_at_each(before, lambda: KeyFolder(folder).load()):
        assert passwords(folder) == {"new"}, ended


def test_a_damaged_keystore_is_told_and_left_alone(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    for name in NAMES:
        folder.write(keyfile(name, "old"))
    path = tmp_path / "two.json"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        data = bytearray(whole)
        data[place] ^= 0x01
        path.write_bytes(data)
        found, damaged = folder.load()
        if len(found) == 2:  # white space, or the same value written otherwise
            assert msgspec.json.decode(data) == msgspec.json.decode(whole)
            continue
        assert [each.id for each in found] == ["one"]
        assert "two.json" in damaged[0]
        assert "left as it is" in damaged[0]
        assert path.read_bytes() == data


@pytest.mark.parametrize(
    "marker",
    [b"", b"{", b"[]", b"\xff", b'{"files": 7}', b'{"files": []}', b'{"files": ["../accounts.json"]}',
     b'{"files": ["/tmp/other.json"]}', b'{"files": ["one.json", ".."]}', b'{"files": ["one.exe"]}'],
)  # fmt: skip
def test_a_change_of_password_that_names_something_else_touches_nothing(tmp_path: Path, marker: bytes) -> None:
    keys = tmp_path / "keys"
    KeyFolder(keys).write(keyfile("one", "old"))
    (keys / "one.next").write_bytes(b"new")
    (tmp_path / "accounts.json").write_bytes(b"kept")
    (tmp_path / "accounts.next").write_bytes(b"planted")
    (keys / "change.json").write_bytes(marker)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*.*")}

    with pytest.raises(StorageUnavailable, match=r"Nothing was touched"):
        KeyFolder(keys).load()
    assert {each: each.read_bytes() for each in tmp_path.rglob("*.*")} == before


def test_a_removed_keystore_is_overwritten_first(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    folder.write(keyfile("one", "old"))
    (tmp_path / "twin").hardlink_to(tmp_path / "one.json")
    folder.remove("one")

    assert b"aes-128-ctr" not in (tmp_path / "twin").read_bytes()
    assert not (tmp_path / "one.json").exists()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    KeyFolder(tmp_path / "keys").write(keyfile("one", "old"))

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "one.json").stat().st_mode & 0o777 == 0o600
