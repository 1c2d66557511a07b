import os
from pathlib import Path

import pytest

from engine.adapters.files.alerts import AlertFile
from engine.errors import StorageUnavailable


def test_what_was_saved_is_loaded_and_nothing_is_none(tmp_path: Path) -> None:
    file = AlertFile(tmp_path / "alerts.json")
    assert file.load() is None

    file.save(b"one")
    file.save(b"two")

    assert file.load() == b"two"
    assert [each.name for each in tmp_path.iterdir()] == ["alerts.json"]


def test_a_save_that_ends_before_the_rename_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AlertFile(tmp_path / "alerts.json")
    file.save(b"acknowledged")

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(StorageUnavailable, match="No space left"):
            file.save(b"never")

    assert file.load() == b"acknowledged"
    file.save(b"later")
    assert file.load() == b"later"


def test_files_that_are_set_aside_never_replace_each_other(tmp_path: Path) -> None:
    file = AlertFile(tmp_path / "alerts.json")
    names = []
    for text in (b"a", b"b"):
        file.save(text)
        names.append(file.set_aside())

    assert [(tmp_path / name).read_bytes() for name in names] == [b"a", b"b"]
    assert file.load() is None


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "alerts.json").mkdir()

    with pytest.raises(StorageUnavailable, match=r"alerts\.json cannot be read"):
        AlertFile(tmp_path / "alerts.json").load()
