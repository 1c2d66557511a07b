"""Small files: the old one or the new one, whatever happens, and nothing of a damaged one is lost."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from engine.errors import StorageUnavailable
from engine.observe import failpoint
from engine.services.wallet.kept import KeptFile, Struct, write_whole
from tests.killed import killed_at_each

pytestmark = pytest.mark.integration


class Names(Struct, frozen=True):
    names: tuple[str, ...] = ()


def test_a_kill_at_any_write_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    path, seen = tmp_path / "file.json", set()

    def before() -> None:
        path.write_bytes(b"old")

    for ended in killed_at_each(before, lambda: write_whole(path, b"new" * 5000, "The file")):
        assert path.read_bytes() in (b"old", b"new" * 5000), ended
        seen.add(path.read_bytes())
    assert seen == {b"old", b"new" * 5000}
    assert {each.name for each in tmp_path.iterdir()} == {"file.json"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_refuses_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b"old")
    with (
        failpoint.armed("wallet.before_rename=error ENOSPC"),
        pytest.raises(StorageUnavailable, match="What was there"),
    ):
        write_whole(path, b"new", "The file")

    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"names":3}', b"\xff\xfe", b"[" * 10_000, b'{"format":"x"}'])
def test_what_cannot_be_understood_is_kept_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "names.json"
    (tmp_path / "names.damaged-1.json").write_bytes(b"an earlier one")
    path.write_bytes(data)
    file = KeptFile(path, Names, "The list")

    assert file.read() == Names()
    assert "names.damaged-2.json" in file.problem
    assert (tmp_path / "names.damaged-2.json").read_bytes() == data
    assert (tmp_path / "names.damaged-1.json").read_bytes() == b"an earlier one"
    file.write(Names(names=("a",)))
    assert KeptFile(path, Names, "The list").read() == Names(names=("a",))


def test_what_a_newer_program_wrote_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    data = msgspec.json.encode({"format": 2, "names": {"of": "another kind"}})
    path.write_bytes(data)
    file = KeptFile(path, Names, "The list")

    assert file.read() == Names()
    assert "newer" in file.problem
    with pytest.raises(StorageUnavailable, match="newer"):
        file.write(Names(names=("a",)))
    assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["names.json"]
