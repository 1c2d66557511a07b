"""What a node may say to lead astray or to break something: believed in its right shape and size only."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.chain import wire

HASH = "0x" + "ab" * 32
ADDRESS = "0x" + "12" * 20
LARGE = hex(2**63)
"""No database keeps it as a whole number."""
HEAD = {
    "number": "0x1", "hash": HASH, "parentHash": HASH, "timestamp": "0x1", "gasLimit": "0x1", "gasUsed": "0x1",
}  # fmt: skip
LOG = {"address": ADDRESS, "topics": [], "data": "0x", "blockNumber": "0x1", "logIndex": "0x1"}
RECEIPT = {
    "transactionHash": HASH, "status": "0x1", "blockNumber": "0x1", "blockHash": HASH, "gasUsed": "0x1", "logs": [],
}  # fmt: skip
SEEN = {"hash": HASH, "from": ADDRESS, "to": ADDRESS, "nonce": "0x1", "value": "0x1", "input": "0x"}


@pytest.mark.parametrize("text", ["0x-1", "0x+1", "0x1_0", "0x 1", "0x1 ", "0x1\n", "0x", "-0x1", "1", "0xg", ""])
def test_a_number_has_digits_and_nothing_else(text: str) -> None:
    with pytest.raises(wire.Misshapen):
        wire.number(text)


@pytest.mark.parametrize(
    ("read", "told", "name"),
    [(wire.block_head, HEAD, each) for each in ("number", "timestamp", "gasLimit", "gasUsed")]
    + [(wire.log, LOG, each) for each in ("blockNumber", "logIndex")]
    + [(wire.receipt, RECEIPT, each) for each in ("blockNumber", "gasUsed")]
    + [(wire.seen_transaction, SEEN, each) for each in ("nonce", "blockNumber")],
)
def test_no_count_is_larger_than_what_can_be_kept(read: Any, told: dict[str, Any], name: str) -> None:  # noqa: ANN401
    read(told)
    with pytest.raises(wire.Misshapen):
        read({**told, name: LARGE})
