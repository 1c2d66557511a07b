#!/usr/bin/env python3
"""Bring the bytecode that the practice chain deploys into a folder of its own: `python packaging/contracts.py`.

The files come from one published wheel, pinned by hash in contracts.lock. Only those named here are taken, unchanged;
they keep their own licences (some are GPL: docs/adr/0021-bytecode-apart.md) and are neither committed nor packed into
the program. Quick when they are there already. `--wheel FILE` takes a wheel that is there, `--into FOLDER` chooses
the place.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = Path(__file__).with_name("contracts.lock")
FOLDER = ROOT / "build" / "contracts"
STAMP = "taken.json"

ARTIFACTS = {
    "sushi/UniswapV2Factory": "GPL-3.0",
    "sushi/UniswapV2Pair": "GPL-3.0",
    "sushi/UniswapV2Router02": "GPL-3.0",
    "sushi/WETH9Mock": "GPL-3.0-or-later",
    "sushi/SushiToken": "MIT",
    "sushi/MasterChef": "MIT",
    "sushi/Multicall2": "MIT",
    "uniswap_v3/UniswapV3Factory": "GPL-2.0-or-later (BUSL-1.1 until 2023-04-01)",
    "uniswap_v3/UniswapV3Pool": "GPL-2.0-or-later (BUSL-1.1 until 2023-04-01)",
    "uniswap_v3/NonfungiblePositionManager": "GPL-2.0-or-later",
    "uniswap_v3/QuoterV2": "GPL-2.0-or-later",
    "uniswap_v3/TickLens": "GPL-2.0-or-later",
    "uniswap-swap-contracts/SwapRouter02": "GPL-2.0-or-later",
}
"""File and the licence of its source, as its authors state it."""
FOLDER_IN_WHEEL = "eth_defi/abi"
MAINNET_FACTORY = "sushi/UniswapV2FactoryMainnet"
"""The factory that SushiSwap deployed, whose pairs have the init code hash that its router expects."""
FACTORY_SOURCE, FACTORY_NAME = "eth_defi/uniswap_v2/deployment.py", "_SUSHI_FACTORY_DEPLOYMENT_DATA"
ARGUMENT = 64
"""Hex digits of the constructor's one argument, at the end of what was sent."""


def main(arguments: list[str]) -> int:
    """Take the files; the exit status says whether they are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--into", type=Path, default=FOLDER)
    parser.add_argument(
        "--wheel", type=Path, help="a wheel that was downloaded already; its hash must be the locked one"
    )
    parsed = parser.parse_args(arguments)
    if is_taken(parsed.into):
        return 0
    with tempfile.TemporaryDirectory() as folder:
        wheel = parsed.wheel or download(Path(folder))
        if wheel is None:
            print(
                "The contracts of the practice chain could not be downloaded; the rest works without.", file=sys.stderr
            )
            return 1
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in LOCK.read_text(encoding="utf-8"):
            print(f"{wheel} is not the wheel of {LOCK.name}.", file=sys.stderr)
            return 1
        take(wheel, parsed.into)
    prepare(parsed.into)
    return 0


def identity() -> str:
    """A fingerprint of what is wanted: the lock and the list above."""
    return hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:16]


def is_taken(folder: Path) -> bool:
    """Whether the folder holds these files already."""
    try:
        return bool(json.loads((folder / STAMP).read_text(encoding="utf-8"))["identity"] == identity())
    except (OSError, ValueError, KeyError):
        return False


def download(folder: Path) -> Path | None:
    """Fetch the locked wheel with the package index that pip is set up for; None if that failed."""
    print(f"Fetching the contracts of the practice chain ({LOCK.name})", flush=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(folder), "-r", str(LOCK)]
    if subprocess.run(command, check=False).returncode:
        return None
    return next(folder.glob("*.whl"), None)


def take(wheel: Path, into: Path) -> None:
    """Write the named files of the wheel to a new folder and let it take the place of the old one."""
    fresh = into.with_name(f"{into.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in ARTIFACTS:
            write(fresh / f"{name}.json", archive.read(f"{FOLDER_IN_WHEEL}/{name}.json"))
        bytecode = mainnet_factory(archive.read(FACTORY_SOURCE).decode("utf-8"))
        factory = json.loads(archive.read(f"{FOLDER_IN_WHEEL}/sushi/UniswapV2Factory.json"))
        write(fresh / f"{MAINNET_FACTORY}.json", json.dumps({"abi": factory["abi"], "bytecode": bytecode}).encode())
        for name in archive.namelist():
            if "dist-info/" in name and "LICENSE" in name:
                write(fresh / f"PACKAGE-{Path(name).name}", archive.read(name))
    write(fresh / "NOTICE", notice(wheel.name).encode())
    write(fresh / STAMP, json.dumps({"identity": identity(), "wheel": wheel.name}).encode())
    shutil.rmtree(into, ignore_errors=True)
    fresh.rename(into)


def prepare(folder: Path) -> None:
    """Make the chain that all others are copied from; where its packages are missing, it is made at first use."""
    sys.path.insert(0, str(ROOT))
    try:
        from engine.adapters.practice.contracts import Contracts
        from engine.adapters.practice.store import prepare as made
    except ImportError as error:
        print(f"The practice chain will be prepared when it is first used ({error.name} is not installed).")
        return
    print("Preparing the practice chain", flush=True)
    made(Contracts(folder))


def mainnet_factory(source: str) -> str:
    """Return the creation code of SushiSwap's own factory, without its argument; it is a constant of a module."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == FACTORY_NAME for t in node.targets):
            text = re.sub(r"\s", "", str(ast.literal_eval(node.value))).removeprefix("0x")
            return "0x" + text[:-ARGUMENT]
    raise SystemExit(f"{FACTORY_NAME} is not in {FACTORY_SOURCE}.")


def notice(wheel: str) -> str:
    """Say whose work these files are."""
    rows = "\n".join(f"{name}.json: {licence}" for name, licence in {**ARTIFACTS, MAINNET_FACTORY: "GPL-3.0"}.items())
    return (
        f"Compiled contracts, taken unchanged from {wheel} (MIT for the package itself, see PACKAGE-LICENSE.txt).\n"
        "They are the work of Uniswap Labs, the SushiSwap developers and others, under these licences:\n\n"
        f"{rows}\n\nSources: github.com/sushiswap/sushiswap, github.com/Uniswap/v3-core,\n"
        "github.com/Uniswap/v3-periphery, github.com/Uniswap/swap-router-contracts, github.com/makerdao/multicall.\n"
        "They are no part of CRS Desktop, which is under the MIT licence and does not contain them.\n"
    )


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
