"""What a call says about itself: the words and figures that a signature would stand under, read from its data.

An intent says what is meant; this says what a contract would be told. The rules of `policy` compare both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.defi import abi

MINIMUMS = frozenset(
    {
        "amountOutMin",
        "amountOutMinimum",
        "amountAMin",
        "amountBMin",
        "amountTokenMin",
        "amountETHMin",
        "amount0Min",
        "amount1Min",
    }
)
"""Arguments by which a trade says what must come out."""
TAIL = "amountMinimum"
"""The argument by which the last step of several says so (unwrapWETH9, sweepToken)."""
RECIPIENTS = frozenset({"to", "recipient"})
INNER = frozenset({"multicall"})
DEEPEST = 3
"""Calls within calls that are looked at."""
SHOWN = 300
"""Letters of a call in words."""
VALUE_SHOWN = 60


@dataclass(frozen=True, slots=True)
class CallWords:
    """A call as it would reach the contract."""

    text: str
    """One bounded line."""
    minimums: tuple[int, ...]
    """What must come out at least, over all steps."""
    deadline: int | None
    """The earliest that any step names."""
    recipients: tuple[str, ...]
    name: str = ""
    """Of the function that is called."""
    args: tuple[Any, ...] = ()
    """What it is told, in order."""


def call_words(data: bytes) -> CallWords | None:
    """Return what a call says, None if it is none that we know."""
    outer = abi.decoded_call(data) if data else None
    if outer is None:
        return None
    steps = list(_steps(outer, DEEPEST))
    named = [each.named for each in steps]
    trades = _figures(named, MINIMUMS)
    tails = _figures(named, frozenset({TAIL}))
    deadlines = [each["deadline"] for each in named if isinstance(each.get("deadline"), int)]
    recipients = [
        value for each in named for name, value in each.items() if name in RECIPIENTS and isinstance(value, str)
    ]
    return CallWords(
        " · ".join(map(_text, steps))[:SHOWN],
        tuple(max(trades, tails, key=sum)),
        min(deadlines, default=None),
        tuple(dict.fromkeys(recipients)),
        outer.name,
        outer.args,
    )


def _steps(call: abi.DecodedCall, depth: int) -> Iterable[abi.DecodedCall]:
    """The call and those it carries."""
    yield call
    if call.name not in INNER or depth == 0:
        return
    for data in call.named.get("data", ()):
        inner = abi.decoded_call(data) if isinstance(data, bytes) else None
        if inner is not None:
            yield from _steps(inner, depth - 1)


def _figures(named: Iterable[dict[str, Any]], names: frozenset[str]) -> list[int]:
    return [value for each in named for name, value in each.items() if name in names and isinstance(value, int)]


def _text(call: abi.DecodedCall) -> str:
    if call.name in INNER:
        return call.name
    return f"{call.name}({', '.join(f'{name} {_value(value)}' for name, value in call.named.items())})"


def _value(value: object) -> str:
    if isinstance(value, bytes):
        text = f"0x{value.hex()}"
    elif isinstance(value, (tuple, list)):
        text = "[" + ", ".join(map(_value, value)) + "]"
    elif isinstance(value, str):
        text = "".join(each if each.isprintable() else " " for each in value)
    else:
        text = str(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 1]}…"
