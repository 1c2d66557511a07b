"""Claims about `crs bench chart|ladder|tape|heatmap|scanner|screen`: what is wrong is refused before it counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.cli.bench import frames, scanner, screen
from engine.cli.bench.chart import rows_of
from engine.cli.bench.frames import Seen, bars_of, duel
from engine.cli.bench.heatmap import prove_shades
from engine.cli.bench.picture import HEADROOM, prove_candles
from engine.cli.bench.rounds import Plan, WrongAnswerError

UP, DOWN, GROUND = (38, 166, 154), (239, 83, 80), (17, 23, 31)
WIDTH, HEIGHT = 1200, 500
Pixels = NDArray[np.uint8]
Damage = Callable[[Pixels], None]


# -- the chart -----------------------------------------------------------------------------------------------


class Painter:
    """A side that draws candles exactly, and then what the test does to them."""

    name = "painter"

    def __init__(self, rows: NDArray[np.float64], damage: Damage = lambda _: None) -> None:
        self.rows, self.damage = rows, damage

    def ask(self, words: str) -> dict[str, Any]:
        _, file, first, stop, low, high = words.split()
        part, scale = self.rows[int(first) : int(stop)], HEIGHT / (float(high) - float(low))
        picture = np.full((HEIGHT, WIDTH, 3), GROUND, np.uint8)
        for place, row in enumerate(part):
            x = int((place + 0.5) * WIDTH / len(part))
            top, bottom = (round((float(high) - price) * scale) for price in (row[2], row[3]))
            picture[top : max(bottom, top + 1), x - 1 : x + 2] = UP if row[4] > row[1] else DOWN
        self.damage(picture)
        np.save(file, picture)
        return {"left": 0.0, "top": 0.0, "width": WIDTH, "height": HEIGHT, "up": UP, "down": DOWN}


def prove(tmp_path: Path, damage: Damage = lambda _: None) -> int:
    rows = rows_of(400)
    return prove_candles(Painter(rows, damage), rows, tmp_path / "picture.npy", 200, 40)


def test_a_right_picture_of_candles_is_taken(tmp_path: Path) -> None:
    assert prove(tmp_path) == 40


def missing(picture: Pixels) -> None:
    picture[:, 11 * WIDTH // 40 : 12 * WIDTH // 40] = GROUND


def turned_over(picture: Pixels) -> None:
    """Falling candles in the colour of rising ones."""
    picture[(picture == DOWN).all(axis=2)] = UP


def cut_short(picture: Pixels) -> None:
    """Every candle ends six pixels early."""
    inked = (picture != GROUND).any(axis=2)
    for x in np.flatnonzero(inked.any(axis=0)):
        last = int(np.flatnonzero(inked[:, x])[-1])
        picture[last - 5 : last + 1, x] = GROUND


def moved(picture: Pixels) -> None:
    picture[:] = np.roll(picture, 5, axis=0)


@pytest.mark.parametrize("damage", [missing, turned_over, cut_short, moved])
def test_a_wrong_picture_of_candles_is_refused(tmp_path: Path, damage: Damage) -> None:
    with pytest.raises(WrongAnswerError, match="the speed of wrong pictures is not measured"):
        prove(tmp_path, damage)


def test_the_highest_candles_stand_below_the_legend(tmp_path: Path) -> None:
    def covered(picture: Pixels) -> None:
        picture[: int(0.5 * HEADROOM / (1.05 + HEADROOM) * HEIGHT) - 1] = UP

    assert prove(tmp_path, covered) == 40


# -- panes beside others -------------------------------------------------------------------------------------


class Fake:
    """A side that answers as it is told to; its name says how."""

    def __init__(self, name: str, command: object) -> None:
        self.name = name

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self, _script: object = None) -> dict[str, Any]:
        return {}

    def ask(self, words: str) -> dict[str, Any]:
        right = [["1.0", "64,250.00"], ["", "64,249.90"]]
        match words.split():
            case ["first"]:
                return {"cpu_s": 0.02 if self.name == "ours" else 0.04, "rss_mb": 5.0}
            case ["round", count]:
                return {"frames_ms": [2.0 if self.name == "ours" else 6.0] * int(count)}
            case ["shown"] if self.name == "liar":
                return {"rows": [["1.0", "64,250.00"], ["0.5", "64,249.90"]], "truth": right}
            case ["shown"] if self.name == "short":
                return {"rows": right[:1], "truth": right}
            case ["shown"] if self.name == "elsewhere":
                return {"rows": right[:1], "truth": right[:1]}
            case ["shown"]:
                return {"rows": right, "truth": right}
        raise AssertionError(words)


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "Peer", Fake)


def test_frames_of_others_are_told_in_multiples_of_ours(fakes: None) -> None:
    found = {bar.name: bar for bar in duel(("ours", "table"), [], Plan(5, 10, None))}

    assert found["frame p95"].measured.median == 2.0
    assert found["frame p95"].met
    assert found["frame of table"].measured.median == 3.0
    assert found["first paint of table"].measured.median == 2.0


@pytest.mark.parametrize(
    ("other", "why"),
    [("liar", "Row 1 of liar says"), ("short", "shows 1 rows instead of 2"), ("elsewhere", "do not show the same")],
)
def test_a_side_that_shows_anything_else_is_not_measured(fakes: None, other: str, why: str) -> None:
    with pytest.raises(WrongAnswerError, match=why):
        duel(("ours", other), [], Plan(5, 10, None))


def test_a_slow_frame_does_not_meet_what_is_wanted() -> None:
    found = {bar.name: bar for bar in bars_of({"crs": Seen(1.0, 1.0, [[1.0] * 9 + [40.0] * 2])}, "crs")}

    assert found["frame, median"].measured.median == 1.0
    assert found["frame p95"].met is False


class Image:
    """A side whose heatmap is what the test says."""

    name = "image"

    def __init__(self, picture: Pixels) -> None:
        self.picture = picture

    def ask(self, words: str) -> dict[str, Any]:
        np.save(words.split()[1], self.picture)
        return {}


def test_a_heatmap_with_other_sizes_is_refused(tmp_path: Path) -> None:
    shades = np.random.default_rng(1).integers(0, 255, (50, 80), np.uint8)
    colours = np.random.default_rng(2).integers(0, 255, (256, 3), np.uint8)
    np.savez(tmp_path / "shades.npz", shades=shades, colours=colours)
    right = colours[shades]
    with_touch = right.copy()
    with_touch[25] = (1, 2, 3)  # a line of bid and ask lies over it

    for picture in (right, with_touch):
        prove_shades(Image(picture), tmp_path / "shades.npz", tmp_path / "picture.npy")  # type: ignore[arg-type]
    for picture in (right[::-1], np.roll(right, 1, axis=1), right[:-1]):
        with pytest.raises(WrongAnswerError, match="of the pixels of image have the colour"):
            prove_shades(Image(picture), tmp_path / "shades.npz", tmp_path / "picture.npy")  # type: ignore[arg-type]


def test_the_screen_tells_frames_and_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    class Side(Fake):
        def ask(self, words: str) -> dict[str, Any]:
            if words == "burst":
                return {"ages_ms": [30.0] * 19 + [120.0], "updates": 6_810, "trades": 4_770}
            assert words == "round 4.0"
            return {"frames_ms": [5.0] * 90 + [20.0] * 10}

    monkeypatch.setattr(screen, "Peer", Side)

    report = screen.screen(Plan(5, 200, None))

    found = {bar.name: (round(bar.measured.median, 1), bar.met) for bar in report.bars}
    assert found["frame p95"] == (20.0, False)
    assert found["burst: greatest age"] == (120.0, False)
    assert found["burst: age of the top of the book, p95"] == (34.5, True)
    assert report.facts["dropped"] == 0


def test_the_scanner_tells_refreshes_and_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    class Side(Fake):
        def ask(self, words: str) -> dict[str, Any]:
            if words == "proof":
                return {"rows": 4_998, "changed": 500}
            assert words == "round 100"
            return {"refresh_ms": [2.0] * 98 + [9.0] * 2, "frames_ms": [5.0] * 96 + [30.0] * 4}

    monkeypatch.setattr(scanner, "Peer", Side)

    report = scanner.scanner(Plan(5, 100, None))

    found = {bar.name: (round(bar.measured.median, 1), bar.met) for bar in report.bars}
    assert (found["refresh p99"], found["frame p95"]) == ((9.0, False), (5.0, True))
    assert report.facts["rows"] == 4_998
