"""`eth_getLogs`: log entries of a span of blocks, by who wrote them and by their topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_bloom.bloom import BloomFilter

from engine.adapters.practice import telling
from engine.adapters.practice.block import Mined
from engine.adapters.practice.ledger import Ledger
from engine.adapters.practice.refusal import Refusal, bad
from engine.adapters.practice.words import Json, to_address, to_bytes

MOST = 20_000
"""Entries in an answer; more are refused, as public nodes do, and the span must be asked for in pieces."""
MOST_BLOCKS = 10_000

Find = Callable[[Any], Mined | None]


def entries(ledger: Ledger, wanted: Json, find: Find) -> list[dict[str, Any]]:
    """Return the entries that a filter object asks for, in order."""
    if not isinstance(wanted, dict):
        raise bad("A filter must be an object.")
    addresses, topics = _addresses(wanted.get("address")), _topics(wanted.get("topics"))
    told: list[dict[str, Any]] = []
    for block in _span(ledger, wanted, find):
        if not _possible(block, addresses, topics):
            continue
        told += [each for each in telling.lines(block) if _fits(each, addresses, topics)]
        if len(told) > MOST:
            raise Refusal(f"query returned more than {MOST} results", -32005)
    return told


def _span(ledger: Ledger, wanted: dict[str, Any], find: Find) -> list[Mined]:
    if "blockHash" in wanted:
        found = find({"blockHash": wanted["blockHash"]})
        if found is None:
            raise bad("unknown block")
        return [found]
    first, last = find(wanted.get("fromBlock")), find(wanted.get("toBlock"))
    if first is None:
        return []
    end = ledger.blocks[-1].number if last is None else last.number
    if end < first.number:
        raise bad("invalid block range params")
    if end - first.number >= MOST_BLOCKS:
        raise Refusal(f"exceed maximum block range: {MOST_BLOCKS}", -32005)
    return ledger.blocks[first.number : end + 1]


def _addresses(value: Json) -> set[str]:
    many = value if isinstance(value, list) else [value] if value is not None else []
    return {"0x" + to_address(each, "address").hex() for each in many}


def _topics(value: Json) -> list[set[str]]:
    """Return what each topic may be, as a set; an empty set: anything."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 4:
        raise bad("topics must be a list of at most four.")
    rows = [each if isinstance(each, list) else [] if each is None else [each] for each in value]
    return [{"0x" + to_bytes(one, "topic", 32).hex() for one in row if one is not None} for row in rows]


def _possible(block: Mined, addresses: set[str], topics: list[set[str]]) -> bool:
    bloom = BloomFilter(int(block.header.bloom))
    return all(any(bytes.fromhex(one[2:]) in bloom for one in each) for each in [addresses, *topics] if each)


def _fits(entry: dict[str, Any], addresses: set[str], topics: list[set[str]]) -> bool:
    if addresses and entry["address"] not in addresses:
        return False
    if len(topics) > len(entry["topics"]):
        return False
    return all(not each or found in each for each, found in zip(topics, entry["topics"], strict=False))
