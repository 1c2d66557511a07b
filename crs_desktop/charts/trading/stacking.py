"""Where boxes stand that each want a place of their own: no overlap, in order, moved as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def stacked(middles: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return the upper edges of boxes of these heights that want to stand about `middles`, in the same order.

    The sum of the squares of what they are moved is least (pool adjacent violators), within `top` and `bottom`
    as far as all of them fit. n log n.
    """
    order = sorted(range(len(middles)), key=lambda number: middles[number])
    above = list(accumulate((heights[number] for number in order), initial=0.0))
    pools: list[tuple[float, int]] = []  # sum of what its boxes want, each less the heights above it; how many
    for place, number in enumerate(order):
        total, count = middles[number] - heights[number] / 2 - above[place], 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, many = pools.pop()
            total, count = total + before, count + many
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    last = max(bottom - above[-1], top)
    answer = [0.0] * len(order)
    for place, number in enumerate(order):
        answer[number] = min(max(starts[place], top), last) + above[place]
    return answer


def clear(ideal: float, height: float, taken: Sequence[tuple[float, float]], top: float, bottom: float) -> float:
    """Return the upper edge nearest to `ideal` where a box covers no (top, bottom) taken; `ideal` if there is none."""
    places = [ideal, *(low - height - 1.0 for low, _ in taken), *(high + 1.0 for _, high in taken)]
    free = [
        y for y in places if top <= y <= bottom - height and all(y + height <= low or high <= y for low, high in taken)
    ]
    return min(free, key=lambda y: abs(y - ideal), default=ideal)
