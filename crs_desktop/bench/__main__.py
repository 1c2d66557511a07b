"""Run one side: `python -m crs_desktop.bench chart FILE.npy`, asked as the drivers of peers are."""

from __future__ import annotations

import sys
from importlib import import_module

WHAT = ("chart", "ladder", "tape", "heatmap", "desk", "burst", "scanner")


def main(arguments: list[str]) -> int:
    """Answer until the input ends."""
    if not arguments or arguments[0] not in WHAT:
        print(f"usage: python -m crs_desktop.bench {'|'.join(WHAT)} [SIDE] [FILE]", file=sys.stderr)
        return 2
    import_module(f"crs_desktop.bench.{arguments[0]}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
