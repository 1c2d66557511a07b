"""Addresses of servers: what people type becomes what is kept, or a sentence; a password never travels in the clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.server.address import normal, short
from crs_desktop.viewmodels.words import NOTHING
from engine.adapters.crs.address import server_url
from engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("demo.example.org", "https://demo.example.org"),
        (" https://Demo.example.org:8443/ ", "https://demo.example.org:8443"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://localhost", "https://localhost"),
        ("demo.example.org/binance", "https://demo.example.org/binance"),
        ("127.0.0.1:8080/kraken/", "http://127.0.0.1:8080/kraken"),
    ],
)
def test_an_address_is_completed_as_it_was_meant(typed: str, kept: str) -> None:
    assert normal(typed) == (kept, NOTHING)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "Enter the server's address"),
        ("http://demo.example.org", "in the clear"),
        ("ftp://demo.example.org", "not ftp"),
        ("https://ann:secret@demo.example.org", "Leave the name"),
        ("https://demo.example.org/api.html", "/api.html"),
        ("https://demo.example.org/a/../b", "/a/../b"),
        ("https://demo.example.org/binance?x=1", "/binance"),
        ("demo.example.org:port", "no address"),
        ("two words", "no address"),
        ("https://" + "a" * 300, "at most"),
    ],
)
def test_what_is_no_address_says_why(typed: str, part: str) -> None:
    url, problem = normal(typed)

    assert url == ""
    assert part in str(problem)


def test_the_reason_never_repeats_a_password() -> None:
    assert "secret" not in str(normal("https://ann:secret@demo.example.org")[1])


@given(st.text(max_size=60))
def test_whatever_is_typed_ends_in_an_address_that_stays_itself_or_in_a_sentence(typed: str) -> None:
    url, problem = normal(typed)

    assert bool(url) != bool(problem.source)
    if url:
        assert normal(url) == (url, NOTHING)
        assert short(url)


@given(
    st.sampled_from(["a.org", "localhost", "127.0.0.1", "[::1]", "10.0.0.1"]),
    st.sampled_from(["", ":80", ":8443", "/binance"]),
)
def test_what_is_kept_is_what_the_engine_would_speak_to(host: str, port: str) -> None:
    for scheme in ("", "https://", "http://"):
        url, problem = normal(scheme + host + port)
        if problem.source:
            with pytest.raises(InvalidInput):
                server_url(scheme + host + port)
        else:
            assert server_url(url) == url
