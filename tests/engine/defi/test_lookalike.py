"""Addresses and names that are made to be mistaken, held against an unhurried reading of the same rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.lookalike import alike, nearest, skeleton

MINE = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
digits = st.text("0123456789abcdef", min_size=40, max_size=40)


def edits(first: str, second: str) -> int:
    """Levenshtein's distance by the whole table."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a != b))
    return table[-1][-1]


def expected(first: str, second: str) -> bool:
    ends = first[:3] == second[:3] and first[-3:] == second[-3:]
    changed = sum(a != b for a, b in zip(first, second, strict=True))
    return first != second and (ends or changed <= 4 or edits(first, second) <= 2)


@given(digits, digits)
def test_strangers_are_taken_for_what_the_rule_says(one: str, other: str) -> None:
    assert bool(alike("0x" + one, "0x" + other)) == expected(one, other)


@given(digits, st.lists(st.tuples(st.integers(0, 39), st.sampled_from("0123456789abcdef")), max_size=7))
def test_changed_digits_are_taken_for_what_the_rule_says(one: str, changes: list[tuple[int, str]]) -> None:
    other = list(one)
    for place, digit in changes:
        other[place] = digit
    assert bool(alike("0x" + one, "0x" + "".join(other))) == expected(one, "".join(other))


@given(digits, st.integers(0, 39), st.integers(0, 39), st.sampled_from("0123456789abcdef"))
def test_a_digit_at_another_place_is_found(one: str, out: int, into: int, digit: str) -> None:
    left = one[:out] + one[out + 1 :]
    other = left[:into] + digit + left[into:]
    assert bool(alike("0x" + one, "0x" + other)) == expected(one, other)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("0xf39F" + "0" * 32 + "2266", "the first 4 and the last 4 digits are the same"),
        ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92267", "only 1 of 40 digits is different"),
        ("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266".lower(), ""),
        ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", ""),
    ],
)
def test_it_says_in_what(other: str, why: str) -> None:
    assert alike(MINE, other) == why


def test_what_is_known_itself_is_no_look_alike() -> None:
    poison = "0xf39F" + "1" * 32 + "2266"
    found = nearest(poison, ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8", MINE])
    assert found is not None
    assert found[0] == MINE
    assert nearest(poison, [MINE, poison.lower()]) is None


@pytest.mark.parametrize(
    "other",
    ["B\u0456nance", "BINANCE", "B1nance", "Bina\u200bnce", "\u0412inance", "\uff22inance", "Bin\u00e1nce", "Bi nance"],
)
def test_names_that_the_eye_takes_for_each_other_have_one_skeleton(other: str) -> None:
    assert skeleton(other) == skeleton("Binance")


def test_other_names_have_another() -> None:
    names = ["Binance", "Anna", "Hanna", "Savings", "Kraken", "Cold", "Gold"]
    assert len({skeleton(each) for each in names}) == len(names) - 0


@pytest.mark.parametrize(("one", "other"), [("modern", "modem"), ("vvest", "west"), ("clan", "dan")])
def test_pairs_of_letters_are_read_as_one(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
