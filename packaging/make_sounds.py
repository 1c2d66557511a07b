"""Makes the sound of alerts: two soft bell notes, a fifth apart. Nothing but the standard library.

python packaging/make_sounds.py resources/sounds/alert.wav
"""

from __future__ import annotations

import sys
import wave
from array import array
from math import exp, pi, sin, tau
from pathlib import Path

RATE = 22_050
LENGTH_S = 0.9
NOTES = ((0.0, 880.0), (0.14, 1_318.51))
"""When each note begins (s), and its pitch (Hz): A5 and E6."""
PARTIALS = ((1.0, 1.0, 5.0), (2.0, 0.35, 8.0), (3.01, 0.12, 12.0))
"""Multiple of the pitch, loudness, decay per second."""
PEAK = 0.5
ATTACK_S, RELEASE_S = 0.004, 0.1
"""How long the edges take: no clicks."""


def sample(at: float) -> float:
    """Return the sound at a time (s), about -1.5 to 1.5."""
    found = 0.0
    for begin, pitch in NOTES:
        since = at - begin
        if since < 0:
            continue
        edge = min(1.0, since / ATTACK_S)
        found += edge * sum(
            loud * exp(-decay * since) * sin(tau * pitch * part * since) for part, loud, decay in PARTIALS
        )
    left = LENGTH_S - at
    return found * (sin(left / RELEASE_S * pi / 2) if left < RELEASE_S else 1.0)


def main(path: Path) -> None:
    """Write the file: 16 bit, mono."""
    samples = [sample(number / RATE) for number in range(int(LENGTH_S * RATE))]
    loudest = max(abs(each) for each in samples)
    frames = array("h", (round(each / loudest * PEAK * 32_767) for each in samples))
    if sys.byteorder == "big":
        frames.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
