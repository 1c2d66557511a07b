"""Build the frozen program for this system in build/dist/crs-desktop, and try it. Run by `make package`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
import tools  # noqa: E402 - it lies beside this folder, not on the path

WORK = ROOT / "build"
VENV = WORK / "package-venv"
DIST = WORK / "dist" / "crs-desktop"
LOG = WORK / "pyinstaller.log"
SMOKE_SECONDS = 8


def main() -> int:
    """Environment, freeze, check, try; the first thing that goes wrong ends it with a sentence."""
    started = time.monotonic()
    try:
        python = environment()
        freeze(python)
        refuse_missing_libraries(LOG.read_text(encoding="utf-8", errors="replace"))
        try_command_line()
        try_window()
    except tools.Refused as refusal:
        print(f"package: {refusal}", file=sys.stderr)
        return 1
    for name, size in sizes():
        print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"Built {DIST.relative_to(ROOT)} and ran it; {time.monotonic() - started:.0f} s")
    return 0


def environment() -> Path:
    """An environment with the runtime packages, PyInstaller, and our own wheel as a user would get it."""
    for stale in (WORK / "lib", DIST):  # setuptools would pack files that were deleted since
        shutil.rmtree(stale, ignore_errors=True)
    tools.make_venv(VENV)
    python = VENV / tools.PYTHON.relative_to(tools.VENV)
    uv = tools.bootstrap_uv(tools.DEV)
    tools.install_packages(python, uv, ["--require-hashes", "-r", str(tools.PACKAGE)])
    tools.install_packages(python, uv, ["--no-deps", "--no-build-isolation", "--force-reinstall", str(ROOT)])
    shutil.rmtree(WORK / "lib", ignore_errors=True)
    for theme in VENV.rglob("platformthemes/*gtk3*"):  # wants half of GTK, and the program has a look of its own
        theme.unlink()
    return python


def freeze(python: Path) -> None:
    """Run PyInstaller away from the checkout, so that it packs the installed wheel and not these files."""
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level=INFO"]
    command += [f"--workpath={WORK / 'pyinstaller'}", f"--distpath={DIST.parent}", str(ROOT / "packaging" / "crs.spec")]
    with LOG.open("w", encoding="utf-8") as log:
        status = subprocess.call(command, cwd=WORK, stdout=log, stderr=subprocess.STDOUT)
    if status:
        tail = "\n".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
        raise tools.Refused(f"PyInstaller failed; the end of {LOG.relative_to(ROOT)}:\n{tail}")


def refuse_missing_libraries(log: str) -> None:
    """PyInstaller only warns when a library is not on this system; the bundle would not start elsewhere."""
    missing = sorted(set(re.findall(r"Library not found: could not resolve '([^']+)'", log)))
    if missing:
        raise tools.Refused(
            f"The bundle lacks system libraries: {', '.join(missing)}. Install them here and build again."
        )


def try_command_line() -> None:
    """The frozen `crs` must answer."""
    done = subprocess.run([str(program("crs")), "--help"], capture_output=True, text=True, check=False)
    if done.returncode or "simulate" not in done.stdout:
        raise tools.Refused(f"The frozen crs does not answer: {done.stderr.strip() or done.stdout.strip()}")


def try_window() -> None:
    """The frozen window must open, show candles, trade through its ticket, and close cleanly."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [str(program("crs-desktop")), "--smoke", str(SMOKE_SECONDS), "--report", str(report)]
        command += ["--profile-dir", str(Path(folder) / "profile"), "--seed", "7"]
        screen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(command, env=screen, capture_output=True, text=True, check=False, timeout=180)
        said = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    if done.returncode or not said.get("fills"):
        raise tools.Refused(
            f"The frozen window failed its smoke run ({done.returncode}): {said}\n{done.stderr[-2000:]}"
        )
    print(f"smoke: window {said['first_window_ms']} ms, candle {said['first_candle_ms']} ms, fills {said['fills']}")


def program(name: str) -> Path:
    """One of the two programs in the bundle."""
    return DIST / f"{name}{tools.EXE}"


def sizes() -> list[tuple[str, int]]:
    """The bundle and its largest parts, in bytes."""
    inside = DIST / "_internal"
    parts = [(path.name, size_of(path)) for path in inside.iterdir() if not path.is_symlink()]
    largest = sorted(parts, key=lambda part: -part[1])[:8]
    return [("all of it", size_of(DIST)), *largest]


def size_of(path: Path) -> int:
    """Bytes of a file, or of everything in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file() and not each.is_symlink())


if __name__ == "__main__":
    sys.exit(main())
