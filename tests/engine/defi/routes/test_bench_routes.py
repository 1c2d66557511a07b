"""Claims about the routes of `crs bench defi`: wrong answers are found, and splits are near what greed gives."""

from __future__ import annotations

import pytest

from engine.cli.bench import routes
from engine.cli.bench.rounds import WrongAnswerError
from engine.cli.bench.route_market import markets, swaps
from engine.cli.bench.routes import SMALL, prove_paths, short_of_greedy
from engine.defi.routes.search import Found, best_in


def test_paths_of_the_made_up_market_are_the_best_there_are() -> None:
    prove_paths(markets(0.5, 200), swaps(SMALL, 6))


def test_the_speed_of_a_wrong_path_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def direct(*asked: object, **_: object) -> Found:
        return best_in(*asked, hops=1)  # type: ignore[arg-type]

    monkeypatch.setattr(routes, "best_in", direct)

    with pytest.raises(WrongAnswerError, match="by trying all paths"):
        prove_paths(markets(0.0, 200), swaps(SMALL, 6))


@pytest.mark.soak
def test_splits_are_near_what_is_given_away_greedily() -> None:
    short = short_of_greedy(markets(0.0), swaps(100_000, 12))

    assert max(short[20]) < 10
    assert max(short[5]) < 200
