"""No name of a pair leads out of its place, is refused by a system, or is another pair's."""

from __future__ import annotations

from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.adapters.files.folder import folder_of

symbols = st.text(st.characters(codec=None), max_size=90)


@pytest.mark.parametrize(
    ("symbol", "folder"),
    [("BTC/USDT", "BTC-USDT"), ("BTC/USDT:USDT", "BTC-USDT_USDT"), ("1000SATS/TRY", "1000SATS-TRY")],
)
def test_plain_names_stay_as_they_are(symbol: str, folder: str) -> None:
    assert folder_of(symbol) == folder


@given(symbols)
@settings(max_examples=300)
@example("../../x")
@example("..\\..\\x/USD")
@example("CON/USD")
@example("X/USD.")
@example("NUL")
@example("")
@example("/")
@example("\ud800/USD")
@example("A" * 3_000 + "/B")
def test_every_name_is_one_harmless_part_of_a_path(symbol: str) -> None:
    name = folder_of(symbol)
    assert 0 < len(name) <= 100
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>| ')
    assert name[-1] != "."
    assert ".." not in name
    assert len(PureWindowsPath(name).parts) == 1
    assert not PureWindowsPath(name).is_reserved()


@given(symbols, symbols)
@settings(max_examples=300)
@example("A-B/C", "A/B-C")
@example("A/B:B", "A/B_B")
@example("btc/usdt", "BTC/USDT")
@example("A.B/C", "A_B/C")
@example("\uff22/C", "B/C")
def test_two_pairs_never_share_a_folder_not_even_without_case(one: str, other: str) -> None:
    if one != other:
        assert folder_of(one).lower() != folder_of(other).lower()
