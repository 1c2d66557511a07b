"""Starts the desktop: `crs-desktop`, or `python -m crs_desktop`."""

from __future__ import annotations

import os
import sys

from crs_desktop.options import parse
from crs_desktop.screen import missing


def main() -> int:
    """Read the command line, open the window, return the exit status."""
    options = parse()
    problem = missing(os.environ, smoke=options.smoke is not None)
    if problem:
        print(f"crs-desktop: {problem}", file=sys.stderr)
        return 1
    from crs_desktop.app import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
