"""Whatever is asked, the practice chain answers with a result or a refusal, never with a mistake of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.practice.machine import Machine

BROKEN = -32603
ADDRESS = "0x" + "22" * 20
words = st.sampled_from(
    [
        "latest",
        "pending",
        "earliest",
        "0x0",
        "0x1",
        "0xffffff",
        "0x",
        "",
        "0x0g",
        ADDRESS,
        "0x" + "11" * 32,
        "é",
        "from",
    ]
)
KEYS = (
    "from to data input value gas nonce accessList address topics fromBlock toBlock blockHash blockNumber "
    "blockStateCalls calls stateOverrides blockOverrides time number balance code state stateDiff instant interval_s "
    f"ETH storageKeys {ADDRESS}"
)
keys = st.sampled_from(KEYS.split())
numbers = st.integers(-2, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
atoms = st.one_of(st.none(), st.booleans(), numbers, words)
values = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_no_parameters_make_a_method_break(machine: Machine, data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(sorted(machine._methods)))
    params = data.draw(st.lists(values, max_size=3))
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}

    told = json.loads(machine.answer(json.dumps(request).encode()))

    assert told["id"] == 1
    assert told.get("error", {}).get("code") != BROKEN, (method, params)
    machine.instant = True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"7", -32600),
        (b"[]", -32600),
        (b'{"id": 1}', -32600),
        (b'{"id": 1, "method": "eth_chainId", "params": {"a": 1}}', -32602),
        (b"[" + b",".join([b"{}"] * 201) + b"]", -32600),
    ],
)
def test_what_is_no_request_is_refused(machine: Machine, body: bytes, code: int) -> None:
    told: dict[str, Any] = json.loads(machine.answer(body))

    assert told["error"]["code"] == code


def test_a_notification_is_not_answered(machine: Machine) -> None:
    assert machine.answer(b'{"jsonrpc": "2.0", "method": "eth_chainId"}') == b""
