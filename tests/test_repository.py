"""Claims about the repository itself: what it locks, names, declares, links and ships."""

from __future__ import annotations

import argparse
import ast
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import docs.build as pages
import tools

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = [tools.RUNTIME, tools.DEV, tools.PACKAGE, tools.SERVER]
OURS = {"engine", "crs_desktop", "resources", "tests", "tools", "docs", "packaging"}

pytestmark = pytest.mark.integration


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@cache
def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:4096]:
            found.append((path, data.decode("utf-8", errors="replace")))
    return found


def name_of(requirement: str) -> str:
    return canonical(re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(path: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonical(name): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_locked_package_has_hashes_and_no_lock_names_an_index(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    packages = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())

    assert [each.split()[0] for each in packages if "--hash=sha256:" not in each] == []
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_locks_are_made_from_what_pyproject_declares_today(lock: Path) -> None:
    assert f"# inputs: {tools.requirements_fingerprint()}\n" in lock.read_text(encoding="utf-8"), "run: make lock"


def test_qt_is_pinned_to_the_release_that_counts_references_right() -> None:
    assert locked(tools.RUNTIME)["pyside6-essentials"] == "6.11.2"


def test_none_survives_being_returned_by_qt() -> None:
    from PySide6.QtGui import QImage, QPainter

    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)

    for _ in range(2_000):
        painter.drawLine(0, 0, 7, 7)
    after = sys.getrefcount(None)
    painter.end()

    assert after > before - 200, "each call of Qt drops a reference to None: this PySide6 aborts sooner or later"


@pytest.mark.no_cover
def test_every_imported_package_is_declared() -> None:
    runtime = {name_of(each) for each in PROJECT["project"]["dependencies"]} | {"shiboken6"}  # comes with PySide6
    extras = PROJECT["project"]["optional-dependencies"]
    optional = {name_of(each) for names in ("defi", "parquet", "server", "vault") for each in extras[names]}
    development = runtime | optional | {name_of(each) for names in ("dev", "package") for each in extras[names]}
    development |= {"coverage"}  # the library under pytest-cov
    known = packages_distributions()
    undeclared = set()
    for path in tracked():
        if path.suffix != ".py":
            continue
        shipped = path.is_relative_to(ROOT / "engine") or path.is_relative_to(ROOT / "crs_desktop")
        for module in imported(path):
            names = {canonical(each) for each in known.get(module, [module])}
            own = path.with_name("requirements.txt")  # of a benchmark's peer, in an environment of its own
            peer = {canonical(each) for each in locked(own)} if own.exists() and not shipped else set[str]()
            if not names & ((runtime | optional) if shipped else development | peer):
                undeclared.add(f"{path.relative_to(ROOT)}: {module}")

    assert sorted(undeclared) == []


def imported(path: Path) -> set[str]:
    found = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.split(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - OURS - beside(path.parent)


def statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield every statement and what has some in it; an import is nowhere else."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            todo += getattr(node, name, ())


@cache
def beside(folder: Path) -> set[str]:
    return {each.stem for each in folder.iterdir()}


def test_no_file_names_a_machine_or_a_registry() -> None:
    # written in pieces, so that this file does not name them either
    private = ["/" + "work" + "/", "/" + "root" + "/", "/home" + "/", "pypi" + r"\.org", "pythonhosted" + r"\."]
    pattern = re.compile("|".join(private))
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []


def test_nothing_in_the_runtime_set_is_under_the_gpl() -> None:
    licences = pages.licences()

    assert {each.name for each in licences} == set(locked(tools.RUNTIME)) | set(locked(tools.SERVER))
    assert [each for each in licences if each.strong_copyleft] == []


def test_generated_pages_are_fresh() -> None:
    assert pages.stale() == [], "run: make docs"


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    assert pages.broken_links() == []


def test_commands_named_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert set(re.findall(r"(?m)(?:^|`)(?:\w+=\S+ )*make ([a-z]+)", text)) <= set(tools.VERBS)
    assert set(re.findall(r"tools\.py ([a-z]+)", text)) <= set(tools.VERBS)
    assert {"make run", "make test"} <= set(re.findall(r"make (?:run|test)", text))


def test_every_crs_command_in_the_documentation_is_one_that_crs_takes() -> None:
    shown = [
        line.split("#")[0].strip()
        for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        for line in page.read_text(encoding="utf-8").splitlines()
        if re.match(r"crs [a-z]+ ", line)
    ]

    for line in shown:
        _, name, *words = shlex.split(line)
        parser = argparse.ArgumentParser(exit_on_error=False)
        import_module(f"engine.cli.{name}").add_arguments(parser)
        parser.parse_args(words)
    assert len(shown) > 5


def test_the_makefile_and_tools_know_the_same_verbs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    found = re.search(r"^VERBS := (.*)$", makefile, re.MULTILINE)

    assert found is not None
    assert found[1].split() == list(tools.VERBS)


def test_a_wheel_carries_every_resource_and_migration(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in tracked():  # from what is committed, away from build folders and caches
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())

    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(source)], check=True, timeout=100)

    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    shipped = [ROOT / "resources", ROOT / "engine", ROOT / "crs_desktop"]
    wanted = {
        str(path.relative_to(ROOT).as_posix()) for path in tracked() if any(path.is_relative_to(at) for at in shipped)
    }
    assert wanted - packed == set()
    assert not [name for name in packed if name.startswith("tests/")]
