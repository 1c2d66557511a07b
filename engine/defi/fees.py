"""What gas costs: three presets from what recent blocks cost, and how the base fee can grow.

All figures are wei per gas. The base fee of a block follows from its parent alone and moves by an eighth at most;
source: EIP-1559, "Fee market change for ETH 1.0 chain". Tips are what recent blocks took.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from engine.defi.prepared import FeeChoice, FeePreset
from engine.ports.chain import FeeHistory

ELASTICITY = 2
"""A full block is this many times its target."""
STEP = 8
"""The base fee moves by one part in so many, at most, from block to block."""
PERCENTILES = (10.0, 50.0, 90.0)
"""Of the tips in each block, in the order of the presets: what to ask `fee_history` for."""
BLOCKS = 20
"""How much history is looked at."""
BUMP_PERCENT = 10
"""By how much both figures must rise before a node takes one transaction instead of another."""
LEAST_USED = 1 / 1_000
"""A block that is emptier says nothing about tips."""


@dataclass(frozen=True, slots=True)
class Hurry:
    """What a preset promises."""

    preset: FeePreset
    column: int
    """Of `PERCENTILES`."""
    full_blocks: int
    """How many full blocks in a row its maximum outlasts."""


HURRIES = (
    Hurry(FeePreset.SLOW, 0, 2),
    Hurry(FeePreset.NORMAL, 1, 6),
    Hurry(FeePreset.FAST, 2, 12),
)


def next_base_fee(base_fee: int, used: int, limit: int) -> int:
    """Return the base fee after a block in which `used` of `limit` gas was taken."""
    target = limit // ELASTICITY
    if target <= 0 or used == target:
        return base_fee
    if used > target:
        return base_fee + max(base_fee * (used - target) // target // STEP, 1)
    return base_fee - base_fee * (target - used) // target // STEP


def after_full_blocks(base_fee: int, blocks: int) -> int:
    """Return the base fee if so many full blocks follow each other, as contracts round."""
    for _ in range(blocks):
        base_fee += max(base_fee // STEP, 1)
    return base_fee


def full_blocks_outlasted(choice_max_fee: int, tip: int, base_fee: int, *, most: int = 1_000) -> int:
    """Return how many full blocks in a row a maximum still pays for, with its whole tip; -1: not even the next."""
    for blocks in range(most + 1):
        if base_fee + tip > choice_max_fee:
            return blocks - 1
        base_fee = after_full_blocks(base_fee, 1)
    return most


def presets(history: FeeHistory, block_s: float, *, has_fee_market: bool = True) -> tuple[FeeChoice, ...]:
    """Return slow, normal and fast, each at least as dear as the one before.

    Args:
        history: asked for with `PERCENTILES`; may be empty, one-sided or of a chain without base fees.
        block_s: seconds between blocks.
        has_fee_market: False: one price per gas; the rewards of the history are prices then.
    """
    base = history.base_fees[-1] if history.base_fees and has_fee_market else 0
    rows = _telling(history)
    found: list[FeeChoice] = []
    for hurry in HURRIES:
        tip = _tip(rows, hurry.column)
        if found:
            tip = max(tip, found[-1].max_priority_fee)
        most = after_full_blocks(base, hurry.full_blocks) + tip if has_fee_market else tip
        found.append(
            FeeChoice(
                hurry.preset,
                most,
                tip if has_fee_market else most,
                base if has_fee_market else None,
                wait_s=_wait_s(rows, tip, block_s),
            )
        )
    return tuple(found)


def of_preset(choices: Sequence[FeeChoice], preset: FeePreset) -> FeeChoice:
    """Return the choice of a preset."""
    return next(each for each in choices if each.preset is preset)


def bumped(max_fee: int, max_priority_fee: int, wanted: FeeChoice) -> FeeChoice:
    """Return a choice that a node takes instead of a waiting one: a tenth more in both figures, or what is wanted."""
    tip = max(_raised(max_priority_fee), wanted.max_priority_fee)
    most = max(_raised(max_fee), wanted.max_fee, tip)
    is_wanted = (most, tip) == (wanted.max_fee, wanted.max_priority_fee)
    return FeeChoice(wanted.preset if is_wanted else None, most, tip, wanted.base_fee, wanted.wait_s)


def is_enough_to_replace(max_fee: int, max_priority_fee: int, choice: FeeChoice) -> bool:
    """Return whether a node takes a choice instead of what waits."""
    return choice.max_fee >= _raised(max_fee) and choice.max_priority_fee >= _raised(max_priority_fee)


def _raised(price: int) -> int:
    """A tenth more, rounded up, and one wei at least."""
    return max(-(-price * (100 + BUMP_PERCENT) // 100), price + 1)


def _telling(history: FeeHistory) -> list[tuple[int, ...]]:
    """The rows of blocks in which somebody paid a tip that says something."""
    return [
        row
        for row, used in zip(history.rewards, history.used, strict=False)
        if used >= LEAST_USED and len(row) == len(PERCENTILES)
    ]


def _tip(rows: Sequence[tuple[int, ...]], column: int) -> int:
    """The median over blocks: one block with a madman's tip moves nothing."""
    return int(statistics.median_low([row[column] for row in rows])) if rows else 0


def _wait_s(rows: Sequence[tuple[int, ...]], tip: int, block_s: float) -> float | None:
    """About how long: blocks of the past that would have taken this tip, by what their cheapest tenth paid."""
    if not rows:
        return block_s  # nobody else wants in
    taking = sum(tip >= row[0] for row in rows)
    return block_s * len(rows) / taking if taking else None
