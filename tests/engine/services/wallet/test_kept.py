"""Small files: the old one or the new one, whatever happens, and nothing of a damaged one is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.errors import StorageUnavailable
from engine.observe import failpoint
from engine.services.wallet.kept import KeptFile, Struct, write_whole

pytestmark = pytest.mark.integration

KILLED = """
import os, signal, sys
from pathlib import Path
path, at = Path(sys.argv[1]), int(sys.argv[2])
calls = 0
def counted(name):
    real = getattr(os, name)
    def call(*args, **more):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    setattr(os, name, call)
for name in ("open", "unlink", "fdopen", "fsync", "replace", "close"):
    counted(name)
from engine.services.wallet.kept import write_whole
calls = 0
write_whole(path, b"new" * 5000, "The file")
print(calls)
"""
"""Kills itself at the n-th of the system's calls that make, write or name a file."""


class Names(Struct, frozen=True):
    names: tuple[str, ...] = ()


def test_a_kill_at_any_write_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    path, seen = tmp_path / "file.json", set()
    for at in range(1, 20):
        path.write_bytes(b"old")
        ended = subprocess.run([sys.executable, "-c", KILLED, str(path), str(at)], capture_output=True, check=False)
        seen.add(path.read_bytes())
        assert path.read_bytes() in (b"old", b"new" * 5000)
        if ended.returncode == 0:
            break
        assert ended.returncode == -9
    assert ended.returncode == 0
    assert at > 5
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
