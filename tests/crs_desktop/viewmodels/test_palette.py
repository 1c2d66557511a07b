"""The palette finds by a few letters, the best first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.palette import LIMIT, Entry, matches, score


def entry(title: str, kind: str = "action", enabled: bool = True) -> Entry:
    return Entry(title, "", kind, lambda: None, enabled)


def titles(query: str, *entries: Entry) -> list[str]:
    return [each.title for each in matches(query, entries)]


@given(st.text(st.characters(codec="ascii", exclude_characters="\n"), max_size=30))
def test_every_text_is_found_by_itself(text: str) -> None:
    assert score(text, text) is not None


@given(st.text("abc /", max_size=12), st.text("abc /", max_size=20))
def test_a_query_fits_exactly_when_its_letters_follow_each_other(query: str, text: str) -> None:
    rest = iter(text)

    fits = all(letter in rest for letter in query if letter != " ")

    assert (score(query, text) is not None) == fits


def test_the_start_of_a_word_beats_its_middle() -> None:
    assert titles("set", entry("Offset"), entry("Open settings"))[0] == "Open settings"


def test_initials_find_a_command() -> None:
    assert "Cancel all orders" in titles("cao", entry("Cancel all orders"), entry("Buy"))


def test_nothing_fits_gives_nothing() -> None:
    assert titles("xyz", entry("Buy"), entry("Sell")) == []


def test_an_empty_query_lists_everything_in_order_up_to_the_limit() -> None:
    many = [entry(f"Action {i}") for i in range(LIMIT + 10)]

    assert titles("", *many) == [each.title for each in many[:LIMIT]]


def test_a_pair_comes_before_an_equally_good_action() -> None:
    assert matches("btc", [entry("btc"), entry("btc", "pair")])[0].kind == "pair"


def test_what_can_be_done_comes_before_what_cannot() -> None:
    assert matches("buy", [entry("Buy", enabled=False), entry("Buy")])[0].enabled
