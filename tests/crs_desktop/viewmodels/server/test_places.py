"""The list of servers: kept at once, without secrets, found again; a damaged file is set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from crs_desktop.viewmodels.server.places import MOST, Places

URL, OTHER = "https://demo.example.org", "http://127.0.0.1:8080"


def test_servers_accounts_and_where_one_was_last_are_found_again(tmp_path: Path) -> None:
    places = Places(tmp_path / "servers.json")
    places.add(URL)
    places.add(OTHER)
    places.signed_in(URL, "ann@example.org", ("U-1", "U-2"))
    places.use(URL, "U-2")

    again = Places(tmp_path / "servers.json")

    assert [each.url for each in again.servers] == [URL, OTHER]
    assert again.last is not None
    assert (again.last.email, again.last.account, again.last.accounts) == ("ann@example.org", "U-2", ("U-1", "U-2"))


def test_an_account_that_is_gone_is_not_gone_back_to(tmp_path: Path) -> None:
    places = Places(tmp_path / "servers.json")
    places.add(URL)
    places.signed_in(URL, "ann@example.org", ("U-1",))
    places.use(URL, "U-1")

    places.signed_in(URL, "bob@example.org", ("U-7",))

    assert places.servers[0].account == "U-7"


def test_going_on_with_paper_and_removing_a_server_leave_no_last_one(tmp_path: Path) -> None:
    places = Places(tmp_path / "servers.json")
    places.add(URL)
    places.use(URL)
    places.use("")
    on_paper = places.last

    places.use(URL)
    places.remove(URL)

    assert on_paper is None
    assert (places.last, places.servers) == (None, ())


def test_a_file_that_cannot_be_read_is_set_aside_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text('{"servers": [{"url": 5}]}')

    places = Places(tmp_path / "servers.json")

    assert places.servers == ()
    assert "set aside" in str(places.problem)
    assert (tmp_path / "servers.damaged.json").read_text() == '{"servers": [{"url": 5}]}'


def test_an_address_that_somebody_wrote_into_the_file_is_held_to_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text('{"servers": [{"url": "http://demo.example.org"}, {"url": "' + URL + '"}]}')

    assert [each.url for each in Places(tmp_path / "servers.json").servers] == [URL]


def test_there_is_an_end_to_servers() -> None:
    places = Places(None)
    for number in range(MOST):
        places.add(f"https://s{number}.example.org")

    assert "already" in str(places.add(URL))
    assert len(places.servers) == MOST


def test_a_disk_that_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(tmp_path / "nowhere" / "servers.json")

    assert "could not be kept" in str(places.add(URL))
    assert [each.url for each in places.servers] == [URL]
