from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.value_column import ValueColumn, strip_of

numbers = st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9))


@st.composite
def columns(draw: st.DrawFn) -> tuple[int, np.ndarray, ValueColumn]:
    """A column that grew by random steps, and the plain values it must hold."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    first = draw(st.integers(-40_000, 40_000))

    def some(most: int) -> np.ndarray:
        values = rng.standard_normal(draw(st.integers(0, most))) * 100
        values[rng.random(len(values)) < 0.1] = np.nan
        return values

    plain = some(3_000)
    column = ValueColumn()
    column.replace(first, plain)
    for _ in range(draw(st.integers(0, 5))):
        more = some(40)
        column.append(more)
        plain = np.concatenate((plain, more))
        if len(plain):
            column.strip(first, first + len(plain), 64)  # brings the pyramid up to date
            plain[-1] = draw(numbers)
            column.put(first + len(plain) - 1, plain[-1])
    return first, plain, column


@given(columns(), st.sampled_from([1, 2, 4, 8, 64, 512, 2048]), st.integers(-300, 3_000), st.integers(0, 3_000))
def test_a_strip_is_the_least_and_greatest_of_each_group_of_the_plain_values(
    made: tuple[int, np.ndarray, ValueColumn], size: int, begin: int, count: int
) -> None:
    first, plain, column = made

    strip = column.strip(first + begin, first + begin + count, size)

    for k in range(len(strip)):
        indices = range(strip.first + k * size, strip.first + (k + 1) * size)
        values = [plain[i - first] for i in indices if 0 <= i - first < len(plain)]
        known = [value for value in values if value == value]
        if not known:
            assert np.isnan(strip.low[k])
            assert np.isnan(strip.high[k])
        else:
            assert (strip.low[k], strip.high[k]) == (min(known), max(known))
    covered = range(strip.first, strip.first + len(strip) * size)
    wanted = range(max(first + begin, first), min(first + begin + count, first + len(plain)))
    assert not wanted or (wanted[0] in covered and wanted[-1] in covered)


@given(columns(), st.sampled_from([1, 4, 32]), st.integers(0, 2_000), st.integers(1, 900))
def test_strip_of_plain_values_says_the_same(
    made: tuple[int, np.ndarray, ValueColumn], size: int, begin: int, count: int
) -> None:
    first, plain, column = made
    since, until = first + begin, first + begin + count

    one, other = column.strip(since, until, size), strip_of(plain, first, since, until, size)

    assert one.extremes() == other.extremes()
    assert (one.first, len(one)) == (other.first, len(other)) or not len(one)


def test_values_are_found_by_index_and_gaps_are_left_open() -> None:
    column = ValueColumn()
    column.replace(-5, np.array([1.0, 2.0]))
    version = column.version
    column.put(-4, 2.5)
    assert column.version == version, "the newest value alone changes nothing that is kept"
    column.put(-1, 7.0)

    assert (column.first, column.stop) == (-5, 0)
    assert [column.at(i) for i in (-5, -4, -1)] == [1.0, 2.5, 7.0]
    assert np.isnan([column.at(-3), column.at(-2), column.at(0), column.at(-6)]).all()
    with pytest.raises(IndexError):
        column.put(-6, 1.0)


@given(columns(), st.lists(st.integers(0, 700), max_size=4), st.integers(0, 99), st.sampled_from([1, 8, 64, 512, 4096]))
def test_a_column_that_grows_in_front_is_one_made_at_once(
    made: tuple[int, np.ndarray, ValueColumn], pieces: list[int], seed: int, size: int
) -> None:
    first, plain, column = made
    rng = np.random.default_rng(seed)
    for piece in pieces:
        front = rng.standard_normal(piece)
        column.prepend(front)
        first, plain = first - piece, np.concatenate((front, plain))
    if len(plain):
        at = int(rng.integers(len(plain)))
        again = rng.standard_normal(min(50, len(plain) - at))
        column.rewrite(first + at, again)
        plain[at : at + len(again)] = again
    whole = ValueColumn()
    whole.replace(first, plain)

    assert (column.first, column.stop) == (first, first + len(plain))
    assert np.array_equal(column.values(), plain, equal_nan=True)
    one, other = (each.strip(first - 5, first + len(plain) + 5, size) for each in (column, whole))
    assert one.first == other.first
    assert np.array_equal(one.low, other.low, equal_nan=True)
    assert np.array_equal(one.high, other.high, equal_nan=True)
