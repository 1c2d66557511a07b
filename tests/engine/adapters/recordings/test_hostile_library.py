"""A folder of recordings into which somebody put what means harm."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from engine.adapters.recordings import library as library_module
from engine.adapters.recordings.library import Library
from engine.errors import InvalidInput
from tests.engine.market.test_hostile_files import a_tape


def put(directory: Path, data: bytes, name: str = "a") -> Path:
    path = directory / "binance" / "BTC-USDT" / f"{name}.tape"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "about",
    [
        {"started": 1e400}, {"started": "x" * 9_000}, {"started": -1}, {"started": 10**40}, {"started": None},
        {"venue": "\x1b[2J"}, {"venue": "x" * 90_000}, {"symbol": 5}, {"symbol": "a\nb"}, {"title": "\u202eb"},
        {"title": ["x"]}, {"version": 10**30}, {"format": {"a": 1}},
    ],
)  # fmt: skip
def test_one_head_that_cannot_be_hides_no_other_recording(tmp_path: Path, about: dict[str, object]) -> None:
    put(tmp_path, a_tape(), "good")
    put(tmp_path, a_tape(about=about), "bad")
    put(tmp_path, b"[" * 99_000, "deep")

    found, damaged = Library(tmp_path).found()

    assert [each.name for each in found] == ["binance/BTC-USDT/good.tape"]
    texts = [str(error) for error in damaged]
    assert len(texts) == 2
    assert all(text.isprintable() and len(text) < 200 for text in texts)


@pytest.mark.parametrize(
    "name",
    [
        "../a.tape",
        "/etc/a.tape",
        "a/../../b.tape",
        "a\\..\\b.tape",
        "C:a.tape",
        "a.tape\n",
        "x" * 300 + "\x00.tape",
        "a",
        "",
    ],
)
def test_no_name_leads_elsewhere(tmp_path: Path, name: str) -> None:
    for use in (Library(tmp_path).open, Library(tmp_path).remove):
        with pytest.raises(InvalidInput):
            use(name)


@pytest.mark.parametrize("symbol", ["../../../x/USD", "A/..", "/etc/passwd", "..\\..\\x/USD", "x" * 300 + "/USD"])
def test_no_pair_is_recorded_elsewhere_and_what_is_recorded_is_found(tmp_path: Path, symbol: str) -> None:
    library = Library(tmp_path)
    path = library.new_file("binance", symbol, 10**18)
    assert path.resolve().is_relative_to(tmp_path.resolve() / "binance")
    assert len(path.relative_to(tmp_path).parts) == 3
    head, _, rest = a_tape().partition(b"\n")
    path.write_bytes(head + b"\n" + rest)
    (one,) = library.found()[0]
    assert library.open(one.name).symbol == json.loads(head)["symbol"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "LARGEST", 1_000)
    put(tmp_path, a_tape() + bytes(2_000))
    with pytest.raises(InvalidInput, match="larger"):
        Library(tmp_path).open("binance/BTC-USDT/a.tape")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_nobody_else_can_look_at_what_was_recorded(tmp_path: Path) -> None:
    path = Library(tmp_path / "recordings").new_file("binance", "BTC/USDT", 10**18)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
