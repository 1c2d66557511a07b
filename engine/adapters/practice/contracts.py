"""Where the bytecode is that the practice chain deploys.

Our own contracts (`resources/defi/contracts`, MIT) come with the program. Those of Uniswap and SushiSwap do not: some
are GPL (docs/adr/0021-bytecode-apart.md). They are looked for in this order: the folder that CRS_CONTRACTS names,
`contracts` beside a frozen program, `build/contracts` of a checkout, `contracts` in the user's data folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import engine
import resources
from engine.errors import Unavailable
from engine.profile import APP_NAME

VARIABLE = "CRS_CONTRACTS"
STAMP = "taken.json"
OWN = Path(resources.__file__).parent / "defi" / "contracts"


class NoContracts(Unavailable):
    """The bytecode is not on this machine; the message says how it comes there."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract."""

    name: str
    bytecode: bytes
    """Creation code, without the constructor's arguments."""
    abi: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Contracts:
    """A folder with the bytecode of others."""

    folder: Path

    def artifact(self, name: str) -> Artifact:
        """Read one, by its file's name without `.json`: "sushi/UniswapV2Pair".

        Raises:
            NoContracts: it is missing or damaged.
        """
        try:
            return _read(self.folder / f"{name}.json", name)
        except (OSError, ValueError, KeyError) as error:
            raise NoContracts(f"{name} in {self.folder} cannot be read. {_advice()}") from error

    @property
    def identity(self) -> str:
        """Changes with the files."""
        return hashlib.sha256((self.folder / STAMP).read_bytes()).hexdigest()


def find() -> Contracts:
    """Return the folder with the bytecode.

    Raises:
        NoContracts: there is none; the message says what to do.
    """
    for folder in places():
        if (folder / STAMP).is_file():
            return Contracts(folder)
    raise NoContracts(f"The practice chain needs contracts that are not on this machine. {_advice()}")


def places() -> list[Path]:
    """Return where they are looked for, in order."""
    named = os.environ.get(VARIABLE)
    frozen = [Path(sys.executable).parent / "contracts"] if getattr(sys, "frozen", False) else []
    from platformdirs import user_data_path

    checkout = Path(engine.__file__).parents[1] / "build" / "contracts"
    return [
        *([Path(named)] if named else []),
        *frozen,
        checkout,
        user_data_path(APP_NAME, appauthor=False) / "contracts",
    ]


@cache
def own(name: str) -> Artifact:
    """Return one of our own contracts: "Token", "FeeToken", "StakingRewards"."""
    return _read(OWN / f"{name}.json", name)


def _read(path: Path, name: str) -> Artifact:
    found = json.loads(path.read_text(encoding="utf-8"))
    return Artifact(name, bytes.fromhex(found["bytecode"].removeprefix("0x")), tuple(found["abi"]))


def _advice() -> str:
    if getattr(sys, "frozen", False):
        return (
            f"Put the folder 'contracts' beside {Path(sys.executable).name}; docs/explanation/practice-chain says how."
        )
    return (
        "In a checkout, `python packaging/contracts.py` fetches them; everything but the practice chain works without."
    )
