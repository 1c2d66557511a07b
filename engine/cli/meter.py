"""Progress of long work, for people who wait at a terminal."""

from __future__ import annotations

import sys


class Meter:
    """Progress on standard error, on a screen only; as a callback it never cancels. Clears its line when closed."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = -1
        self._on = sys.stderr.isatty()

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, fraction: float) -> bool:
        """Show a fraction of the whole; always asks to go on."""
        percent = int(fraction * 100)
        if self._on and percent != self._shown:
            self._shown = percent
            print(f"\r{self._what} {percent} %", end="", file=sys.stderr, flush=True)
        return True

    def close(self) -> None:
        """Clear the line."""
        if self._on and self._shown >= 0:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
