"""Randomness with random access: the n-th number of a named stream, without the n-1 before it.

A counter is hashed (the splitmix64 finaliser), so any day of any pair can be made on its own and
always comes out the same. Not for secrets.

Source of the mixer: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_SECOND = np.uint64(0xD1342543DE82EF95)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


@lru_cache(maxsize=4096)
def stream(*name: int | str) -> np.uint64:
    """Return the key of the stream of that name."""
    digest = hashlib.blake2b(repr(name).encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def hashes(key: np.uint64, index: Ints) -> Hashes:
    """Return 64 random bits per index (any integers)."""
    x = index.astype(np.uint64) * _GOLDEN + key
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


def uniform(key: np.uint64, index: Ints) -> Floats:
    """Return numbers in (0, 1), one per index."""
    return ((hashes(key, index) >> _S11).astype(np.float64) + 0.5) * _UNIT


def normal(key: np.uint64, index: Ints) -> Floats:
    """Return standard normal numbers, one per index (Box-Muller)."""
    radius = np.sqrt(-2.0 * np.log(uniform(key, index)))
    return radius * np.cos(2.0 * np.pi * uniform(key ^ _SECOND, index))


def value_noise(key: np.uint64, time: Floats, period: float) -> Floats:
    """Return smooth noise of variance 1 at instants, which forgets itself after about `period`.

    Independent normal numbers sit at multiples of the period; between two of them the weights are
    cosine and sine, so the variance is the same everywhere.
    """
    position = time / period
    knot = np.floor(position)
    angle = (position - knot) * (np.pi / 2)
    first = int(knot.min())
    table = normal(key, np.arange(first, int(knot.max()) + 2, dtype=np.int64))
    left = knot.astype(np.int64) - first
    noise: Floats = np.cos(angle) * table[left] + np.sin(angle) * table[left + 1]
    return noise
