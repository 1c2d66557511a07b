#!/usr/bin/env python3
"""Ends with 0 if the URL given answers 200: the health check of containers, which have no curl."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

TIMEOUT_S = 2.5


def main(url: str) -> int:
    """Ask once."""
    if not url.startswith("http://127.0.0.1:"):
        print("only this container itself is asked", file=sys.stderr)
        return 2
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080/health/ready"))
