"""Actions: one key each, what they need, and the user's own keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.actions import ACTIONS, DESK, MODIFIERS, ActionBook, is_plain, normalise


def test_ids_and_default_keys_are_unique() -> None:
    keys = [each.shortcut for each in ACTIONS if each.shortcut]

    assert len({each.id for each in ACTIONS}) == len(ACTIONS)
    assert len(set(keys)) == len(keys)


def test_default_keys_are_written_the_way_they_are_compared() -> None:
    assert [each.shortcut for each in ACTIONS] == [normalise(each.shortcut) for each in ACTIONS]


def test_the_keys_of_the_blueprint_are_the_defaults() -> None:
    book = ActionBook()
    blueprint = {
        "view.palette": "Ctrl+K", "ticket.buy": "B", "ticket.sell": "S", "ticket.market": "Q", "ticket.limit_best": "L",
        "ticket.join_bid": "J", "ticket.join_ask": "H", "orders.cancel_last": "X", "orders.cancel_symbol": "Ctrl+X",
        "orders.cancel_all": "Ctrl+Shift+X", "orders.flatten": "F", "market.pause": "Space", "view.help": "F1",
        "risk.kill": "Ctrl+Shift+K", "chart.1s": "1", "chart.1d": "7",
    }  # fmt: skip

    assert {name: book.shortcut(name) for name in blueprint} == blueprint


def test_an_action_does_nothing_until_it_is_bound_and_what_it_needs_is_there() -> None:
    book, done = ActionBook(), []

    before = book.trigger("ticket.buy")
    book.bind("ticket.buy", lambda: done.append("buy"))
    without_desk = book.trigger("ticket.buy")
    book.provide(DESK)
    with_desk = book.trigger("ticket.buy")
    book.withdraw(DESK)
    after = book.trigger("ticket.buy")

    assert (before, without_desk, with_desk, after) == (False, False, True, False)
    assert done == ["buy"]


def test_the_newest_binding_wins_and_closing_it_gives_the_action_back() -> None:
    book, done = ActionBook(), []
    book.bind("view.help", lambda: done.append("first"))
    second = book.bind("view.help", lambda: done.append("second"))

    book.trigger("view.help")
    second.close()
    second.close()
    book.trigger("view.help")

    assert done == ["second", "first"]


def test_an_unknown_action_is_a_bug() -> None:
    with pytest.raises(KeyError):
        ActionBook().bind("no.such", lambda: None)


def test_a_key_of_the_user_replaces_the_default() -> None:
    book = ActionBook()

    problems = book.rebind({"ticket.buy": "ctrl+b"})

    assert problems == []
    assert book.shortcut("ticket.buy") == "Ctrl+B"
    assert book.action_for("B") is None


def test_a_key_that_is_taken_is_refused_with_the_name_of_its_owner() -> None:
    book = ActionBook()

    problems = book.rebind({"ticket.buy": "S"})

    assert len(problems) == 1
    assert "Sell" in problems[0]
    assert book.shortcut("ticket.buy") == "B"


def test_a_key_for_an_action_that_does_not_exist_is_named_and_ignored() -> None:
    problems = ActionBook().rebind({"old.action": "Z"})

    assert "old.action" in problems[0]


def test_two_actions_may_swap_their_keys_one_after_the_other() -> None:
    book = ActionBook()

    assert book.rebind({"ticket.buy": "", "ticket.sell": "B"}) == []
    assert book.action_for("B") is book.get("ticket.sell")


KEYS = st.sampled_from(["A", "7", "+", "-", ".", ",", "[", "F5", "Space", "PgUp", "Up"])


@given(st.sets(st.sampled_from(MODIFIERS)), KEYS, st.randoms())
def test_the_order_and_case_of_modifiers_do_not_matter(held: set[str], key: str, random: object) -> None:
    shuffled = list(held)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    written = "+".join([*(each.lower() for each in shuffled), key])

    assert normalise(written) == "+".join([*(each for each in MODIFIERS if each in held), key])


@pytest.mark.parametrize(
    ("key", "plain"),
    [("B", True), ("7", True), ("Space", True), ("Up", True), ("+", True), ("Shift++", True), ("Shift+B", True),
     ("F1", False), ("Shift+F6", False), ("Ctrl+X", False), ("Alt+H", False), ("Ctrl++", False), ("F", True)],
)  # fmt: skip
def test_plain_keys_are_those_that_would_type_or_move(key: str, plain: bool) -> None:
    assert is_plain(key) is plain
