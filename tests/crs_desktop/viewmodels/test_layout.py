"""The layout: what goes in comes out, a damaged file is no reason not to open, windows stay on the screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.layout import KEPT, Layout, LayoutFile, Rect, clamp

SIDES = st.integers(-5000, 5000)
LENGTHS = st.integers(1, 6000)
RECTS = st.builds(Rect, SIDES, SIDES, LENGTHS, LENGTHS)
SCREENS = st.lists(
    st.builds(Rect, SIDES, SIDES, st.integers(640, 4000), st.integers(480, 3000)), min_size=1, max_size=4
)
LAYOUTS = st.builds(
    Layout,
    window=st.none() | RECTS,
    maximised=st.booleans(),
    docks=st.text(st.characters(codec="ascii"), max_size=40),
    symbol=st.sampled_from(["", "BTC/USDT", "SHIB/USDT"]),
    timeframe=st.sampled_from(["1s", "1m", "1d"]),
    introduced=st.booleans(),
    menu_bar=st.booleans(),
)


@given(RECTS, SCREENS)
def test_a_window_always_lies_on_a_screen_that_is_there(wanted: Rect, screens: list[Rect]) -> None:
    x, y, width, height = clamp(wanted, screens)

    assert any(s.x <= x and s.y <= y and x + width <= s.x + s.width and y + height <= s.y + s.height for s in screens)


@given(st.builds(Rect, st.integers(0, 100), st.integers(0, 100), st.integers(640, 1800), st.integers(480, 900)))
def test_a_window_that_fits_is_not_moved(wanted: Rect) -> None:
    assert clamp(wanted, [Rect(0, 0, 1920, 1080)]) == wanted


@pytest.mark.integration
@given(layouts=st.lists(LAYOUTS, min_size=1, max_size=6))
def test_the_last_saved_layout_is_loaded(tmp_path_factory: pytest.TempPathFactory, layouts: list[Layout]) -> None:
    path = tmp_path_factory.mktemp("layout") / "layout.json"
    file = LayoutFile(path)

    saved = [file.save(each) for each in layouts]

    assert all(saved)
    assert LayoutFile(path).load() == layouts[-1]


@pytest.mark.integration
@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '"x"', '{"window": [1, 2]}', '{"window": "abcd"}', '{"maximised": 1}', '{"docks": null}',
     '{"window": [0, 0, 99999999, 5]}', "\x00\x01"],
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
    path.write_text(json.dumps({"symbol": "BTC/USDT", "workspaces": [1, 2]}), encoding="utf-8")

    assert LayoutFile(path).load().symbol == "BTC/USDT"


@pytest.mark.integration
def test_only_the_last_ten_earlier_layouts_are_kept(tmp_path: Path) -> None:
    file = LayoutFile(tmp_path / "layout.json")
    for i in range(KEPT + 5):
        file.save(Layout(symbol=f"P{i}/USDT"))

    kept = sorted(file.history_dir.iterdir())

    assert len(kept) == KEPT
    assert json.loads(kept[-1].read_text())["symbol"] == f"P{KEPT + 3}/USDT"


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
    file.save(Layout(symbol="A/B"))
    path.with_suffix(".part").mkdir()

    assert file.save(Layout(symbol="C/D")) is False
    assert LayoutFile(path).load().symbol == "A/B"
