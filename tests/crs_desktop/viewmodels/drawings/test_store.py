"""The store of drawings: undo is the way back, what is saved is what is read, and a bad file costs nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.drawings.file import KEPT, DrawingFile
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.store import DrawingStore
from crs_desktop.viewmodels.writer import Writer
from engine.observe import failpoint
from tests.crs_desktop.viewmodels.drawings.sketches import anchor, shapes

SYMBOLS = ("BTC/USDT", "ETH/USDT")
TREND = Shape("d1", "trend", (anchor(1, 6_100_000), anchor(5, 6_200_000)))

Edit = tuple[str, str, Shape, int]
EDITS: st.SearchStrategy[Edit] = st.tuples(
    st.sampled_from(("add", "change", "remove", "front", "clear", "undo", "redo")),
    st.sampled_from(SYMBOLS),
    shapes(),
    st.integers(0, 5),
)


FEW = [replace(TREND, style=replace(TREND.style, fill=number)) for number in range(5)]
STEPS: st.SearchStrategy[list[Edit]] = st.lists(
    st.tuples(
        st.sampled_from(("add", "add", "change", "remove", "front", "clear", "undo", "undo", "redo")),
        st.sampled_from(SYMBOLS),
        st.sampled_from(FEW),
        st.integers(0, 5),
    ),
    min_size=4,
    max_size=20,
)
"""Many edits of few simple drawings."""


def apply(store: DrawingStore, edit: Edit) -> None:
    verb, symbol, shape, number = edit
    there = store.shapes(symbol)
    if verb == "add":
        store.add(symbol, replace(shape, id=store.new_id()))
    elif verb in ("clear", "undo", "redo"):
        getattr(store, verb)(symbol)
    elif there:
        chosen = there[number % len(there)]
        calls: dict[str, Callable[[], None]] = {
            "change": lambda: store.change(symbol, replace(shape, id=chosen.id)),
            "remove": lambda: store.remove(symbol, (chosen.id,)),
            "front": lambda: store.bring_to_front(symbol, chosen.id),
        }
        calls[verb]()


def opened(path: Path | None) -> DrawingStore:
    return DrawingStore(DrawingFile(path))


@given(STEPS)
def test_undoing_all_is_the_beginning_and_redoing_all_the_end(edits: list[Edit]) -> None:
    store = opened(None)
    for edit in edits:
        apply(store, edit)
    last = {symbol: store.shapes(symbol) for symbol in SYMBOLS}
    undone = dict.fromkeys(SYMBOLS, 0)

    for symbol in SYMBOLS:
        while store.undo(symbol):
            undone[symbol] += 1
    first = {symbol: store.shapes(symbol) for symbol in SYMBOLS}
    for symbol in SYMBOLS:
        for _ in range(undone[symbol]):
            assert store.redo(symbol)

    assert first == dict.fromkeys(SYMBOLS, ())
    assert {symbol: store.shapes(symbol) for symbol in SYMBOLS} == last


@given(STEPS)
def test_undo_follows_a_naive_list_of_states(edits: list[Edit]) -> None:
    store = opened(None)
    states, at = [store.shapes("BTC/USDT")], 0
    for verb, _, shape, number in edits:
        before = store.shapes("BTC/USDT")
        apply(store, (verb, "BTC/USDT", shape, number))
        if verb == "undo":
            at = max(0, at - 1)
        elif verb == "redo":
            at = min(len(states) - 1, at + 1)
        elif store.shapes("BTC/USDT") != before:
            states[at + 1 :] = [store.shapes("BTC/USDT")]
            at += 1

        assert store.shapes("BTC/USDT") == states[at]
        assert (store.can_undo("BTC/USDT"), store.can_redo("BTC/USDT")) == (at > 0, at < len(states) - 1)


@pytest.mark.integration
@settings(max_examples=25)
@given(edits=st.lists(EDITS, max_size=12), flags=st.sets(st.sampled_from(("magnet", "stay", "lock_all", "hide_all"))))
def test_what_is_saved_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, edits: list[Edit], flags: set[str]
) -> None:
    path = tmp_path_factory.mktemp("drawings") / "drawings.json"
    store = opened(path)
    for edit in edits:
        apply(store, edit)
    for flag in flags:
        store.tools.toggle(flag)
    store.flush()

    again = opened(path)

    assert {symbol: again.shapes(symbol) for symbol in SYMBOLS} == {s: store.shapes(s) for s in SYMBOLS}
    assert again.tools.encoded() == store.tools.encoded()
    assert again.new_id() not in {shape.id for symbol in SYMBOLS for shape in again.shapes(symbol)}


@pytest.mark.integration
def test_drawings_and_fields_of_a_newer_version_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    gann = {"id": "d7", "kind": "gann fan", "anchors": [[1, "2"]], "angle": 3}
    line = {"id": "d8", "kind": "trend", "anchors": [[1, "2"], [3, "4.50"]], "glow": 2, "style": {"halo": "wide"}}
    path.write_text(json.dumps({"version": 9, "pairs": {"BTC/USDT": [gann, line]}, "folders": ["a"]}))
    store = opened(path)

    store.add("BTC/USDT", replace(TREND, id=store.new_id()))
    store.flush()

    data: dict[str, Any] = json.loads(path.read_text())
    kept = {each["id"]: each for each in data["pairs"]["BTC/USDT"]}
    assert [shape.id for shape in store.shapes("BTC/USDT")] == ["d8", "d9"]
    assert kept["d7"] == gann
    assert (kept["d8"]["glow"], kept["d8"]["style"], kept["d8"]["anchors"]) == (2, {"halo": "wide"}, line["anchors"])
    assert data["folders"] == ["a"]


@pytest.mark.integration
@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pairs": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_set_aside_and_the_last_good_one_shown(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "drawings.json"
    for number in range(2):  # the second sitting keeps what the first one left
        store = opened(path)
        store.add("BTC/USDT", replace(TREND, id=store.new_id(), locked=bool(number)))
        store.flush()
    path.write_bytes(text)

    store = opened(path)

    assert [shape.id for shape in store.shapes("BTC/USDT")] == ["d1"]
    assert [shape.id for shape in opened(path).shapes("BTC/USDT")] == ["d1"], "the next time as well"
    assert "drawings-damaged-1.json" in str(store.problem)
    assert (tmp_path / "drawings-damaged-1.json").read_bytes() == text
    store.add("BTC/USDT", replace(TREND, id=store.new_id()))
    store.flush()
    assert len(opened(path).shapes("BTC/USDT")) == 2
    assert str(store.problem) == ""


@pytest.mark.integration
def test_one_bad_drawing_does_not_cost_the_others(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    good = {"id": "d2", "kind": "horizontal", "anchors": [[5, "7.5"]]}
    bad = [
        {"id": "d1", "kind": "trend", "anchors": [[1, "NaN"], [2, "3"]]},
        {"id": "d3", "kind": "trend", "anchors": 1},
        {"id": "d4", "kind": "trend", "anchors": [[1, "2"], [2, "3"]], "style": "wide"},
        {"id": "d5", "kind": "trend", "anchors": [[1, "2"], [2, "9" * 400]]},
    ]
    path.write_text(json.dumps({"version": 1, "pairs": {"BTC/USDT": [*bad, good, 17]}}))

    assert [shape.id for shape in opened(path).shapes("BTC/USDT")] == ["d2"]


@pytest.mark.integration
def test_half_a_character_is_saved_and_read(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    store = opened(path)

    store.add("BTC/USDT", replace(TREND, style=replace(TREND.style, text="\ud800 ü")))
    store.flush()

    assert opened(path).shapes("BTC/USDT") == store.shapes("BTC/USDT")


@pytest.mark.integration
def test_the_users_own_copy_beside_the_earlier_versions_stays_and_stops_nothing(tmp_path: Path) -> None:
    path, mine = tmp_path / "drawings.json", tmp_path / "drawings-history" / "drawings-000001 (mine).json"
    for _ in range(3):
        store = opened(path)
        store.add("BTC/USDT", replace(TREND, id=store.new_id()))
        store.flush()
        mine.parent.mkdir(exist_ok=True)
        mine.write_text("{}")

    assert len(opened(path).shapes("BTC/USDT")) == 3
    assert len(list(mine.parent.iterdir())) == 3


def test_waiting_for_the_thread_ends_though_saving_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_data: dict[str, Any]) -> bool:
        raise RuntimeError("a bug")

    writer = Writer(broken, "drawings")
    writer.put(dict)
    waiting = threading.Thread(target=writer.flush, daemon=True)
    waiting.start()
    waiting.join(5)

    assert not waiting.is_alive()
    assert "not saved" in caplog.text


@pytest.mark.integration
def test_the_last_ten_sittings_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    for _ in range(KEPT + 4):
        store = opened(path)
        store.add("BTC/USDT", replace(TREND, id=store.new_id()))
        store.add("BTC/USDT", replace(TREND, id=store.new_id()))
        store.flush()

    counts = [len(json.loads(each.read_text())["pairs"]["BTC/USDT"]) for each in sorted(tmp_path.glob("*-history/*"))]

    assert counts == [2 * number for number in range(4, KEPT + 4)]


@pytest.mark.integration
def test_a_disk_that_refuses_is_told_and_the_next_change_tries_again(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    store = opened(path)
    store.add("BTC/USDT", TREND)
    store.flush()

    with failpoint.armed("drawings.before_rename=error ENOSPC"):
        store.remove("BTC/USDT", ["d1"])
        store.flush()
    told, kept = str(store.problem), opened(path).shapes("BTC/USDT")
    store.add("BTC/USDT", replace(TREND, id="d5"))
    store.flush()

    assert "not being saved" in told
    assert kept == (TREND,)
    assert str(store.problem) == ""
    assert [shape.id for shape in opened(path).shapes("BTC/USDT")] == ["d5"]


@pytest.mark.integration
def test_killed_between_write_and_rename_what_was_saved_before_is_there(tmp_path: Path) -> None:
    path = tmp_path / "drawings.json"
    code = textwrap.dedent(
        f"""
        from pathlib import Path
        from crs_desktop.viewmodels.drawings.file import DrawingFile
        from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
        from crs_desktop.viewmodels.drawings.store import DrawingStore
        from decimal import Decimal
        store = DrawingStore(DrawingFile(Path({str(path)!r})))
        for number in range(5):
            store.add("BTC/USDT", Shape(store.new_id(), "horizontal", (Anchor(number, Decimal("1.5")),)))
            store.flush()
            print(number + 1, flush=True)
        """
    )
    environment = {**os.environ, "CRS_FAILPOINT": "drawings.before_rename:4=kill"}

    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    acknowledged = int(ended.stdout.split()[-1])
    assert ended.returncode == -9
    assert acknowledged == 3
    assert len(opened(path).shapes("BTC/USDT")) == acknowledged


def test_clearing_leaves_locked_drawings_and_styles_are_remembered_without_their_text() -> None:
    store = opened(None)
    store.add("BTC/USDT", TREND, replace(TREND, id="d2", locked=True))

    gone = store.clear("BTC/USDT")
    store.tools.remember("trend", replace(TREND.style, width=3, text="mine"))

    assert (gone, [shape.id for shape in store.shapes("BTC/USDT")]) == (1, ["d2"])
    assert store.tools.style("trend") == replace(TREND.style, width=3)
