"""What may be copied: nothing that gives money away, and nothing of others is taken from the clipboard."""

from __future__ import annotations

import pytest

from engine.services.wallet.clipboard import Copied, pasted, rule, should_clear

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize("what", Copied)
def test_secrets_are_never_copied_and_everything_has_a_sentence(what: Copied) -> None:
    secret = what in (Copied.PHRASE, Copied.PRIVATE_KEY, Copied.PASSWORD, Copied.KEYSTORE, Copied.SIGNED)
    assert rule(what).may is not secret
    assert rule(what).sentence.endswith(".")
    assert rule(what).clear_after_s == (None if secret else 30)


def test_only_what_was_put_there_is_taken_away() -> None:
    assert should_clear(Copied.ADDRESS, ADDRESS, ADDRESS, 30)
    assert not should_clear(Copied.ADDRESS, ADDRESS, ADDRESS, 29.9)
    assert not should_clear(Copied.ADDRESS, ADDRESS, "something of the user's", 31)


def test_an_address_that_came_back_as_another_is_told() -> None:
    assert pasted(ADDRESS, f" {ADDRESS.lower()} ") == ""
    assert "exchanged" in pasted(ADDRESS, "0xf39F" + "0" * 32 + "2266")
    assert pasted("", ADDRESS) == ""
