"""The way through a bar."""

from __future__ import annotations

import numpy as np
import pytest

from engine.domain.number import Nanos
from engine.exchange.barpath import PathBar, path_bars
from engine.ports.feed import BarArrays


@pytest.mark.parametrize(
    ("ohlc", "path"),
    [
        ((100, 110, 95, 104), (100, 95, 110, 104)),
        ((100, 103, 90, 95), (100, 103, 90, 95)),
        ((100, 105, 95, 100), (100, 95, 105, 100)),
        ((100, 100, 100, 100), (100, 100, 100, 100)),
    ],
)
def test_the_nearer_extreme_comes_first(ohlc: tuple[int, int, int, int], path: tuple[int, ...]) -> None:
    assert PathBar(Nanos(0), *ohlc, 10).path == path


@pytest.mark.parametrize("volume", [0, 1, 3, 4, 10, 1_000_003])
def test_the_points_share_the_volume_and_the_open_is_never_the_one_without(volume: int) -> None:
    shares = PathBar(Nanos(0), 1, 1, 1, 1, volume).shares

    assert sum(shares) == volume
    assert shares[0] == max(shares)


def test_columns_become_rows_of_whole_numbers() -> None:
    column = np.array([1.0, 2.0])
    bars = BarArrays(np.array([5, 6]), column, column + 2, column, column + 1, column * 10)

    assert path_bars(bars) == [PathBar(Nanos(5), 1, 3, 1, 2, 10), PathBar(Nanos(6), 2, 4, 2, 3, 20)]
