"""How good passwords are said to be: zxcvbn's word where it is installed, the length where it is not."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from crs_desktop.viewmodels.server import password
from crs_desktop.viewmodels.server.password import MOST, by_length, length_problem, strength


@pytest.mark.skipif(find_spec("zxcvbn") is None, reason="zxcvbn is not installed")
@pytest.mark.parametrize("text", ["password", "correct horse battery", "Tr0ub4dour&3", "ann.example", "x" * MOST])
async def test_the_score_is_that_of_the_library(text: str) -> None:
    from zxcvbn import zxcvbn

    found = await strength(text, ["ann.example"])

    assert found.score == zxcvbn(text[: password.JUDGED], user_inputs=["ann.example"])["score"]
    assert found.is_enough == (found.score >= 3)


@pytest.mark.skipif(find_spec("zxcvbn") is None, reason="zxcvbn is not installed")
async def test_ones_own_name_is_worse_than_the_same_of_a_stranger() -> None:
    assert (await strength("annabelle1987", ["annabelle1987"])).score < (await strength("annabelle1987")).score


async def test_without_the_library_only_the_length_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "find_spec", lambda _name: None)

    scores = [(await strength(text)).score for text in ("short", "abcdefgh", "abcdefghijkl", "abcdefghijklmnop")]

    assert scores == sorted(scores) == [0, 2, 3, 4]
    assert by_length("a" * 40).score == 0


def test_lengths_that_no_server_takes_are_named() -> None:
    assert "8" in str(length_problem("1234567"))
    assert "128" in str(length_problem("x" * 129))
    assert length_problem("12345678") is None
