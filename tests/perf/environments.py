#!/usr/bin/env python3
"""Make an environment for each peer: `python tests/perf/environments.py [PEER …] [--into DIR]`.

Each is a virtual environment of the Python that runs this, with the exact packages of the peer's `requirements.txt`,
checked by hash. Nothing of a peer comes near `.venv` or the program.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "perf"
PEERS = tuple(sorted(each.parent.name for each in HERE.glob("*/requirements.txt")))


def main(arguments: list[str]) -> int:
    """Make the environments that were asked for; exit status 1 if one of them could not be made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}; default: all")
    parser.add_argument("--into", type=Path, default=BUILD, metavar="DIR", help="default: build/perf")
    asked = parser.parse_args(arguments)
    for unknown in set(asked.peers) - set(PEERS):
        parser.error(f"there is no peer {unknown}")
    return max(make(peer, asked.into / peer) for peer in asked.peers or PEERS)


def make(peer: str, into: Path) -> int:
    """Make one environment and return pip's exit status."""
    venv.create(into, with_pip=True, clear=True)
    python = into / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = HERE / peer / "requirements.txt"
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--no-deps",  # each requirements.txt is the whole environment
    ]
    status = subprocess.run([*command, "--require-hashes", "-r", wanted], check=False).returncode
    print(f"{peer}: {into}" if status == 0 else f"{peer}: pip could not install it (status {status})", file=sys.stderr)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
