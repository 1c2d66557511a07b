"""Pictures as arrays, and the files that golden ones are kept in.

A kept picture has fewer colours than a fresh one, so that it is small: those of areas and lines are exact, the many
shades at the edges of letters are rounded. A fresh picture is reduced alike before the two are compared. Shape of
`Pixels`: (height, width, 3), red, green, blue.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]
RARE = 1 / 500
"""Colours that are rarer, with those next to them, are rounded to multiples of …"""
STEP = 32
MOST_COLOURS = 256


def reduced(pixels: Pixels) -> Pixels:
    """Return a picture with its rare colours rounded."""
    bins = _packed((pixels >> 2).astype(np.uint8), 6)
    counts = np.bincount(bins.ravel(), minlength=1 << 18)
    rare = (counts < RARE * bins.size)[bins]
    rounded = (np.minimum(pixels, 255 - STEP // 2) + STEP // 2) // STEP * STEP
    found: Pixels = np.where(rare[:, :, None], rounded, pixels)
    return found


def _packed(pixels: Pixels, bits: int = 8) -> NDArray[np.uint32]:
    """Return each pixel's colour as one number."""
    red, green, blue = (pixels[:, :, channel].astype(np.uint32) for channel in range(3))
    packed: NDArray[np.uint32] = (red << 2 * bits | green << bits | blue).astype(np.uint32)
    return packed


def pixels_of(image: QImage) -> Pixels:
    """Return the pixels of an image."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def read(path: Path) -> Pixels:
    """Return the picture of a file.

    Raises:
        OSError: it is not there, or no picture.
    """
    image = QImage(str(path))
    if image.isNull():
        raise OSError(f"{path} is no picture.")
    return pixels_of(image)


def write(path: Path, pixels: Pixels) -> None:
    """Write a picture, with a table of its colours if they are few enough."""
    height, width, _ = pixels.shape
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    packed = _packed(pixels)
    colours = np.unique(packed)
    if len(colours) <= MOST_COLOURS:
        places = np.searchsorted(colours, packed).astype(np.uint8)
        image = QImage(places.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable([0xFF000000 | int(each) for each in colours])
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path), "PNG", 0):  # type: ignore[call-overload]
        raise OSError(f"{path} could not be written.")
