"""What is sent is read as it was signed, and refused with Binance's codes."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.server.facade.fault import Fault
from engine.server.facade.parameters import Parameters, parse, unsigned
from engine.server.facade.words import SIDES

NAMES = st.text("abc&=%+ ä€", min_size=1, max_size=8)
TEXTS = st.text("01x&=%+ ä€", max_size=12)


@given(st.dictionaries(NAMES, TEXTS, max_size=6))
def test_parsing_is_the_inverse_of_encoding(told: dict[str, str]) -> None:
    found = parse(urlencode(told))

    assert found.names == set(told)
    assert {name: found.text(name) for name, text in told.items() if text} == {
        name: text for name, text in told.items() if text
    }


@given(st.lists(st.sampled_from(["a=1", "b=2%20x", "c=", "timestamp=5"]), unique=True), st.text("0123456789abcdef"))
def test_what_was_signed_is_the_rest_in_its_order(parts: list[str], signature: str) -> None:
    place = len(parts) // 2
    raw = "&".join([*parts[:place], f"signature={signature}", *parts[place:]])

    assert unsigned(raw) == ("&".join(parts), signature)


def test_a_query_without_a_signature_has_none() -> None:
    assert unsigned("symbol=BTCUSDT&x=1") == ("symbol=BTCUSDT&x=1", None)


def fails(code: int, read: object) -> None:
    with pytest.raises(Fault) as refused:
        read()  # type: ignore[operator]
    assert refused.value.code == code


def test_each_way_to_be_wrong_has_its_code() -> None:
    told = parse("qty=1e5&many=0.123456789&none=&side=UP&limit=0&flag=perhaps&number=1.5&symbol=BTC%2FUSDT")

    fails(-1100, lambda: told.decimal("qty"))
    fails(-1111, lambda: told.decimal("many"))
    fails(-1105, lambda: told.text("none"))
    fails(-1102, lambda: told.text("missing"))
    fails(-1117, lambda: told.choice("side", SIDES, -1117))
    fails(-1130, lambda: told.limit(5, 10))
    fails(-1130, lambda: told.switch("flag", default=False))
    fails(-1100, lambda: told.integer("number"))
    fails(-1100, told.symbol)
    fails(-1104, lambda: told.check(("qty",)))
    fails(-1101, lambda: parse("a=1&a=2"))
    fails(-1101, lambda: parse("a=1", "a=2"))
    fails(-1101, lambda: parse("&".join(f"n{number}=1" for number in range(100))))


def test_idle_zeros_are_no_precision() -> None:
    assert Parameters({"qty": "0.100000000000"}).decimal("qty") == Decimal("0.1")
