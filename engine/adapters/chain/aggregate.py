"""The coding of Multicall's `tryAggregate`, by hand: the library takes 80 ms for 400 calls, which a window would feel.

    tryAggregate(bool requireSuccess, (address target, bytes callData)[] calls) returns ((bool, bytes)[])

Everything else goes through `engine.defi.abi`; tests hold this against it. Source: the contract ABI specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.defi import abi
from engine.errors import InvalidInput
from engine.ports.chain import Call, Outcome

WORD = 32
SIGNATURE = "tryAggregate(bool,(address,bytes)[])"


def question(calls: Sequence[Call]) -> bytes:
    """Return the data of a call that asks for many, of which any may fail."""
    rows = [_row(each) for each in calls]
    heads, at = [], WORD * len(rows)
    for row in rows:
        heads.append(_word(at))
        at += len(row)
    return b"".join([abi.selector(SIGNATURE), _word(0), _word(2 * WORD), _word(len(rows)), *heads, *rows])


def answers(data: bytes) -> list[Outcome]:
    """Return what each of the calls gave.

    Raises:
        InvalidInput: these are no such answers.
    """
    return list(_outcomes(data))


def _row(call: Call) -> bytes:
    if call.to is None:
        raise InvalidInput("A contract that is made cannot be asked together with others.")
    data = call.data + bytes(-len(call.data) % WORD)
    return b"".join([bytes(12), bytes.fromhex(call.to[2:]), _word(2 * WORD), _word(len(call.data)), data])


def _outcomes(data: bytes) -> Iterator[Outcome]:
    start = _number(data, 0)
    count = _number(data, start)
    first = start + WORD
    if count * WORD > len(data):
        raise _wrong()
    left = len(data)
    for at in range(count):
        row = first + _number(data, first + at * WORD)
        body = row + _number(data, row + WORD)
        size, begin = _number(data, body), body + WORD
        left -= size
        if begin + size > len(data) or left < 0:  # many rows may point to the same long one
            raise _wrong()
        yield Outcome(_number(data, row) != 0, data[begin : begin + size])


def _word(number: int) -> bytes:
    return number.to_bytes(WORD, "big")


def _number(data: bytes, at: int) -> int:
    """Return a word as a number; all of them are places or lengths, so none is larger than the data."""
    found = int.from_bytes(data[at : at + WORD], "big")
    if at + WORD > len(data) or found > len(data):
        raise _wrong()
    return found


def _wrong() -> InvalidInput:
    return InvalidInput("The chain's multicall does not answer as one does.")
