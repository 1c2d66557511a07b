"""Which function a call means, of those that this program knows."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from engine.defi.abi.codec import SELECTOR, decode, selector
from engine.defi.abi.known import FUNCTIONS
from engine.defi.abi.signature import Signature, parsed
from engine.errors import InvalidInput

MOST_CALL = 256 * 1024
"""Bytes of a call that are taken apart; networks carry no transaction that is longer."""


class DecodedCall(NamedTuple):
    """A call in words."""

    name: str
    args: tuple[Any, ...]
    """In order; a tuple's parts are a tuple."""
    signature: Signature

    @property
    def named(self) -> dict[str, Any]:
        """The arguments by name; of a function that takes one tuple, the tuple's parts."""
        only = self.signature.parameters[0] if len(self.args) == 1 else None
        if only is not None and only.parts and not only.type.endswith("]"):
            return {part.name: value for part, value in zip(only.parts, self.args[0], strict=True)}
        return dict(zip(self.signature.names, self.args, strict=True))


def decoded_call(data: bytes) -> DecodedCall | None:
    """Return what a call says; None: no function that we know, or arguments that do not fit it.

    Four bytes say which function is meant, and another contract may mean another one by them: what comes out is what
    the call says *if* the contract is one that we know.
    """
    found = functions().get(bytes(data[:SELECTOR]))
    if found is None or len(data) > MOST_CALL:
        return None
    try:
        return DecodedCall(found.name, decode(found.listed, data[SELECTOR:]), found)
    except InvalidInput:
        return None


@cache
def functions() -> dict[bytes, Signature]:
    """Return the functions that we know, by selector."""
    return {selector(each): parsed(each) for each in reversed(FUNCTIONS)}
