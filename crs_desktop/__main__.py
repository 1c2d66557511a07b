"""Starts the desktop: `crs-desktop`, or `python -m crs_desktop`."""

from __future__ import annotations

import sys

from crs_desktop.options import parse


def main() -> int:
    """Read the command line, open the window, return the exit status."""
    options = parse()
    from crs_desktop.app import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
