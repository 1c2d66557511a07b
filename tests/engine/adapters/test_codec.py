"""Claims about the text of records: it comes back, it stays the same, and it is checked."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.sql import codec
from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import KINDS, decode
from engine.domain.asset import Asset
from engine.domain.command import SubmitOrder
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import StorageCorrupt, StorageTooNew

integers = st.integers(-(10**40), 10**40)
rates = st.decimals(0, 1, places=6).map(FeeRate.parse)
assets = st.builds(Asset, st.text(), st.just(18), st.integers(0, 18))
pairs = st.builds(
    TradingPair,
    st.text(),
    assets,
    assets,
    st.integers(1, 10**6).map(lambda n: Decimal(n).scaleb(-6)),
    st.integers(1, 10**6).map(lambda n: Decimal(n).scaleb(-6)),
    integers,
    rates,
    rates,
)
st.register_type_strategy(FeeRate, rates)
st.register_type_strategy(TradingPair, pairs)
st.register_type_strategy(int, integers)
st.register_type_strategy(Decimal, st.decimals(0, 10_000, places=4))


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
def test_every_record_comes_back_from_its_text(kind: type, data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    text = encode(record)

    assert decode(kind.__name__, text) == record
    assert encode(decode(kind.__name__, text)) == text


def naive(value: object) -> object:
    """Return what `json.dumps` needs, field by field: the same text by the slow and simple way."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, FeeRate | Decimal):
        return format(value.decimal if isinstance(value, FeeRate) else value, "f")
    if isinstance(value, tuple):
        return [naive(each) for each in value]
    assert is_dataclass(value)
    parts = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
    return {name: naive(part) for name, part in parts.items() if part is not None and part != ()}


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
def test_the_text_is_that_of_the_library_in_its_compact_form(kind: type, data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))

    assert encode(record) == json.dumps(naive(record), separators=(",", ":"), ensure_ascii=False)


def test_the_text_of_a_record_never_changes() -> None:
    order = decode(
        "SubmitOrder",
        '{"account":"A","order_id":"x","symbol":"BTC/USDT","side":"buy","order_type":"limit","qty":5}',
    )

    assert isinstance(order, SubmitOrder)
    assert encode(order) == (
        '{"account":"A","order_id":"x","symbol":"BTC/USDT","side":"buy","order_type":"limit","qty":5,'
        '"tif":"GTC","post_only":false,"reduce_only":false,"stp":"none"}'
    )


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "7", '{"account":"A"}', '{"account":"A","order_id":"x","at":"1","left":1,"reason":"user"}',
     '{"account":"A","order_id":"x","at":1,"left":1,"reason":"because"}',
     '{"account":"A","order_id":"x","at":1,"left":1,"reason":"user","more":1}'],
)  # fmt: skip
def test_a_text_that_is_no_such_record_is_refused(text: str) -> None:
    with pytest.raises(StorageCorrupt, match="OrderCancelled"):
        decode("OrderCancelled", text)


def test_records_of_a_later_program_are_refused_as_such() -> None:
    with pytest.raises(StorageTooNew):
        decode("OrderCancelled", "{}", codec.SCHEMA_VERSION + 1)
    with pytest.raises(StorageTooNew):
        decode("OrderTeleported", "{}")


def test_an_older_layout_is_turned_into_the_new_one_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(
        codec._UPGRADES, ("CancelOrder", 1), lambda data: {"account": data["account"], "order_id": data["id"]}
    )

    assert decode("CancelOrder", '{"account":"A","id":"x"}', 1).order_id == "x"
