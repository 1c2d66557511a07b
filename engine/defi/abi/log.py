"""What contracts wrote: events, told apart by their first topic and by how many topics there are."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from engine.defi.abi.codec import decode, topic
from engine.defi.abi.known import EVENTS
from engine.defi.abi.signature import Parameter, Signature, parsed
from engine.errors import InvalidInput
from engine.ports.chain import Log


class DecodedLog(NamedTuple):
    """An event in words."""

    name: str
    values: dict[str, Any]
    """By name, in the order of the signature; an indexed text, array or tuple is the 32 bytes of its hash."""
    signature: Signature


def decode_log(event: str, log: Log) -> dict[str, Any]:
    """Return the values of an event by name.

    Args:
        event: "Transfer(address indexed from,address indexed to,uint256 value)"; of an event that we know (`known`)
            the types alone are enough.
        log: what was written.

    Raises:
        InvalidInput: it is another event, or was written otherwise.
    """
    signature = parsed(event)
    if not any(each.indexed for each in signature.parameters):
        signature = events().get((topic(event), len(log.topics)), signature)
    if not log.topics or log.topics[0] != topic(event):
        raise InvalidInput(f"This log of {log.address} is no {signature.canonical}.")
    return _values(signature, log)


def decoded_log(log: Log) -> DecodedLog | None:
    """Return what a log says; None: no event that we know, or values that do not fit it."""
    found = events().get((log.topics[0], len(log.topics))) if log.topics else None
    if found is None:
        return None
    try:
        return DecodedLog(found.name, _values(found, log), found)
    except InvalidInput:
        return None


@cache
def events() -> dict[tuple[bytes, int], Signature]:
    """Return the events that we know, by their topic and the number of topics."""
    found = [parsed(each) for each in reversed(EVENTS)]
    return {(topic(each.canonical), 1 + sum(part.indexed for part in each.parameters)): each for each in found}


def _values(signature: Signature, log: Log) -> dict[str, Any]:
    indexed = [each for each in signature.parameters if each.indexed]
    plain = [each for each in signature.parameters if not each.indexed]
    if len(log.topics) != len(indexed) + 1:
        raise InvalidInput(
            f"{signature.canonical} has {len(indexed) + 1} topics; this log of {log.address} has {len(log.topics)}."
        )
    of_topics = [_of_topic(each, word) for each, word in zip(indexed, log.topics[1:], strict=True)]
    of_data = decode(f"({','.join(each.type for each in plain)})", log.data)
    rows = iter(of_topics), iter(of_data)
    return {
        name: next(rows[0] if each.indexed else rows[1])
        for name, each in zip(signature.names, signature.parameters, strict=True)
    }


def _of_topic(parameter: Parameter, word: bytes) -> object:
    return word if parameter.is_hashed_as_topic else decode(f"({parameter.type})", word)[0]
