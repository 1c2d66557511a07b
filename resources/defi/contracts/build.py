"""Compile our own contracts, each to NAME.json beside it: `python resources/defi/contracts/build.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def compiled(source: Path) -> str:
    """Return what NAME.json holds: contract, licence, compiler, ABI and creation code."""
    import vyper

    made = vyper.compile_code(source.read_text(encoding="utf-8"), output_formats=["abi", "bytecode"])
    artifact = {
        "contractName": source.stem,
        "licence": "MIT",
        "compiler": f"vyper {vyper.__version__.partition('+')[0]}",
        "abi": made["abi"],
        "bytecode": made["bytecode"],
    }
    return json.dumps(artifact, indent=1) + "\n"


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.vy")):
        each.with_suffix(".json").write_text(compiled(each), encoding="utf-8")
        print(each.stem, file=sys.stderr)
