"""How good a password is called: never better than a list of leaked ones and its own making allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.services.wallet.password import check, strength


@pytest.mark.parametrize(
    "password",
    ["password1", "Passw0rd!", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "bitcoin2024", "abcdefgh", "letmein123",
     "summer2023", "zxcvbnm,", "Iloveyou1"],
)  # fmt: skip
def test_what_everybody_takes_is_weak(password: str) -> None:
    assert strength(password).tone == "danger"


@pytest.mark.parametrize(
    "password", ["plum orchard seventy lanterns", "kX9#vR2$mQ7!pL4z", "correct horse battery staple"]
)
def test_what_is_long_and_random_is_strong(password: str) -> None:
    assert strength(password).tone == ""


@given(st.text(max_size=7))
def test_what_is_short_is_refused(password: str) -> None:
    assert strength(password).tone == "danger"
    with pytest.raises(InvalidInput):
        check(password)


@given(st.text(max_size=40))
def test_no_sentence_repeats_the_password(password: str) -> None:
    told = strength(password)
    assert len(password) < 8 or password not in told.sentence
    assert password == "" or password not in repr(told) or len(password) < 8


def test_one_password_is_one_whatever_the_keyboard_sends() -> None:
    assert check("caf\u00e9 caf\u00e9") == check("cafe\u0301 cafe\u0301")
