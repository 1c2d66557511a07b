#!/usr/bin/env python3
"""Everything a developer or a machine does with this checkout: `python tools.py VERB`.

Needs only Python 3.11 or newer and a package index; it makes `.venv`, installs the locked packages into it (by hash)
and, on Debian and Ubuntu, the system libraries of Qt. `make VERB` is the same thing, shorter.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{EXE}"
STAMP = VENV / "installed.json"
RUNTIME, DEV, PACKAGE, SERVER = (
    ROOT / "requirements.lock",
    ROOT / "requirements-dev.lock",
    ROOT / "packaging" / "requirements.lock",
    ROOT / "packaging" / "server" / "requirements.lock",
)

WINDOW_ONLY = ("pyside6-essentials", "shiboken6", "qasync")
"""What a server has no use for."""

LOCKED_EXTRAS = ("dev", "defi", "parquet", "server", "vault", "package")

MOST_WORKERS = 4
"""Tests of a file stay together; more processes than this would mostly wait for each other's disk."""

PROGRAMS = (
    "tests/e2e",
    *(
        f"tests/faults/test_{name}.py"
        for name in ("crash_machine", "disk", "rows_damage", "rows_kills", "rows_log", "rows_refusals", "rows_time")
    ),
)
"""Tests that start and kill whole programs: two at a time, after the others."""

ALONE = (
    "tests/engine/exchange/test_long_run.py",
    "tests/crs_desktop/bench/test_memory.py",
    "tests/faults/test_row_40_memory.py",
    "tests/faults/test_row_46_race.py",
)
"""Tests that weigh or race their own process: they have the machine for themselves."""

# What Qt loads at run time and PySide6 does not bring along. The last three of WINDOW are the usually forgotten ones.
OFFSCREEN = ("libgl1", "libegl1", "libxkbcommon0", "libglib2.0-0", "libfontconfig1", "libdbus-1-3")
WINDOW = ("libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0")
SCREEN = ("xvfb", "xauth")
# Tests start instances of their own of these. That Debian's package starts one too, or fails to, does not matter.
SERVICES = ("postgresql", "redis-server")
# PyInstaller asks objdump what a library needs, and packs Python as a library, which Debian keeps apart.
FREEZER = (
    "binutils",
    *([f"libpython{sys.version_info[0]}.{sys.version_info[1]}"] if sys.base_prefix == "/usr" else []),
)


class Refused(Exception):  # noqa: N818 - a refusal, not a mistake of the program
    """The verb cannot go on; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Run one verb; the exit status is that of the program it ran."""
    parser = argparse.ArgumentParser(
        prog="tools.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    names = "\n".join(f"{name:8} {verb.__doc__}" for name, verb in VERBS.items())
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help=names)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on to what the verb runs")
    parsed = parser.parse_args(arguments)
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without bytecode every start compiles SQLAlchemy again: +2 s
    try:
        use_a_recent_python()
        return VERBS[parsed.verb](parsed.rest)
    except Refused as refusal:
        print(f"tools.py: {refusal}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as failure:
        print(f"tools.py: this command failed: {' '.join(map(str, failure.cmd))}", file=sys.stderr)
        return failure.returncode or 1
    except KeyboardInterrupt:
        return 130


# Verbs


def setup(_: list[str]) -> int:
    """install everything a developer needs; gives .venv/bin/crs and .venv/bin/crs-desktop"""
    install(DEV, OFFSCREEN + WINDOW + SCREEN + SERVICES)
    call([PYTHON, "packaging/contracts.py"])  # what failed is said; its tests are skipped, everything else works
    return 0


def run(rest: list[str]) -> int:
    """start CRS Desktop"""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in screens):
        raise Refused(
            "There is no screen to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set). "
            "Start it on a desktop, or set QT_QPA_PLATFORM=offscreen to run it without one."
        )
    install(RUNTIME, OFFSCREEN + WINDOW)
    return become([PYTHON, "-m", "crs_desktop", *rest])


def test(rest: list[str]) -> int:
    """run the tests and the coverage gates (with arguments: only those tests, no gates)"""
    setup([])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if rest:
        return call([PYTHON, "-m", "pytest", *rest])
    os.environ["COVERAGE_FILE"] = str(ROOT / "build" / "test.coverage")  # not where a hand-made run would erase it
    pytest: list[str | Path] = [PYTHON, "-m", "pytest", "-m", "not soak", "--cov", "--cov-report="]
    append = [*pytest, "--cov-append"]
    processors = os.cpu_count() or 1
    # One more than there are processors, for some wait: for a program that starts, or for the disk.
    most, two = beside(min(processors + 1, MOST_WORKERS)), beside(min(processors, 2))
    rest_of_them = [f"--ignore={each}" for each in PROGRAMS + ALONE]
    failed = [
        call([*pytest, *most, *rest_of_them]) and once_more(append, rest_of_them),
        call([*append, *two, *PROGRAMS]) and once_more(append, PROGRAMS),
        call([*append, *ALONE]),
    ]
    return max(failed) or call([PYTHON, "tests/coverage_gate.py"])


def once_more(pytest: list[str | Path], which: Sequence[str]) -> int:
    """Run again, one by one, what failed beside others: whatever fails then as well has failed."""
    print("What failed beside other tests is run again, alone:", flush=True)
    return call([*pytest, "--last-failed", "--last-failed-no-failures=none", *which])


def beside(processes: int) -> list[str]:
    """Options that run tests in so many processes, file by file in the order they are found: short ones come last."""
    return ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]


def soak(rest: list[str]) -> int:
    """run the long form of the proofs (minutes to hours)"""
    setup([])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("HYPOTHESIS_PROFILE", "soak")
    return call([PYTHON, "-m", "pytest", "-m", "soak or slow", "--timeout=7200", *rest])


def check(_: list[str]) -> int:
    """look for mistakes without running the program: ruff, mypy, import-linter"""
    install(DEV, ())
    quiet: list[list[str | Path]] = [
        [BIN / f"ruff{EXE}", "check", "--quiet", "."],
        [BIN / f"ruff{EXE}", "format", "--check", "--quiet", "."],
        [PYTHON, "-m", "mypy", "--no-error-summary"],
        [BIN / f"lint-imports{EXE}"],
    ]
    with ThreadPoolExecutor(len(quiet)) as beside_each_other:
        return max(beside_each_other.map(show_if_failed, quiet))


def bench(rest: list[str]) -> int:
    """measure start-up, matching, journal and painting on this machine"""
    install(RUNTIME, OFFSCREEN + WINDOW)
    return become([BIN / f"crs{EXE}", "bench", *rest])


def docs(rest: list[str]) -> int:
    """write the generated pages of docs/ and check every link"""
    setup([])
    return call([PYTHON, "docs/build.py", *rest])


def package(rest: list[str]) -> int:
    """build the frozen program for this system and try it"""
    install(DEV, OFFSCREEN + WINDOW + FREEZER)
    return call([PYTHON, "packaging/build.py", *rest])


def lock(rest: list[str]) -> int:
    """resolve the dependencies of pyproject.toml again (add -U to upgrade)"""
    make_venv(VENV)
    uv = bootstrap_uv(DEV)
    common = [uv, "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
    common += ["--no-emit-index-url", "--no-header", "--no-annotate", *rest]
    wanted = [
        (RUNTIME, ["--extra=defi"]),
        (DEV, [*(f"--extra={name}" for name in LOCKED_EXTRAS if name != "package"), "-c", RUNTIME.name]),
        (PACKAGE, ["--extra=package", "--extra=defi", "-c", RUNTIME.name]),
        (SERVER, ["--extra=server", "-c", DEV.name, *(f"--no-emit-package={each}" for each in WINDOW_ONLY)]),
    ]
    for path, extras in wanted:
        subprocess.run([*map(str, common), *extras, "pyproject.toml", "-o", str(path)], check=True)
        text = path.read_text(encoding="utf-8")
        head = f"# Made by `python tools.py lock`; do not edit.\n# inputs: {requirements_fingerprint()}\n"
        path.write_text(head + re.sub(r"\A(#.*\n)*", "", text), encoding="utf-8")
    return 0


def clean(_: list[str]) -> int:
    """remove what the verbs made (the packages in .venv too)"""
    for name in (".venv", "build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "htmlcov"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0


# Python and its packages


def use_a_recent_python() -> None:
    """Carry on in Python 3.11 or newer: this one, or the newest on the PATH."""
    if sys.version_info[:2] >= OLDEST:
        return
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found:
            sys.exit(subprocess.call([found, *sys.argv]))
    raise Refused(f"CRS Desktop needs Python 3.11 or newer; this is {platform.python_version()}.")


def install(packages: Path, system: tuple[str, ...]) -> None:
    """Bring .venv and the system to what `packages` and `system` name; quick when they are there already."""
    where = f"{ROOT} {platform.python_version()}"  # a moved checkout or another Python starts over
    state = {"python": where, "project": declared(), "lock": fingerprint(packages)}
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        stamp = {}
    moved = "python" in stamp and stamp["python"] != where
    if moved and VENV.is_symlink():
        raise Refused(
            f"{VENV} leads to the packages of another checkout; remove the link, and they are installed here."
        )
    if moved:
        stamp = {}
    known = set(stamp.get("system", []))
    if not set(system) <= known:
        known |= install_system(system)
    fresh = [
        name for name in (packages.name, DEV.name) if stamp.get(name) == {**state, "lock": fingerprint(ROOT / name)}
    ]
    if not fresh:
        make_venv(VENV, clear=moved)
        print(f"Installing the packages of {packages.name} into .venv", flush=True)
        uv = bootstrap_uv(DEV)
        install_packages(PYTHON, uv, ["--require-hashes", "-r", packages.name])
        # compat = a plain path entry: the default import hook would cost every start of `crs` some 20 ms
        editable = ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", "."]
        install_packages(PYTHON, uv, editable)
        stamp[packages.name] = state
    if not fresh or sorted(known) != stamp.get("system"):
        STAMP.write_text(json.dumps({**stamp, "python": where, "system": sorted(known)}), encoding="utf-8")


def make_venv(where: Path, clear: bool = False) -> None:
    """Create a virtual environment unless there is one."""
    python = where / PYTHON.relative_to(VENV)
    if usable(python) and not clear:
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it; venv would fail with a riddle
    except ImportError:
        install_system((f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",))
    venv.create(where, clear=True, with_pip=True, symlinks=os.name != "nt")


def usable(python: Path) -> bool:
    """Whether this interpreter starts, is of our version, and has pip."""
    if not python.exists():
        return False
    question = "import pip, platform; print(platform.python_version())"
    said = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=False).stdout
    return said.strip() == platform.python_version()


def bootstrap_uv(lock_file: Path) -> Path | None:
    """The locked uv inside .venv (it installs ten times faster than pip), or None where it cannot be had."""
    uv = BIN / f"uv{EXE}"
    block = locked("uv", lock_file)
    version = re.match(r"uv==(\S+)", block)
    if version and uv.exists():
        said = subprocess.run([str(uv), "--version"], capture_output=True, text=True, check=False).stdout
        if version[1] in said.split():
            return uv
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "uv.txt"
        wanted.write_text(block or "uv\n", encoding="utf-8")
        hashes = ["--require-hashes"] if "--hash" in block else []
        pip = [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *hashes,
            "-r",
            str(wanted),
        ]
        done = subprocess.run(pip, check=False).returncode == 0
    return uv if done and uv.exists() else None


def install_packages(python: Path, uv: Path | None, arguments: list[str]) -> None:
    """Install with uv; with pip where uv is missing or cannot reach the index that pip is set up for."""
    if uv:
        command = [str(uv), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *arguments]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return
        print(f"uv did not manage ({tried.stderr.strip().splitlines()[-1:]}); trying pip", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(pip, check=True)


def locked(name: str, lock_file: Path) -> str:
    """The lines of one package in a lock file, with its hashes."""
    text = lock_file.read_text(encoding="utf-8") if lock_file.exists() else ""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    return found[0] if found else ""


def declared() -> str:
    """A fingerprint of what pyproject.toml says about packages."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        table = tomllib.load(file)
    parts = [table["build-system"], table["project"], table["tool"]["setuptools"]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def requirements_fingerprint() -> str:
    """A fingerprint of the requirements that the locks are made from."""
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    extras = {name: project["optional-dependencies"][name] for name in LOCKED_EXTRAS}
    parts = [project["requires-python"], project["dependencies"], extras]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def fingerprint(path: Path) -> str:
    """A short hash of a file's contents."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""


# The system's own packages


def install_system(names: tuple[str, ...]) -> set[str]:
    """Install Debian packages that are missing and give back what is there; elsewhere there is only advice to give."""
    if not sys.platform.startswith("linux"):
        return set(names)
    if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        print(f"If the window does not open, install what your system calls: {' '.join(names)}", flush=True)
        return set(names)
    missing = [name for name in names if not on_debian(name)]
    if not missing:
        return set(names)
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    optional = [name for name in missing if name in SCREEN + SERVICES]
    needed = [name for name in missing if name not in optional]
    if as_root and not shutil.which("sudo"):
        if needed:
            raise Refused(f"Some system libraries are missing. As root, run: apt-get install {' '.join(missing)}")
        return do_without(names, optional)
    print(f"Installing system libraries: {' '.join(missing)}", flush=True)
    if needed:
        apt_get([*as_root, "apt-get"], needed)
    try:
        if optional:
            apt_get([*as_root, "apt-get"], optional)
    except Refused:
        return do_without(names, [name for name in optional if not on_debian(name)])
    return set(names)


def do_without(names: tuple[str, ...], optional: list[str]) -> set[str]:
    """Say that some tests will be skipped and give back the packages that are there."""
    if optional:
        print(f"Tests that need these are skipped; as root: apt-get install {' '.join(optional)}", flush=True)
    return set(names) - set(optional)


def apt_get(command: list[str], missing: list[str]) -> None:
    """Install by apt-get, silently unless it fails; services are installed, not started, where the system can tell."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run([*command, "update", "-qq"], env=quiet, check=False, stdout=subprocess.DEVNULL)
    install_them = [*command, "install", "-y", "-qq", "--no-install-recommends", *missing]
    tried = subprocess.run(
        install_them, env=quiet, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if tried.returncode:
        print(tried.stdout, flush=True)
        raise Refused(f"apt-get could not install system libraries. Try: sudo apt-get install {' '.join(missing)}")


def on_debian(name: str) -> bool:
    """Whether a Debian package is installed, under this name or (libglib2.0-0t64 on newer ones) its successor's."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}\\n", name, f"{name}t64"]
    said = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return "installed" in said.splitlines()


# Running programs


def call(command: Sequence[str | Path]) -> int:
    """Run a program to its end and give back its exit status."""
    return subprocess.call([str(part) for part in command])


def become(command: Sequence[str | Path]) -> int:
    """Let the program take this process's place, so that signals reach it (Windows has no such thing)."""
    parts = [str(part) for part in command]
    if os.name == "nt":
        return subprocess.call(parts)
    sys.stdout.flush()
    return os.execv(parts[0], parts)  # noqa: S606 - no shell is wanted


def show_if_failed(command: Sequence[str | Path]) -> int:
    """Run a check and print what it said only when it found something."""
    parts = [str(part) for part in command]
    done = subprocess.run(parts, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        print(f"$ {' '.join([Path(parts[0]).name, *parts[1:]])}\n{done.stdout}", flush=True)
    return done.returncode


VERBS = {verb.__name__: verb for verb in (setup, run, test, soak, check, bench, docs, package, lock, clean)}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
