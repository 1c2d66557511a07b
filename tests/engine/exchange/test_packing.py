"""Dumps of markets as bytes: whole numbers of any size come back as they were."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.exchange.packing import VERSION, pack, unpack

Plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), Plain))
def test_what_is_packed_comes_back(dump: dict[str, object]) -> None:
    assert unpack(pack("live", dump)) == {"version": VERSION, "kind": "live", **dump}
    assert pack("live", dump) == pack("live", dict(dump))


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**24])
def test_money_beyond_64_bits_stays_exact(number: int) -> None:
    assert unpack(pack("simulated", {"units": number}))["units"] == number


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "damaged"),
        (zlib.compress(b"{"), "damaged"),
        (zlib.compress(json.dumps({"version": VERSION - 1}).encode()), f"version {VERSION - 1}, not {VERSION}"),
    ],
)
def test_what_is_no_dump_of_this_version_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        unpack(data)
