"""Messages of clients of Binance's streams: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, properties.

Source: "Live Subscribing/Unsubscribing to streams" and "Error Messages", binance-spot-api-docs web-socket-streams.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")


class Order(NamedTuple):
    """A message that is well formed."""

    method: str
    params: list[Any]
    id: int | str | None


class Malformed(Exception):  # noqa: N818 - an answer in the venue's words
    """A message that is refused."""

    def __init__(self, code: int, text: str, request: object = None) -> None:
        super().__init__(text)
        self.code, self.text, self.request = code, text, request


def order_of(text: str) -> Order:
    """Return what a message asks for.

    Raises:
        Malformed: it is none, in the venue's words.
    """
    try:
        read = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise Malformed(3, "Invalid JSON: expected value at line 1 column 1") from None
    if not isinstance(read, dict):
        raise Malformed(2, "Invalid request: property name must be a string")
    number, method, params = read.get("id"), read.get("method"), read.get("params", [])
    if number is not None and (isinstance(number, bool) or not isinstance(number, int | str)):
        raise Malformed(2, "Invalid request: request ID must be an unsigned integer")
    if method is None:
        raise Malformed(2, "Invalid request: missing field `method` at line 1 column 1", number)
    if method not in METHODS:
        words = ", ".join(f"`{each}`" for each in METHODS)
        raise Malformed(2, f"Invalid request: unknown variant `{method}`, expected one of {words}", number)
    if not isinstance(params, list):
        raise Malformed(2, "Invalid request: invalid type of `params`, expected a sequence", number)
    unknown = set(read) - {"id", "method", "params"}
    if unknown:
        raise Malformed(0, "Unknown property", number)
    return Order(method, params, number)
