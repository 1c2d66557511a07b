"""What holds for every built-in indicator, whatever it computes."""

import gc
from collections import deque

import numpy as np
import pytest

from engine.errors import InvalidInput
from engine.indicators.column import part
from engine.indicators.registry import BUILT_IN, FAMILIES, find
from engine.indicators.spec import BarRow, ChoiceParam, Columns, FloatParam, Indicator, IntParam, Value
from tests.engine.indicators.bars import assert_same, markets, rows, walk

MARKETS = markets(260)
every = pytest.mark.parametrize("indicator", BUILT_IN.values(), ids=BUILT_IN)


def settings(indicator: Indicator) -> list[dict[str, Value]]:
    """Return the defaults, the shortest periods that are allowed, and something between."""
    found: list[dict[str, Value]] = [indicator.values()]
    ints = [param for param in indicator.params if isinstance(param, IntParam)]
    if ints:
        found.append({**found[0], **{param.name: param.low for param in ints}})
        found.append({**found[0], **{param.name: max(param.low, param.default // 3 + 1) for param in ints}})
    for param in indicator.params:
        if isinstance(param, ChoiceParam):
            found += [{**found[0], param.name: choice} for choice in param.choices]
    return found


def streamed(indicator: Indicator, columns: Columns, given: dict[str, Value]) -> list[np.ndarray]:
    stream = indicator.stream(given)
    answers = [stream.push(bar) for bar in rows(columns)]
    assert all(len(answer) == len(indicator.outputs) for answer in answers)
    return list(np.array(answers, dtype=np.float64).reshape(-1, len(indicator.outputs)).T)


@pytest.mark.no_cover
@every
def test_the_stream_says_what_the_batch_says(indicator: Indicator) -> None:
    for market, columns in MARKETS.items():
        for given in settings(indicator):
            batch = indicator.compute(columns, given)

            assert [len(column) for column in batch] == [len(columns.close)] * len(indicator.outputs)
            told = f"{indicator.name} {given} {market}"
            assert_same(streamed(indicator, columns, given), batch, float(columns.close.max()), told)


@pytest.mark.no_cover
@every
def test_a_preview_says_what_the_push_will_say_and_changes_nothing(indicator: Indicator) -> None:
    columns = MARKETS["walk"]
    plain, looked_at = indicator.stream(), indicator.stream()

    for number, bar in enumerate(rows(columns)):
        forming = bar._replace(high=bar.high * 1.1, low=bar.low * 0.9, close=bar.close * (0.95 + number % 7 / 50))
        for _ in range(100 if number == 200 else 2):
            looked_at.preview(forming)
        ahead = looked_at.preview(bar)
        expected = plain.push(bar)

        np.testing.assert_array_equal(ahead, expected)
        np.testing.assert_array_equal(looked_at.push(bar), expected)


@every
def test_no_row_knows_of_later_bars(indicator: Indicator) -> None:
    for market in ("walk", "thin"):
        columns = MARKETS[market]
        whole = indicator.compute(columns)
        for stop in (0, 1, 2, 3, 7, 40, 101, 259):
            cut = indicator.compute(part(columns, slice(stop)))

            assert_same(
                cut, [column[:stop] for column in whole], float(columns.close.max()), f"{indicator.name} {stop}"
            )


@every
def test_the_batch_leaves_its_input_as_it_was(indicator: Indicator) -> None:
    columns = walk(120, seed=9)
    before = [column.copy() for column in columns]
    for column in columns:
        column.setflags(write=False)

    indicator.compute(columns)

    for kept, now in zip(before, columns, strict=True):
        np.testing.assert_array_equal(kept, now)


@pytest.mark.no_cover
@every
def test_a_stream_keeps_no_history(indicator: Indicator) -> None:
    columns = walk(4_000, seed=5)
    stream = indicator.stream()
    held = []

    for number, bar in enumerate(rows(columns)):
        stream.push(bar)
        if number in (1_999, 3_999):
            held.append(reachable(stream))

    assert held[1] < held[0] + 500


def reachable(thing: object) -> int:
    """Return how many values the containers hold that a stream refers to."""
    seen, todo, count = set[int](), [thing], 0
    while todo:
        each = todo.pop()
        if id(each) in seen or isinstance(each, type) or (callable(each) and not hasattr(each, "__self__")):
            continue
        seen.add(id(each))
        count += len(each) if isinstance(each, list | tuple | dict | deque) else 0
        todo += gc.get_referents(each)
    return count


@every
def test_wrong_parameters_are_refused_with_a_sentence(indicator: Indicator) -> None:
    with pytest.raises(InvalidInput, match=f"{indicator.name} has no parameter 'colour'"):
        indicator.compute(MARKETS["walk"], {"colour": 1})
    for param in indicator.params:
        wrong: list[Value] = ["many"]
        if isinstance(param, IntParam | FloatParam):
            wrong += [param.low - 1, param.high + 1, float("nan")]
        for value in wrong:
            with pytest.raises(InvalidInput, match=rf"{param.name} must be .*, not .*\."):
                indicator.stream({param.name: value})


@every
def test_the_default_parameters_are_allowed_and_the_words_are_there(indicator: Indicator) -> None:
    assert indicator.values() == {param.name: param.read(param.default) for param in indicator.params}
    assert indicator.name == indicator.name.lower()
    assert indicator.title
    assert indicator.sentence.endswith(".")
    assert indicator.source
    assert len({output.name for output in indicator.outputs}) == len(indicator.outputs)


def test_no_two_indicators_share_a_name() -> None:
    assert len(BUILT_IN) == sum(map(len, FAMILIES))


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"There is no indicator 'smaa'. There are: .*sma"):
        find("smaa")


def test_a_bar_is_a_row_of_the_columns() -> None:
    assert BarRow._fields == Columns._fields
