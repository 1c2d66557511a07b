"""The sides of `crs bench ladder|tape|heatmap|screen` show what the market has, and notice if they do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.bench import heatmap, ladder, tape
from crs_desktop.bench.desk import BusyDesk
from crs_desktop.bench.duel import Contestant, Floor, Make
from engine.domain.market import BookDiff

pytestmark = pytest.mark.gui


def played(make: Make, steps: int) -> Contestant:
    """A side over a market of its own, some frames later."""
    floor = Floor()
    side = make(floor)
    side.build()
    for _ in range(steps):
        side.step()
        side.frame()
    return side


@pytest.fixture(autouse=True)
def look(qapp: object) -> None:
    theme.apply(qapp)  # type: ignore[arg-type]


@pytest.mark.parametrize("sides", [ladder.SIDES, tape.SIDES], ids=["ladder", "tape"])
def test_all_sides_show_the_market_and_so_the_same(qtbot: QtBot, sides: dict[str, Make]) -> None:
    found = {}
    for name, make in sides.items():
        side = played(make, 12)
        found[name] = side.shown()
        assert found[name] == side.truth(), name
        assert len({str(row) for row in found[name]}) > 10
        side.close()

    assert all(each == found["crs"] for each in found.values())


def test_a_ladder_that_missed_an_update_is_not_the_market(qtbot: QtBot) -> None:
    side = played(ladder.SIDES["crs"], 3)
    market = side.floor.market  # type: ignore[attr-defined]
    market.bids[market.middle - market.spacing] += 7

    assert side.shown() != side.truth()
    side.close()


def test_the_heatmap_has_the_colours_that_it_tells_its_peer(qtbot: QtBot, tmp_path: Path) -> None:
    side = heatmap.Ours(Floor(), columns=80)
    side.build()
    for _ in range(5):
        side.step()
        side.frame()

    side.write(tmp_path / "shades.npz")
    side.picture(tmp_path / "picture.npy")
    side.close()

    with np.load(tmp_path / "shades.npz") as held:
        wanted = held["colours"][held["shades"]]
    found = np.load(tmp_path / "picture.npy")[:, -wanted.shape[1] :]
    assert found.shape == wanted.shape
    assert (found == wanted).all(axis=2).mean() > 0.9
    assert len(np.unique(wanted.reshape(-1, 3), axis=0)) > 10


async def test_a_burst_is_played_and_what_is_dropped_is_noticed(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crs_desktop.bench.desk.BURST_FRAMES", 60)
    monkeypatch.setattr("crs_desktop.bench.desk.BURST_TRADES", 40)
    desk = BusyDesk(rows=20, columns=20, charts=1, pairs=2)
    await desk.open()

    ages = await desk.burst(0.3)
    frames = await desk.frames(0.2)

    assert len(ages) > 1
    assert all(0 < each < 5_000 for each in ages)
    assert len(frames) > 1
    market = next(iter(desk.services.markets.values()))
    lost = market.diff(desk.services.feed.now)  # nobody was told
    assert isinstance(lost, BookDiff)
    with pytest.raises(AssertionError):
        await desk.burst(0.1)
    await desk.close()
