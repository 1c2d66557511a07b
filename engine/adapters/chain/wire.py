"""Numbers, bytes, blocks and logs as JSON-RPC writes them. What a node sends is believed only in its right shape.

Source: the execution API specification (ethereum/execution-apis).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.defi.address import SHAPE, checksummed
from engine.errors import ChainUnavailable
from engine.ports.chain import BlockHead, BlockTag, Call, FeeHistory, Log, Receipt, SeenTransaction

NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,64}")
"""256 bits, and nothing that only Python reads as a number: no sign, no space, no underline."""
MOST_COUNT = 2**63 - 1
"""Of blocks, seconds, gas and places: what a database keeps."""
HASH_LENGTH = 66
MOST_LOGS = 100_000
MOST_TOPICS = 4
ADDRESSES_KEPT = 4096


class Misshapen(ChainUnavailable):
    """A node answered with something else than was asked for; another may do better."""


def tag_text(tag: BlockTag) -> str:
    """Return a block's number or name as it is sent."""
    return hex(tag) if isinstance(tag, int) else tag


def call_object(call: Call) -> dict[str, str]:
    """Return a call as it is sent."""
    found = {"data": _hex(call.data)} if call.data else {}
    if call.to is not None:
        found["to"] = call.to
    if call.sender is not None:
        found["from"] = call.sender
    if call.value:
        found["value"] = hex(call.value)
    if call.gas is not None:
        found["gas"] = hex(call.gas)
    return found


def number(value: Any) -> int:  # noqa: ANN401 - of JSON
    """Return a whole number of a node ("0x1a")."""
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return int(value, 16)
    raise Misshapen(f"A node sent {_brief(value)} where a number was wanted.")


def count(value: Any) -> int:  # noqa: ANN401
    """Return a number of blocks, seconds, gas or transactions, or a place among them."""
    found = number(value)
    if found > MOST_COUNT:
        raise Misshapen(f"A node sent {_brief(value)} where a count was wanted.")
    return found


def maybe_count(value: Any) -> int | None:  # noqa: ANN401
    """Return a count, None where the node has none."""
    return None if value is None else count(value)


def maybe_number(value: Any) -> int | None:  # noqa: ANN401
    """Return a whole number, None where the node has none."""
    return None if value is None else number(value)


def data(value: Any) -> bytes:  # noqa: ANN401
    """Return bytes of a node ("0x…")."""
    if isinstance(value, str) and value[:2] in ("0x", "0X"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            pass
    raise Misshapen(f"A node sent {_brief(value)} where bytes were wanted.")


def hash_text(value: Any) -> str:  # noqa: ANN401
    """Return a hash of a block or a transaction, as text in small letters."""
    if isinstance(value, str) and len(value) == HASH_LENGTH and len(data(value)) == 32:
        return value.lower()
    raise Misshapen(f"A node sent {_brief(value)} where a hash was wanted.")


def address(value: Any) -> str:  # noqa: ANN401
    """Return an address, checksummed."""
    if isinstance(value, str) and SHAPE.fullmatch(value):
        return _checksummed(value)
    raise Misshapen(f"A node sent {_brief(value)} where an address was wanted.")


def maybe_address(value: Any) -> str | None:  # noqa: ANN401
    """Return an address, None where there is none (a contract is made)."""
    return None if value is None else address(value)


def fields(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return an object."""
    if isinstance(value, dict):
        return value
    raise Misshapen(f"A node sent {_brief(value)} where an object was wanted.")


def rows(value: Any, most: int = MOST_LOGS) -> Sequence[Any]:  # noqa: ANN401
    """Return a list that is not too long."""
    if isinstance(value, list) and len(value) <= most:
        return value
    raise Misshapen(f"A node sent {_brief(value)} where a list of at most {most:,} was wanted.")


def block_head(value: Any) -> BlockHead:  # noqa: ANN401
    """Return a block's head."""
    found = fields(value)
    return BlockHead(
        number=count(found.get("number")),
        hash=hash_text(found.get("hash")),
        parent=hash_text(found.get("parentHash")),
        at=count(found.get("timestamp")),
        base_fee=maybe_number(found.get("baseFeePerGas")),
        gas_limit=count(found.get("gasLimit")),
        gas_used=count(found.get("gasUsed")),
    )


def log(value: Any) -> Log:  # noqa: ANN401
    """Return a line that a contract wrote."""
    found = fields(value)
    return Log(
        address=address(found.get("address")),
        topics=tuple(data(each) for each in rows(found.get("topics"), MOST_TOPICS)),
        data=data(found.get("data")),
        block=maybe_count(found.get("blockNumber")) or 0,
        transaction=hash_text(found["transactionHash"]) if found.get("transactionHash") else "",
        index=maybe_count(found.get("logIndex")) or 0,
    )


def seen_transaction(value: Any) -> SeenTransaction:  # noqa: ANN401
    """Return a transaction as a node knows it."""
    found = fields(value)
    block = maybe_count(found.get("blockNumber"))
    return SeenTransaction(
        hash=hash_text(found.get("hash")),
        sender=address(found.get("from")),
        to=maybe_address(found.get("to")),
        nonce=count(found.get("nonce")),
        value=number(found.get("value")),
        data=data(found.get("input", found.get("data"))),
        block=block,
        block_hash=None if block is None else hash_text(found.get("blockHash")),
    )


def receipt(value: Any) -> Receipt:  # noqa: ANN401
    """Return what became of a transaction."""
    found = fields(value)
    return Receipt(
        transaction=hash_text(found.get("transactionHash")),
        ok=number(found.get("status")) == 1,
        block=count(found.get("blockNumber")),
        block_hash=hash_text(found.get("blockHash")),
        gas_used=count(found.get("gasUsed")),
        gas_price=maybe_number(found.get("effectiveGasPrice")) or 0,
        logs=tuple(log(each) for each in rows(found.get("logs"))),
        contract=maybe_address(found.get("contractAddress")),
    )


def fee_history(value: Any, blocks: int) -> FeeHistory:  # noqa: ANN401
    """Return what recent blocks cost."""
    found = fields(value)
    used = rows(found.get("gasUsedRatio") or [], blocks)
    if not all(isinstance(each, int | float) for each in used):
        raise Misshapen("A node sent no figures of how full its blocks were.")
    return FeeHistory(
        base_fees=tuple(number(each) for each in rows(found.get("baseFeePerGas"), blocks + 1)),
        used=tuple(float(each) for each in used),
        rewards=tuple(
            tuple(number(tip) for tip in rows(each, 100)) for each in rows(found.get("reward") or [], blocks)
        ),
    )


@lru_cache(maxsize=ADDRESSES_KEPT)
def _checksummed(value: str) -> str:
    return checksummed(value)


def _hex(value: bytes) -> str:
    return f"0x{value.hex()}"


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
