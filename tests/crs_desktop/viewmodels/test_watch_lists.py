"""Watchlists behave as lists do, survive a restart, and are not lost to a damaged file."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.watch_lists import FIRST, Item, WatchLists

ITEMS = st.sampled_from([Item(venue, symbol) for venue in ("binance", "kraken") for symbol in ("A/B", "C/D", "E/F")])
ADD, REMOVE, MOVE = (st.just(name) for name in ("add", "remove", "move"))
DEEDS = st.lists(st.one_of(st.tuples(ADD, ITEMS), st.tuples(REMOVE, ITEMS), st.tuples(MOVE, ITEMS, st.integers(-2, 9))))


@given(DEEDS)
def test_a_list_does_what_a_list_does(deeds: list[tuple[object, ...]]) -> None:
    lists, plain = WatchLists(), list[Item]()
    lists.show(0)
    for name, item, *rest in deeds:
        assert isinstance(item, Item)
        if name == "add":
            assert (lists.add(item) is None) == (item in plain)
            plain = plain if item in plain else [*plain, item]
        elif name == "remove":
            before, kept = list(plain), lists.kept
            undo = lists.remove(item)
            assert (undo is None) == (item not in plain)
            if undo is not None:
                lists.restore(undo)
                assert (lists.kept, list(lists.lists[0].items)) == (kept, before)
                lists.remove(item)
                plain.remove(item)
        elif item in plain:
            plain.remove(item)
            assert isinstance(rest[0], int)
            plain.insert(max(0, rest[0]), item)
            lists.move(item, rest[0])
        assert list(lists.lists[0].items) == plain


def test_lists_and_venues_are_there_again(tmp_path: Path) -> None:
    lists = WatchLists(tmp_path / "watchlists.json")
    assert (lists.shown, [each.name for each in lists.lists]) == (None, [FIRST])
    lists.new("Majors")
    lists.add(Item("kraken", "BTC/USD"))
    lists.watch("kraken", on=True)
    lists.watch("coinbase", on=True)
    lists.watch("coinbase", on=False)
    lists.flush()

    again = WatchLists(tmp_path / "watchlists.json")
    assert again.kept == lists.kept
    assert (again.shown and again.shown.name, again.kept.venues) == ("Majors", ("kraken",))
    before = again.delete()
    assert before is not None
    again.watch("binance", on=True)
    again.restore(before)
    assert (again.shown and again.shown.items, again.kept.venues) == (
        (Item("kraken", "BTC/USD"),),
        ("kraken", "binance"),
    )
    again.flush()


def test_names_are_checked(tmp_path: Path) -> None:
    lists = WatchLists()
    lists.new("Two")
    assert lists.problem_of("two").source
    assert not lists.problem_of("two", rename=True).source
    assert lists.problem_of("  ").source
    assert lists.problem_of("x" * 65).source
    lists.rename("two words")
    assert [each.name for each in lists.lists] == [FIRST, "two words"]
    lists.show(-1)
    assert lists.delete() is None
    lists.show(1)
    lists.delete()
    lists.delete()
    assert [each.name for each in lists.lists] == [FIRST]


def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "watchlists.json"
    path.write_text('{"lists": [{"name": 5}]}')
    lists = WatchLists(path)

    assert "set aside" in str(lists.problem)
    assert (tmp_path / "watchlists.damaged.json").read_text().startswith('{"lists"')
    lists.show(0)
    lists.add(Item("kraken", "BTC/USD"))
    lists.flush()
    assert WatchLists(path).kept == lists.kept


def test_a_disk_that_refuses_is_said_and_the_next_change_tries_again(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    lists = WatchLists(folder / "watchlists.json")
    lists.add(Item("kraken", "BTC/USD"))
    lists.flush()
    assert "not being saved" in str(lists.problem)

    folder.mkdir()
    lists.add(Item("kraken", "ETH/USD"))
    lists.flush()
    assert not lists.problem.source
    assert WatchLists(folder / "watchlists.json").kept == lists.kept
