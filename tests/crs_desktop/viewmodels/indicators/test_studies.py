"""The list of a chart's indicators: limits, order, undo, memory, and what becomes of the user's own files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.indicators.choice import choices
from crs_desktop.viewmodels.indicators.form import DEFAULTS, StudyForm
from crs_desktop.viewmodels.indicators.presets import Presets
from crs_desktop.viewmodels.indicators.setup import (
    PRICE,
    Look,
    Preset,
    Setup,
    default_looks,
    first_setup,
    is_color,
    setup_of,
)
from crs_desktop.viewmodels.indicators.studies import MOST_PANES, MOST_STUDIES, Studies
from crs_desktop.viewmodels.series import BarSeries
from engine.bus import Bus
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.indicators.registry import BUILT_IN, find
from engine.market.catalogue import PAIRS
from engine.services.indicators import Indicators
from tests.crs_desktop.viewmodels.indicators.test_run import MEAN, InProcess


class Chart:
    pair: TradingPair = PAIRS[0].pair
    series = BarSeries(60_000_000_000)


class Desk:
    """Studies over a folder that the test fills."""

    def __init__(self, folder: Path = Path("no such folder"), presets: Presets | None = None) -> None:
        self.bus = Bus()
        self.indicators = Indicators(self.bus, folder, InProcess)
        self.touched = 0
        self.studies = Studies(Chart(), self.bus, self.indicators, presets or Presets(None), self._touch)

    def _touch(self) -> None:
        self.touched += 1

    @property
    def titles(self) -> list[str]:
        return [each.title for each in self.studies]


def test_overlays_go_over_the_candles_and_others_each_into_a_pane() -> None:
    studies = Desk().studies
    for name in ("ema", "rsi", "bbands", "macd"):
        studies.add(name)

    assert [each.setup.pane for each in studies] == [PRICE, "1", PRICE, "2"]
    assert studies.panes == ["1", "2"]


def test_a_pane_too_many_is_refused_and_one_can_be_shared() -> None:
    studies = Desk().studies
    for _ in range(MOST_PANES):
        studies.add("rsi")

    with pytest.raises(InvalidInput, match="at most 4 panes"):
        studies.add("macd")
    studies.add("macd", pane="2")

    assert [each.title for each in studies if each.setup.pane == "2"] == ["RSI 14", "MACD 12 26 9"]


def test_a_chart_is_full_one_day() -> None:
    studies = Desk().studies
    for _ in range(MOST_STUDIES):
        studies.add("ema")

    with pytest.raises(InvalidInput, match="at most 24"):
        studies.add("ema")


def test_colours_follow_each_other() -> None:
    studies = Desk().studies
    first, second, bands = studies.add("ema"), studies.add("sma"), studies.add("bbands")

    assert [first.setup.looks[0].color, second.setup.looks[0].color] == ["series_1", "series_2"]
    macd = studies.add("macd")
    assert [look.color for look in macd.setup.looks] == ["series_5", "series_6", "up"]
    upper, middle, lower = (look.color for look in bands.setup.looks)
    assert upper == lower == "series_3"
    assert middle == "series_4"


def test_a_twin_stands_beside_and_what_was_removed_comes_back_where_it_was() -> None:
    desk = Desk()
    for name in ("ema", "rsi", "sma"):
        desk.studies.add(name)
    ema, rsi, _ = desk.studies

    twin = desk.studies.duplicate(rsi)
    desk.studies.remove(rsi)
    desk.studies.remove(ema)
    desk.studies.undo_remove()
    desk.studies.undo_remove()

    assert desk.titles == ["EMA 20", "RSI 14", "RSI 14", "SMA 20"]
    assert twin.setup.pane == "2"
    assert desk.studies.undo_remove() is None


def test_undo_waits_while_there_is_no_room() -> None:
    studies = Desk().studies
    kept = [studies.add("rsi") for _ in range(MOST_PANES)]
    studies.remove(kept[0])
    studies.add("macd", pane="9")

    with pytest.raises(InvalidInput):
        studies.undo_remove()
    studies.remove(kept[1])
    studies.undo_remove()  # the newest first

    assert kept[1].title in [each.title for each in studies]


def test_order_and_places_change() -> None:
    desk = Desk()
    ema, rsi, macd = (desk.studies.add(name) for name in ("ema", "rsi", "macd"))

    desk.studies.move(macd, -2)
    desk.studies.set_pane(ema, "1")

    assert desk.titles == ["MACD 12 26 9", "EMA 20", "RSI 14"]
    assert desk.studies.panes == ["2", "1"]
    assert desk.studies.places(ema) == [PRICE, "2", "3"]
    with pytest.raises(InvalidInput, match="is no price"):
        desk.studies.set_pane(rsi, PRICE)


def test_memory_is_plain_data_and_comes_back() -> None:
    desk, other = Desk(), Desk()
    for name in ("ema", "rsi", "ichimoku"):
        desk.studies.add(name)
    ema, rsi, _ = desk.studies
    form = StudyForm(desk.studies, ema)
    form.set_value(form.params[0], 50)
    form.set_look(0, Look("#123456", 3.0, False))
    desk.studies.set_hidden(rsi, True)

    other.studies.restore(json.loads(json.dumps(desk.studies.remembered())))

    assert other.studies.remembered() == desk.studies.remembered()
    assert other.titles == ["EMA 50", "RSI 14", "ICHIMOKU 9 26 52"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PARTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["ema", "rsi", "bbands", "none", ""]) | JSON, "values": JSON, "looks": JSON},
    optional={"pane": st.text(max_size=3) | JSON, "hidden": JSON},
)


@settings(max_examples=60, deadline=None)
@given(JSON | st.fixed_dictionaries({"studies": st.lists(PARTS, max_size=6) | JSON}))
def test_no_memory_keeps_a_chart_from_opening(data: object) -> None:
    desk = Desk()

    desk.studies.restore(data)

    assert desk.studies.remembered() == json.loads(json.dumps(desk.studies.remembered()))


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_indicator_can_be_put_on_a_chart_and_remembered(name: str) -> None:
    indicator = find(name)
    setup = first_setup(indicator, PRICE)

    assert setup_of(json.loads(json.dumps(setup.plain()))) == setup
    assert all(is_color(look.color) for look in default_looks(indicator))


def test_values_that_an_indicator_no_longer_takes_become_its_defaults() -> None:
    desk = Desk()
    looks = tuple(Look("series_1") for _ in range(9))
    setup = Setup("ema", {"period": -3, "gone": 4}, looks, PRICE)

    desk.studies.restore({"studies": [setup.plain()]})

    (ema,) = desk.studies
    assert (dict(ema.setup.values), len(ema.setup.looks)) == ({"period": 20}, 1)


def test_revert_and_presets_of_the_form() -> None:
    desk = Desk()
    ema = desk.studies.add("ema")
    form = StudyForm(desk.studies, ema)

    assert str(form.set_value(form.params[0], 0)).startswith("period must be")
    assert str(form.save_preset("  ")) == "Give the preset a name."
    assert "60 characters" in str(form.save_preset("x" * 61))
    form.set_value(form.params[0], 9)
    form.save_preset("  quick  one ")
    assert (form.presets, form.preset) == (["quick one"], "quick one")
    form.choose(DEFAULTS)
    assert (ema.title, form.preset) == ("EMA 20", DEFAULTS)
    form.choose("quick one")
    assert ema.title == "EMA 9"
    form.revert()
    assert ema.title == "EMA 20"
    assert str(form.set_look(0, Look("reddish"))) == "A colour is written like #5aa2ff."


def test_presets_outlast_a_restart_and_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "studies.json"
    first = Presets(path)
    first.save("ema", "slow", Preset({"period": 200}, (Look("#112233", 2.0),)))
    first.set_default("ema", "slow")
    first.set_favourite("ema", True)

    again = Presets(path)
    path.write_text('{"presets": {"ema": {"slow": {"values": 3}}}}', encoding="utf-8")
    damaged = Presets(path)

    assert again.get("ema", "slow") == Preset({"period": 200}, (Look("#112233", 2.0),))
    assert (again.default("ema"), again.favourites) == ("slow", ["ema"])
    assert "set aside" in str(damaged.problem)
    assert (damaged.of("ema"), (tmp_path / "studies.damaged.json").exists()) == ([], True)


def test_presets_say_when_the_disk_refuses(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "gone" / "studies.json")

    assert "could not be kept" in str(presets.save("ema", "slow", Preset()))


async def _write(desk: Desk, folder: Path, text: str) -> None:
    (folder / "mean.py").write_text(text, encoding="utf-8")
    await desk.indicators.look()


async def test_an_own_file_is_followed_as_it_changes_breaks_goes_and_comes_back(tmp_path: Path) -> None:
    desk, folder = Desk(tmp_path), tmp_path
    await _write(desk, folder, MEAN)
    desk.studies.add("ema")
    mean = desk.studies.add("own:mean")
    desk.studies.add("sma")

    await _write(desk, folder, MEAN.replace("whole(3)", "whole(3)\n    lag = whole(7)"))
    changed = desk.titles[1]
    await _write(desk, folder, MEAN + "(")
    broken = str(desk.studies.warning(mean))
    problem = next(each for each in choices(desk.studies, "mean") if each.own)
    (folder / "mean.py").unlink()
    await desk.indicators.look()
    gone, why = desk.titles, [str(each) for each in desk.studies.missing]
    await _write(desk, folder, MEAN)
    desk.studies.close()

    assert changed == "Mean 3 7"
    assert broken.startswith("mean.py, line ")
    assert "SyntaxError" in broken
    assert (str(problem.problem), problem.usable) == (broken, True)
    assert gone == ["EMA 20", "SMA 20"]
    assert why == ["mean is not shown. There is no file mean.py among your indicators."]
    assert desk.titles == ["EMA 20", "Mean 3", "SMA 20"]
    assert len(desk.studies.remembered()["studies"]) == 3


def test_what_was_remembered_of_a_missing_file_is_not_forgotten() -> None:
    desk = Desk()
    ema = Setup("ema", {"period": 20}, (Look("series_1"),), PRICE)
    own = Setup("own:mean", {"period": 5}, (Look("series_2"),), "3")

    desk.studies.restore({"studies": [own.plain(), ema.plain()]})

    assert [each["name"] for each in desk.studies.remembered()["studies"]] == ["own:mean", "ema"]


async def test_an_own_file_that_comes_back_to_a_full_chart_waits_for_room(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await _write(desk, tmp_path, MEAN)
    desk.studies.add("own:mean", "mine")
    (tmp_path / "mean.py").unlink()
    await desk.indicators.look()
    others = [desk.studies.add("rsi") for _ in range(MOST_PANES)]

    await _write(desk, tmp_path, MEAN)
    full = [str(each) for each in desk.studies.missing]
    desk.studies.remove(others[0])
    await _write(desk, tmp_path, MEAN + "\n")
    desk.studies.close()

    assert full == ["mean is not shown: there is no room for it."]
    assert "Mean 3" in desk.titles


def test_a_preset_may_be_called_by_half_a_character(tmp_path: Path) -> None:
    assert str(Presets(tmp_path / "studies.json").save("ema", "\ud800", Preset())) == ""

    assert Presets(tmp_path / "studies.json").of("ema") == ["\ud800"]


@pytest.mark.parametrize("value", [10**30, -(10**30), "--5", "9999-12-31", 1e999, float("nan")])
def test_no_number_in_a_file_keeps_an_indicator_from_its_defaults(value: float | str) -> None:
    desk = Desk()
    every = [BUILT_IN[name] for name in ("ema", "bbands", "anchored_vwap")]
    kept = [Setup(each.name, dict.fromkeys(each.values(), value), default_looks(each)).plain() for each in every]

    desk.studies.restore({"studies": kept})

    assert [dict(each.setup.values) for each in desk.studies] == [each.values() for each in every]
    assert all(desk.titles)
