"""Distributions, cheap enough for every frame: p50, p95 and p99 within 5 %.

A histogram has a bucket for each 5 % of value, so it never grows with the number of samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

GROWTH = 1.05
"""Each bucket ends this much above the one before: the error of a quantile."""

SMALLEST = 1e-4
"""Values at or below count as this."""

_LOG_GROWTH = math.log(GROWTH)


class Summary(NamedTuple):
    """A distribution in five numbers, in the unit of its samples."""

    samples: int
    p50: float
    p95: float
    p99: float
    max: float


class Histogram:
    """A distribution of positive numbers."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.max = 0.0

    def record(self, value: float) -> None:
        """Add one sample."""
        bucket = 0 if value <= SMALLEST else int(math.log(value / SMALLEST) / _LOG_GROWTH) + 1
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1
        self.total += value
        self.max = max(self.max, value)

    def quantile(self, share: float) -> float:
        """Return the value that `share` (0 to 1) of the samples do not exceed; 0 without samples."""
        return min(self.max, quantile_of(self._buckets, share))

    def counts(self) -> dict[int, int]:
        """Return how many samples each bucket has; `upper` says where a bucket ends. Safe from another thread."""
        return self._buckets.copy()

    def summary(self) -> Summary:
        """Return the distribution so far."""
        return Summary(self.count, self.quantile(0.5), self.quantile(0.95), self.quantile(0.99), self.max)

    def reset(self) -> None:
        """Forget all samples."""
        self._buckets.clear()
        self.count, self.total, self.max = 0, 0.0, 0.0


def upper(bucket: int) -> float:
    """Return where a bucket ends."""
    return SMALLEST * GROWTH**bucket


def quantile_of(counts: Mapping[int, int], share: float) -> float:
    """Return the value that `share` (0 to 1) of the samples in buckets do not exceed; 0 without samples."""
    wanted, seen = math.ceil(share * sum(counts.values())), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return upper(bucket)
    return 0.0
