"""What a user's file may say, and what it is told when it says something else."""

from __future__ import annotations

import io
import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.indicators.host import Host, load
from engine.indicators.message import (
    Advance,
    Advanced,
    Filled,
    Load,
    Loaded,
    Reply,
    Start,
    Trouble,
    described,
    floats,
    frame,
    packed,
    read_reply,
    read_request,
    restored,
)
from engine.indicators.own import columns_of
from engine.indicators.registry import find
from engine.indicators.spec import BarRow, Columns

HEAD = "from engine.indicators.own import *\nfrom engine.indicators.own import OwnIndicator, line, whole\nimport math\n"


def own_text(body: str, outputs: str = "value = line()") -> str:
    return f"{HEAD}class Mine(OwnIndicator):\n    {outputs}\n    def push(self, bar):\n        {body}\n"


PUSH_LINE = 7
"""The line of `body` in `own_text`."""


def bars(count: int) -> Columns:
    close = 100 + np.cumsum(np.random.default_rng(1).normal(size=count))
    return Columns(np.arange(count) * 60, close, close + 1, close - 1, close, np.ones(count))


def started(text: str, count: int = 30, values: dict[str, int | float | str] | None = None) -> tuple[Host, Reply]:
    host = Host()
    loaded = host.answer(Load("mine", "mine.py", text, 5))
    assert isinstance(loaded, Loaded), loaded
    return host, host.answer(Start(1, values or {}, packed(bars(count)), 5))


def trouble_of(text: str) -> Trouble:
    _, reply = started(text)
    assert isinstance(reply, Trouble)
    return reply


def test_an_own_average_equals_the_built_in_one() -> None:
    text = f"""{HEAD}
class Mean(OwnIndicator):
    "A mean."
    period = whole(4, low=1, high=50)
    over_candles = True
    mean = line("series_2")
    def start(self):
        self.closes = []
    def push(self, bar):
        self.closes = [*self.closes, bar.close][-self.period:]
        return sum(self.closes) / self.period if len(self.closes) == self.period else None
"""
    data = bars(60)
    mine = load(text, "mean.py", "mean")

    (got,) = mine.compute(data, {"period": 7})
    (want,) = find("sma").compute(data, {"period": 7})

    np.testing.assert_allclose(got, want, rtol=1e-12)
    assert (mine.title, mine.sentence, mine.overlay, mine.outputs[0].token) == ("Mean", "A mean.", True, "series_2")
    assert [(each.name, each.default) for each in mine.params] == [("period", 4)]


def test_a_preview_changes_nothing() -> None:
    stream = load(own_text("self.n = getattr(self, 'n', 0) + 1; return self.n"), "mine.py", "mine").stream()
    bar = BarRow(0, 1, 1, 1, 1, 1)

    answers = [stream.push(bar), stream.preview(bar), stream.preview(bar), stream.push(bar)]

    assert answers == [(1.0,), (2.0,), (2.0,), (2.0,)]


def test_whole_arrays_give_the_same_bar_by_bar() -> None:
    text = f"""{HEAD}
import numpy as np
class Whole(OwnIndicator):
    lag = whole(2)
    change = line()
    def batch(self, bars):
        found = np.full(len(bars.close), np.nan)
        found[self.lag:] = bars.close[self.lag:] - bars.close[:-self.lag]
        return found
"""
    data, mine = bars(12), load(text, "whole.py", "whole")
    stream = mine.stream()
    rows = list(map(BarRow._make, zip(*(column.tolist() for column in data), strict=True)))

    one_by_one = [stream.push(row)[0] for row in rows]

    np.testing.assert_allclose(one_by_one, mine.compute(data)[0])
    assert math.isnan(one_by_one[1])


def test_several_outputs_come_as_a_tuple_or_by_name() -> None:
    two = "a = line()\n    b = histogram()"

    for body in ("return (1.0, None)", "return [1.0, None]", "return {'a': 1.0}"):
        _, reply = started(own_text(body, two), count=3)
        assert isinstance(reply, Filled)
        a, b = floats(reply.outputs)
        assert a.tolist() == [1.0] * 3
        assert np.isnan(b).all()


def test_what_is_no_finite_number_is_shown_as_none() -> None:
    for value in ("math.inf", "-math.inf", "math.nan", "None", "1e300"):
        _, reply = started(own_text(f"return {value}"))
        assert isinstance(reply, Filled)
        assert np.isnan(floats(reply.outputs)[0]).all()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return self.nothing", "AttributeError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("return int('x')", "ValueError: invalid literal"),
        ("raise MemoryError", "more memory"),
    ],
)
def test_an_exception_comes_back_with_its_line(body: str, words: str) -> None:
    trouble = trouble_of(own_text(body))

    assert words in trouble.message
    assert trouble.line == PUSH_LINE


def test_the_line_is_the_users_even_when_a_library_raised() -> None:
    trouble = trouble_of(own_text("import json; return json.loads('{')"))

    assert (trouble.line, trouble.message.split(":")[0]) == (PUSH_LINE, "JSONDecodeError")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return (1.0, 2.0)", "returned 2 values; there are 1 outputs"),
        ("return {'other': 1}", "'other'"),
        ("return 'high'", "str"),
        ("return object()", "object"),
        ("return ('x',)", "no number"),
    ],
)
def test_a_wrong_answer_is_named(body: str, words: str) -> None:
    trouble = trouble_of(own_text(body))

    assert words in trouble.message
    assert trouble.line == PUSH_LINE - 1  # where push is defined


def test_arrays_of_another_length_are_named() -> None:
    body = "value = line()\n    def batch(self, bars):\n        return bars.close[1:]"
    text = f"{HEAD}class Whole(OwnIndicator):\n    {body}\n"

    trouble = trouble_of(text)

    assert "batch returned 29 values as value for 30 bars" in trouble.message


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("x = 1\ndef f(:\n", "SyntaxError", 2),
        ("import nothing_of_that_name\n", "ModuleNotFoundError", 1),
        ("x = 1\n", "defines no indicator", 0),
        (HEAD + "class A(OwnIndicator):\n    v = line()\nclass B(OwnIndicator):\n    v = line()\n", "defines 2", 0),
        (HEAD + "class A(OwnIndicator):\n    def push(self, bar):\n        return 1\n", "no output", 5),
        (HEAD + "class A(OwnIndicator):\n    v = line()\n", "needs a method push", 0),
        ("\0", "", 0),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why_and_where(text: str, words: str, line: int) -> None:
    reply = Host().answer(Load("mine", "mine.py", text, 5))

    assert isinstance(reply, Trouble)
    assert words in reply.message
    assert reply.line == line


def test_a_series_that_failed_must_be_started_again() -> None:
    host, _ = started(own_text("return 1 / bar.close"))
    bad, good = BarRow(0, 0.0, 0.0, 0.0, 0.0, 0.0), BarRow(0, 1.0, 1.0, 1.0, 1.0, 1.0)

    failed = host.answer(Advance(1, (bad,), None, 5))
    after = host.answer(Advance(1, (good,), None, 5))

    assert isinstance(failed, Trouble)
    assert not failed.lost
    assert isinstance(after, Trouble)
    assert after.lost


def test_two_series_of_one_file_do_not_meet() -> None:
    host, _ = started(own_text("self.n = getattr(self, 'n', 0) + 1; return self.n"), count=5)
    host.answer(Start(2, {}, packed(bars(2)), 5))
    row = BarRow(0, 1.0, 1.0, 1.0, 1.0, 1.0)

    one, two = host.answer(Advance(1, (row,), row, 5)), host.answer(Advance(2, (row,), row, 5))

    assert one == Advanced(((6.0,),), (7.0,))
    assert two == Advanced(((3.0,),), (4.0,))


def test_messages_survive_the_pipe() -> None:
    row = BarRow(1, 1.0, 2.0, 0.5, 1.5, 3.0)
    said = (Advance(3, (row, row), None, 2.0), Start(1, {"n": 3}, packed(bars(5)), 2.0), Load("a", "a.py", "né", 1.0))
    sent = b"".join(piece for each in said for piece in frame(each))
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        part = sent[at : at + min(count, 3)]  # a pipe gives what it has
        at += len(part)
        return part

    assert (read_request(read), read_request(read), read_request(read), read_request(read)) == (*said, None)


@given(st.lists(st.binary(max_size=40), max_size=4), st.binary(max_size=9), st.integers(0, 200))
def test_a_reply_that_breaks_off_is_no_reply(outputs: list[bytes], stream: bytes, kept: int) -> None:
    sent = b"".join(frame(Filled(tuple(outputs), stream)))
    whole, broken = io.BytesIO(sent), io.BytesIO(sent[: min(kept, len(sent) - 1)])

    assert read_reply(whole.read) == Filled(tuple(outputs), stream)
    with suppress(EOFError):  # within the columns; before them it is the end
        assert read_reply(broken.read) is None


@pytest.mark.parametrize("name", ["macd", "anchored_vwap", "apo", "bbands"])
def test_a_description_is_the_same_on_the_other_side(name: str) -> None:
    indicator = find(name)

    other = restored(described(indicator), name)

    assert (other.title, other.params, other.outputs, other.overlay, other.levels) == (
        indicator.title,
        indicator.params,
        indicator.outputs,
        indicator.overlay,
        indicator.levels,
    )


def test_no_bars_are_no_columns() -> None:
    assert [len(column) for column in columns_of([])] == [0] * 6


def test_what_is_shown_of_an_indicator_is_a_line_and_its_guides_are_numbers() -> None:
    outputs = "value = line()\n    title = 'a\\n' + 'b' * 5_000\n    levels = (1.0, math.nan, math.inf, 1e300)"

    made = load(own_text("return 1.0", outputs), "mine.py", "mine")

    assert (made.title[:4], len(made.title)) == ("a bb", 60)
    assert made.levels == (1.0,)


def test_whole_arrays_have_no_value_where_nothing_could_be_drawn() -> None:
    body = "pass\n    push = OwnIndicator.push\n    def batch(self, bars):\n        import numpy as np\n"
    body += "        return np.where(bars.start < 120, 1e300, 1.0)"

    _, reply = started(own_text(body), 4)

    assert isinstance(reply, Filled)
    np.testing.assert_array_equal(floats(reply.outputs)[0], [math.nan, math.nan, 1.0, 1.0])
