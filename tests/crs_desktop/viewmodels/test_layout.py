"""The layout: what goes in comes out, a damaged file is no reason not to open, windows stay on the screen."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.layout import KEPT, MOST_WORKSPACES, Layout, LayoutFile, Rect, clamp
from crs_desktop.viewmodels.workspace import TabSpec, Workspace
from tests.crs_desktop.viewmodels.spaces import layout_of

SIDES, LENGTHS = st.integers(-5000, 5000), st.integers(1, 6000)
RECTS = st.builds(Rect, SIDES, SIDES, LENGTHS, LENGTHS)
SCREENS = st.lists(
    st.builds(Rect, SIDES, SIDES, st.integers(640, 4000), st.integers(480, 3000)), min_size=1, max_size=4
)


def of(symbol: str) -> Layout:
    return Layout((Workspace(symbol=symbol),))


@given(RECTS, SCREENS)
def test_a_window_always_lies_on_a_screen_that_is_there(wanted: Rect, screens: list[Rect]) -> None:
    x, y, width, height = clamp(wanted, screens)

    assert any(s.x <= x and s.y <= y and x + width <= s.x + s.width and y + height <= s.y + s.height for s in screens)


@given(st.builds(Rect, st.integers(0, 100), st.integers(0, 100), st.integers(640, 1800), st.integers(480, 900)))
def test_a_window_that_fits_is_not_moved(wanted: Rect) -> None:
    assert clamp(wanted, [Rect(0, 0, 1920, 1080)]) == wanted


@pytest.mark.integration
def test_two_hundred_random_layouts_come_back_as_they_were_saved(tmp_path: Path) -> None:
    dice = Random(4)  # noqa: S311 - repeatable, not secret
    path = tmp_path / "layout.json"
    for _ in range(200):
        layout = layout_of(dice)

        assert LayoutFile(path).save(layout)

        assert LayoutFile(path).load() == layout


@pytest.mark.integration
def test_the_last_of_many_saved_layouts_is_loaded(tmp_path: Path) -> None:
    file = LayoutFile(tmp_path / "layout.json")

    saved = [file.save(of(each)) for each in ("A/B", "C/D", "C/D", "E/F")]

    assert all(saved)
    assert LayoutFile(tmp_path / "layout.json").load() == of("E/F")


@pytest.mark.integration
def test_a_layout_from_before_there_were_workspaces_becomes_the_first_of_them(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    old = {"window": [1, 2, 1600, 900], "maximised": True, "docks": "AAAA", "symbol": "ETH/USDT", "timeframe": "5m",
           "introduced": True, "menu_bar": False}  # fmt: skip
    path.write_text(json.dumps(old), encoding="utf-8")
    file = LayoutFile(path)

    layout = file.load()

    here = Workspace("Main", Rect(1, 2, 1600, 900), True, "AAAA", "ETH/USDT", "5m")
    assert layout == Layout((here,), 0, True, False)
    assert here.tabs == (TabSpec(),)
    assert not str(file.problem)


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"x"', '{"window": [1, 2]}', '{"window": "abcd"}', '{"maximised": 1}', '{"docks": null}',
     '{"window": [0, 0, 99999999, 5]}', "\x00\x01", '{"workspaces": []}', '{"workspaces": [1, 2]}',
     '{"workspaces": [{"tabs": [{"charts": "x"}]}]}', '{"workspaces": [{}], "current": 3}',
     '{"workspaces": [{"windows": [{"place": [0, 0, 99999999, 5]}]}]}'],
)  # fmt: skip
def test_a_damaged_file_opens_as_at_first_with_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "layout.json"
    path.write_text(text, encoding="utf-8")
    file = LayoutFile(path)

    layout = file.load()

    assert layout == Layout()
    assert "layout.json" in str(file.problem)


@pytest.mark.integration
def test_keys_of_a_newer_version_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    path.write_text(json.dumps({"workspaces": [{"symbol": "BTC/USDT", "moons": 3}], "planets": [1]}), encoding="utf-8")

    assert LayoutFile(path).load().here.symbol == "BTC/USDT"


@pytest.mark.integration
def test_only_the_last_ten_earlier_layouts_are_kept(tmp_path: Path) -> None:
    file = LayoutFile(tmp_path / "layout.json")
    for i in range(KEPT + 5):
        file.save(of(f"P{i}/USDT"))

    kept = sorted(file.history_dir.iterdir())

    assert len(kept) == KEPT
    assert json.loads(kept[-1].read_text())["workspaces"][0]["symbol"] == f"P{KEPT + 3}/USDT"


@pytest.mark.integration
def test_a_layout_that_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    file = LayoutFile(tmp_path / "layout.json")
    file.save(Layout())
    file.save(Layout())

    assert not file.history_dir.exists()


@pytest.mark.integration
def test_a_disk_that_refuses_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "layout.json"
    file = LayoutFile(path)
    file.save(of("A/B"))
    path.with_suffix(".part").mkdir()

    assert file.save(of("C/D")) is False
    assert LayoutFile(path).load().here.symbol == "A/B"


def test_a_copy_is_in_use_and_the_original_stays_as_it_was() -> None:
    layout = of("A/B").with_copy("Second")

    assert layout.names == ("Main", "Second")
    assert (layout.current, layout.here.symbol) == (1, "A/B")


def test_a_deleted_workspace_comes_back_to_its_place() -> None:
    layout = of("A/B").with_copy("Second").with_copy("Third")
    for at in range(3):
        before = layout.at(at)
        gone = before.without_here()

        assert gone.names == tuple(name for name in before.names if name != before.here.name)
        assert gone.with_back(at, before.here) == before


def test_names_are_neither_empty_nor_taken_nor_more_than_there_are_keys() -> None:
    layout = of("A/B").with_copy("Scalping")

    assert "needs a name" in str(layout.problem_of("  "))
    assert "already" in str(layout.problem_of("scalping "))
    assert not layout.problem_of("Scalping", rename=True).source
    assert "already" in str(layout.problem_of("Main", rename=True))
    for number in range(MOST_WORKSPACES - 2):
        layout = layout.with_copy(f"W{number}")
    assert "Delete one first" in str(layout.problem_of("New"))
