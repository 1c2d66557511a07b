"""The coding of many calls by hand, against the library's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.chain import aggregate
from engine.defi import abi
from engine.defi.address import checksummed
from engine.errors import InvalidInput
from engine.ports.chain import Call, Outcome

calls = st.lists(
    st.builds(
        lambda to, data: Call(checksummed(f"0x{to.hex()}"), data),
        st.binary(min_size=20, max_size=20),
        st.binary(max_size=70),
    ),
    max_size=6,
)
outcomes = st.lists(st.builds(Outcome, st.booleans(), st.binary(max_size=70)), max_size=6)


@settings(max_examples=80, deadline=None)
@given(calls)
def test_questions_are_coded_as_the_library_codes_them(asked: list[Call]) -> None:
    theirs = abi.encode(aggregate.SIGNATURE, False, [(each.to, each.data) for each in asked])
    assert aggregate.question(asked) == theirs


@settings(max_examples=80, deadline=None)
@given(outcomes)
def test_answers_are_read_as_the_library_writes_them(given_: list[Outcome]) -> None:
    data = abi.encode_args("((bool,bytes)[])", [(each.ok, each.data) for each in given_])
    assert aggregate.answers(data) == given_
    for cut in (0, 31, len(data) // 2, len(data) - 1):
        if given_ and cut < len(data) - 64:
            with pytest.raises(InvalidInput):
                aggregate.answers(data[:cut])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 300), st.just(2**256 - 1)), max_size=12))
def test_garbage_is_refused_or_read_and_never_breaks(words: list[int]) -> None:
    data = b"".join(each.to_bytes(32, "big") for each in words)
    with suppress(InvalidInput):
        assert sum(len(each.data) for each in aggregate.answers(data)) <= len(data)


def test_a_contract_that_is_made_is_not_asked_with_others() -> None:
    with pytest.raises(InvalidInput, match="cannot be asked"):
        aggregate.question([Call(None, b"x")])
