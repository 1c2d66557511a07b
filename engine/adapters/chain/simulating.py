"""What calls would do in the next block, by `eth_simulateV1`: their logs, the coin's own moves among them.

Source: the execution API specification; transfers of the coin are logs of 0xeeee…eeee when `traceTransfers` is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.chain import wire
from engine.adapters.chain.refusal import Meaning, refusal_of
from engine.defi import abi
from engine.ports.chain import Call, Simulated

METHOD = "eth_simulateV1"


def question(calls: Sequence[Call]) -> list[Any]:
    """Return the parameters that ask for a simulation on the newest block."""
    block = {"calls": [wire.call_object(each) for each in calls]}
    return [{"blockStateCalls": [block], "traceTransfers": True, "validation": False}, "latest"]


def simulated(result: Any, count: int) -> list[Simulated]:  # noqa: ANN401 - of JSON
    """Return what each call would do.

    Raises:
        Misshapen: a node sent something else.
    """
    blocks = wire.rows(result, 16)
    calls = wire.rows(wire.fields(blocks[0] if blocks else None).get("calls"), count)
    if len(calls) != count:
        raise wire.Misshapen(f"A node simulated {len(calls)} calls instead of {count}.")
    return [_one(wire.fields(each)) for each in calls]


def _one(found: Any) -> Simulated:  # noqa: ANN401
    ok = wire.number(found.get("status")) == 1
    data = wire.data(found.get("returnData", "0x"))
    reason = "" if ok else _reason(found.get("error"), data)
    return Simulated(
        ok=ok,
        data=data,
        gas_used=wire.count(found.get("gasUsed")),
        logs=tuple(wire.log(each) for each in wire.rows(found.get("logs") or [])),
        reason=reason,
    )


def _reason(error: Any, data: bytes) -> str:  # noqa: ANN401
    if data:
        return abi.revert_reason(data)
    refusal = refusal_of(METHOD, error or {})
    return refusal.text if refusal.meaning in (Meaning.REVERTED, Meaning.REFUSED) else abi.revert_reason(b"")
