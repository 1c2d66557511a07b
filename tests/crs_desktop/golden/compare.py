"""Whether two pictures show the same things in the same places, whoever rasterised their letters.

A pixel is out of place if no mixture of the other picture's colours within one pixel of it comes near its colour.
How near depends on the contrast thereabouts: the edges of letters are shaded differently from machine to machine, an
even area is not. A place where too many pixels are out of it is a fault: one pixel of a line moved by three is enough
along seven pixels of it, a single letter's edge is not. Both directions count: what is missing, and what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.crs_desktop.golden.picture import Pixels

BLOCK = 16
"""Side of a block, px at scale 1."""
FEW = 6
"""Pixels of a block that may be out of place, of 256 at scale 1."""
NEAR = 18.0
"""How far a channel may always be from the other picture's."""
SHARE = 0.6
"""… and this share of the contrast thereabouts besides."""
REACH = 1
"""How far something may be from its place, px at scale 1."""

Mask = NDArray[np.bool_]
Shades = NDArray[np.int16]


class Fault(NamedTuple):
    """A block of the picture that differs; px at scale 1."""

    x: int
    y: int
    out_of_place: int


class Verdict(NamedTuple):
    """What a comparison found."""

    faults: list[Fault]
    marked: Mask
    """Pixels out of place, shape (height, width)."""

    def text(self) -> str:
        """Say where the worst ones are."""
        worst = sorted(self.faults, key=lambda each: -each.out_of_place)[:5]
        return ", ".join(f"{each.out_of_place} px about ({each.x}, {each.y})" for each in worst)


def compare(found: Pixels, wanted: Pixels, scale: int) -> Verdict:
    """Hold one picture against the other; sizes must be equal.

    Raises:
        ValueError: they are not.
    """
    if found.shape != wanted.shape:
        raise ValueError(f"{found.shape[1]}x{found.shape[0]} px instead of {wanted.shape[1]}x{wanted.shape[0]}")
    if np.array_equal(found, wanted):
        return Verdict([], np.zeros(found.shape[:2], np.bool_))
    new, missing = _out_of_place(found, wanted, scale), _out_of_place(wanted, found, scale)
    faults = [
        Fault(int(x) * BLOCK, int(y) * BLOCK, int(count))
        for blocks in (np.maximum(_per_block(new, scale), _per_block(missing, scale)),)
        for (y, x), count in np.ndenumerate(blocks)
        if count > FEW * scale * scale
    ]
    return Verdict(faults, new | missing)


def _out_of_place(one: Pixels, other: Pixels, scale: int) -> Mask:
    shades = other.astype(np.int16)
    low, high = _within(shades, REACH * scale, np.minimum), _within(shades, REACH * scale, np.maximum)
    contrast = _within(high, scale, np.maximum) - _within(low, scale, np.minimum)
    slack = NEAR + SHARE * contrast
    here = one.astype(np.int16)
    channels = (here < low - slack) | (here > high + slack)
    away: Mask = channels[:, :, 0] | channels[:, :, 1] | channels[:, :, 2]
    return away


def _within(shades: Shades, reach: int, best: Callable[[Shades, Shades], Shades]) -> Shades:
    """Return the least or greatest of every square of 2 x `reach` + 1 pixels."""
    for axis in (0, 1):
        padded = np.pad(shades, [(reach, reach) if each == axis else (0, 0) for each in range(3)], mode="edge")
        length = shades.shape[axis]
        found = shades
        for shift in range(2 * reach + 1):
            part = padded[shift : shift + length] if axis == 0 else padded[:, shift : shift + length]
            found = best(found, part)
        shades = found
    return shades


def _per_block(mask: Mask, scale: int) -> NDArray[np.int64]:
    side = BLOCK * scale
    height, width = (-(-each // side) * side for each in mask.shape)
    padded = np.zeros((height, width), np.int64)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    counted: NDArray[np.int64] = padded.reshape(height // side, side, width // side, side).sum(axis=(1, 3))
    return counted
