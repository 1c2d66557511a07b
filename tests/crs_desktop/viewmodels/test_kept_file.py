"""A small file of the profile: whole or not there, and never written over what nobody could read."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from crs_desktop.viewmodels.kept_file import KeptFile


class Colours(Struct, frozen=True):
    names: tuple[str, ...] = ("red",)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "colours.json", Colours)
    assert file.read() == Colours()
    assert file.write(Colours(("blue",))) == ""

    assert KeptFile(tmp_path / "colours.json", Colours).read() == Colours(("blue",))
    assert [each.name for each in tmp_path.iterdir()] == ["colours.json"]


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"names":3}', b"\xff", b"[" * 10_000])
def test_what_cannot_be_understood_is_set_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "colours.json"
    path.write_bytes(data)
    file = KeptFile(path, Colours)

    assert file.read() == Colours()
    assert file.aside == tmp_path / "colours.damaged.json"
    assert file.aside.read_bytes() == data
    assert file.write(Colours(("blue",))) == ""


def test_what_cannot_even_be_set_aside_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "colours.json"
    path.write_bytes(b"not mine to lose")
    (tmp_path / "colours.damaged.json" / "in the way").mkdir(parents=True)
    file = KeptFile(path, Colours)

    assert file.read() == Colours()
    assert file.refused
    assert file.write(Colours(("blue",))) == file.refused
    assert path.read_bytes() == b"not mine to lose"


def test_a_disk_that_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    file = KeptFile(tmp_path / "gone" / "colours.json", Colours)

    assert file.write(Colours()) == "No such file or directory"
